import { mkdirSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { describe, expect, test } from "vitest";
import { findLaunch } from "../../../src/cli/launch.ts";
import { findPython } from "../../../src/cli/python/find-python.ts";
import { readShebang } from "../../../src/cli/python/shebang.ts";
import { inspectEnvironment } from "../../../src/cli/python/site-packages.ts";
import { makeEnvironment, makeFolder, makeProgram } from "./temp-folder.ts";

const noTools = async (): Promise<undefined> => undefined;

/** What is found from `cwd`, with paths relative to the test's folder; `A, B` where two have pytest. */
async function found(folder: string, env: Record<string, string> = {}, cwd = folder, named?: string): Promise<string> {
  const chosen = await findPython({ cwd, root: folder, env: { HOME: folder, ...env } }, named, noTools);
  if (!chosen.ok) return `${chosen.error.code}: ${chosen.error.sentence}`;
  const { used, other } = chosen.value;
  return [used, other].flatMap((each) => (each ? relative(folder, each.python) : [])).join(", ");
}

describe("which interpreter is used", () => {
  test("the active environment comes before the one beside the project, and both are told", async () => {
    const folder = makeFolder();
    makeEnvironment(join(folder, ".venv"), { hasPytest: true });
    makeEnvironment(join(folder, "active"), { hasPytest: true });
    expect(await found(folder, { VIRTUAL_ENV: join(folder, "active") })).toBe("active/bin/python, .venv/bin/python");
    expect(await found(folder)).toBe(".venv/bin/python");
  });

  test("an active environment without pytest gives way to one with it", async () => {
    const folder = makeFolder();
    makeEnvironment(join(folder, "venv"), { hasPytest: true });
    makeEnvironment(join(folder, "active"), { hasPytest: false });
    expect(await found(folder, { VIRTUAL_ENV: join(folder, "active") })).toBe("venv/bin/python");
  });

  test("conda's base is no project's environment, another one is", async () => {
    const folder = makeFolder();
    makeEnvironment(join(folder, ".venv"), { hasPytest: true });
    makeEnvironment(join(folder, "conda"), { hasPytest: true, config: "" });
    const conda = { CONDA_PREFIX: join(folder, "conda") };
    expect(await found(folder, { ...conda, CONDA_DEFAULT_ENV: "base" })).toBe(".venv/bin/python");
    expect(await found(folder, { ...conda, CONDA_DEFAULT_ENV: "shop" })).toBe("conda/bin/python, .venv/bin/python");
  });

  test("a workspace's environment is found from below, up to its repository", async () => {
    const folder = makeFolder({ ".git/": "", "packages/shop/tests/": "" });
    makeEnvironment(join(folder, ".venv"), { hasPytest: true });
    expect(await found(folder, {}, join(folder, "packages/shop/tests"))).toBe(".venv/bin/python");
  });

  test("a project's environment without pytest is not passed over for the system's", async () => {
    const folder = makeFolder();
    makeEnvironment(join(folder, ".venv"), { hasPytest: false });
    makeEnvironment(join(folder, "system"), { hasPytest: true });
    const around = { cwd: folder, root: folder, env: { PATH: join(folder, "system/bin"), HOME: folder } };
    const launch = await findLaunch(["pytest"], undefined, around);
    expect(launch.ok ? launch.value : launch.error).toMatchObject({
      code: "no-pytest",
      sentence: ".venv/bin/python (Python 3.12.4) cannot import pytest.",
      exit: 69,
    });
  });

  test("the tool's own environment is asked for only when nothing nearer has pytest", async () => {
    const folder = makeFolder();
    const kept = makeEnvironment(join(folder, "cache/shop-py3.12"), { hasPytest: true });
    const around = { cwd: folder, root: folder, env: {} };
    const asked = await findPython(around, undefined, async () => kept);
    expect(asked.ok && asked.value.used).toMatchObject({ python: kept, origin: "tool" });
    makeEnvironment(join(folder, ".venv"), { hasPytest: true });
    const notAsked = await findPython(around, undefined, () => Promise.reject(new Error("asked")));
    expect(notAsked.ok && notAsked.value.used.origin).toBe("folder");
  });

  test("pyenv's local version, then the pytest on PATH, then python3", async () => {
    const folder = makeFolder({ ".python-version": "3.11\n" });
    makeProgram(join(folder, ".pyenv/versions/3.11.9/bin/python"));
    makeProgram(join(folder, ".pyenv/versions/3.11.10/bin/python"));
    makeProgram(join(folder, "bin/python3"));
    const env = { PATH: join(folder, "bin") };
    expect(await found(folder, env)).toBe(".pyenv/versions/3.11.10/bin/python");
    const python = makeEnvironment(join(folder, "tools"), { hasPytest: true });
    makeProgram(join(folder, "bin/pytest"), `#!${python}\n`);
    expect(await found(folder, env)).toBe("tools/bin/python");
    const bare = makeFolder();
    expect(await found(bare, { PATH: `${join(folder, "nothing")}:${join(folder, "bin")}` })).toMatch(
      /tools\/bin\/python$/,
    );
  });

  test("a shim is resolved without starting it", async () => {
    const folder = makeFolder({ ".pyenv/version": "3.12.4\n" });
    makeProgram(join(folder, ".pyenv/versions/3.12.4/bin/python"));
    makeProgram(join(folder, ".pyenv/shims/python3"));
    expect(await found(folder, { PATH: join(folder, ".pyenv/shims") })).toBe(".pyenv/versions/3.12.4/bin/python");
  });

  test("what is named is used or refused", async () => {
    const folder = makeFolder();
    makeEnvironment(join(folder, ".venv"), { hasPytest: true });
    makeEnvironment(join(folder, "other"), { hasPytest: true });
    expect(await found(folder, {}, folder, "other/bin/python")).toBe("other/bin/python");
    expect(await found(folder, {}, folder, "other")).toBe("other/bin/python");
    expect(await found(folder, { PREWARM_PYTHON: "other/bin/python" })).toBe("other/bin/python");
    expect(await found(folder, {}, folder, "nowhere/python")).toBe(
      "no-python: Expected `--python` to name a Python interpreter, got `nowhere/python`.",
    );
  });

  test("nothing at all", async () => {
    expect(await found(makeFolder(), { PATH: "" })).toBe(
      "no-python: There is no virtual environment and no `python3` on PATH.",
    );
  });
});

describe("how it is started", () => {
  test("a script of pytest brings its own interpreter", async () => {
    const folder = makeFolder();
    const python = makeEnvironment(join(folder, "env"), { hasPytest: true });
    const around = { cwd: folder, root: folder, env: {} };
    const launch = await findLaunch(["env/bin/pytest", "-x"], undefined, around);
    expect(launch.ok && launch.value.launch).toEqual({
      python,
      script: join(folder, "env/bin/pytest"),
      isModule: false,
      args: ["-x"],
    });
    const gone = await findLaunch(["gone/bin/pytest"], undefined, around);
    expect(gone.ok ? gone.value : gone.error.code).toBe("path-missing");
  });

  test("as a module, argv[0] is pytest's __main__", async () => {
    const folder = makeFolder();
    makeEnvironment(join(folder, ".venv"), { hasPytest: true });
    const launch = await findLaunch(["python", "-m", "pytest"], undefined, { cwd: folder, root: folder, env: {} });
    expect(launch.ok && relative(folder, launch.value.launch.script)).toBe(
      ".venv/lib/python3.12/site-packages/pytest/__main__.py",
    );
  });

  test("a Python that is too old is known before it starts", async () => {
    const folder = makeFolder();
    makeEnvironment(join(folder, ".venv"), { hasPytest: true, version: "3.8.19" });
    const launch = await findLaunch(["pytest"], undefined, { cwd: folder, root: folder, env: {} });
    expect(launch.ok ? launch.value : launch.error.sentence).toBe(
      "Expected Python 3.9 or newer, got .venv/bin/python (Python 3.8.19).",
    );
  });
});

describe("what the files around an interpreter tell", () => {
  test("a virtual environment holds all that it can import, unless a .pth file names more", () => {
    const folder = makeFolder();
    const python = makeEnvironment(join(folder, "env"), { hasPytest: false });
    expect(inspectEnvironment(python, {})).toMatchObject({ hasPytest: "no", version: "3.12.4" });
    writeFileSync(join(folder, "env/lib/python3.12/site-packages/__editable__.pytest-9.1.pth"), "/src\n");
    expect(inspectEnvironment(python, {}).hasPytest).toBe("unknown");
  });

  test("with the system's packages, or without a configuration, nobody knows but Python", () => {
    const folder = makeFolder();
    const config = "version_info = 3.12.4.final.0\ninclude-system-site-packages = true\n";
    const python = makeEnvironment(join(folder, "env"), { hasPytest: false, config });
    expect(inspectEnvironment(python, {})).toMatchObject({ hasPytest: "unknown", version: "3.12.4" });
    const bare = makeEnvironment(join(folder, "bare"), { hasPytest: false, config: "" });
    expect(inspectEnvironment(bare, {})).toMatchObject({ hasPytest: "unknown", version: "3.12" });
  });

  test("PYTHONPATH counts, and the folder of another version does not", () => {
    const folder = makeFolder({ "more/pytest/__init__.py": "" });
    const python = makeEnvironment(join(folder, "env"), { hasPytest: false });
    expect(inspectEnvironment(python, { PYTHONPATH: join(folder, "more") }).hasPytest).toBe("yes");
    const other = join(folder, "env/lib/python3.9/site-packages/pytest");
    mkdirSync(other, { recursive: true });
    writeFileSync(join(other, "__init__.py"), "");
    expect(inspectEnvironment(python, {}).hasPytest).toBe("no");
  });
});

test.each([
  ["#!/opt/env/bin/python3.12\n", "/opt/env/bin/python3.12"],
  ["#!/bin/sh\n'''exec' \"/a folder/bin/python\" \"$0\" \"$@\"\n' '''\n", "/a folder/bin/python"],
  ["#!/bin/sh\n'''exec' /long/bin/python3 \"$0\" \"$@\"\n' '''\n", "/long/bin/python3"],
  ["#!/usr/bin/env bash\nset -e\n", undefined],
  ["print(1)\n", undefined],
])("the interpreter of a script that begins %j", (text, expected) => {
  const folder = makeFolder({ pytest: text });
  expect(readShebang(join(folder, "pytest"), "")).toBe(expected);
});
