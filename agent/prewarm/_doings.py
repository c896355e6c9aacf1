"""What was done in one stretch of a run: functions, files, modules.

Runs in a leader and in its workers, in watch mode only.
"""

from __future__ import annotations

from typing import Any, Callable

#: A fixture that workers share: the identity of its function, and which parameter.
SharedKey = tuple[int, int]


class Doings:
    """What was done in one stretch of time. Functions are numbers, as one process has given them."""

    __slots__ = ("always", "functions", "gap", "loaded", "opened", "shared")

    def __init__(self) -> None:
        self.functions: set[int] = set()
        #: The version of each file that was read.
        self.opened: dict[str, str] = {}
        self.loaded: set[str] = set()
        #: Why a test that has done this runs after every edit, or empty.
        self.always = ""
        #: Why not all functions are known, or empty.
        self.gap = ""
        #: What of it the leader has done for all its workers.
        self.shared: set[SharedKey] = set()

    def add(self, other: Doings) -> None:
        self.functions |= other.functions
        self.add_opened(other.opened, other.loaded, other.always)
        self.gap = self.gap or other.gap
        if other.shared:
            self.shared |= other.shared

    def add_opened(self, opened: dict[str, str], loaded: set[str], always: str) -> None:
        """Adds what `Opened.take` has told."""
        if opened:
            self.opened.update(opened)
        if loaded:
            self.loaded |= loaded
        self.always = self.always or always

    def facts(self, name_of: Callable[[int], str]) -> tuple[Any, ...]:
        """The same in plain values, for another process: the names of functions, and the rest as it is."""
        names = sorted(map(name_of, self.functions))
        return names, self.opened, sorted(self.loaded), self.always, self.gap, sorted(self.shared)

    @classmethod
    def of(cls, facts: tuple[Any, ...], number: Callable[[str], int]) -> Doings:
        """What another process has done for this one."""
        names, opened, loaded, always, gap, shared = facts
        doings = cls()
        doings.functions = set(map(number, names))
        doings.add_opened(opened, set(loaded), always)
        doings.gap = gap
        doings.shared = set(shared)
        return doings
