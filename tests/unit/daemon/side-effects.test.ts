import { expect, test } from "vitest";
import { SideEffects } from "../../../src/daemon/side-effects.ts";
import type { FileChange } from "../../../src/watch/file-change.ts";

const log: FileChange = { path: "/shop/log.txt", kind: "modified", of: "file" };
const data: FileChange = { path: "/shop/cart.json", kind: "modified", of: "file" };

test("what changes under a run waits for its end, and is told once", () => {
  const effects = new SideEffects();
  effects.add([data]);
  effects.add([data]);
  expect(effects.take()).toEqual([data]);
  expect(effects.take()).toEqual([]);
});

test("what changes under a second run is written by tests", () => {
  const effects = new SideEffects();
  effects.add([log]);
  expect(effects.take()).toEqual([log]);
  effects.add([log, data]);
  expect(effects.take()).toEqual([data]);
  effects.add([log]);
  expect(effects.take()).toEqual([]);
});
