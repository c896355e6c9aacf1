"""What is told of each test: executed functions, opened files, loaded modules, and what cannot be known."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from script import run_script

#: Before 3.12 nothing tells which functions are executed.
KNOWS_FUNCTIONS = sys.version_info >= (3, 12)

_RECORD = """
import pathlib
import pytest
from prewarm import _executed
from prewarm._code_watch import CodeWatch
from prewarm._observe import library_folders
from prewarm._opened import Opened
from prewarm._recorder import Recorder

{before}

class Channel:
    def __init__(self):
        self.messages = []
    def queue(self, message):
        self.messages.append(message)
    def flush(self):
        pass

class Process:
    channel = Channel()
    def receive(self):
        return {{"type": "select", "places": None}}

libraries = library_folders()
is_library = lambda path: path.startswith(libraries)
watch = CodeWatch(is_library)
watch.install()

class Start:
    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_finish(self, session):
        watch.stop()
        recorder = Recorder(Process, watch, Opened(is_library, ("/nonexistent/",)))
        session.config.pluginmanager.register(recorder)
        recorder.begin()

sys.path.insert(0, os.getcwd())
code = pytest.main(["-p", "no:cacheprovider", "-q", {args}], plugins=[Start()])

names, held = [], set()
tests, outside = {{}}, set()
def expand(ranges):
    return {{names[n] for first, count in zip(ranges[::2], ranges[1::2]) for n in range(first, first + count)}}
def short(text):
    return text.partition("\\n")[0].replace(os.getcwd() + "/", "")
for each in Process.channel.messages:
    kind = each["type"]
    if kind == "names":
        names += each["names"]
    elif kind == "held":
        held |= expand(each["functions"])
    elif kind == "released":
        held = set()
    elif kind == "ran-outside":
        outside |= expand(each["functions"])
    elif kind == "depends":
        functions = each["functions"]
        tests[each["id"]] = {{
            "functions": None if functions is None else sorted(map(short, expand(functions) | held)),
            "opened": sorted(short(names[n]) for n in each["opened"]),
            "loaded": sorted(short(names[n]) for n in each["loaded"]),
            "always": each["always"],
        }}
    elif kind == "owned":
        for id in each["ids"]:
            before = tests[id]["functions"]
            if before is not None:
                tests[id]["functions"] = sorted({{*before, *map(short, expand(each["functions"]))}})
told.update(exit=int(code), tests=tests, outside=sorted(map(short, outside)), kinds=[m["type"] for m in Process.channel.messages])
"""


def record(folder: Path, files: dict[str, str], before: str = "", args: str = "") -> dict[str, Any]:
    """The tests of a project, with what was told of each."""
    for name, text in {"pytest.ini": "[pytest]\n", **files}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return run_script(_RECORD.format(before=before, args=args), folder)


def functions_of(told: dict[str, Any]) -> dict[str, Any]:
    return {
        id.partition("::")[2]: None
        if test["functions"] is None
        else [each for each in test["functions"] if each.startswith("app.py")]
        for id, test in told["tests"].items()
    }


APP = """
def early(): return 1
def one(): return 1
def two(): return [one() for _ in range(2)]
def count():
    yield one()
    yield 2
early()
GENERATOR = count()
"""


def test_functions_are_told_for_each_test_that_executes_them(tmp_path: Path) -> None:
    test = """
import app
def test_one(): app.one()
def test_two(): app.two()
def test_again(): app.one()
def test_none(): pass
def test_start(): next(app.GENERATOR)
def test_resume(): next(app.GENERATOR)
"""
    told = record(tmp_path, {"app.py": APP, "test_app.py": test})
    one = ["app.py::one"]
    expected = {
        "test_one": one,
        "test_two": ["app.py::one", "app.py::two"],
        "test_again": one,
        "test_none": [],
        "test_start": ["app.py::count", "app.py::one"],
        "test_resume": ["app.py::count"],
    }
    found = functions_of(told)
    assert told["exit"] == 0
    assert found == (expected if KNOWS_FUNCTIONS else dict.fromkeys(expected))
    assert ("app.py::early" in told["outside"]) == KNOWS_FUNCTIONS
    assert "app.py::one" not in told["outside"]


def test_what_a_shared_fixture_does_counts_for_its_users_alone(tmp_path: Path) -> None:
    test = """
import pytest, app
@pytest.fixture(scope="module")
def shared():
    app.one()
    yield
    app.early()
