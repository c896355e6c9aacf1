// A run that is to be on a Ray cluster, with an interpreter that has no ray.
import { expect, test } from "vitest";
import { Prewarm } from "../rig/prewarm.ts";
import { Project } from "../rig/project.ts";

test("an interpreter without ray is an error with the command that installs it", async () => {
  using project = new Project({ "test_it.py": "def test_it():\n    pass\n" });
  await using prewarm = new Prewarm(project);
  const run = await prewarm.run([], { flags: ["--on", "ray"] });
  expect(run.exit).toBe(69);
  expect(run.stderr).toContain("error[no-ray]");
  expect(run.stderr).toContain('-m pip install "prewarm[ray]"');
});
