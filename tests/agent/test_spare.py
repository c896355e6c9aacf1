"""A leader that was forked ahead of its run: what it has prepared counts only as long as it is true."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import golden
import pytest
from played_daemon import PlayedDaemon, told
from prewarm._wire import Channel

#: Long enough ago that a change shows in the folder's time.
LONG_AGO = 1_000_000_000

CONFTEST_WITH_HOOK = """
import os
def pytest_ignore_collect(collection_path):
    if os.path.exists("leave-out") and collection_path.name == "test_b.py":
        return True
"""

CONFTEST_THAT_NOTES = """
import os
def pytest_make_collect_report(collector):
    with open("asked", "a") as notes:
        notes.write(f"{os.getpid()} {collector.nodeid}\\n")
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    tests = tmp_path / "tests"
    tests.mkdir()
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    for name in "ab":
        (tests / f"test_{name}.py").write_text(f"def test_{name}(): pass\n")
    for folder in (tmp_path, tests):
        os.utime(folder, (LONG_AGO, LONG_AGO))
    return tmp_path


def test_a_held_leader_says_nothing_before_it_may_go(project: Path) -> None:
    with PlayedDaemon() as daemon:
        daemon.grow(project, "tests")
        leader = daemon.spare("tests")
        leader.send({**run_order(daemon, "tests"), "isHeld": True})
        assert daemon.tip is not None
        with pytest.raises(TimeoutError):
            # Long enough for a leader that does not wait.
            leader.receive(timeout=1)
        leader.send({"type": "go"})
        assert collected(leader) == ["tests/test_a.py::test_a", "tests/test_b.py::test_b"]


@pytest.mark.parametrize("capture", ["fd", "sys", "no"])
def test_all_that_the_next_run_asks_for_is_rehearsed(project: Path, capture: str) -> None:
    (project / "conftest.py").write_text(CONFTEST_THAT_NOTES)
    args = (f"--capture={capture}", "tests")
    with PlayedDaemon() as daemon:
        daemon.grow(project, *args)
        leader = daemon.spare(*args)
        leader.send(run_order(daemon, *args))
        assert collected(leader) == ["tests/test_a.py::test_a", "tests/test_b.py::test_b"]
    asked = [line.split() for line in (project / "asked").read_text().splitlines()]
    of_leader = [words[1] for words in asked if len(words) == 2 and words[0] == asked[-1][0]]
    assert [of_leader.count(f"tests/test_{name}.py") for name in "ab"] == [2, 2]


def test_a_file_that_appears_after_the_rehearsal_is_collected(project: Path) -> None:
    (added,) = after_rehearsal(
        project, lambda: (project / "tests/test_c.py").write_text("def test_c(): pass\n")
    )
    assert added == "tests/test_c.py::test_c"


def test_other_arguments_than_those_of_the_rehearsal_count(project: Path) -> None:
    with PlayedDaemon() as daemon:
        daemon.grow(project, "tests")
        leader = daemon.spare("tests/test_a.py")
        leader.send(run_order(daemon, "tests/test_b.py", "tests/test_a.py"))
        assert collected(leader) == ["tests/test_b.py::test_b", "tests/test_a.py::test_a"]


def test_a_file_that_is_named_twice_is_collected_as_pytest_does(project: Path) -> None:
    with PlayedDaemon() as daemon:
        daemon.grow(project, "tests")
        leader = daemon.spare("tests/test_a.py", "tests/test_a.py")
        leader.send(run_order(daemon, "tests/test_a.py", "tests/test_a.py"))
        assert collected(leader) == plainly_collected(project, "tests/test_a.py", "tests/test_a.py")


def test_where_the_project_decides_what_is_collected_it_is_asked_again(project: Path) -> None:
    (project / "conftest.py").write_text(CONFTEST_WITH_HOOK)
    os.utime(project, (LONG_AGO, LONG_AGO))
    with PlayedDaemon() as daemon:
        daemon.grow(project, "tests")
        leader = daemon.spare("tests")
        (project / "leave-out").touch()
        leader.send(run_order(daemon, "tests"))
        assert collected(leader) == ["tests/test_a.py::test_a"]


def after_rehearsal(project: Path, change: Callable[[], Any]) -> list[str]:
    """What is collected beside `test_a` and `test_b` by a leader that was ready before the change."""
    with PlayedDaemon() as daemon:
        daemon.grow(project, "tests")
        leader = daemon.spare("tests")
        change()
        leader.send(run_order(daemon, "tests"))
        return [each for each in collected(leader) if each[-6:] not in ("test_a", "test_b")]


def run_order(daemon: PlayedDaemon, *args: str) -> dict[str, Any]:
    example = next(order for order in golden.examples("orders") if order["type"] == "run")
    env = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"}
    ours = {"env": env, "requesterPid": os.getpid(), "terminals": {}, "isWatched": False}
    return {**example, **ours, "args": list(args)}


def collected(leader: Channel) -> list[str]:
    while True:
        message = told(leader)
        if message["type"] == "collected":
            ids = message["ids"]
            assert isinstance(ids, list)
            return ids


def plainly_collected(project: Path, *args: str) -> list[str]:
    import subprocess
    import sys

    words = [
        sys.executable,
        "-m",
        "pytest",
        "--collect-only",
        "-q",
        "-p",
        "no:cacheprovider",
        *args,
    ]
    output = subprocess.run(words, cwd=project, capture_output=True, text=True, check=True).stdout
    return [line for line in output.splitlines() if "::" in line]
