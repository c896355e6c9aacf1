// A real Redis and an application server in warm fixtures, as the example has them: started once for four workers and for all runs.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { Prewarm } from "../rig/prewarm.ts";
import { Project } from "../rig/project.ts";

const example = (name: string) => readFileSync(new URL(`../../examples/servers/${name}`, import.meta.url), "utf8");
const FOUR = { flags: ["-n", "4"] };

test("Redis and an application server are started once, and the application again when its code changes", async ({
  skip,
}) => {
  if (spawnSync("redis-server", ["--version"]).status !== 0) skip("Redis is not installed");
  const names = ["app.py", "conftest.py", "test_visits.py"];
  using project = new Project(Object.fromEntries(names.map((name) => [name, example(name)])));
  await using prewarm = new Prewarm(project, { PYTEST_DISABLE_PLUGIN_AUTOLOAD: "1" });
  const log = () => readFileSync(project.at("servers.log"), "utf8").trim().split("\n");
  for (let round = 0; round < 10; round += 1) {
    const run = await prewarm.run([], FOUR);
    expect(run.exit, run.stdout).toBe(0);
    expect(run.stderr).not.toContain("left-behind");
  }
  expect(log()).toEqual(["redis started", "app started"]);
  project.write("app.py", example("app.py").replace("visit {visits}", "call {visits}"));
  const edited = await prewarm.run([], FOUR);
  expect(edited.exit).toBe(1);
  expect(edited.stdout).toMatch(/^E .* 'call 1 of /m);
  expect(edited.stdout).toMatch(/^-+ Attached log of app -+$/m);
  await prewarm.command(["stop"]).finished;
  await prewarm.untilNothingIsLeft();
  const count = (line: string) => log().filter((each) => each === line).length;
  expect([count("app started"), count("app stopped")]).toEqual([2, 2]);
  expect(count("redis stopped")).toBe(count("redis started"));
});
