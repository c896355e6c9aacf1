// Whatever an edit is and however a test comes to what it changes: what a watch stands by afterwards is what a cold run says.
import { expect, test } from "vitest";
import { coldOutcomes } from "../rig/cold-outcomes.ts";
import { Prewarm } from "../rig/prewarm.ts";
import { Project } from "../rig/project.ts";
import { Watch } from "../rig/watch.ts";
import { SOUNDNESS } from "./soundness-cases.ts";

const IN_ONE: readonly string[] = [];
const SHARED: readonly string[] = ["-n", "2"];

test.for([
  ...SOUNDNESS.map((each) => [each.name, each, IN_ONE] as const),
  ...SOUNDNESS.map((each) => [`${each.name}, with two workers`, each, SHARED] as const),
])("%s", async ([, { files, edits, args: own = [] }, flags]) => {
  using project = new Project({ ...FREE, ...files });
  const env = flags === SHARED ? { PYTHONPATH: project.at("slow") } : {};
  const args = flags === SHARED ? [...own, "-p", "slow_plugin"] : own;
  await using prewarm = new Prewarm(project, { PYTEST_DISABLE_PLUGIN_AUTOLOAD: "1", ...env });
  const watch = new Watch(prewarm, flags, args);
  const standing = new Map(Object.entries(await watch.run()));
  expect(Object.fromEntries(standing)).toEqual(await coldOutcomes(prewarm, args));
  for (const edit of edits) {
    for (const [path, text] of Object.entries(edit)) {
      if (text === null) project.remove(path);
      else project.write(path, text);
    }
    for (const [id, outcome] of Object.entries(await watch.run())) standing.set(id, outcome);
    const cold = await coldOutcomes(prewarm, args);
    expect(cold, "the edit has to change an outcome").not.toEqual(
      Object.fromEntries(Object.keys(cold).map((id) => [id, "passed"])),
    );
    expect(Object.fromEntries([...standing].filter(([id]) => id in cold))).toEqual(cold);
  }
  watch.end();
});

/** A test that nothing reaches, and a plugin with which two tests are worth two workers. */
const FREE = {
  "pytest.ini": "[pytest]\npythonpath = .\n",
  "test_free.py": "def test_free():\n    pass\n",
  "slow/slow_plugin.py": "import time\n\n\ndef pytest_runtest_setup():\n    time.sleep(0.03)\n",
};
