import { expect, test } from "vitest";
import { SideEffects, type Writer } from "../../../../src/daemon/watching/side-effects.ts";
import type { FileChange } from "../../../../src/watch/file-change.ts";

const log: FileChange = { path: "/shop/log.txt", kind: "modified", of: "file" };
const data: FileChange = { path: "/shop/cart.json", kind: "modified", of: "file" };
const by = (writers: Readonly<Record<string, Writer>>) => (path: string) => writers[path] ?? "unknown";

test("what changes under a run waits for its end; what its tests have written counts with the next edit", () => {
  const effects = new SideEffects();
  effects.add([log, data]);
  effects.add([data]);
  expect(effects.take(by({ [log.path]: "tests", [data.path]: "somebody" }))).toEqual([data]);
  expect(effects.take(by({}))).toEqual([]);
});

test("a person's edit is told under each run; a write by nobody knows whom once", () => {
  const effects = new SideEffects();
  for (const told of [[log, data], [data], [data]]) {
    effects.add([log, data]);
    expect(effects.take(by({ [data.path]: "somebody" }))).toEqual(told);
  }
});

test("a run that begins has the files as they are now", () => {
  const effects = new SideEffects();
  effects.add([data]);
  effects.begin();
  expect(effects.take(by({ [data.path]: "somebody" }))).toEqual([]);
});
