"""Whether a code object has ever been executed, as the interpreter itself counts it before Python 3.12.

Runs in the trunk and in a patched child, on Linux. Until 3.11 CPython counts in each code object how often it was entered, to find out
what is worth optimising. Nothing gives that number to programs, so it is read from this process's own memory; where in the
object it stands is found by experiment, and where the experiment is not clear nothing is known.
That costs nothing while the program runs, which `sys.setprofile` does not achieve: it is called for every call.
"""

from __future__ import annotations

import os
import sys
import types
from typing import Callable

_open = os.open
_close = os.close
_pread = os.pread

_PROBE = "def probe(x):\n    return x\n"
_STEP = 2


class RunCounters:
    """Reads the counters; `None` stands for what cannot be known."""

    def __init__(self) -> None:
        self._memory: int | None = None
        self._place: int | None = None
        self._never = b""

    def __enter__(self) -> RunCounters:
        if sys.implementation.name == "cpython" and sys.version_info < (3, 12):
            try:
                self._memory = _open("/proc/self/mem", os.O_RDONLY | os.O_CLOEXEC)
            except OSError:
                return self
            self._find_place()
        return self

    def __exit__(self, *_: object) -> None:
        if self._memory is not None:
            _close(self._memory)
            self._memory = None

    def has_run(self, code: types.CodeType) -> bool | None:
        """Whether this very code object was executed, in whatever thread."""
        if self._place is None or self._memory is None:
            return None
        return _pread(self._memory, _STEP, id(code) + self._place) != self._never

    def _find_place(self) -> None:
        """The one number in a code object that grows by one with each call, and starts the same in all of them."""
        first, second = self._watch_probe(), self._watch_probe()
        places = [
            place
            for place, numbers in first.items()
            if numbers == second.get(place) and _counts_up(numbers)
        ]
        if len(places) == 1:
            self._place = places[0]
            self._never = first[self._place][0].to_bytes(_STEP, sys.byteorder)

    def _watch_probe(self) -> dict[int, list[int]]:
        probe = _fresh_probe()
        seen = [self._numbers(probe.__code__)]
        for _ in range(3):
            probe(0)
            seen.append(self._numbers(probe.__code__))
        return {_STEP * place: list(numbers) for place, numbers in enumerate(zip(*seen))}

    def _numbers(self, code: types.CodeType) -> list[int]:
        assert self._memory is not None
        size = types.CodeType.__basicsize__
        raw = _pread(self._memory, size, id(code))
        return [
            int.from_bytes(raw[place : place + _STEP], sys.byteorder)
            for place in range(0, len(raw) - 1, _STEP)
        ]


def _fresh_probe() -> Callable[[int], int]:
    space: dict[str, Callable[[int], int]] = {}
    exec(compile(_PROBE, "<prewarm>", "exec"), space)
    return space["probe"]


def _counts_up(numbers: list[int]) -> bool:
    return all((later - earlier) % 65536 == 1 for earlier, later in zip(numbers, numbers[1:]))
