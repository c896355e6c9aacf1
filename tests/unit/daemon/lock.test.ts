import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { expect, onTestFinished, test } from "vitest";
import { takeLock } from "../../../src/daemon/lifecycle.ts";
import { TempProject } from "../watch/temp-project.ts";

type Child = ChildProcessByStdio<Writable, Readable, null>;

/** Takes the lock, says whether it has it, and holds it until its input ends. */
const HOLDER = `
const { takeLock } = await import(${JSON.stringify(new URL("../../../src/daemon/lifecycle.ts", import.meta.url).href)});
const lock = takeLock(process.argv[1]);
process.stdout.write(lock === undefined ? "busy" : "taken");
process.stdin.on("end", () => lock?.release()).resume();
`;

test("of two processes one has the lock, and the other hears at once that it has not", async () => {
  using state = new TempProject();
  const holder = start(state.root);
  expect(await answer(holder)).toBe("taken");
  expect(await answer(start(state.root))).toBe("busy");
  expect(takeLock(state.root)).toBeUndefined();
});

test("a lock that is released can be taken, though its process lives on", async () => {
  using state = new TempProject();
  const mine = takeLock(state.root);
  expect(await answer(start(state.root))).toBe("busy");
  mine?.release();
  expect(await answer(start(state.root))).toBe("taken");
});

test("a killed process leaves no lock behind", async () => {
  using state = new TempProject();
  const holder = start(state.root);
  expect(await answer(holder)).toBe("taken");
  holder.kill("SIGKILL");
  await once(holder, "exit");
  expect(await answer(start(state.root))).toBe("taken");
});

test("each folder has a lock of its own", () => {
  using one = new TempProject();
  using other = new TempProject();
  const locks = [takeLock(one.root), takeLock(other.root)];
  expect(locks).not.toContain(undefined);
  for (const lock of locks) lock?.release();
});

test("a file that cannot be locked is not taken for another daemon", () => {
  using state = new TempProject();
  writeFileSync(join(state.root, "lock.db"), "no database ".repeat(100));
  expect(() => takeLock(state.root)).toThrow("file is not a database");
  expect(() => takeLock(state.at("missing"))).toThrow("unable to open database file");
});

function start(folder: string): Child {
  // An older Node reads TypeScript only when it is told to.
  const flags = process.features.typescript ? [] : ["--experimental-strip-types"];
  const child = spawn(process.execPath, [...flags, "--input-type=module", "-e", HOLDER, folder], {
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...process.env, NODE_NO_WARNINGS: "1" },
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  return child;
}

async function answer(child: Child): Promise<string> {
  const [chunk] = (await once(child.stdout, "data")) as [Buffer];
  return chunk.toString();
}
