"""What workers print where nothing is captured (`-s`): line by line, each with the worker's name in front.

Runs in the leader, which reads, and in the worker, which prints into a pipe.
"""

from __future__ import annotations

import os
import sys
from typing import Any

from prewarm._preamble import write_all

_close = os.close
_dup2 = os.dup2
_pipe = os.pipe
_read = os.read
_set_blocking = os.set_blocking

_MOST_BYTES = 64 * 1024


class WorkerOutput:
    """Standard output and standard error of one worker."""

    def __init__(self, name: str) -> None:
        self._name = name.encode()
        pairs = [(_pipe(), stream) for stream in (1, 2)]
        #: What the leader reads from, and the stream that it stands for.
        self._sources = {source: stream for (source, _), stream in pairs}
        self._sinks = {stream: sink for (_, sink), stream in pairs}
        self._rest = {1: b"", 2: b""}
        for source in self._sources:
            _set_blocking(source, False)

    def become(self) -> None:
        """In the worker: what it prints from here on, and what its children print, goes to the leader."""
        for source in self._sources:
            _close(source)
        for stream, sink in self._sinks.items():
            _dup2(sink, stream)
            _close(sink)
        for file in (sys.__stdout__, sys.__stderr__):
            if file is not None:
                file.reconfigure(line_buffering=True)

    def lead(self) -> None:
        """In the leader: the worker is there."""
        for sink in self._sinks.values():
            _close(sink)

    def abandon(self) -> None:
        """In another worker, which has inherited it."""
        for source in self._sources:
            _close(source)
        self._sources = {}

    def filenos(self) -> list[int]:
        return list(self._sources)

    def take(self, terminal: Any) -> None:
        """Prints the lines that have come; `terminal` is pytest's reporter, which may be in the middle of one."""
        for source, stream in list(self._sources.items()):
            while True:
                try:
                    data = _read(source, _MOST_BYTES)
                except BlockingIOError:
                    break
                if not data:
                    _close(source)
                    del self._sources[source]
                    break
                *lines, self._rest[stream] = (self._rest[stream] + data).split(b"\n")
                self._print(stream, lines, terminal)

    def end(self, terminal: Any) -> None:
        """The worker has gone; a process that it has left may have its output still."""
        self.take(terminal)
        for stream, rest in self._rest.items():
            self._print(stream, [rest] if rest else [], terminal)
        self.abandon()

    def _print(self, stream: int, lines: list[bytes], terminal: Any) -> None:
        print_lines(stream, self._name.decode(), lines, terminal)


def print_lines(stream: int, name: str, lines: list[bytes], terminal: Any) -> None:
    """Prints lines of a worker with its name; `terminal` is pytest's reporter, which may be in the middle of one."""
    if not lines:
        return
    if terminal is not None:
        if terminal._tw._current_line:
            terminal._tw.line()
        file = terminal._tw._file
        getattr(file, "flush_now", file.flush)()
    write_all(stream, b"".join(b"%s | %s\n" % (name.encode(), line) for line in lines))
