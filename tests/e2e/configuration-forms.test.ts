// Each key of the configuration in each of its forms: a line of the file, a variable, a flag.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { KEY_NAMES, KEYS, type KeyName } from "../../src/config/keys.ts";
import { type FinishedRun, Prewarm } from "../rig/prewarm.ts";
import { Project } from "../rig/project.ts";

interface Example {
  /** As the file has it, and as a variable or a flag has it. */
  readonly toml: string;
  readonly text: string;
  readonly value: unknown;
  /** What does not fit, in the same forms; missing where every text does. */
  readonly wrong?: readonly [toml: string, text: string];
}

const list = (name: string, wrong?: Example["wrong"]): Example => ({
  ...{ toml: `["${name}"]`, text: name, value: [name] },
  ...(wrong === undefined ? {} : { wrong }),
});

const EXAMPLES: Readonly<Record<KeyName, Example>> = {
  workers: { toml: "2", text: "2", value: "2", wrong: ['"many"', "many"] },
  dist: { toml: '"each"', text: "each", value: "each", wrong: ['"eech"', "eech"] },
  "timeout-per-test": { toml: "1.5", text: "1.5", value: 1.5, wrong: ["-1", "-1"] },
  leaks: { toml: '"fail"', text: "fail", value: "fail", wrong: ['"fails"', "fails"] },
  on: { toml: '"local:2"', text: "local:2", value: "local:2", wrong: ['"lokal:2"', "lokal:2"] },
  "node-command": { toml: '"prewarm node"', text: "prewarm node", value: "prewarm node" },
  "node-python": { toml: '"bin/python"', text: "bin/python", value: "bin/python" },
  "node-env": list("SHOP_NAME", ['["SHOP NAME"]', "SHOP NAME"]),
  "node-patience": { toml: "9", text: "9", value: 9, wrong: ["0", "0"] },
  "allow-differences": { toml: "true", text: "yes", value: "yes", wrong: ['"perhaps"', "perhaps"] },
  checkpoints: list("app/late.py"),
  "never-ahead": list("numpy", ['["num py"]', "num py"]),
  "watch-globs": list("*.sql"),
  "ignore-globs": list("*.log"),
  "env-prefixes": list("SHOP_", ['["SHOP-"]', "SHOP-"]),
  workarounds: list("app.late=forks:reopen", ['["app.late: forks"]', "app.late: forks"]),
  ttl: { toml: "77", text: "77", value: 77, wrong: ["0", "0"] },
  http: { toml: "7412", text: "7412", value: 7412, wrong: ["70000", "70000"] },
  "verify-when-idle": { toml: "5", text: "5", value: 5, wrong: ["101", "101"] },
  editor: { toml: '"code -g"', text: "code -g", value: "code -g" },
};

const FILES = {
  "pytest.ini": "[pytest]\naddopts = -p no:cacheprovider\n",
  "app/__init__.py": "",
  "app/late.py": "RATE = 2\n",
  "schema.sql": "1",
  // A new file in a folder that is listed would be an edit.
  ran: "",
  "test_app.py": `import os
import tempfile
import time

import app.late


def test_one():
    with open("ran", "a") as log:
        log.write(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1") + "\\n")
    if os.environ.get("HANGS"):
        time.sleep(600)
    if os.environ.get("LEAVES"):
        tempfile.mkdtemp()


def test_two():
    assert app.late.RATE == 2
`,
};
const BARE = { PYTEST_DISABLE_PLUGIN_AUTOLOAD: "1" };

test("the file and variables, and what does not fit in them", async () => {
  using project = new Project(FILES);
  await using prewarm = new Prewarm(project, BARE);
  const ask = async (file: string, env: Readonly<Record<string, string>>) => {
    project.write("prewarm.toml", file);
    return prewarm.command(["config", "--json"], { env }).finished;
  };
  for (const name of KEY_NAMES) {
    const { toml, text, value, wrong } = EXAMPLES[name];
    const { variable, expected } = KEYS[name];
    const told = async (file: string, env: Readonly<Record<string, string>>) => {
      const { stdout, stderr } = await ask(file, env);
      expect(stderr, name).toBe("");
      return (JSON.parse(stdout) as { keys: Readonly<Record<string, unknown>> }).keys[name];
    };
    expect(await told(`\n${name} = ${toml}\n`, {}), name).toEqual({ value, origin: "prewarm.toml:2" });
    expect(await told("", { [variable]: text }), name).toEqual({ value, origin: variable });
    if (wrong === undefined) continue;
    const file = await ask(`\n${name} = ${wrong[0]}\n`, {});
    expect([file.exit, file.stderr]).toEqual([
      64,
      expect.stringContaining(`prewarm.toml:2: Expected ${name} to be ${expected}`),
    ]);
    const said = await ask("", { [variable]: wrong[1] });
    expect([said.exit, said.stderr]).toEqual([
      64,
      expect.stringContaining(`Expected ${variable} to be ${expected}, got`),
    ]);
  }
});

