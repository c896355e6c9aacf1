"""Cached bytecode that cannot be trusted.

Runs in the trunk. Python tells versions of a source apart by whole seconds and size, so two edits of one size within a
second leave bytecode that is taken for the newer one's, even by a cold pytest.
"""

from __future__ import annotations

import importlib.util
import os
import sys

_stat = os.stat
_unlink = os.unlink


def refuse_doubtful_bytecode(path: str, was_edited: bool) -> None:
    """Removes cached bytecode of a source that proves nothing.

    That is bytecode which was written in the second of the source's last change, and all of it where the file was edited
    while we watched.
    """
    try:
        source_second = _stat(path).st_mtime_ns // 1_000_000_000
    except OSError:
        return
    for cached in _cached_bytecode(path):
        try:
            if was_edited or _stat(cached).st_mtime_ns // 1_000_000_000 <= source_second:
                _unlink(cached)
        except OSError:
            continue


def _cached_bytecode(path: str) -> list[str]:
    try:
        cached = [importlib.util.cache_from_source(path)]
    except (NotImplementedError, ValueError):
        return []
    rewrite = sys.modules.get("_pytest.assertion.rewrite")
    if rewrite is not None:
        folder = os.path.dirname(cached[0])
        stem = os.path.basename(path)[: -len(".py")]
        cached.append(os.path.join(folder, stem + rewrite.PYC_TAIL))
    return cached