def test_first(shared): pass
def test_second(shared): pass
def test_without(): pass
def test_last(shared): pass
"""
    found = functions_of(record(tmp_path, {"app.py": APP, "test_app.py": test}))
    users = ["app.py::early", "app.py::one"]
    expected = {
        "test_first": users,
        "test_second": users,
        "test_without": [],
        # It is torn down in its last test.
        "test_last": users,
    }
    assert found == (expected if KNOWS_FUNCTIONS else dict.fromkeys(expected))


def test_what_many_tests_of_a_file_execute_counts_for_all_that_follow_in_it(tmp_path: Path) -> None:
    used = "import app\n" + "".join(f"def test_{n}(): app.one()\n" for n in range(8))
    files = {
        "app.py": APP,
        "test_a.py": used + "def test_none(): pass\ndef test_two(): app.two()\n",
        "test_b.py": "import app\ndef test_b(): pass\ndef test_c(): app.one()\n",
    }
    told = record(tmp_path, files, before="_executed._FREE_S = _executed._MOST_PART = 0")
    found = functions_of(told)
    if not KNOWS_FUNCTIONS:
        assert set(found.values()) == {None}
        return
    assert {"held", "released"} <= set(told["kinds"])
    assert all("app.py::one" in found[f"test_{n}"] for n in range(8))
    assert found["test_none"] == ["app.py::one"]
    assert found["test_two"] == ["app.py::one", "app.py::two"]
    assert (found["test_b"], found["test_c"]) == ([], ["app.py::one"])


def test_nothing_is_held_where_the_program_is_called_between_tests(tmp_path: Path) -> None:
    conftest = (
        "import app\ndef pytest_runtest_logfinish():\n    helper()\ndef helper():\n    app.one()\n"
    )
    files = {
        "app.py": APP,
        "conftest.py": conftest,
        "test_a.py": "import app\n"
        + "".join(f"def test_{n}(): app.one()\n" for n in range(8))
        + "def test_none(): pass\n",
    }
    told = record(tmp_path, files, before="_executed._FREE_S = _executed._MOST_PART = 0")
    assert "held" not in told["kinds"]
    if KNOWS_FUNCTIONS:
        assert {"app.py::one", "conftest.py::helper"} <= set(told["outside"])
        assert functions_of(told)["test_none"] == []


def test_files_that_a_test_reads_itself(tmp_path: Path) -> None:
    test = """
import inspect, os, pathlib, pkgutil
from importlib import resources
import app
def test_open(): open("data.txt").read()
def test_resources(): resources.files("pack").joinpath("data.txt").read_text()
def test_pkgutil(): pkgutil.get_data("pack", "data.txt")
def test_listed(): os.listdir("pack")
def test_written(tmp_path):
    (tmp_path / "x").write_text("1")
    (tmp_path / "x").read_text()
def test_source(): inspect.getsource(app.one)
def test_source_again(): inspect.getsource(app.one)
def test_missing():
    if os.path.exists("none.txt"):
        raise AssertionError
def test_none(): pass
"""
    files = {"app.py": APP, "pack/__init__.py": "", "pack/data.txt": "1", "data.txt": "1"}
    told = record(tmp_path, {**files, "test_files.py": test})
    assert told["exit"] == 0
    found = {id.partition("::")[2]: set(each["opened"]) for id, each in told["tests"].items()}
    assert "data.txt" in found["test_open"]
    assert "pack/data.txt" in found["test_resources"]
    assert "pack/data.txt" in found["test_pkgutil"]
    assert "pack" in found["test_listed"]
    assert "app.py" in found["test_source"]
    assert "app.py" in found["test_source_again"]
    assert (found["test_written"], found["test_none"]) == (set(), set())


def test_what_a_test_writes_is_no_dependency_unless_it_reads_it_first(tmp_path: Path) -> None:
    test = """
import os, sqlite3
def test_flags(): os.close(os.open("data.txt", os.O_RDONLY))
def test_both(): os.close(os.open("both.txt", os.O_RDWR))
def test_update():
    with open("state.txt", "r+") as file:
        file.write(file.read())
def test_append(): open("log.txt", "a").close()
def test_reader(): open("state.txt").close()
def test_log(): open("log.txt").close()
def test_replace():
    open("new.txt", "w").close()
    os.rename("new.txt", "list.txt")
def test_replaced(): open("list.txt").close()
def test_folder():
    os.mkdir("made")
    open("made/deep.txt", "w").close()
