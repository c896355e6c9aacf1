"""Which file a connection of SQLite opens.

Runs in the trunk and in leaders. The audit event `sqlite3.connect` tells what the program has asked for: a path, a URI, or a database that
is no file at all (https://www.sqlite.org/uri.html, https://www.sqlite.org/inmemorydb.html).
"""

from __future__ import annotations

import os
from typing import Any
from urllib.parse import parse_qs, unquote

_fsdecode = os.fsdecode


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
