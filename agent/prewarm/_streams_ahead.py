"""What stands for the standard streams while packages are imported ahead: the objects into which pytest will capture later.

Runs in the trunk. In its natural place a package is imported while pytest captures, and may keep what it finds there (`from sys import
stderr`, a handler of logging). Ahead of that, the objects are made as pytest makes them, and handed to it when it begins.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from typing import Any

from prewarm import _capture

_NAMES = ("stdin", "stdout", "stderr")


class StreamsAhead:
    """pytest's way to capture unless it is told another one, made before pytest has read its command line."""

    def __init__(self) -> None:
        self._capturing: Any = None
        self._is_taken = False
        self._fault: str | None = None

    @contextlib.contextmanager
    def standing(self) -> Iterator[None]:
        """Puts them where the standard streams are, for as long as packages are imported."""
        from _pytest import capture

        self._capturing = capture._get_multicapture("fd")
        plain = [getattr(sys, name) for name in _NAMES]
        ours = self._files()
        for name, file in zip(_NAMES, ours):
            setattr(sys, name, file)
        try:
            yield
        finally:
            if [getattr(sys, name) for name in _NAMES] != ours:
                self._fault = "a package replaces a standard stream"
            for name, file in zip(_NAMES, plain):
                setattr(sys, name, file)
        if any(file.tell() for file in ours[1:]):
            # In its place that would be captured, and shown with the first failure.
            self._fault = "a package prints while it is imported"
        begin = capture._get_multicapture
        # pytest asks for what it captures with once, when it loads conftests.
        capture._get_multicapture = lambda method: self._take(begin, method)

    def why_not(self) -> str | None:
        """Why what was imported may hold other streams than in its natural place, or None."""
        if self._fault is None and not self._is_taken and self._is_held():
            return "a package keeps a standard stream, and pytest captures in another way"
        return self._fault

    def _take(self, begin: Any, method: str) -> Any:
        from _pytest import capture

        capture._get_multicapture = begin
        if method != "fd":
            if not self._is_held():
                for part in (self._capturing.in_, self._capturing.out, self._capturing.err):
                    part.done()
                self._capturing = None
            return begin(method)
        self._is_taken = True
        for part in (self._capturing.in_, self._capturing.out, self._capturing.err):
            part.syscapture._old = getattr(sys, part.syscapture.name)
        _capture.own(self._capturing)
        return self._capturing

    def _is_held(self) -> bool:
        return self._capturing is not None and _capture.are_held(self._capturing, "fd")

    def _files(self) -> list[Any]:
        parts = (self._capturing.in_, self._capturing.out, self._capturing.err)
        return [part.syscapture.tmpfile for part in parts]
