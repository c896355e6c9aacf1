// What a fork takes away or doubles: threads, offsets, seeds, collected objects, child processes.
import { expect, test } from "vitest";
import { ColdAndWarm } from "../rig/same-as-cold.ts";

test("captured output of parent, children and descriptors is neither lost nor mixed", async () => {
  await using twins = new ColdAndWarm({
    "test_capture.py": `
import os

print("while importing")


def test_1():
    print("x" * 5000)
    os.system("echo child")
    assert 0


def test_2():
    print("second")
    assert 0


def test_3(capfd, capsysbinary=None):
    print("third")
    os.system("echo child of third")
    out = capfd.readouterr().out
    assert sorted(out.split("\\n")) == ["", "child of third", "third"]
`,
  });
  for (let round = 0; round < 3; round += 1) await twins.same();
});

test("threads that were started while importing live in every run, and the first run names the line", async () => {
  await using twins = new ColdAndWarm({
    "background.py": `
import concurrent.futures
import logging
import logging.handlers
import queue
import threading

beats = queue.Queue()


def beat():
    while True:
        beats.put(1)


thread = threading.Thread(target=lambda: [beats.put(beats.get() + 1) for _ in iter(int, 1)], daemon=True)
thread.start()
executor = concurrent.futures.ThreadPoolExecutor(1)
assert executor.submit(int, "5").result() == 5
`,
    "test_background.py": `
import background


def test_thread():
    assert background.thread.is_alive()
    background.beats.put(0)
    assert background.beats.get(timeout=20) in (0, 1)


def test_executor():
    assert background.executor.submit(int, "6").result(timeout=20) == 6
`,
  });
  const { warm } = await twins.same();
  expect(warm.stderr).toContain("warning[thread-at-import]");
  expect(warm.stderr).toContain("background.py:17");
  await twins.same();
  await twins.edit({
    "test_background.py": "import background\n\n\ndef test_alive():\n    assert background.thread.is_alive()\n",
  });
});

test("a thread that the threading module does not know", async () => {
  await using twins = new ColdAndWarm({
    "conftest.py": `
import _thread
import queue

questions, answers = queue.Queue(), queue.Queue()


def answer():
    while True:
        answers.put(questions.get() + 1)


_thread.start_new_thread(answer, ())
`,
    "test_thread.py":
      "import conftest\n\n\ndef test_thread():\n    conftest.questions.put(1)\n    assert conftest.answers.get(timeout=20) == 2\n",
  });
  for (let round = 0; round < 2; round += 1) await twins.same();
});

test("random numbers: what was seeded goes on as in a cold run, what was not differs from run to run", async () => {
  await using twins = new ColdAndWarm({
    "conftest.py": "import random\n\nrandom.seed(4)\n",
    "lib.py": "import random\n\nOWN = random.Random(5)\nFIRST = random.random()\n",
    "test_random.py":
      "import random\n\nimport lib\n\n\ndef test_random():\n    print(lib.FIRST, random.random(), lib.OWN.random())\n    assert 0\n",
  });
  for (let round = 0; round < 2; round += 1) await twins.same();
  twins.project.write("conftest.py", "");
  const outputs = new Set<string | undefined>();
  for (let round = 0; round < 3; round += 1) {
    const { stdout } = await twins.prewarm.run();
    outputs.add(/^0\.\d+ (0\.\d+) /m.exec(stdout)?.[1]);
  }
  expect(outputs.size).toBe(3);
});

test("multiprocessing in tests, by every way to start a process", async () => {
  await using twins = new ColdAndWarm({
    "work.py": "def double(x):\n    return 2 * x\n",
    "test_processes.py": `
import concurrent.futures
import multiprocessing
import multiprocessing.shared_memory

import pytest
from work import double


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_pool(method):
    with multiprocessing.get_context(method).Pool(2) as pool:
        assert pool.map(double, [1, 2, 3]) == [2, 4, 6]


def test_executor():
    with concurrent.futures.ProcessPoolExecutor(1) as executor:
        assert executor.submit(double, 4).result() == 8


def test_default_and_memory():
    assert multiprocessing.active_children() == []
    assert multiprocessing.parent_process() is None
    memory = multiprocessing.shared_memory.SharedMemory(create=True, size=10)
    memory.close()
    memory.unlink()


def test_manager():
    with multiprocessing.Manager() as manager:
        assert list(manager.list([1])) == [1]
`,
  });
  for (let round = 0; round < 2; round += 1) await twins.same();
});

test("the garbage collector sees what was loaded, and collects it", async () => {
  await using twins = new ColdAndWarm({
    "lib.py": `
import gc
import weakref
from gc import collect


class Cyclic:
    def __init__(self):
        self.me = self


gone = weakref.ref(Cyclic())
kept = Cyclic()
seen = weakref.ref(kept)


class Base:
    pass


class Derived(Base):
    pass


def forget():
    class Forgotten(Base):
        pass


forget()
`,
    "test_gc.py": `
import gc

import lib


def test_frozen():
    assert gc.get_freeze_count() == 0
    assert gc.isenabled()


def test_collect():
    del lib.kept
    lib.collect()
    assert lib.gone() is None
    assert lib.seen() is None


def test_referrers():
    assert any(each is vars(lib) for each in gc.get_referrers(lib.Base))
    assert any(each is lib.Derived for each in gc.get_objects())


def test_subclasses():
    gc.collect()
    assert lib.Base.__subclasses__() == [lib.Derived]
`,
  });
  for (let round = 0; round < 2; round += 1) await twins.same();
  await twins.edit({
    "other.py": "",
    "test_other.py": "import gc\n\nimport other\n\n\ndef test_other():\n    assert gc.get_referrers(other)\n",
  });
});