def test_in_folder(): open("made/deep.txt").close()
def test_database(): sqlite3.connect("shop.db").close()
def test_again(): open("data.txt").close()
"""
    texts = dict.fromkeys(("data.txt", "both.txt", "state.txt", "list.txt", "log.txt"), "1")
    told = record(tmp_path, {**texts, "test_w.py": test})
    assert told["exit"] == 0
    found = {id.partition("::")[2]: each["opened"] for id, each in told["tests"].items()}
    assert {name: opened for name, opened in found.items() if opened} == {
        "test_flags": ["data.txt"],
        "test_both": ["both.txt"],
        "test_update": ["state.txt"],
        # Of what was there before, a part is left.
        "test_reader": ["state.txt"],
        "test_log": ["log.txt"],
        "test_database": ["shop.db"],
        "test_again": ["data.txt"],
    }


def test_files_behind_links_that_a_test_makes(tmp_path: Path) -> None:
    test = """
import os
def test_symbolic(tmp_path):
    os.symlink(os.path.abspath("data.txt"), tmp_path / "link")
    open(tmp_path / "link").close()
def test_relative():
    os.symlink("../data.txt", "pack/link")
    open("pack/link").close()
def test_hard():
    os.link("data.txt", "hard.txt")
    open("hard.txt").close()
def test_folder(tmp_path):
    os.symlink(os.path.abspath("pack"), tmp_path / "folder")
def test_own(tmp_path):
    (tmp_path / "own").mkdir()
    os.symlink(tmp_path / "own", tmp_path / "link")
"""
    told = record(tmp_path, {"data.txt": "1", "pack/x.txt": "1", "test_l.py": test})
    assert told["exit"] == 0
    tests = {id.partition("::")[2]: each for id, each in told["tests"].items()}
    for name in ("test_symbolic", "test_relative", "test_hard"):
        assert tests[name]["opened"] == ["data.txt"], name
    assert {name for name, each in tests.items() if each["always"]} == {"test_folder"}


def test_nothing_is_known_from_where_on_another_tool_has_taken_the_events(tmp_path: Path) -> None:
    test = """
import sys
import app
def test_before(): app.one()
def test_take():
    if sys.version_info >= (3, 12):
        for tool in (3, 4):
            sys.monitoring.free_tool_id(tool)
def test_after(): app.one()
"""
    told = record(tmp_path, {"app.py": APP, "test_m.py": test})
    assert told["exit"] == 0
    before = ["app.py::one"] if KNOWS_FUNCTIONS else None
    assert functions_of(told) == {"test_before": before, "test_take": None, "test_after": None}


def test_what_other_processes_do_is_not_known(tmp_path: Path) -> None:
    test = """
import multiprocessing, subprocess, sys
from app import one
spawn = multiprocessing.get_context("spawn")
KEPT = []
def test_none(): pass
def test_subprocess(): subprocess.run([sys.executable, "-c", "0"], check=True)
def test_spawned():
    process = spawn.Process(target=one)
    process.start()
    process.join()
def test_between(): pass
def test_started():
    KEPT.append(spawn.Process(target=input))
    KEPT[0].start()
def test_alive(): pass
def test_ended():
    KEPT[0].kill()
    KEPT[0].join()
def test_after(): pass
"""
    told = record(tmp_path, {"app.py": APP, "test_p.py": test})
    assert told["exit"] == 0
    always = {id.partition("::")[2]: each["always"] != "" for id, each in told["tests"].items()}
    assert [name for name, has in always.items() if has] == [
        "test_subprocess",
        "test_spawned",
        "test_started",
        "test_alive",
    ]


def test_modules_that_a_test_loads_and_a_thread_that_runs_on(tmp_path: Path) -> None:
    test = """
import importlib, threading
STOP = threading.Event()
def test_load():
    import late
def test_thread():
    threading.Thread(target=STOP.wait, daemon=True).start()
def test_beside(): pass
"""
    files = {"late.py": "VALUE = 1\n", "test_t.py": test}
    told = record(tmp_path, files)
    tests = {id.partition("::")[2]: each for id, each in told["tests"].items()}
    assert tests["test_load"]["loaded"] == ["late.py"]
    assert tests["test_thread"]["functions"] is None
    assert tests["test_beside"]["functions"] is None
    assert (tests["test_load"]["functions"] is None) != KNOWS_FUNCTIONS
