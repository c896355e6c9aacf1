// Whatever an edit is and however a test comes to what it changes: what a watch stands by afterwards is what a cold run says.
import { expect, test } from "vitest";
import { Prewarm } from "../rig/prewarm.ts";
import { Project } from "../rig/project.ts";
import { Watch } from "../rig/watch.ts";
import { SOUNDNESS } from "./soundness-cases.ts";

test.for(SOUNDNESS.map((each) => [each.name, each] as const))("%s", async ([, { files, edits, args = [] }]) => {
  using project = new Project({ ...FREE, ...files });
  await using prewarm = new Prewarm(project, { PYTEST_DISABLE_PLUGIN_AUTOLOAD: "1" });
  const watch = new Watch(prewarm, [], args);
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

/** A test that nothing reaches. */
const FREE = { "pytest.ini": "[pytest]\npythonpath = .\n", "test_free.py": "def test_free():\n    pass\n" };

/** What plain pytest says of each test; bytecode of an earlier version is out of its sight. */
async function coldOutcomes(prewarm: Prewarm, args: readonly string[]): Promise<Readonly<Record<string, string>>> {
  const env = { PYTHONDONTWRITEBYTECODE: "1", PYTHONPYCACHEPREFIX: `${prewarm.stateFolder}/no-bytecode` };
  const { stdout } = await prewarm.plain(["-rA", "-p", "no:cacheprovider", ...args], { env });
  const found = stdout.matchAll(/^(PASSED|FAILED|ERROR) (\S+::.*?)(?: - .*)?$/gm);
  return Object.fromEntries([...found].map(([, outcome = "", id = ""]) => [id, outcome.toLowerCase()]));
}
