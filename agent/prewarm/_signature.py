"""What tells two versions of a file apart.

Runs in the trunk. A file system's clock ticks every few milliseconds: what is written twice within one tick keeps its times, and its size
where that is the same. A file that is found so young is told with the hash of its content.
"""

from __future__ import annotations

import hashlib
import os
import stat
import time
from typing import Any

_stat = os.stat
_open = os.open
_read = os.read
_close = os.close
_time_ns = time.time_ns
_sha256 = hashlib.sha256

_SECOND_NS = 1_000_000_000
#: As in src/watch/fingerprint.ts: the kernel's tick, and that of file systems with whole or every other second.
_TICK_NS = 20_000_000
_COARSE_TICK_NS = 2_100_000_000

#: Of what is no file.
NO_FILE: list[Any] = ["0", -1, "0", "0"]


def signature_of(path: str) -> list[Any]:
    """`[mtime_ns, size, inode, ctime_ns]`, and for a young file its SHA-256; a size of -1 where there is none.

    The content is read before whoever is about to use the file reads it: what comes in between makes it another file.
    """
    try:
        status = _stat(path)
    except OSError:
        return NO_FILE
    signature = as_told(status)
    if stat.S_ISREG(status.st_mode) and _is_young(status):
        try:
            signature.append(_sha256(content_of(path)).hexdigest())
        except OSError:
            # Nobody else can read it either.
            pass
    return signature


def signature_with(status: os.stat_result, content: bytes) -> list[Any]:
    """The same for a file that was read with this status, and had this content."""
    hashed = [_sha256(content).hexdigest()] if _is_young(status) else []
    return [*as_told(status), *hashed]


def as_told(status: os.stat_result) -> list[Any]:
    """What goes over the wire; JSON has no whole numbers of 64 bits."""
    return [str(status.st_mtime_ns), status.st_size, str(status.st_ino), str(status.st_ctime_ns)]


def _is_young(status: os.stat_result) -> bool:
    changed_ns = max(status.st_mtime_ns, status.st_ctime_ns)
    tick_ns = _COARSE_TICK_NS if status.st_mtime_ns % _SECOND_NS == 0 else _TICK_NS
    return changed_ns + tick_ns >= _time_ns()


def content_of(path: str) -> bytes:
    """All that is in a file."""
    # Not `open`, which the program's own files are seen by.
    descriptor = _open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        parts: list[bytes] = []
        while True:
            part = _read(descriptor, 1 << 20)
            if not part:
                return b"".join(parts)
            parts.append(part)
    finally:
        _close(descriptor)
