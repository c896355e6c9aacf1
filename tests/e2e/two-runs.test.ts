// Two runs at the same time, after an edit: what one of them leaves behind is not tidied away from under the other.
import { expect, test } from "vitest";
import { Prewarm } from "../rig/prewarm.ts";
import { Project } from "../rig/project.ts";
import { PUPPET_MODULE, PuppetMaster } from "../rig/puppet.ts";

const TESTS = "import puppet\ndef test_slow(): puppet.play('slow')\ndef test_quick(): pass\n";

test.each([
  ["a test file", { "test_all.py": `${TESTS}# edited\n` }],
  ["a module", { "shop.py": "VALUE = 2\n" }],
  ["a function's body", { "shop.py": "VALUE = 1\ndef total(): return 2\n" }],
])("a run goes on while another one ends, after an edit of %s", async (_, edit) => {
  using project = new Project({
    "pytest.ini": "[pytest]\npythonpath = .\n",
    "puppet.py": PUPPET_MODULE,
    "shop.py": "VALUE = 1\ndef total(): return 1\n",
    "test_all.py": `import shop\n${TESTS}`,
  });
  await using prewarm = new Prewarm(project);
  await using puppets = await PuppetMaster.listen(prewarm);
  expect((await prewarm.run(["-k", "quick"])).exit).toBe(0);
  for (const [path, text] of Object.entries(edit)) project.write(path, text);
  const slow = prewarm.start(["-k", "slow"]);
  const puppet = await puppets.next();
  expect((await prewarm.run(["-k", "quick"])).exit).toBe(0);
  expect((await prewarm.run(["-k", "quick"])).exit).toBe(0);
  puppet.say("pass");
  const { exit, outcomes } = await slow.finished;
  expect({ exit, outcomes }).toEqual({ exit: 0, outcomes: { "test_all.py::test_slow": "passed" } });
  // And the next edit is served as ever.
  project.write("test_all.py", "def test_quick(): assert 0\n");
  expect((await prewarm.run()).exit).toBe(1);
});
