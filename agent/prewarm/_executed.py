"""Which functions of the project are executed, told once between two looks.

Runs in a leader, in watch mode only; knows nothing before Python 3.12. Events are local to the project's own code. A function reports its
first call and is then left alone; to make it report again its events are taken away and set anew, one code object at a
time: `restart_events` would do it for every tool in the process, and make coverage a hundred times slower.
"""

from __future__ import annotations

import inspect
import os
import sys
import types
from typing import Any

from prewarm._code_watch import CodeWatch

_abspath = os.path.abspath
_CODE = types.CodeType
_FUNCTION = inspect.CO_OPTIMIZED | inspect.CO_NEWLOCALS
_RESUMED = inspect.CO_GENERATOR | inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR
#: These run as part of the function around them.
_PARTS = ("<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>")


class Executed:
    """Collects until it is taken."""

    def __init__(self, watch: CodeWatch) -> None:
        self._watch = watch
        self._tool = watch.tool
        self._fired: list[types.CodeType] = []
        self._names: dict[int, tuple[types.CodeType, str]] = {}
        #: Whether what is taken is complete.
        self.is_known = self._tool is not None

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
        self._start, self._resume = events.PY_START, events.PY_START | events.PY_RESUME
        monitoring.register_callback(self._tool, events.PY_START, on_start)
        monitoring.register_callback(self._tool, events.PY_RESUME, on_start)
        for first, *others in self._watch.executed.values():
            # Which of several executions a function is from, and how often, is not known: all of it counts as run.
            for code in (first, *others) if others else ():
                self._fired += _functions(code)
            self._arm_all(first, is_new=False)
            for code in others:
                self._arm_all(code, is_new=True)
        for code in self._watch.swapped:
            self._arm_all(code, is_new=True)
        sys.addaudithook(self._audit)

    def take(self) -> list[str]:
        """The functions that were executed since the last look, as `path::qualified name`."""
        self._check_tool()
        if not self.is_known:
            return []
        fired = self._fired[:]
        # The callback has the list itself: what fires in another thread just now is not lost.
        del self._fired[: len(fired)]
        for code in fired:
            self._arm(code)
        return [self._name(code) for code in fired]

    def _check_tool(self) -> None:
        """Whoever takes our number away has taken the events, too."""
        if self.is_known and not self._watch.has_tool():
            self.is_known = False

    def _audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Code that is executed for the first time now: a module that a test imports."""
        if event == "exec":
            code = arguments[0]
            if type(code) is _CODE and self._watch.belongs(code.co_filename):
                self._arm_all(code, is_new=True)

    def _arm_all(self, module: types.CodeType, is_new: bool) -> None:
        for code in _functions(module):
            was_called = not is_new and self._watch.has_fired(code)
            if was_called:
                self._fired.append(code)
            # What has never been called still has its event from the time before the tip.
            if is_new or was_called or code.co_flags & _RESUMED:
                self._arm(code)

    def _arm(self, code: types.CodeType) -> None:
        monitoring: Any = sys.monitoring  # type: ignore[attr-defined, unused-ignore]
        wanted = self._resume if code.co_flags & _RESUMED else self._start
        monitoring.set_local_events(self._tool, code, 0)
        monitoring.set_local_events(self._tool, code, wanted)

    def _name(self, code: types.CodeType) -> str:
        known = self._names.get(id(code))
        if known is None:
            name: str = code.co_qualname  # type: ignore[attr-defined, unused-ignore]
            while name.endswith(_PARTS):
                name = name.rpartition(".")[0].removesuffix(".<locals>")
            known = self._names[id(code)] = code, f"{_abspath(code.co_filename)}::{name}"
        return known[1]


def _functions(module: types.CodeType) -> list[types.CodeType]:
    """All functions in a module's code."""
    found = []
    pending = [module]
    while pending:
        code = pending.pop()
        pending += [each for each in code.co_consts if type(each) is _CODE]
        if code.co_flags & _FUNCTION == _FUNCTION:
            found.append(code)
    return found
