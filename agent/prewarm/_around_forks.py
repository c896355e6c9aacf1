"""`prewarm.workaround`: what a library needs done before a fork, after it, and after a run.

Runs in trunk, leader, worker and host. A library's own entry point (`prewarm.workarounds`), a conftest, the configuration, or what is
built in; each acts only where its library is loaded. Without a warm server nothing of it runs.
"""

from __future__ import annotations

import importlib
import inspect
import sys
from collections.abc import Iterator
from typing import Any, Callable

#: What stands for "nothing is to be done".
_NOTHING: list[Callable[[], Any]] = []

_registered: dict[str, list[Callable[[], Any]]] = {}

#: What has been raised in this process or before it was forked, in a line each.
_failures: list[str] = []

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
        self._has_loaded = False
        #: By the configuration: `library=module:name`, or `library=` where nothing is to be done.
        self.configured: list[str] = []
        #: Entered, for the next fork of this process.
        self._entered: dict[Callable[[], Any], Iterator[None]] = {}
        #: Gone on, in this process.
        self._current: list[Iterator[None]] = []

    @property
    def declared(self) -> set[str]:
        """The libraries that somebody looks after: by a conftest, an entry point, or the configuration."""
        return {*_registered, *(each.partition("=")[0] for each in self.configured)}

    def load(self) -> None:
        """Takes what the configuration says and what installed libraries bring, once; of a library that is not loaded nothing."""
        if self._has_loaded:
            return
        self._has_loaded = True
        for each in self.configured:
            library, _, place = each.partition("=")
            if not place:
                workaround(library, None)
            elif library in sys.modules:
                workaround(library, _found(place))
        self._load_entry_points()

    def _load_entry_points(self) -> None:
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

    def failures(self) -> list[str]:
        """What workarounds have raised up to here, each once, in the order in which it happened."""
        return list(dict.fromkeys(_failures))

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


def _found(place: str) -> Any:
    """What the configuration names; where that is not there, each new process notes that it failed."""
    module, _, name = place.partition(":")
    try:
        return getattr(importlib.import_module(module), name)
    except Exception:
        text = f"{place}: {_last_line()}"
        return lambda: _failures.append(text)


def _advance(generator: Iterator[None]) -> bool:
    """Whether it has more to do."""
    try:
        next(generator)
    except StopIteration:
        return False
    except Exception:
        _note_failure(generator)
        return False
    return True


def _guarded(function: Callable[[], Any]) -> Any:
    # A library's remedy that fails must not take the run with it.
    try:
        return function()
    except Exception:
        _note_failure(function)
        return None


def _note_failure(what: Any) -> None:
    name = getattr(what, "__qualname__", None) or repr(what)
    _failures.append(f"{name}: {_last_line()}")


def _last_line() -> str:
    """What is being raised, in a line, with the place in the program."""
    kind, error, trace = sys.exc_info()
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = "" if trace is None else f" ({trace.tb_frame.f_code.co_filename}:{trace.tb_lineno})"
    return f"{'' if kind is None else kind.__name__}: {error}{place}"
