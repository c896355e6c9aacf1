// Folders that a project lists, and files that it only asks for: what comes and goes there is an edit, whatever its name.
import { expect, onTestFinished, test } from "vitest";
import { coldOutcomes } from "../rig/cold-outcomes.ts";
import { Prewarm } from "../rig/prewarm.ts";
import { Project } from "../rig/project.ts";
import { Watch } from "../rig/watch.ts";

const CASES = {
  "a folder from which tests are made": {
    files: {
      "test_cases.py": `
import glob
import pytest


@pytest.mark.parametrize("path", sorted(glob.glob("cases/*.txt")))
def test_case(path):
    with open(path) as file:
        assert file.read() == "1"
`,
      "cases/a.txt": "1",
    },
    edits: [{ "cases/b.txt": "2" }, { "cases/b.txt": null }],
  },
  "a folder that a test lists": {
    files: {
      "test_cases.py": "import os\n\n\ndef test_cases():\n    assert os.listdir('cases') == ['a.txt']\n",
      "cases/a.txt": "1",
    },
    edits: [{ "cases/b.txt": "2" }, { "cases/b.txt": null }],
  },
  "a file that a module asks for": {
    files: {
      "lib.py": "import os\n\nIS_THERE = os.path.exists('flag.txt')\n",
      "test_lib.py": "import lib\n\n\ndef test_flag():\n    assert not lib.IS_THERE\n",
    },
    edits: [{ "flag.txt": "1" }, { "flag.txt": null }, { "flag.txt": "2" }],
  },
};

test.each(Object.entries(CASES))("%s", async (_, { files, edits }) => {
  using project = new Project(files);
  await using prewarm = new Prewarm(project, { PYTEST_DISABLE_PLUGIN_AUTOLOAD: "1" });
  const watch = new Watch(prewarm);
  onTestFinished(() => watch.end());
  let standing = await watch.run();
  for (const edit of edits as readonly Readonly<Record<string, string | null>>[]) {
    for (const [path, text] of Object.entries(edit)) {
      if (text === null) project.remove(path);
      else project.write(path, text);
    }
    standing = { ...standing, ...(await watch.run()) };
    const cold = await coldOutcomes(prewarm, []);
    expect(Object.fromEntries(Object.entries(standing).filter(([id]) => id in cold))).toEqual(cold);
  }
});
