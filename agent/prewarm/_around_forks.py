"""`prewarm.workaround`: what a library needs done before a fork, after it, and after a run.

Runs in trunk, leader, worker and host. A library's own entry point (`prewarm.workarounds`), a conftest, or what is built in; each
acts only where its library is loaded. Without a warm server nothing of it runs.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator
from typing import Any, Callable

#: What stands for "nothing is to be done".
_NOTHING: list[Callable[[], Any]] = []

_registered: dict[str, list[Callable[[], Any]]] = {}

#: Generators that belong to a process further up: collecting one would run its end here.
_never_collected: list[Any] = []


def workaround(library: str, function: Any = ...) -> Any:
    """Declares what a library needs where a process with it loaded is forked; a decorator.

    A function is called in each new process. A generator is entered before the fork, goes on in each new process, and comes to
    its end after the run. It takes the place of what is built in for this library; `workaround("library", None)` is nothing at all.
    """
    if function is ...:
        return lambda each: workaround(library, each)
    if function is None:
        _registered[library] = _NOTHING
    else:
        kept = _registered.get(library)
        _registered[library] = [*(kept or ()), function]
    return function


class AroundForks:
    """The workarounds of one process, and how far each has come."""

    def __init__(self, builtin: dict[str, Callable[[], Any]]) -> None:
        self._builtin = builtin
        self._has_entry_points = False
        #: Entered, for the next fork of this process.
        self._entered: dict[Callable[[], Any], Iterator[None]] = {}
        #: Gone on, in this process.
        self._current: list[Iterator[None]] = []

    def load_entry_points(self) -> None:
        """Takes what installed libraries bring, once; one that is none brings nothing."""
        if self._has_entry_points:
            return
        self._has_entry_points = True
        from importlib import metadata

        group = "prewarm.workarounds"
        try:
            found: Any = metadata.entry_points()
            chosen = found.select(group=group) if hasattr(found, "select") else found.get(group, ())
        except Exception:
            return
        for each in chosen:
            if each.name in sys.modules and each.name not in _registered:
                workaround(each.name, _guarded(each.load))

    def before(self) -> None:
        """This process is about to be forked, or to be parked for that."""
        for function in self._wanted():
            if function not in self._entered and inspect.isgeneratorfunction(function):
                generator = function()
                if _advance(generator):
                    self._entered[function] = generator

    def after(self) -> None:
        """This process is a new fork."""
        _never_collected.extend(self._current)
        entered, self._entered = self._entered, {}
        self._current = []
        for function in self._wanted():
            if not inspect.isgeneratorfunction(function):
                _guarded(function)
                continue
            generator = entered.pop(function, None)
            if generator is None:
                # Its library was loaded after the process was parked.
                generator = function()
                if not _advance(generator):
                    continue
            if _advance(generator):
                self._current.append(generator)
        _never_collected.extend(entered.values())

    def finish(self) -> None:
        """The run is over."""
        current, self._current = self._current, []
        for generator in reversed(current):
            _advance(generator)

    def _wanted(self) -> list[Callable[[], Any]]:
        names = {**self._builtin, **_registered}
        return [
            function
            for name in names
            if name in sys.modules
            for function in _registered.get(name) or self._unless_replaced(name)
        ]

    def _unless_replaced(self, name: str) -> list[Callable[[], Any]]:
        return [] if name in _registered else [self._builtin[name]]


def _advance(generator: Iterator[None]) -> bool:
    """Whether it has more to do."""
    try:
        next(generator)
    except StopIteration:
        return False
    except Exception:
        sys.excepthook(*sys.exc_info())
        return False
    return True


def _guarded(function: Callable[[], Any]) -> Any:
    # A library's remedy that fails must not take the run with it; its words go to standard error.
    try:
        return function()
    except Exception:
        sys.excepthook(*sys.exc_info())
        return None
