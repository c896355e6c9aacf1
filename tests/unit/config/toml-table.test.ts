import { expect, test } from "vitest";
import { readTable } from "../../../src/config/toml-table.ts";

const PATH = ["tool", "prewarm"];

test.for([
  ["a header", "[tool.prewarm]\n\nttl = 5\n", 3],
  ["dotted keys", "tool.prewarm.ttl = 5\n", 1],
  ["a dotted key below a header", "[tool]\nprewarm.ttl = 5\n", 2],
  ["an inline table", "[tool]\nprewarm = { ttl = 5 }\n", 2],
  ["quoted names", '["tool"."prewarm"]\n"ttl" = 5\n', 2],
  ["a text that looks like it before", "[a]\nb = '''\n[tool.prewarm]\nttl = 1\n'''\n[tool.prewarm]\nttl = 5\n", 7],
] as const)("a key and its line, with %s", ([, text, line]) => {
  const read = readTable(text, PATH);
  expect(read.ok && read.value).toEqual([{ key: "ttl", value: 5, line, valueLines: [] }]);
});

test("the values of a list have their own lines", () => {
  const read = readTable('[tool.prewarm]\nwatch-globs = [\n  "a",\n\n  "b",\n]\n', PATH);
  expect(read.ok && read.value?.[0]).toMatchObject({ value: ["a", "b"], line: 2, valueLines: [3, 5] });
});

test("a table within is an entry that no key takes", () => {
  const read = readTable("[tool.prewarm]\nttl = 5\n[tool.prewarm.watch]\nglobs = []\n", PATH);
  expect(read.ok && read.value?.map(({ key, line }) => [key, line])).toEqual([
    ["ttl", 1 + 1],
    ["watch", 3],
  ]);
});

test("an empty table is one, others are none", () => {
  expect(readTable("[tool.prewarm]\n", PATH)).toEqual({ ok: true, value: [] });
  expect(readTable("[tool.prewarmer]\nttl = 5\n[tool.other.prewarm]\nttl = 5\n", PATH)).toEqual({
    ok: true,
    value: undefined,
  });
});

test("the line of what is no TOML", () => {
  expect(readTable("[tool.prewarm]\nttl = 5\nttl = 6\n", PATH)).toMatchObject({ ok: false, error: { line: 3 } });
});
