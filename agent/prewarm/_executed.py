"""Which functions of the project are executed, told once between two looks.

To arm a function again costs more than to call it. Where that would take more than a small part of a run, functions that two tests
of one file have executed are not armed again until the file's end, and count as executed by every test up to there.

Runs in a leader and its workers, in watch mode only; knows nothing before Python 3.12. Events are local to the project's own code. A function reports its
first call and is then left alone; to make it report again its events are taken away and set anew, one code object at a
time: `restart_events` would do it for every tool in the process, and make coverage a hundred times slower.
"""

from __future__ import annotations

import os
import sys
import time
import types
from collections.abc import Iterable
from typing import Any, Callable

from prewarm._audit import listen
from prewarm._code_watch import CodeWatch, functions_in, identity

_abspath = os.path.abspath
_perf_counter = time.perf_counter
_CODE = types.CodeType
#: What it costs to tell a function and to arm it again, and how much of a run that may take: so long, and this part of the rest.
_COST_S = 1.2e-6
_FREE_S = 0.02
_MOST_PART = 0.005
#: These run as part of the function around them.
_PARTS = ("<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>")


class Executed:
    """Collects until it is taken; each function is a number."""

    def __init__(self, watch: CodeWatch, number: Callable[[str], int]) -> None:
        self._watch = watch
        self._number = number
        self._tool = watch.tool
        self._fired: list[types.CodeType] = []
        #: By the identity of the code, which is held.
        self._numbers: dict[int, int] = {}
        self._known: list[types.CodeType] = []
        #: Whether what is taken is complete.
        self.is_known = self._tool is not None
        self._budget = Budget()
        #: Of the present group of tests: what one of them has executed; what two have, which is not armed any more.
        self._once: set[int] = set()
        self._held: dict[int, types.CodeType] = {}
        #: Whether functions may be held at all.
        self._may_hold = True

    def begin(self) -> None:
        """Begins to note. What has run before, while the program was loaded, is told with the first look."""
        self._check_tool()
        if not self.is_known:
            return
        monitoring: Any = sys.monitoring  # type: ignore[attr-defined, unused-ignore]
        fired, disable = self._fired, monitoring.DISABLE

        def on_start(code: types.CodeType, offset: int) -> Any:
            fired.append(code)
            return disable

        events = monitoring.events
        self._wanted = self._watch.wanted
        self._set_events = monitoring.set_local_events
        monitoring.register_callback(self._tool, events.PY_START, on_start)
        monitoring.register_callback(self._tool, events.PY_RESUME, on_start)
        # What has never been called still has its event from the time before the tip.
        self._fired += self._watch.called()
        self._arm(self._fired)
        for first, *others in self._watch.executed.values():
            if others:
                # Which of several executions a function is from, and how often, is not known: all of it counts as run.
                self._fired += functions_in(first)
            for code in others:
                self._fired += functions_in(code)
                self._arm(functions_in(code))
        for code in self._watch.swapped:
            self._arm(functions_in(code))
        listen(("exec",), self._audit)
        self._budget.begin()

    def take(self) -> set[int]:
        """The functions that were executed since the last look; what is held counts beside them."""
        fired = self._take_fired()
        self._arm(fired)
        return self._numbered(fired)

    def take_test(self) -> tuple[set[int], set[int]]:
        """The same at the end of a test, and which of them count as executed by every test from here on, until `release`."""
        fired = self._take_fired()
        numbers = self._numbered(fired)
        if not (self._may_hold and self._budget.is_exceeded(len(fired))):
            self._arm(fired)
            return numbers, set()
        held = [
            code for code in fired if identity(code) in self._once and not _is_called_by_host(code)
        ]
        self._once.update(map(identity, fired))
        for code in held:
            self._held[identity(code)] = code
        self._arm(code for code in fired if identity(code) not in self._held)
        return numbers, self._numbered(held)

    def take_outside(self) -> set[int]:
        """The same between two tests."""
        fired = self._take_fired()
        numbers = self._numbered(fired)
        if fired and self._held:
            # The program is called there, too, and may have called what is held: not any more in this run.
            numbers |= self.release()
        self._may_hold = self._may_hold and not (fired and self._once)
        self._arm(fired)
        return numbers

    def forget_numbers(self) -> None:
        """In a fork of its own: each function is told by its name again."""
        self._numbers.clear()

    @property
    def is_holding(self) -> bool:
        """Whether `release` has something to do."""
        return bool(self._once)

    def release(self) -> set[int]:
        """From here on each function is told by itself again; returns what was held."""
        held = list(self._held.values())
        self._arm(held)
        self._held.clear()
        self._once.clear()
        return self._numbered(held)

    def _take_fired(self) -> list[types.CodeType]:
        self._check_tool()
        if not self.is_known:
            return []
        if not self._fired:
            return []
        fired = self._fired[:]
        # The callback has the list itself: what fires in another thread just now is not lost.
        del self._fired[: len(fired)]
        return fired

    def _numbered(self, codes: list[types.CodeType]) -> set[int]:
        try:
            return set(map(self._numbers.__getitem__, map(identity, codes)))
        except KeyError:
            for code in codes:
                if identity(code) not in self._numbers:
                    self._known.append(code)
                    self._numbers[identity(code)] = self._number(_name_of(code))
            return set(map(self._numbers.__getitem__, map(identity, codes)))

    def _check_tool(self) -> None:
        """Whoever takes our number away has taken the events, too."""
        if self.is_known and not self._watch.has_tool():
            self.is_known = False

    def _audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Code that is executed for the first time now: a module that a test imports."""
        code = arguments[0]
        if type(code) is _CODE and self._watch.belongs(code.co_filename):
            self._arm(functions_in(code))

    def _arm(self, codes: Iterable[types.CodeType]) -> None:
        for code in codes:
            self._set_events(self._tool, code, 0)
            self._set_events(self._tool, code, self._wanted)


class Budget:
    """How much of a run's time goes into telling functions one by one."""

    def __init__(self) -> None:
        self._began_s = 0.0
        self._spent_s = 0.0

    def begin(self) -> None:
        self._began_s = _perf_counter()

    def is_exceeded(self, functions: int) -> bool:
        """Whether it is more than may be, with these functions."""
        self._spent_s += functions * _COST_S
        allowed_s = _FREE_S + _MOST_PART * (_perf_counter() - self._began_s)
        return self._spent_s > allowed_s


def _name_of(code: types.CodeType) -> str:
    name: str = code.co_qualname  # type: ignore[attr-defined, unused-ignore]
    while name.endswith(_PARTS):
        name = name.rpartition(".")[0].removesuffix(".<locals>")
    return f"{_abspath(code.co_filename)}::{name}"


def _is_called_by_host(code: types.CodeType) -> bool:
    """Whether pytest or the interpreter calls it between tests, which only its own event tells."""
    return code.co_name.startswith(("pytest_", "__del__"))
