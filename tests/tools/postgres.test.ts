// A real PostgreSQL in a warm fixture, as the example has it: started once for four workers and for all runs.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { Prewarm } from "../rig/prewarm.ts";
import { Project } from "../rig/project.ts";

const PATH = `${process.env.PATH}:/usr/lib/postgresql/15/bin:/usr/lib/postgresql/16/bin:/usr/lib/postgresql/17/bin`;
const example = (name: string) => readFileSync(new URL(`../../examples/postgres/${name}`, import.meta.url), "utf8");

test("a database server is started once for four workers and for ten runs", async ({ skip }) => {
  if (spawnSync("initdb", ["--version"], { env: { PATH } }).status !== 0) skip("PostgreSQL is not installed");
  using project = new Project({ "conftest.py": example("conftest.py"), "test_sum.py": example("test_sum.py") });
  await using prewarm = new Prewarm(project, { PYTEST_DISABLE_PLUGIN_AUTOLOAD: "1", PATH });
  const log = () => readFileSync(project.at("server.log"), "utf8");
  for (let round = 0; round < 10; round += 1) {
    const run = await prewarm.run([], { flags: ["-n", "4"] });
    expect(run.exit, run.stdout).toBe(0);
    expect(run.stdout).toContain("13 passed");
  }
  expect(log()).toBe("started\n");
  await prewarm.command(["stop"]).finished;
  await prewarm.untilNothingIsLeft();
  expect(log()).toBe("started\nstopped\n");
});
