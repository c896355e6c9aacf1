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

_SECOND_NS = 1_000_000_000
#: Between a look at a source and the writing of its bytecode lies a compilation: no longer than this.
_LONGEST_COMPILATION_NS = 10 * _SECOND_NS


def refuse_doubtful_bytecode(path: str, was_edited: bool) -> None:
    """Removes cached bytecode of a source that proves nothing.

    That is bytecode which was written in the second of the source's last change. Where the file was edited while we watched,
    it is all that was not clearly begun after the last change of any kind, a time that was set back included.
    """
    try:
        source = _stat(path)
    except OSError:
        return
    for cached in _cached_bytecode(path):
        try:
            written_ns = _stat(cached).st_mtime_ns
            is_doubtful = written_ns // _SECOND_NS <= source.st_mtime_ns // _SECOND_NS
            if was_edited and written_ns - _LONGEST_COMPILATION_NS <= source.st_ctime_ns:
                is_doubtful = True
            if is_doubtful:
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
