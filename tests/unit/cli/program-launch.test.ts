import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { findProgram, objectToRunner } from "../../../src/cli/program-launch.ts";
import { makeFolder } from "./temp-folder.ts";

interface Entry {
  readonly text?: string;
  readonly link?: string;
}

/** A folder with an environment in `.venv`, whose interpreter is never started. */
function project(entries: Readonly<Record<string, Entry>>): string {
  const root = makeFolder();
  const all = { ".venv/bin/python": { text: "#!/bin/sh\n" }, ".git/HEAD": { text: "" }, ...entries };
  for (const [path, { text, link }] of Object.entries<Entry>(all)) {
    const absolute = join(root, path);
    mkdirSync(dirname(absolute), { recursive: true });
    if (link !== undefined) symlinkSync(link, absolute);
    else {
      writeFileSync(absolute, (text ?? "").replaceAll("ROOT", root));
      chmodSync(absolute, 0o755);
    }
  }
  return root;
}

async function find(root: string, line: string, path = ""): Promise<unknown> {
  const env = { PATH: path.replaceAll("ROOT", root) };
  const found = await findProgram(line.split(" "), undefined, { cwd: root, root, env });
  if (!found.ok) return `${found.error.code}: ${found.error.sentence}`.replaceAll(root, "ROOT");
  const { python, script, command, flags, args } = found.value;
  return [python, script].map((each) => each.replace(root, "ROOT")).concat(command ?? "", ...(flags ?? []), ...args);
}

const FLASK = { text: "#!ROOT/.venv/bin/python\nimport flask\n" };

test("a name is a console script of the environment before it is one of PATH or a file that lies here", async () => {
  const root = project({
    ".venv/bin/flask": FLASK,
    "bin/flask": { text: "#!/bin/sh\n" },
    "bin/other": { text: "#!ROOT/bin/python\n" },
    "bin/python": { text: "" },
    "manage.py": { text: "#!/usr/bin/env python\n" },
  });
  const venv = "ROOT/.venv/bin/python";
  expect(await find(root, "flask run", "ROOT/bin")).toEqual([venv, "ROOT/.venv/bin/flask", "script", "run"]);
  // The interpreter beside a script is the one that it needs.
  expect(await find(root, "other", "ROOT/bin")).toEqual(["ROOT/bin/python", "ROOT/bin/other", "script"]);
  expect(await find(root, "manage.py test")).toEqual([venv, "manage.py", "script", "test"]);
  expect(await find(root, "./manage.py test")).toEqual([venv, "./manage.py", "script", "test"]);
  expect(await find(root, "python -u manage.py")).toEqual([venv, "manage.py", "script", "-u"]);
  expect(await find(root, "python -m flask run")).toEqual([venv, "flask", "module", "run"]);
});

test("what is no Python program, or is not there, is refused in words", async () => {
  const root = project({ "build.sh": { text: "#!/bin/sh\n" }, "bin/npm": { text: "#!/usr/bin/env node\n" } });
  const expected = "prewarm serves scripts, modules and console scripts of Python.";
  expect(await find(root, "./build.sh")).toBe(
    `not-supported: Expected a Python program after \`--\`, got \`./build.sh\` (build.sh): ${expected}`,
  );
  expect(await find(root, "npm start", "ROOT/bin")).toBe(
    `not-supported: Expected a Python program after \`--\`, got \`npm\` (bin/npm): ${expected}`,
  );
  expect(await find(root, "flask")).toBe(
    "path-missing: There is no program `flask` in ROOT/.venv/bin, on PATH, or here.",
  );
  expect(await find(root, "python serve.py")).toBe("path-missing: There is no serve.py.");
  expect(objectToRunner(["uv", "run", "flask", "run"])?.next).toBe(
    "prewarm -- flask run      (prewarm finds uv's environment by itself)",
  );
});