test("a flag that does not fit, and one that is misspelt", async () => {
  using project = new Project(FILES);
  await using prewarm = new Prewarm(project, BARE);
  const run = async (flag: string, text: string) => {
    const { exit, stderr } = await prewarm.command(["run", flag, text, "--", "pytest"]).finished;
    return [exit, stderr.split("\n")[0]];
  };
  for (const name of KEY_NAMES) {
    const { wrong } = EXAMPLES[name];
    // The flags of servers, the page and the daemon are no flags of a run.
    if (wrong === undefined || ["http", "verify-when-idle", "allow-differences"].includes(name)) continue;
    const { flag } = KEYS[name];
    expect(await run(flag, wrong[1]), name).toEqual([64, expect.stringMatching(`Expected \`?${flag}\`? to be `)]);
  }
  expect(await run("--leeks", "off")).toEqual([64, expect.stringContaining("`--leaks`")]);
});

interface Act {
  readonly key: KeyName;
  readonly env?: Readonly<Record<string, string>>;
  readonly flags?: readonly string[];
  /** What is looked at, after a run with the key and after one without. */
  readonly look: (run: FinishedRun, prewarm: Prewarm, project: Project, again: () => Promise<FinishedRun>) => unknown;
  readonly set: unknown;
  readonly unset: unknown;
}

const ran = (project: Project) => readFileSync(project.at("ran"), "utf8");
const before = async (prewarm: Prewarm) =>
  (await prewarm.status()).trunks.at(-1)?.checkpoints.some((each) => each.before === "app.late");

const ACTS: readonly Act[] = [
  { key: "workers", look: (_, __, project) => ran(project), set: "2\n", unset: "1\n" },
  { key: "dist", flags: ["-n", "2"], look: (_, __, project) => ran(project), set: "2\n2\n", unset: "2\n" },
  { key: "leaks", env: { LEAVES: "1" }, look: ({ exit }) => exit, set: 1, unset: 0 },
  { key: "checkpoints", look: (_, prewarm) => before(prewarm), set: true, unset: false },
  { key: "ttl", look: async (_, prewarm) => (await prewarm.status()).ttlMs, set: 77_000, unset: 1_800_000 },
  {
    key: "watch-globs",
    look: async (_, prewarm, project, again) => {
      project.write("schema.sql", "2");
      await again();
      return (await prewarm.status()).lastRecord?.way;
    },
    ...{ set: "cold", unset: "warm" },
  },
  {
    key: "env-prefixes",
    env: { SHOP_PRICES: "net" },
    look: async (_, prewarm, __, again) => {
      await again();
      return (await prewarm.status()).lastRecord?.way;
    },
    ...{ set: "cold", unset: "warm" },
  },
];

test.for(ACTS)("$key acts in each of its forms", async ({ key, env = {}, flags = [], look, set, unset }) => {
  const { toml, text } = EXAMPLES[key];
  const { flag, variable } = KEYS[key];
  for (const form of ["none", "file", "variable", "flag"] as const) {
    using project = new Project({ ...FILES, ...(form === "file" ? { "prewarm.toml": `${key} = ${toml}\n` } : {}) });
    await using prewarm = new Prewarm(project, BARE);
    const surroundings = { ...env, ...(form === "variable" ? { [variable]: text } : {}) };
    const options = { flags: [...flags, ...(form === "flag" ? [flag, text] : [])] };
    const run = await prewarm.run([], { ...options, env: surroundings });
    const again = () => prewarm.run([], { ...options, env: { ...surroundings, SHOP_PRICES: "gross" } });
    expect(await look(run, prewarm, project, again), form).toEqual(form === "none" ? unset : set);
  }
});

test("timeout-per-test acts in each of its forms", async () => {
  for (const form of ["file", "variable", "flag"]) {
    using project = new Project({ ...FILES, ...(form === "file" ? { "prewarm.toml": "timeout-per-test = 1\n" } : {}) });
    await using prewarm = new Prewarm(project, BARE);
    const { outcomes } = await prewarm.run([], {
      env: { HANGS: "1", ...(form === "variable" ? { PREWARM_TIMEOUT_PER_TEST: "1" } : {}) },
      flags: form === "flag" ? ["--timeout-per-test", "1"] : [],
    });
    expect(outcomes?.["test_app.py::test_one"], form).toBe("failed");
  }
});
