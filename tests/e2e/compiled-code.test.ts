// The command line takes its compiled code from a file of an earlier start: never another program's, never a damaged one.
import { mkdirSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { OtherVersion } from "../rig/other-version.ts";
import { Prewarm } from "../rig/prewarm.ts";
import { Project } from "../rig/project.ts";

const HEAD_BYTES = 64;
const FILES = { "test_it.py": "def test_it(): pass\n" };

test("a damaged file of compiled code is not run, and the next run makes it anew", async () => {
  using project = new Project(FILES);
  await using prewarm = new Prewarm(project);
  const env = { XDG_CACHE_HOME: join(prewarm.stateFolder, "cache") };
  const passes = async (): Promise<void> =>
    expect(await prewarm.run([], { env })).toMatchObject({ exit: 0, stderr: expect.not.stringContaining("Error") });
  await passes();
  const file = fileIn(env.XDG_CACHE_HOME);
  const whole = readFileSync(file);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  await passes();
  // It is not written again as long as it serves.
  expect(readFileSync(file).equals(whole)).toBe(true);

  const flipped = Buffer.from(whole);
  const place = HEAD_BYTES + Math.floor((whole.length - HEAD_BYTES) * 0.45);
  flipped[place] = ~(flipped[place] ?? 0) & 0xff;
  for (const damaged of [
    flipped,
    whole.subarray(0, whole.length / 2),
    whole.subarray(0, HEAD_BYTES),
    Buffer.alloc(0),
  ]) {
    writeFileSync(file, damaged);
    await passes();
    expect(isWhole(readFileSync(file))).toBe(true);
  }
});

test("a program that has another content is not taken for the compiled one, though size and time are the same", async () => {
  using project = new Project(FILES);
  await using prewarm = new Prewarm(project);
  using other = new OtherVersion("0.0.7");
  const { program } = other;
  const env = { XDG_CACHE_HOME: join(prewarm.stateFolder, "cache") };
  expect((await prewarm.run([], { env, program })).exit).toBe(0);
  const command = join(program, "../../dist/cli.cjs");
  const { atime, mtime } = statSync(command);
  const text = readFileSync(command, "utf8");
  writeFileSync(command, text.replaceAll('VERSION = "0.0.7"', 'VERSION = "0.0.8"'));
  utimesSync(command, atime, mtime);
  expect(await prewarm.command(["--version"], { env, program }).finished).toMatchObject({ stdout: "prewarm 0.0.8\n" });
});

test("compiled code of builds that are long gone is removed, that of others stays", async () => {
  using project = new Project(FILES);
  await using prewarm = new Prewarm(project);
  const env = { XDG_CACHE_HOME: join(prewarm.stateFolder, "cache") };
  const folder = join(env.XDG_CACHE_HOME, "prewarm/node");
  mkdirSync(folder, { recursive: true });
  for (const name of ["cli-long-gone", "cli-young", "of-somebody-else"]) writeFileSync(join(folder, name), "");
  for (const name of ["cli-long-gone", "of-somebody-else"]) utimesSync(join(folder, name), 1e9, 1e9);
  expect((await prewarm.run([], { env })).exit).toBe(0);
  const left = readdirSync(folder);
  expect(left).toEqual(expect.arrayContaining(["cli-young", "of-somebody-else"]));
  expect(left).not.toContain("cli-long-gone");
});

test("without a folder that can be written it runs all the same", async () => {
  using project = new Project({ ...FILES, "no-folder": "" });
  await using prewarm = new Prewarm(project);
  const env = { XDG_CACHE_HOME: project.at("no-folder") };
  for (let run = 0; run < 2; run += 1) expect(await prewarm.run([], { env })).toMatchObject({ exit: 0, stderr: "" });
});

function fileIn(cache: string): string {
  const folder = join(cache, "prewarm/node");
  const [name = "", ...others] = readdirSync(folder).filter((each) => each.startsWith("cli-"));
  expect(others).toEqual([]);
  return join(folder, name);
}

function isWhole(bytes: Buffer): boolean {
  const middle = (bytes.length + HEAD_BYTES) / 2;
  return bytes.length > HEAD_BYTES && bytes.subarray(HEAD_BYTES, middle).equals(bytes.subarray(middle));
}
