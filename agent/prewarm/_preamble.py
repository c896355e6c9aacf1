"""What a trunk writes before its first test: kept, and repeated at the head of every run.

Runs in the trunk, and is read in the leader. A plain pytest prints such text (a plugin's or a
conftest's `print`) once at its start, so each warm run has to show it too.
"""

from __future__ import annotations

import os
from typing import Tuple

_open = os.open
_close = os.close
_dup2 = os.dup2
_lseek = os.lseek
_read = os.read
_write = os.write
_unlink = os.unlink


class Preamble:
    """Standard output and error of a trunk process, in two files of the state folder.

    Files and not pipes: the daemon can read them after a crash, and nobody has to drain them.
    """

    def __init__(self, state_folder: str, process_id: str) -> None:
        self._folder = state_folder
        self._earlier = (b"", b"")
        self._paths = ("", "")
        self._redirect(process_id)

    def texts(self) -> Tuple[bytes, bytes]:
        """All that this timeline wrote so far: standard output, standard error."""
        out, err = (_content(path) for path in self._paths)
        return self._earlier[0] + out, self._earlier[1] + err

    def fork_to(self, process_id: str) -> None:
        """In a forked trunk: goes on in files of its own, behind what was there at the fork."""
        self._earlier = self.texts()
        self._redirect(process_id)

    def discard(self) -> None:
        """Removes the files: the daemon needs them only after a crash."""
        for path in self._paths:
            try:
                _unlink(path)
            except OSError:
                pass

    def _redirect(self, process_id: str) -> None:
        self._paths = tuple(  # type: ignore[assignment]
            os.path.join(self._folder, f"{process_id}.{stream}") for stream in ("out", "err")
        )
        for descriptor, path in zip((1, 2), self._paths):
            file = _open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o600)
            os.dup2(file, descriptor)
            _close(file)


def _content(path: str) -> bytes:
    file = _open(path, os.O_RDONLY)
    try:
        parts = []
        while True:
            part = _read(file, 1 << 16)
            if not part:
                return b"".join(parts)
            parts.append(part)
    finally:
        _close(file)
