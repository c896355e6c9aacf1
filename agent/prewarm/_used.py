"""Whether what a process has used stayed the same while it was used.

Runs in the trunk. A file is noted with the signature that it had just before its first use. Where it was another one later on, nobody
can tell which of the two the program has seen: whoever finds the first one again must not take this process for one that has loaded it.
Kept for one segment: each fork notes anew what it uses.
"""

from __future__ import annotations

import os
import types
from typing import Any, Callable

from prewarm._presence import presence
from prewarm._signature import NO_FILE, as_told

_stat = os.stat
_dirname = os.path.dirname

#: Executed by the import system, which reads them before anything of them runs, and never again.
_READ_BEFORE_EXECUTED = "module"
_EXECUTED = frozenset((_READ_BEFORE_EXECUTED, "conftest", "testfile"))


class Used:
    """First looks, and later ones that differ; `is_own` tells whether the program itself has changed a path."""

    def __init__(self, is_own: Callable[[str], bool]) -> None:
        self._is_own = is_own
        self._files: dict[str, list[Any]] = {}
        #: Those of them that no import has executed yet.
        self._awaited: set[str] = set()
        self._presences: dict[str, str] = {}
        self._listings: dict[str, tuple[list[Any], str]] = {}
        self._changed: dict[str, None] = {}

    def note_file(self, kind: str, path: str, signature: list[Any]) -> None:
        """It is about to be used, and has this signature."""
        is_new = path not in self._files
        first = self._files.setdefault(path, signature[:4])
        if is_new and kind == _READ_BEFORE_EXECUTED:
            self._awaited.add(path)
        elif kind != _READ_BEFORE_EXECUTED:
            # Whoever else uses it looks at it when it likes, as pytest does behind the import of a test file.
            self._awaited.discard(path)
        if first != signature[:4]:
            self._differs(path, kind)

    def note_presence(self, path: str, found: str) -> None:
        self._presences.setdefault(path, found)

    def note_listing(self, path: str, before: list[Any], digest: str) -> None:
        """`before` is the folder's signature from before it was listed."""
        self._listings.setdefault(path, (before, digest))

    def executed(self, path: str) -> None:
        """The code of a file is about to run: an import does not look at the file again."""
        if path in self._awaited:
            self._awaited.remove(path)
            self._look_at_file(path)
            del self._files[path]

    def look_again(self, kind: str, path: str, list_folder: Callable[[str], str]) -> None:
        """The program uses something for another time: it may find what was not there before, and is not there afterwards."""
        if kind == "presence":
            self._look_at_presence(path)
        elif kind == "list":
            self._look_at_listing(path, list_folder)
        elif self._files.get(path) == NO_FILE:
            self._look_at_file(path)

    def changed(self, list_folder: Callable[[str], str]) -> list[str]:
        """The segment ends: all that differs now, or did at a later look, from what it was at first."""
        for path in self._files:
            self._look_at_file(path)
        for path in self._presences:
            self._look_at_presence(path)
        for path in self._listings:
            self._look_at_listing(path, list_folder)
        return list(self._changed)

    def begin(self, frame: types.FrameType | None) -> list[str]:
        """Another process goes on from here; returns the files that this frame and its callers are executing, and so use further on."""
        executing = []
        while frame is not None:
            file = frame.f_code.co_filename
            if frame.f_code.co_name == "<module>" and file in self._files:
                executing.append(file)
            frame = frame.f_back
        self._files.clear()
        self._awaited.clear()
        self._presences.clear()
        self._listings.clear()
        self._changed.clear()
        return executing

    def _look_at_file(self, path: str) -> None:
        if signature_now(path) != self._files[path]:
            self._differs(path, "")

    def _look_at_presence(self, path: str) -> None:
        if path in self._presences and presence(path) != self._presences[path]:
            self._differs(path, "")

    def _look_at_listing(self, path: str, list_folder: Callable[[str], str]) -> None:
        if path not in self._listings:
            return
        before, digest = self._listings[path]
        now = signature_now(path)
        if now != before and list_folder(path) != digest:
            self._differs(path, "")

    def _differs(self, path: str, kind: str) -> None:
        # What is executed was not meant to change; all else a program may write for itself while it starts.
        if kind in _EXECUTED or not self._is_own(path):
            self._changed[path] = None


def signature_now(path: str) -> list[Any]:
    """`[mtime_ns, size, inode, ctime_ns]`."""
    try:
        return as_told(_stat(path))
    except (OSError, ValueError):
        return NO_FILE
