"""What a trunk writes before its first test: kept, and repeated at the head of every run.

Runs in the trunk, and is read in the leader. A plain pytest prints such text (a plugin's or a
conftest's `print`) once at its start, so each warm run has to show it too.
"""

from __future__ import annotations

import os
import sys

_open = os.open
_close = os.close
_dup2 = os.dup2
_fstat = os.fstat
_listdir = os.listdir
_read = os.read
_stat = os.stat
_truncate = os.truncate
_unlink = os.unlink
_write = os.write

Texts = tuple[bytes, bytes]
Mark = tuple[int, int]


class Preamble:
    """Standard output and error of a trunk process, in two files of the state folder.

    Files and not pipes: the daemon can read them after a crash, and nobody has to drain them.
    """

    def __init__(self, state_folder: str, process_id: str) -> None:
        self._folder = state_folder
        self._earlier = (b"", b"")
        #: Up to here it is shown at the head of a run; what follows was written by single files.
        self.head: Mark = (0, 0)
        self._paths = self._paths_of(process_id)
        for descriptor, path in zip((1, 2), self._paths):
            file = _create(path)
            _dup2(file, descriptor)
            _close(file)

    def texts(self) -> Texts:
        """All that this timeline wrote so far: standard output, standard error."""
        out, err = (_content(path) for path in self._paths)
        return self._earlier[0] + out, self._earlier[1] + err

    def mark(self) -> Mark:
        """Where the texts end now. The standard streams must have been flushed."""
        out, err = (_stat(path).st_size for path in self._paths)
        return len(self._earlier[0]) + out, len(self._earlier[1]) + err

    def between(self, start: Mark, end: Mark) -> Texts:
        """What was written from one mark to another."""
        if start == end:
            return b"", b""
        out, err = self.texts()
        return out[start[0] : end[0]], err[start[1] : end[1]]

    def fork_to(self, process_id: str) -> None:
        """In a forked trunk: goes on in files of its own, behind what was there at the fork.

        Every descriptor of the old files is moved, since pytest's capture keeps copies to go back to.
        """
        self._earlier = self.texts()
        old_files = [_identity(os.stat(path)) for path in self._paths]
        self._paths = self._paths_of(process_id)
        new_files = [_create(path) for path in self._paths]
        for descriptor in _open_descriptors():
            try:
                identity = _identity(_fstat(descriptor))
                if identity in old_files:
                    file = new_files[old_files.index(identity)]
                    _dup2(file, descriptor, os.get_inheritable(descriptor))
            except OSError:
                continue
        for file in new_files:
            _close(file)

    def forget(self) -> None:
        """Forgets all that was written so far: it was shown before this timeline was asked for."""
        self._earlier = (b"", b"")
        for path in self._paths:
            _truncate(path, 0)

    def discard(self) -> None:
        """Removes the files: the daemon needs them only after a crash."""
        for path in self._paths:
            try:
                _unlink(path)
            except OSError:
                pass

    def _paths_of(self, process_id: str) -> tuple[str, str]:
        base = os.path.join(self._folder, process_id)
        return f"{base}.out", f"{base}.err"


def write_all(descriptor: int, text: bytes) -> None:
    """Writes to a descriptor until nothing is left."""
    while text:
        text = text[_write(descriptor, text) :]


def _create(path: str) -> int:
    return _open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o600)


def _identity(status: os.stat_result) -> tuple[int, int]:
    return status.st_dev, status.st_ino


def _open_descriptors() -> list[int]:
    folder = "/proc/self/fd" if os.path.isdir("/proc/self/fd") else "/dev/fd"
    return [int(name) for name in _listdir(folder)]


def _content(path: str) -> bytes:
    file = _open(path, os.O_RDONLY)
    try:
        parts: list[bytes] = []
        while True:
            part = _read(file, 1 << 16)
            if not part:
                return b"".join(parts)
            parts.append(part)
    finally:
        _close(file)


def flush_standard_streams() -> None:
    """Writes out what the program has printed, so that a fork does not write it twice."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (AttributeError, OSError, ValueError):
            continue
