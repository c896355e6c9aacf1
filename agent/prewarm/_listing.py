"""What a rehearsal found in a folder counts for the run that follows, as long as the folder is the same.

Runs in a leader that was forked ahead. Asking every plugin about every sibling of one test file is most of a short run.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from typing import Any, NamedTuple, Protocol

_scandir = os.scandir
_stat = os.stat
_time_ns = time.time_ns

#: File systems stamp with the kernel's tick: what is younger could change again without a trace.
_TICK_NS = 20_000_000

#: What decides which entries of a folder become nodes.
_DECIDING_HOOKS = ("pytest_ignore_collect", "pytest_collect_file", "pytest_collect_directory")

#: Modules whose hooks look at names and at what our own look at the folder covers: pytest, and hypothesis for its own folder.
_DECIDING_BY_NAME = ("_pytest.", "prewarm.", "_hypothesis_pytestplugin")


class _Found(NamedTuple):
    nodes: list[Any]
    state: tuple[Any, ...]


class Giver(Protocol):
    """Who keeps count of the nodes that a collection has given out."""

    is_rehearsing: bool

    def give(self, known: list[Any]) -> bool: ...


class Listing:
    """Stands in for the `collect` of a directory node."""

    def __init__(self, node: Any, giver: Giver) -> None:
        self._node = node
        self._giver = giver
        self._plain = node.collect
        self._found: _Found | None = None

    def __call__(self) -> Iterable[Any]:
        """The nodes of the folder's entries, from pytest or from the rehearsal."""
        __tracebackhide__ = True
        found = self._found
        if self._giver.is_rehearsing:
            return self._rehearse()
        if found is not None and found.state == self._state() and self._giver.give(found.nodes):
            return list(found.nodes)
        return self._plain()  # type: ignore[no-any-return]

    def _rehearse(self) -> list[Any]:
        """As in a run; remembers what came of it where that cannot depend on anything but the folder."""
        before = self._state() if _asks_pytest_alone(self._node.config.hook) else None
        nodes = list(self._plain())
        self._found = None if before is None else _Found(nodes, before)
        return nodes

    def _state(self) -> tuple[Any, ...] | None:
        """What the outcome depends on: the folder, those in it, and the entries that the arguments name; None where that cannot be told."""
        path = str(self._node.path)
        try:
            # A folder that turns into a virtual environment is left out by pytest: that shows in itself alone.
            with _scandir(path) as entries:
                folders = [entry.path for entry in entries if _is_folder(entry)]
            stats = [_stat(each) for each in (path, *folders)]
        except (OSError, _Doubtful):
            return None
        youngest = max(stat.st_mtime_ns for stat in stats)
        if youngest + _TICK_NS > _time_ns():
            return None
        session = self._node.session
        named = (session._initialpaths, session._initialpaths_with_parents)
        children = [
            frozenset(each for each in paths if each.parent == self._node.path) for paths in named
        ]
        versions = [(stat.st_ino, stat.st_mtime_ns, stat.st_ctime_ns) for stat in stats]
        return (*versions, *children)


class _Doubtful(Exception):
    """An entry whose kind can change without a trace in its folder."""


def _is_folder(entry: os.DirEntry[str]) -> bool:
    if entry.is_symlink():
        raise _Doubtful
    return entry.is_dir()


def _asks_pytest_alone(hooks: Any) -> bool:
    for name in _DECIDING_HOOKS:
        for implementation in getattr(hooks, name).get_hookimpls():
            module = implementation.function.__module__
            if not module.startswith(_DECIDING_BY_NAME):
                return False
    return True
