"""Runs a part of what a command line selects: some tests by their ids, those of some files, those with a name.

Runs in the leader. Files are named to pytest, tests are picked from what it has collected: an id that is gone is then
left out, where pytest would refuse to run any.
"""

from __future__ import annotations

import argparse
import os
from typing import Any

import pytest

from prewarm._process import Message


class Choice:
    """What a person chose in the watch, or an edit for them."""

    def __init__(self, choice: Message, config: Any) -> None:
        ids = choice["ids"]
        self._ids: frozenset[str] | None = None if ids is None else frozenset(ids)
        self._path = choice["path"].lower()
        self._name = choice["name"]
        self._files = [] if ids is None else _files_of(ids, str(config.rootpath))

    def narrow(self, options: argparse.Namespace) -> None:
        """Narrows a parsed command line to the files and names that can matter."""
        if self._files:
            options.file_or_dir = self._files
        if self._name:
            given = options.keyword
            options.keyword = f"({given}) and ({self._name})" if given else self._name

    def apply(self, config: Any) -> None:
        """Lets the run select; has no effect where there is nothing to select by."""
        if self._ids is not None or self._path:
            config.pluginmanager.register(self, "prewarm-choice")

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, config: Any, items: list[Any]) -> None:
        kept = [item for item in items if self._has(item.nodeid)]
        if len(kept) == len(items):
            return
        chosen = set(map(id, kept))
        config.hook.pytest_deselected(items=[item for item in items if id(item) not in chosen])
        items[:] = kept

    def _has(self, nodeid: str) -> bool:
        if self._ids is not None and nodeid not in self._ids:
            return False
        return self._path in nodeid.split("::", 1)[0].lower()


def _files_of(ids: list[str], root: str) -> list[str]:
    """The files of these tests that still exist, in the order in which they are named first."""
    names = dict.fromkeys(nodeid.split("::", 1)[0] for nodeid in ids)
    paths = (os.path.normpath(os.path.join(root, name)) for name in names)
    return [path for path in paths if os.path.exists(path)]
