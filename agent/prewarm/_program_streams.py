"""The standard streams of a program, and what it has written and read before a checkpoint.

Runs in the trunk of a program. What was written is repeated where the program goes on from a checkpoint for somebody else:
a plain start would have written it too.
"""

from __future__ import annotations

import io
import os
import sys
from typing import Any, Callable

from prewarm._preamble import Preamble, write_all

_open = os.open
_close = os.close
_dup2 = os.dup2

#: Who writes more than this has done more than to start.
MOST_BYTES = 1024 * 1024


class Transcript(Preamble):
    """What a program has written so far, in the order of the writes; nothing of it is in a file."""

    def __init__(self) -> None:
        self._parts: list[tuple[int, bytes]] = []
        self._size = 0
        #: Whether the program may still be resumed from a point that is to come.
        self.is_kept = True

    def add(self, descriptor: int, text: bytes) -> None:
        """Takes what was written to a standard stream just now."""
        if not self.is_kept:
            return
        self._parts.append((descriptor, text))
        self._size += len(text)
        if self._size > MOST_BYTES:
            self.forget()

    @property
    def is_whole(self) -> bool:
        """Whether all that was written can be repeated."""
        return self._size <= MOST_BYTES

    def forget(self) -> None:
        """No checkpoint is to come."""
        self.is_kept = False
        self._parts = []

    def repeat(self) -> None:
        """Writes it all once more, to the streams of this process."""
        for descriptor, text in self._parts:
            write_all(descriptor, text)

    def fork_to(self, process_id: str) -> None:
        """A fork goes on with what it knows."""

    def discard(self) -> None:
        """There is nothing to remove."""


class _Output(io.FileIO):
    """The file below a standard stream, as Python makes it; keeps what goes through it."""

    transcript: Transcript

    def write(self, data: Any, /) -> int:
        written = super().write(data)
        if written and self.transcript.is_kept:
            self.transcript.add(self.fileno(), bytes(memoryview(data).cast("B")[:written]))
        return written


class _Input(io.FileIO):
    """The file below standard input; tells of the first read."""

    on_read: Callable[[], None]

    def readinto(self, buffer: Any, /) -> Any:
        self.on_read()
        return super().readinto(buffer)

    def readall(self) -> Any:
        self.on_read()
        return super().readall()

    def read(self, size: int | None = -1, /) -> Any:
        self.on_read()
        return super().read(-1 if size is None else size)


for _kind in (_Output, _Input):
    _kind.__name__ = _kind.__qualname__ = "FileIO"
    _kind.__module__ = "_io"


def watch_streams(transcript: Transcript, on_read: Callable[[], None]) -> None:
    """Makes the standard streams of this process anew, for the descriptors as they are now."""
    for name, descriptor in (("stdout", 1), ("stderr", 2)):
        old = getattr(sys, name)
        if old is None:
            continue
        raw = _Output(descriptor, "wb", closefd=False)
        raw.transcript = transcript
        is_unbuffered = isinstance(old.buffer, io.FileIO)
        lines = not is_unbuffered and (descriptor == 2 or raw.isatty())
        buffer: Any = raw if is_unbuffered else io.BufferedWriter(raw, _size(raw))
        _replace(name, old, raw, buffer, lines)
    if sys.stdin is not None:
        source = _Input(0, "rb", closefd=False)
        source.on_read = on_read
        _replace("stdin", sys.stdin, source, io.BufferedReader(source), False)


def _replace(name: str, old: Any, raw: Any, buffer: Any, lines: bool) -> None:
    raw.name = f"<{name}>"
    stream: Any = io.TextIOWrapper(
        buffer,
        encoding=old.encoding,
        errors=old.errors,
        newline=None if name == "stdin" else "\n",
        line_buffering=lines,
        write_through=old.write_through,
    )
    stream.mode = old.mode
    setattr(sys, name, stream)
    setattr(sys, f"__{name}__", stream)


def _size(raw: io.FileIO) -> int:
    size = getattr(raw, "_blksize", 0)
    return size if size > 1 else io.DEFAULT_BUFFER_SIZE


def let_go() -> None:
    """A parked process holds nobody's terminal, pipe or socket: its reader waits for the end of the program alone."""
    nothing = _open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        _dup2(nothing, descriptor)
    _close(nothing)
