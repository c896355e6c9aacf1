import { createHash } from "node:crypto";
import { lstatSync, renameSync, utimesSync } from "node:fs";
import { expect, test } from "vitest";
import {
  contentHash,
  isTellingSignature,
  readContent,
  sameSignature,
  signatureFromWire,
  statSignature,
} from "../../../src/watch/fingerprint.ts";
import { TempProject } from "./temp-project.ts";

test("a signature holds what stat says, and a missing file has none", () => {
  using project = new TempProject();
  const path = project.write("a.py", "x = 1\n");
  const stats = lstatSync(path, { bigint: true });
  expect(statSignature(path)).toEqual({
    mtimeNs: stats.mtimeNs,
    size: 6,
    ino: stats.ino,
    ctimeNs: stats.ctimeNs,
  });
  expect(statSignature(project.at("b.py"))).toBeUndefined();
  expect(statSignature(project.at("a.py/b.py"))).toBeUndefined();
});

test("a file that takes another's place has another signature, even with its size and time", () => {
  using project = new TempProject();
  const path = project.write("a.py", "x = 1\n");
  const other = project.write("b.py", "x = 2\n");
  utimesSync(path, 1_000, 1_000);
  utimesSync(other, 1_000, 1_000);
  const before = statSignature(path);
  renameSync(other, path);
  const after = statSignature(path);
  if (before === undefined || after === undefined) throw new Error("Expected both signatures.");
  expect({ size: after.size, mtimeNs: after.mtimeNs }).toEqual({ size: before.size, mtimeNs: before.mtimeNs });
  expect(sameSignature(before, after)).toBe(false);
});

test("a rewrite whose time was set back is given away by the change time", () => {
  using project = new TempProject();
  const path = project.write("a.py", "x = 1\n");
  utimesSync(path, 1_000, 1_000);
  const before = statSignature(path);
  let after = before;
  while (after?.ctimeNs === before?.ctimeNs) {
    project.write("a.py", "x = 2\n");
    utimesSync(path, 1_000, 1_000);
    after = statSignature(path);
  }
  if (before === undefined || after === undefined) throw new Error("Expected both signatures.");
  expect(after.mtimeNs).toBe(before.mtimeNs);
  expect(sameSignature(before, after)).toBe(false);
});

test("a signature from the wire compares without its change time", () => {
  using project = new TempProject();
  const signature = statSignature(project.write("a.py", "x = 1\n"));
  if (signature === undefined) throw new Error("Expected a signature.");
  const wire = { mtimeNs: String(signature.mtimeNs), size: signature.size, ino: String(signature.ino) };
  expect(sameSignature(signature, signatureFromWire(wire))).toBe(true);
  expect(sameSignature(signature, signatureFromWire({ ...wire, ino: "18446744073709551615" }))).toBe(false);
});

test("a signature from the tick of the last write tells nothing about a second write", () => {
  const signature = { mtimeNs: 1_700_000_000_500_000_000n, size: 1, ino: 1n };
  expect(isTellingSignature(signature, 1_700_000_000_505)).toBe(false);
  expect(isTellingSignature(signature, 1_700_000_000_600)).toBe(true);
});

test("on a file system that stamps whole seconds, the tick is two seconds", () => {
  const signature = { mtimeNs: 1_700_000_000_000_000_000n, size: 1, ino: 1n };
  expect(isTellingSignature(signature, 1_700_000_001_900)).toBe(false);
  expect(isTellingSignature(signature, 1_700_000_003_000)).toBe(true);
});

test("content is described by its hash, its length and its end", () => {
  using project = new TempProject({ "a.py": "x = 'é'\n", "b.py": "x = 1", "c.py": "" });
  expect(readContent(project.at("a.py"))).toEqual({
    hash: createHash("sha256").update("x = 'é'\n").digest("hex"),
    sizeBytes: 9,
    endsMidLine: false,
  });
  expect(readContent(project.at("b.py"))).toMatchObject({ sizeBytes: 5, endsMidLine: true });
  expect(readContent(project.at("c.py"))).toMatchObject({ sizeBytes: 0, endsMidLine: false });
  expect(contentHash(project.at("missing.py"))).toBeUndefined();
  expect(contentHash(project.root)).toBeUndefined();
});
