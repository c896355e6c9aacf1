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
  await twins.edit({ "app/data.json": '{"k": 2}' });
  expect(await parkedBefore(twins)).toContain("app.data");
});

test("an undo finds the tip from before the edit, and so does the undone undo", async () => {
  await using twins = new ColdAndWarm(IN_PLACE);
  const other = CORE.replace("RATE = 2", "RATE = 3");
  await twins.same();
  // An answer from the daemon: it has read by now what was loaded.
  expect(await twins.way()).toBe("cold");
  await twins.edit({ "app/core.py": other });
  expect(await twins.way()).toBe("resumed");
  // What led that run is gone; this one waits for the tip that takes its place.
  await twins.same();
  for (const text of [CORE, other, CORE]) {
    await twins.edit({ "app/core.py": text });
    expect(await twins.way()).toBe("warm");
  }
  await twins.edit({ "app/core.py": CORE.replace("RATE = 2", "RATE = 4") });
  await twins.edit({ "app/leaf.py": LEAF.replace("scale(10)", "scale(12)") });
  await twins.edit({ "conftest.py": "1 / 0\n" });
  await twins.edit({ "conftest.py": null });
});

test("a patched tip leaves the one that it was patched from to the next patch and to an undo", async () => {
  await using twins = new ColdAndWarm(IN_PLACE);
  await twins.same();
  expect(await twins.way()).toBe("cold");
  for (const call of ["scale(4)", "scale(5)"]) {
    await twins.edit({ "app/leaf.py": LEAF.replace("scale(3)", call) });
    expect(await twins.way()).toBe("patched");
  }
  await twins.edit({ "app/leaf.py": LEAF });
  expect(await twins.way()).toBe("warm");
});

test("runs of one file after another leave no chain of earlier tips behind", async () => {
  const names = Array.from({ length: 8 }, (_, place) => `test_${place}.py`);
  const files = Object.fromEntries(names.map((name) => [name, "def test_it():\n    pass\n"]));
  await using twins = new ColdAndWarm({ ...IN_PLACE, ...files });
  for (const name of names) await twins.same(name);
  expect((await parkedBefore(twins)).length).toBeLessThan(8);
  await twins.edit({ "conftest.py": null }, "test_0.py test_7.py test_leaf.py");
});

async function parkedBefore(twins: ColdAndWarm): Promise<readonly string[]> {
  // What led the last run may be gone; this one waits for the tip that takes its place.
  await twins.same();
  const { trunks } = await twins.prewarm.status();
  return trunks.flatMap(({ checkpoints }) => checkpoints.map(({ before }) => before));
}
