import { expect, test } from "vitest";
import { Prewarm } from "../rig/prewarm.ts";
import { Project } from "../rig/project.ts";

const FILES = {
  "shop.py": "def price():\n    return 3\n",
  "test_shop.py": "import shop\n\n\ndef test_price():\n    assert shop.price() == 3\n",
};

test("a run leaves the daemon and its parked processes, and stop ends them", async () => {
  using project = new Project(FILES);
  await using prewarm = new Prewarm(project);
  const run = await prewarm.run();
  expect(run.exit).toBe(0);
  expect(run.outcomes).toEqual({ "test_shop.py::test_price": "passed" });
  expect(prewarm.processes().length).toBeGreaterThan(1);
  await prewarm.command(["stop"]).finished;
  await prewarm.untilNothingIsLeft();
});
