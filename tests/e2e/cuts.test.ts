// Where a trunk leaves its checkpoints, seen from outside: what is parked, and what an edit executes again.
import { expect, test } from "vitest";
import { ColdAndWarm } from "../rig/same-as-cold.ts";
import { EDITED } from "./edited-project.ts";

const CORE = EDITED["app/core.py"];
const LEAF = EDITED["app/leaf.py"];

// Packages stay in their place then, and no second trunk takes over in the middle of the test.
const IN_PLACE = { ...EDITED, "pytest.ini": "[pytest]\nfilterwarnings = error\n" };

test("after an edit a checkpoint lies right before the file, and the next edit of it resumes there", async () => {
  await using twins = new ColdAndWarm(IN_PLACE);
  await twins.same();
  await twins.edit({ "app/leaf.py": LEAF.replace("scale(10)", "scale(11)") });
  expect(await parkedBefore(twins)).toContain("app.leaf");
  await twins.edit({ "app/leaf.py": LEAF.replace("scale(10)", "scale(12)") });
  expect(await twins.way()).toBe("resumed");
  await twins.edit({ "app/core.py": CORE.replace("RATE = 2", "RATE = 3") });
  expect(await parkedBefore(twins)).toContain("app.core");
});

async function parkedBefore(twins: ColdAndWarm): Promise<readonly string[]> {
  const { trunks } = await twins.prewarm.status();
  return trunks.flatMap(({ checkpoints }) => checkpoints.map(({ before }) => before));
}
