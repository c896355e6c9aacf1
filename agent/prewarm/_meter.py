"""What each test of a measured run costs: time and processor time of its phases and fixtures, and where the call spends it.

Runs in the leader and in its workers, where somebody has asked for it. A plugin beside pytest's own.
"""

from __future__ import annotations

import cProfile
import resource
import sys
import time
from collections.abc import Iterator
from types import CodeType
from typing import Any

import pytest

from prewarm._executed_files import ExecutedFiles
from prewarm._process import Message, Process
from prewarm._wire import ChannelClosed

_perf_counter = time.perf_counter
_process_time = time.process_time
_getrusage = resource.getrusage
_CHILDREN = resource.RUSAGE_CHILDREN

#: So many functions of a profiled call are told: those in which most time was spent.
_MOST_ROWS = 8

#: What pytest makes of a parameter of a test is a fixture to it, and to nobody else.
_PARAMETER = "get_direct_param_fixture_func"

_HAS_MONITORING = sys.version_info >= (3, 12)

_SETUP, _CALL, _TEARDOWN = range(3)


class _Clock:
    """What time it is, and how much processor time this process and its ended children have used."""

    __slots__ = ("cpu", "wall")

    def __init__(self) -> None:
        children = _getrusage(_CHILDREN)
        self.cpu = _process_time() + children.ru_utime + children.ru_stime
        self.wall = _perf_counter()

    def since(self, before: _Clock) -> list[float]:
        """Milliseconds, and milliseconds of processor time."""
        return [_ms(self.wall - before.wall), max(0.0, _ms(self.cpu - before.cpu))]


class Meter:
    """Measures the tests that this process runs. In the leader it tells the daemon, in a worker it is asked by that."""

    def __init__(self, process: Process, is_profiling: bool) -> None:
        self._process = process
        self._is_profiling = is_profiling
        self._start = 0.0
        self._phases = [[0.0, 0.0], [0.0, 0.0], [0.0, 0.0]]
        self._fixtures: list[list[Any]] = []
        #: What fixtures have taken that were set up while another one was.
        self._nested: list[list[float]] = []
        self._profile: list[list[Any]] = []

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: Any) -> Iterator[None]:
        self._phases = [[0.0, 0.0], [0.0, 0.0], [0.0, 0.0]]
        self._fixtures, self._profile, self._nested = [], [], []
        self._start = _perf_counter()
        yield
        # A worker tells its leader, with the place of the test.
        if not hasattr(item.config, "workerinput"):
            self.tell(item.nodeid, "", self.take())

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_runtest_setup(self) -> Iterator[None]:
        yield from self._measure(_SETUP)

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_runtest_call(self) -> Iterator[None]:
        if not self._is_profiling:
            yield from self._measure(_CALL)
            return
        profile = cProfile.Profile()
        try:
            profile.enable()
        except ValueError:
            # Another profiler is at work: a coverage tool, say.
            yield from self._measure(_CALL)
            return
        yield from self._measure(_CALL)
        profile.disable()
        self._profile = _rows(profile)

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_runtest_teardown(self) -> Iterator[None]:
        yield from self._measure(_TEARDOWN)

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_fixture_setup(self, fixturedef: Any) -> Iterator[None]:
        if getattr(fixturedef.func, "__name__", "") == _PARAMETER:
            yield
            return
        self._nested.append([0.0, 0.0])
        before = _Clock()
        yield
        took = _Clock().since(before)
        nested = self._nested.pop() if self._nested else [0.0, 0.0]
        if self._nested:
            for index in (0, 1):
                self._nested[-1][index] += took[index]
        own = [max(0.0, round(took[index] - nested[index], 3)) for index in (0, 1)]
        code = getattr(fixturedef.func, "__code__", None)
        path, line = (code.co_filename, code.co_firstlineno) if type(code) is CodeType else ("", 0)
        self._fixtures.append([fixturedef.argname, path, line, str(fixturedef.scope), *own])

    def take(self) -> list[Any]:
        """What the test has cost that ended last: when it began, its phases, its fixtures, its profile."""
        return [_ms(self._start), self._phases, self._fixtures, self._profile]

    def tell(self, nodeid: str, worker: str, measured: list[Any]) -> None:
        """Tells the daemon of a test; called in the leader."""
        start, phases, fixtures, profile = measured
        message: Message = {
            "type": "measured",
            "id": nodeid,
            "worker": worker,
            "startMs": start,
            "phases": phases,
            "fixtures": fixtures,
            "profile": profile,
        }
        try:
            self._process.channel.queue(message)
        except (ChannelClosed, OSError):
            # The daemon has gone: the death pipe ends this process.
            return

    def _measure(self, phase: int) -> Iterator[None]:
        before = _Clock()
        yield
        self._phases[phase] = _Clock().since(before)


def _ms(seconds: float) -> float:
    return round(1000 * seconds, 3)


def _rows(profile: cProfile.Profile) -> list[list[Any]]:
    """Function, file and line, exact calls, own milliseconds; of one in C the place that called it most."""
    entries: list[Any] = profile.getstats()
    callers: dict[Any, tuple[float, Any]] = {}
    for entry in entries:
        for called in entry.calls or ():
            if isinstance(called.code, str) and isinstance(entry.code, CodeType):
                most = callers.get(called.code, (-1.0, None))
                if called.inlinetime > most[0]:
                    callers[called.code] = (called.inlinetime, entry.code)
    entries.sort(key=_own_time, reverse=True)
    rows: list[list[Any]] = []
    for entry in entries:
        code = entry.code
        caller = code if isinstance(code, CodeType) else callers.get(code, (0.0, None))[1]
        name = getattr(code, "co_qualname", code.co_name) if isinstance(code, CodeType) else code
        if "_lsprof.Profiler" in name or len(rows) == _MOST_ROWS:
            continue
        path, line = (caller.co_filename, caller.co_firstlineno) if caller else ("", 0)
        rows.append([name, path, line, entry.callcount, _ms(entry.inlinetime)])
    return rows


def _own_time(entry: Any) -> float:
    return float(entry.inlinetime)


def measure(what: str, process: Process, manager: Any) -> None:
    """Prepares a run whose request says what to measure: `times`, `profile`, `functions`, or only the number of `workers`."""
    if what == "workers":
        manager.register(NoTests(), "prewarm-no-tests")
    elif what == "functions":
        if _HAS_MONITORING:
            manager.register(ExecutedFiles(process), "prewarm-executed-files")
    else:
        manager.register(Meter(process, what == "profile"), "prewarm-meter")


class NoTests:
    """Lets a run end before its first test: somebody only asks how many workers there would be."""

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self) -> bool:
        return True
