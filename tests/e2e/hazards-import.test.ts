// Modules that end the process, that are compiled in the same second, that must be rewritten, that patch others.
import { expect, test } from "vitest";
import { ColdAndWarm } from "../rig/same-as-cold.ts";

const PASSING = "def test_passing():\n    pass\n";

test.for([
  ["exits", "import sys\n\nsys.exit(3)\n"],
  ["is interrupted", "raise KeyboardInterrupt\n"],
  ["ends pytest", "import pytest\n\npytest.exit('enough', returncode=7)\n"],
  ["is skipped", "import pytest\n\npytest.skip('not now', allow_module_level=True)\n"],
  ["wants what is not installed", "import pytest\n\npytest.importorskip('nothing_there')\n"],
  ["is recursive", "def f():\n    f()\n\n\nf()\n"],
] as const)("a test file %s, and is mended", async ([, source]) => {
  await using twins = new ColdAndWarm({ "test_a.py": source, "test_b.py": PASSING });
  for (let round = 0; round < 2; round += 1) await twins.same("-rs");
  await twins.edit({ "test_a.py": PASSING });
});

test.for([
  ["exits", "import sys\n\nsys.exit(5)\n"],
  ["fails", "1 / 0\n"],
  ["does not parse", "def f(:\n"],
] as const)("a conftest %s, and is mended", async ([, source]) => {
  await using twins = new ColdAndWarm({ "conftest.py": source, "sub/conftest.py": "", "sub/test_b.py": PASSING });
  for (let round = 0; round < 2; round += 1) await twins.same();
  await twins.edit({ "conftest.py": "", "sub/conftest.py": source });
  await twins.edit({ "sub/conftest.py": "" });
});

test.for([
  ["a signal", "import os\n\nos.kill(os.getpid(), 11)\n", 139],
  ["an exit", "import os\n\nos._exit(9)\n", 9],
] as const)("%s while importing keeps what was good", async ([, source, exit]) => {
  await using twins = new ColdAndWarm({ "lib.py": "", "test_a.py": `import lib\n\n\n${PASSING}` });
  await twins.same();
  twins.project.write("lib.py", source);
  for (let round = 0; round < 2; round += 1) {
    const { exit: ended, stderr } = await twins.prewarm.run();
    expect(ended).toBe(exit);
    expect(stderr).toContain("error[import-crashed]");
  }
  await twins.edit({ "lib.py": "" });
});

test("bytecode that was written in the second of an edit is not taken for the source", async () => {
  await using twins = new ColdAndWarm({
    "lib.py": "X = 0\n",
    "test_lib.py": "import lib\n\n\ndef test_lib():\n    assert (lib.X, 0) == (0, 0)\n",
  });
  await twins.prewarm.run();
  for (const value of [1, 0, 2, 0]) {
    twins.project.write("lib.py", `X = ${value}\n`);
    expect((await twins.prewarm.run()).exit).toBe(value === 0 ? 0 : 1);
    twins.project.write("test_lib.py", `import lib\n\n\ndef test_lib():\n    assert (lib.X, ${value}) == (0, 1)\n`);
    expect((await twins.prewarm.run()).exit).toBe(value === 1 ? 1 : 1);
    twins.project.write("test_lib.py", "import lib\n\n\ndef test_lib():\n    assert (lib.X, 0) == (0, 0)\n");
  }
});

test("assertions are rewritten where pytest rewrites them, and nowhere else", async () => {
  await using twins = new ColdAndWarm({
    "conftest.py":
      "import pytest\n\npytest.register_assert_rewrite('told')\npytest_plugins = ['plugin']\n\n\n@pytest.fixture\ndef checked():\n    assert [1, 2] == [1, 3]\n",
    "plugin.py": "import pytest\n\n\n@pytest.fixture\ndef plugged():\n    assert {'a': 1} == {'a': 2}\n",
    "told.py": "def check(x):\n    assert x == {'told': 1}\n",
    "silent.py": "def check(x):\n    assert x == {'silent': 1}\n",
    "test_rewritten.py": `
import silent
import told


def test_told():
    told.check({})


def test_silent():
    silent.check({})


def test_conftest(checked):
    pass


def test_plugin(plugged):
    pass
`,
  });
  for (let round = 0; round < 2; round += 1) await twins.same();
  await twins.edit({ "told.py": "def check(x):\n    y = x\n    assert y == {'told': 2}\n" });
  await twins.edit({
    "plugin.py": "import pytest\n\n\n@pytest.fixture\ndef plugged():\n    assert {'b': 1} == {'a': 2}\n",
  });
});

test("modules that patch others while they are imported", async () => {
  await using twins = new ColdAndWarm({
    "conftest.py": `
import builtins
import os
import socket
import time

real = time.time
time.time = lambda: 1234.5
os.getpid = lambda: 42
os.listdir = lambda path=".": ["patched"]


class NoSocket(socket.socket):
    def __init__(self, *args, **kwargs):
        raise RuntimeError("no network in tests")


socket.socket = NoSocket
os.fork = None
builtins.open_before = open
`,
    "lib.py": "import os\nimport time\n\nSTART = time.time()\nLISTED = os.listdir('.')\n",
    "test_patched.py": `
import os
import socket
import time

import lib
import pytest


def test_patched():
    assert time.time() == lib.START == 1234.5
    assert os.getpid() == 42
    assert lib.LISTED == ["patched"]
    assert os.fork is None
    with pytest.raises(RuntimeError):
        socket.socket()
`,
  });
  for (let round = 0; round < 2; round += 1) await twins.same("-q -p no:cacheprovider", { stderr: false });
  await twins.edit({ "lib.py": "START = 0\nLISTED = []\n" }, "-q -p no:cacheprovider");
});
