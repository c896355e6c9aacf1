import { expect, test } from "vitest";
import { KEY_NAMES, KEYS } from "../../../src/config/keys.ts";
import { describeOrigin, resolveConfig } from "../../../src/config/resolve.ts";

const NOTHING = { root: "/", file: null, env: {}, flags: {} };

/** A text that each key takes. */
const GOOD: Readonly<Record<string, string>> = {
  workers: "auto",
  dist: "loadfile",
  "timeout-per-test": "0.5",
  leaks: "fail",
  on: "ssh:one,two",
  "node-patience": "5",
  "allow-differences": "yes",
  workarounds: "shop.search=shop.forks:reopen_index, numpy.random=",
  ttl: "60",
  http: "0",
  "verify-when-idle": "25",
};

test("nobody has said anything", () => {
  const resolved = resolveConfig(NOTHING);
  expect(resolved.ok && Object.values(resolved.value.origins).map(describeOrigin)).toEqual(
    KEY_NAMES.map(() => "default"),
  );
});

test.for(KEY_NAMES.filter((name) => name !== "checkpoints"))(
  "%s has a flag and a variable, and refuses what does not fit",
  (name) => {
    const text = GOOD[name] ?? "a, b";
    const { flag, variable } = KEYS[name];
    const origin = (sources: Parameters<typeof resolveConfig>[0]) => {
      const resolved = resolveConfig(sources);
      return resolved.ok ? [resolved.value.values[name], describeOrigin(resolved.value.origins[name])] : resolved.error;
    };
    const value = KEYS[name].fromText(text);
    expect(value).toBeDefined();
    expect(origin({ ...NOTHING, env: { [variable]: text } })).toEqual([value, variable]);
    expect(origin({ ...NOTHING, env: { [variable]: text }, flags: { [name]: text } })).toEqual([value, flag]);
    expect(origin({ ...NOTHING, env: { [variable]: "" } })).toEqual([KEYS[name].initial, "default"]);
    const file = {
      name: "prewarm.toml",
      table: "prewarm.toml",
      entries: [{ key: name, value: {}, line: 3, valueLines: [] }],
    };
    expect(origin({ ...NOTHING, file })).toMatchObject({
      code: "bad-value",
      sentence: expect.stringContaining(`prewarm.toml:3: Expected ${name} to be `),
    });
  },
);

test.for([
  ["workers", "atuo", "auto"],
  ["dist", "loadfiles", "loadfile"],
  ["leaks", "reports", "report"],
] as const)("%s as %j is near to %j", ([name, text, nearest]) => {
  const resolved = resolveConfig({ ...NOTHING, env: { [KEYS[name].variable]: text } });
  expect(resolved).toMatchObject({
    ok: false,
    error: { sentence: expect.stringContaining(`got \`${text}\`; did you mean \`${nearest}\`?`) },
  });
});

test("of a list, the line of the value that does not fit", () => {
  const entry = { key: "never-ahead", value: ["good", "not-good"], line: 2, valueLines: [3, 4] };
  const resolved = resolveConfig({
    ...NOTHING,
    file: { name: "prewarm.toml", table: "prewarm.toml", entries: [entry] },
  });
  expect(resolved).toMatchObject({
    ok: false,
    error: { sentence: expect.stringMatching(/^prewarm.toml:4: .*got `not-good`/) },
  });
});
