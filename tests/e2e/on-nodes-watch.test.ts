// A watch on nodes: after an edit it runs what the edit can affect, as far as nodes tell what their tests depend on.
import { expect, test } from "vitest";
import { Prewarm } from "../rig/prewarm.ts";
import { Project } from "../rig/project.ts";
import { Watch } from "../rig/watch.ts";

const FILES = {
  "cart.py": "def total(count):\n    return 2 * count\n",
  "mail.py": "def subject():\n    return 'order'\n",
  "rates.txt": "7\n",
  "late.py": "VALUE = 1\n",
  "test_cart.py":
    "import cart\n\n\ndef test_one():\n    assert cart.total(1) == 2\n\n\ndef test_two():\n    assert cart.total(2) == 4\n",
  "test_mail.py": "import mail\n\n\ndef test_subject():\n    assert mail.subject() == 'order'\n",
  "test_rates.py": "def test_rates():\n    assert open('rates.txt').read() == '7\\n'\n",
  "test_late.py": "def test_late():\n    import late\n\n    assert late.VALUE == 1\n",
};

const CART = { "test_cart.py::test_one": "passed", "test_cart.py::test_two": "passed" };
const ALL = {
  ...CART,
  "test_mail.py::test_subject": "passed",
  "test_rates.py::test_rates": "passed",
  "test_late.py::test_late": "passed",
};

test("what an edit cannot affect keeps its outcome: modules, files that tests open, modules that they import late", async () => {
  using project = new Project(FILES);
  await using prewarm = new Prewarm(project);
  const watch = new Watch(prewarm, ["--on", "local:2"]);
  expect(await watch.run()).toEqual(ALL);
  project.replace("cart.py", "def total(count):\n    return 3 * count\n");
  expect(await watch.run()).toEqual({ "test_cart.py::test_one": "failed", "test_cart.py::test_two": "failed" });
  project.replace("cart.py", FILES["cart.py"]);
  expect(await watch.run()).toEqual(CART);
  project.replace("rates.txt", "8\n");
  expect(await watch.run()).toEqual({ "test_rates.py::test_rates": "failed" });
  project.replace("rates.txt", FILES["rates.txt"]);
  expect(await watch.run()).toEqual({ "test_rates.py::test_rates": "passed" });
  project.replace("late.py", "VALUE = 2\n");
  expect(await watch.run()).toEqual({ "test_late.py::test_late": "failed" });
  watch.end();
});

test("a test that starts a process, and one that lists a folder, run after each edit", async () => {
  using project = new Project({
    ...FILES,
    "test_process.py": "import subprocess\n\n\ndef test_process():\n    subprocess.run(['true'], check=True)\n",
    "data/one.txt": "1\n",
    "test_folder.py": "import os\n\n\ndef test_folder():\n    assert os.listdir('data') == ['one.txt']\n",
  });
  await using prewarm = new Prewarm(project);
  const watch = new Watch(prewarm, ["--on", "local:1"]);
  expect(Object.keys(await watch.run())).toHaveLength(7);
  project.replace("mail.py", "def subject():\n    return 'mail'\n");
  expect(await watch.run()).toEqual({
    "test_mail.py::test_subject": "failed",
    "test_process.py::test_process": "passed",
    "test_folder.py::test_folder": "passed",
  });
  watch.end();
});
