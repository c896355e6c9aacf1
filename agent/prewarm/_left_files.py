"""Files that the start itself has written, as it leaves them.

Runs in the trunk. A cold run writes them anew before its tests see them, a run from a checkpoint finds what an earlier run has left: where
that is something else, the checkpoint is none for it.
"""

from __future__ import annotations

import fcntl
import os
import stat
from collections.abc import Collection, Iterator
from typing import Any

from prewarm._signature import as_told, signature_of
from prewarm._sqlite_files import log_version

_stat = os.stat
_fstat = os.fstat
_listdir = os.listdir
_fcntl = fcntl.fcntl
_OPEN_FILES = "/dev/fd"

#: Of what is not followed any more.
NOT_LEFT: list[Any] = ["0", -2, "0", "0"]


class LeftFiles:
    """Tells each file once, and again where it was written to in the meantime."""

    def __init__(self) -> None:
        self._told: dict[str, list[Any]] = {}

    def news(
        self, made: Collection[str], databases: Collection[str]
    ) -> Iterator[tuple[str, str, list[Any]]]:
        """`(what it is, path, signature)` since the last time; a database has the version of its log in place of a hash."""
        held = _held_for_writing() if made else set()
        for path in [each for each in self._told if each not in made]:
            del self._told[path]
            yield "file", path, NOT_LEFT
        for path in made:
            kind = "database" if path in databases else "file"
            try:
                status = _stat(path)
            except (OSError, ValueError):
                continue
            if not stat.S_ISREG(status.st_mode):
                continue
            signature = as_told(status)
            if kind == "database":
                # It is not read: closing it would give up the locks of the program's own connections.
                signature.append(log_version(path))
            elif (status.st_dev, status.st_ino) in held:
                # A log, which grows from run to run: it is not told how the start has left it.
                signature = NOT_LEFT
            known = self._told.get(path, NOT_LEFT)
            if known[: len(signature)] == signature:
                continue
            if kind == "file" and signature is not NOT_LEFT:
                signature = signature_of(path)
            self._told[path] = signature
            yield kind, path, signature


def _held_for_writing() -> set[tuple[int, int]]:
    """Device and inode of all that this process has open and may write to."""
    held: set[tuple[int, int]] = set()
    try:
        names = _listdir(_OPEN_FILES)
    except OSError:
        return held
    for name in names:
        try:
            if _fcntl(int(name), fcntl.F_GETFL) & os.O_ACCMODE != os.O_RDONLY:
                status = _fstat(int(name))
                held.add((status.st_dev, status.st_ino))
        except (OSError, ValueError):
            continue
    return held
