// `prewarm init`: says what it finds, adds what is not there, and never changes what is.
import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { interpreter } from "../rig/interpreter.ts";
import { Prewarm } from "../rig/prewarm.ts";
import { Project } from "../rig/project.ts";

const PYPROJECT = `[project]
name = "shop"

[tool.pytest.ini_options]
testpaths = ["tests", "more"]
addopts = "-p pytest_hot_reloading.plugin"`;

test("adds a table to pyproject.toml whose keys are all comments, once", async () => {
  using project = new Project({ "pyproject.toml": PYPROJECT });
  await using prewarm = new Prewarm(project, { PREWARM_PYTHON: interpreter });
  const first = await prewarm.command(["init"]).finished;
  expect(first).toMatchObject({ exit: 0, stderr: "" });
  expect(first.stdout).toContain("interpreter  ");
  expect(first.stdout).toContain("pytest       pyproject.toml, testpaths tests more\n");
  expect(first.stdout).toContain("beside it    pytest-hot-reloading: ");
  expect(first.stdout).toContain("\nadded [tool.prewarm] to pyproject.toml: ");
  const text = readFileSync(project.at("pyproject.toml"), "utf8");
  expect(text.startsWith(`${PYPROJECT}\n\n[tool.prewarm]\n#`)).toBe(true);
  const second = await prewarm.command(["init"]).finished;
  expect(second.stdout).toContain("\npyproject.toml has [tool.prewarm] already: nothing is written\n");
  expect(readFileSync(project.at("pyproject.toml"), "utf8")).toBe(text);
  expect(await prewarm.command(["config"]).finished).toMatchObject({ exit: 0, stderr: "" });
  // Each line is right as soon as its comment sign goes.
  project.write("src/app/urls.py", "");
  project.write("pyproject.toml", text.replaceAll(/^# (?=[\w-]+ = )/gm, ""));
  const config = await prewarm.command(["config", "--json"]).finished;
  expect(config, config.stderr).toMatchObject({ exit: 0 });
  const { keys } = JSON.parse(config.stdout) as { keys: Readonly<Record<string, { origin: string }>> };
  const unset = Object.entries(keys).filter(([, { origin }]) => origin === "default");
  expect(unset.map(([key]) => key)).toEqual([]);
});

test.for([
  ["is no TOML", "[project\n"],
  ["has no room", "tool = { other = 1 }\n"],
] as const)("leaves a pyproject.toml alone that %s", async ([, text]) => {
  using project = new Project({ "pyproject.toml": text });
  await using prewarm = new Prewarm(project, { PREWARM_PYTHON: interpreter });
  const { exit, stderr } = await prewarm.command(["init"]).finished;
  expect(exit).toBe(73);
  expect(stderr).toMatch(/^prewarm: error\[config-unwritable\] .*pyproject.toml/);
  expect(readFileSync(project.at("pyproject.toml"), "utf8")).toBe(text);
});

test("writes prewarm.toml where there is no pyproject.toml, and leaves one that is there", async () => {
  using project = new Project({ "pytest.ini": "[pytest]\n" });
  await using prewarm = new Prewarm(project, { PREWARM_PYTHON: interpreter });
  const first = await prewarm.command(["init"]).finished;
  expect(first.stdout).toContain("pytest       pytest.ini\n");
  expect(first.stdout).toContain("\nwrote prewarm.toml: ");
  expect(existsSync(project.at("pyproject.toml"))).toBe(false);
  project.write("prewarm.toml", "ttl = 5\n");
  const second = await prewarm.command(["init"]).finished;
  expect(second.stdout).toContain("\nprewarm.toml has the configuration already: nothing is written\n");
  expect(readFileSync(project.at("prewarm.toml"), "utf8")).toBe("ttl = 5\n");
});
