// The package as another program imports it: the built files, by the package's name.
import { cpSync, mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { Command } from "../rig/command.ts";
import { interpreter } from "../rig/interpreter.ts";
import { Prewarm } from "../rig/prewarm.ts";
import { Project } from "../rig/project.ts";

const own = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const PROJECT = { "test_cart.py": "def test_total(): assert 3 == 4\ndef test_tax(): pass\n" };

test("the example runs tests, and tells what failed and what cannot be served", async () => {
  using project = new Project(PROJECT);
  await using prewarm = new Prewarm(project);
  const example = async (word: string, python: string) => {
    const env = prewarm.environment({ PREWARM_PYTHON: python });
    const words = [process.execPath, own("examples/library/run-tests.mjs"), project.root, word];
    return new Command(words, { cwd: own("."), env }).finished;
  };
  const all = await example("", interpreter);
  expect({ exit: all.exit, stderr: all.stderr }).toEqual({ exit: 1, stderr: "" });
  expect(all.stdout).toContain("failed test_cart.py::test_total\npassed test_cart.py::test_tax\nexit 1, cold\n");
  expect(all.stdout).toContain("E   assert 3 == 4");
  const some = await example("tax", interpreter);
  expect(some.stdout).toMatch(/^passed test_cart.py::test_tax\nexit 0, warm\n/);
  const none = await example("", project.at("none/python"));
  expect({ exit: none.exit, stdout: none.stdout }).toEqual({ exit: 69, stdout: "" });
  expect(none.stderr).toMatch(/^no-python: .*\nnext: /);
});

test("its types hold for a strict program, which sees nothing else of it", async () => {
  using folder = new Project({
    "package.json": '{ "type": "module" }',
    "good.ts": `
import { type DoorEnd, openDoor, PrewarmError, type RunEvent } from "prewarm";
const door = await openDoor({ command: ["pytest"] });
const told: RunEvent[] = [];
const end: DoorEnd = await door.start({ affected: "only" }, { onEvent: (event) => told.push(event) }).finished;
export const exit: number | null = end.kind === "failed" ? new PrewarmError(end.problem).problem.exit : end.record.exit;
`,
    "bad.ts": `
import { openDoor } from "prewarm";
import { API_VERSION } from "prewarm";
import "prewarm/dist/cli.cjs";
(await openDoor({ comand: ["pytest"] })).start({ affected: "some" });
export const version = API_VERSION;
`,
  });
  mkdirSync(folder.at("node_modules/prewarm/dist"), { recursive: true });
  for (const file of ["package.json", "dist/library.d.ts", "dist/library.js"]) {
    cpSync(own(file), folder.at(`node_modules/prewarm/${file}`));
  }
  const compile = async (file: string) => {
    const flags = [
      "--noEmit",
      "--strict",
      "--module",
      "nodenext",
      "--target",
      "es2024",
      "--lib",
      "es2024,esnext.disposable,dom",
    ];
    const words = [process.execPath, own("node_modules/typescript/bin/tsc"), ...flags, "--ignoreConfig", file];
    return new Command(words, { cwd: folder.root, env: { PATH: process.env.PATH ?? "" } }).finished;
  };
  expect(await compile("good.ts")).toMatchObject({ exit: 0, stdout: "" });
  const { stdout } = await compile("bad.ts");
  expect([...stdout.matchAll(/error (TS\d+)/g)].map(([, code]) => code)).toEqual([
    ...["TS2305", "TS2882", "TS2561", "TS2322"],
  ]);
});
