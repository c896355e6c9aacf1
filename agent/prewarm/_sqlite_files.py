"""Which file a connection of SQLite opens, and what is in it.

Runs in the trunk and in leaders. The audit event `sqlite3.connect` tells what the program has asked for: a path, a URI, or a database that
is no file at all (https://www.sqlite.org/uri.html, https://www.sqlite.org/inmemorydb.html).
"""

from __future__ import annotations

import hashlib
import os
from typing import Any
from urllib.parse import parse_qs, unquote

from prewarm._signature import content_of

_fsdecode = os.fsdecode
_stat = os.stat
_sha256 = hashlib.sha256

NOTHING = "nothing"
#: Of larger databases the version of the file decides: to read them would keep everybody waiting.
MOST_READ_BYTES = 16 * 2**20
_MAGIC = b"SQLite format 3\0"
#: Counters of changes and of versions of the schema, and which SQLite has written last (https://www.sqlite.org/fileformat2.html):
#: whoever makes the same tables anew makes the same database.
_COUNTERS = ((24, 28), (40, 44), (92, 100))


def file_of(database: Any) -> str | None:
    """The path, or None for a database in memory or in a temporary file without a name."""
    try:
        name = _fsdecode(database)
    except TypeError:
        return None
    if name.startswith("file:"):
        name, _, query = name[len("file:") :].partition("#")[0].partition("?")
        if parse_qs(query).get("mode") == ["memory"]:
            return None
        if name.startswith("//"):
            # An authority, which is empty or `localhost`.
            name = "/" + name[2:].partition("/")[2]
        name = unquote(name)
    return None if name in ("", ":memory:") else name


def database_content(path: str) -> str:
    """What tells one content of a database from another, as `src/watch/database-content.ts` says it; `nothing` where there is none.

    Not for a process that has it open: closing a file gives up all locks that the process has on it, SQLite's as well.
    """
    main, log = _version(path), _version(path + "-wal")
    if main is None:
        return NOTHING
    if log is not None and log[1] == 0:
        log = None
    if main[1] + (0 if log is None else log[1]) > MOST_READ_BYTES:
        return " ".join(map(str, (*main, *(log or ()))))
    try:
        content = bytearray(content_of(path))
        if content.startswith(_MAGIC) and len(content) >= 100:
            for first, end in _COUNTERS:
                content[first:end] = bytes(end - first)
        digest = _sha256(content)
        if log is not None:
            digest.update(content_of(path + "-wal"))
        return digest.hexdigest()
    except OSError:
        return " ".join(map(str, main))


def log_version(path: str) -> str:
    """The version of what was written to a database and is not in its file yet; empty where nothing is."""
    log = _version(path + "-wal")
    return "" if log is None or log[1] == 0 else " ".join(map(str, log))


def _version(path: str) -> tuple[int, int, int, int] | None:
    try:
        status = _stat(path)
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino, status.st_ctime_ns
