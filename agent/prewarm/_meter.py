"""What each test of a measured run costs: time and processor time of its phases and fixtures, and where the call spends it.

Runs in the leader and in its workers, where somebody has asked for it. A plugin beside pytest's own.
"""

from __future__ import annotations

import cProfile
import operator
import re
import resource
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator
from functools import partial
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

#: What pytest calls the fixtures that it makes of set-ups without one, and what people call those.
_SET_UPS = re.compile(r"_(?:xunit|unittest)_(setup_\w+?|setUpClass)_fixture_")
_NAMES = {"setup_module": ("setUpModule", "setup_module")}

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
        #: What unittest's set-up within a call was, and took; empty before it has ended.
        self._set_up: list[Any] = []
        #: What fixtures have taken that were set up while another one was.
        self._nested: list[list[float]] = []
        self._profile: list[list[Any]] = []

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: Any) -> Iterator[None]:
        self._phases = [[0.0, 0.0], [0.0, 0.0], [0.0, 0.0]]
        self._fixtures, self._profile, self._nested, self._set_up = [], [], [], []
        self._start = _perf_counter()
        yield
        # A worker tells its leader, with the place of the test.
        if not hasattr(item.config, "workerinput"):
            self.tell(item.nodeid, "", self.take())

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_runtest_setup(self) -> Iterator[None]:
        yield from self._measure(_SETUP)

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_runtest_call(self, item: Any) -> Iterator[None]:
        if not self._is_profiling:
            self._time_set_up(item)
            yield from self._measure(_CALL)
            self._move_set_up()
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
    def pytest_fixture_setup(self, fixturedef: Any, request: Any) -> Iterator[None]:
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
        set_up = _set_up_of(fixturedef.argname, request)
        name = fixturedef.argname if set_up is None else set_up.__qualname__
        place = _place_of(fixturedef.func if set_up is None else set_up)
        self._fixtures.append([name, *place, str(fixturedef.scope), *own])

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

    def _time_set_up(self, item: Any) -> None:
        """Unittest's own set-up is part of pytest's call. It is timed without a frame that a traceback would show."""
        case: Any = getattr(sys.modules.get("unittest.case"), "TestCase", None)
        instance = getattr(item, "instance", None)
        if case is None or not isinstance(instance, case):
            return
        function, plain = type(instance).setUp, instance.setUp
        told = [getattr(function, "__qualname__", "setUp"), *_place_of(function), "function"]
        if function is case.setUp or getattr(plain, "__func__", None) is not function:
            return
        before: list[_Clock] = []

        def begin() -> None:
            # A test may call it once more.
            del instance.setUp
            before.append(_Clock())

        def end() -> None:
            self._set_up = [*told, *_Clock().since(before[0])]

        call: Callable[[Any], Any] = operator.methodcaller("__call__")
        instance.setUp = partial(deque, map(call, (begin, plain, end)), 0)

    def _move_set_up(self) -> None:
        """What a call's own set-up took belongs to the set-up."""
        if not self._set_up:
            return
        self._fixtures.append(self._set_up)
        for index, took in enumerate(self._set_up[-2:]):
            call = self._phases[_CALL][index]
            self._phases[_CALL][index] = max(0.0, round(call - took, 3))
            self._phases[_SETUP][index] = round(self._phases[_SETUP][index] + took, 3)

    def _measure(self, phase: int) -> Iterator[None]:
        before = _Clock()
        yield
        self._phases[phase] = _Clock().since(before)


def _set_up_of(name: str, request: Any) -> Any:
    """The function of a module or class of which pytest has made a fixture; None for a fixture that is written as one."""
    match = _SET_UPS.match(name)
    if match is None:
        return None
    what = match[1]
    owner = request.module if what in ("setup_module", "setup_function") else request.cls
    for each in _NAMES.get(what, (what,)):
        found = getattr(owner, each, None)
        if hasattr(found, "__qualname__"):
            return found
    return None


def _place_of(function: Any) -> tuple[str, int]:
    code = getattr(function, "__code__", None)
    return (code.co_filename, code.co_firstlineno) if type(code) is CodeType else ("", 0)


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
