"""The floor that prewarm is compared with: pytest's own work in one process that forks, and nothing else.

Runs in the benchmark's virtual environment, started by bench/limits.ts with the generated application as working
directory. Reads one JSON object from standard input and writes one JSON object to standard output, all times in
milliseconds:

* ``limits.py session``: collects the whole suite once, then forks for each measurement.
* ``limits.py suite``: collects the suite once, or what ``args`` say, then forks to run all of it for each measurement.
* ``limits.py follow``: how long pytest takes from the first import of a module to the end of collection.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from _pytest.config import _prepareconfig
from _pytest.runner import runtestprotocol
from _pytest.terminal import TerminalReporter

Outcomes = dict[str, int]
# Taken before pytest's capture replaces what descriptor 1 points to.
ANSWER = os.dup(1)


def main() -> None:
    request = json.load(sys.stdin)
    answer = {"session": measure_session, "suite": measure_suite, "follow": measure_follow}[
        sys.argv[1]
    ](request)
    sys.stdout.flush()
    os.write(ANSWER, json.dumps(answer).encode())


def measure_session(request: dict[str, Any]) -> dict[str, Any]:
    session = collected_session()
    by_id = {item.nodeid: item for item in session.items}
    one = by_id[request["test"]]
    module = one.getparent(pytest.Module)
    assert module is not None
    ten = [item for item in session.items if item.path == module.path]
    gc.collect()
    gc.freeze()
    rounds = range(request["rounds"])
    original = module.path.read_text()
    try:
        edited = [
            in_fork(lambda: run_items(edited_items(session, module)), written(module.path, text))
            for text in request["variants"]
        ]
    finally:
        module.path.write_text(original)
    return {
        "oneTest": [in_fork(lambda: run_one(one)) for _ in rounds],
        "tenTests": [in_fork(lambda: run_items(ten)) for _ in rounds],
        "editedFile": edited,
        "fullRun": [in_fork(lambda: run_items(session.items)) for _ in rounds],
        "reportedRun": [in_fork(lambda: run_reported(session)) for _ in rounds],
    }


def measure_suite(request: dict[str, Any]) -> dict[str, Any]:
    session = collected_session(request.get("args", []))
    gc.collect()
    gc.freeze()
    return {
        "fullRun": [in_fork(lambda: run_items(session.items)) for _ in range(request["rounds"])]
    }


def collected_session(args: Sequence[str] = ()) -> pytest.Session:
    """A pytest session as `pytest ARGS` alone makes it, collected, with nobody reporting to a terminal."""
    config = _prepareconfig(list(args))
    session = pytest.Session.from_config(config)
    config._do_configure()
    config.pluginmanager.unregister(name="terminalreporter")
    config.hook.pytest_sessionstart(session=session)
    session.perform_collect()
    return session


def in_fork(
    work: Callable[[], Outcomes], before: Callable[[], object] = lambda: None
) -> dict[str, Any]:
    """The time from just before the fork until the outcomes have come through a pipe."""
    before()
    reader, writer = os.pipe()
    start = time.perf_counter_ns()
    child = os.fork()
    if child == 0:
        try:
            os.write(writer, json.dumps(work()).encode())
        finally:
            os._exit(0)
    os.close(writer)
    outcomes = json.loads(os.read(reader, 65536) or b"{}")
    duration = time.perf_counter_ns() - start
    os.close(reader)
    os.waitpid(child, 0)
    return {"durationMs": duration / 1e6, "outcomes": outcomes}


def run_one(item: pytest.Item) -> Outcomes:
    return counted(runtestprotocol(item, log=False, nextitem=None))


def run_items(items: Sequence[pytest.Item]) -> Outcomes:
    """Runs the items as pytest's main loop does, every hook of every plugin included."""
    reports: list[pytest.TestReport] = []

    class Collector:
        def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
            reports.append(report)

    items[0].config.pluginmanager.register(Collector())
    for index, item in enumerate(items):
        nextitem = items[index + 1] if index + 1 < len(items) else None
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=nextitem)
    return counted(reports)


def run_reported(session: pytest.Session) -> Outcomes:
    """The same with pytest's own reporter, which writes to nowhere."""
    with open(os.devnull, "w") as nowhere:
        reporter = TerminalReporter(session.config, nowhere)
        session.config.pluginmanager.register(reporter, "terminalreporter")
        reporter.pytest_sessionstart(session)
        return run_items(session.items)


def counted(reports: Sequence[pytest.TestReport]) -> Outcomes:
    outcomes: Outcomes = {}
    for report in reports:
        if report.when == "call" or report.outcome != "passed":
            outcomes[report.outcome] = outcomes.get(report.outcome, 0) + 1
    return outcomes


def edited_items(session: pytest.Session, old: pytest.Module) -> list[pytest.Item]:
    """Imports the test file again under its directory's node and collects it; runs in the fork."""
    assert old.parent is not None
    del sys.modules[old.obj.__name__]
    importlib.invalidate_caches()
    return list(session.genitems(pytest.Module.from_parent(old.parent, path=old.path)))


def written(path: Path, text: str) -> Callable[[], object]:
    return lambda: path.write_text(text)


def measure_follow(request: dict[str, Any]) -> dict[str, Any]:
    # What a warm process has before the first module of the application: pytest and the third-party packages.
    for name in request["ahead"]:
        importlib.import_module(name)
    seen = FirstImports()
    sys.meta_path.insert(0, seen)
    ended: list[int] = []

    class StopAfterCollection:
        @pytest.hookimpl(tryfirst=True)
        def pytest_runtestloop(self) -> bool:
            ended.append(time.perf_counter_ns())
            return True

    pytest.main([request["file"]], plugins=[StopAfterCollection()])
    return {name: (ended[0] - seen.times[name]) / 1e6 for name in request["modules"]}


class FirstImports:
    """Finds nothing; notes when each module was first looked for."""

    def __init__(self) -> None:
        self.times: dict[str, int] = {}

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        self.times.setdefault(name, time.perf_counter_ns())
        return None


main()
