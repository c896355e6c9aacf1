"""What a program changes on disk by itself while it starts.

Runs in the trunk.
"""

from __future__ import annotations

import os
from typing import Any, Callable

_abspath = os.path.abspath
_dirname = os.path.dirname
_fsdecode = os.fsdecode

#: Of Python and of pytest, which makes its own under another name first.
_CACHES = ("__pycache__", ".pytest_cache", "pytest-cache-files-")

#: A program that makes more than this at its start is not followed further.
MOST_MADE = 2_000
#: Of one that changes more than this, any change may be its own.
MOST_CHANGED = 20_000


class OwnChanges:
    """Files and folders that the timeline has made, written to, moved or removed."""

    def __init__(self, ignored_folders: tuple[str, ...]) -> None:
        self._ignored = ignored_folders
        #: What it has created or opened for writing and has not removed again, each with its place in the timeline.
        self.made: dict[str, int] = {}
        #: Those of them that are databases.
        self.databases: set[str] = set()
        #: Folders that were not there before it has made them: nobody else has put anything there.
        self._folders: set[str] = set()
        #: All that it has changed, whatever has become of it, and what it has moved or removed.
        self._changed: set[str] = set()
        self._removed: set[str] = set()
        #: What it has removed, or tried to, that somebody else had put there.
        self.removed_of_others: set[str] = set()
        #: Says how far the timeline has come.
        self.place: Callable[[], int] = lambda: 0

    def has_changed(self, path: str) -> bool:
        """Whether the program has changed this, or an entry of this folder, or has removed a folder above it."""
        if path in self._changed or len(self._changed) >= MOST_CHANGED:
            return True
        if any(_dirname(each) == path for each in self._changed):
            return True
        return any(path.startswith(each + os.sep) for each in self._removed)

    def is_own(self, path: str) -> bool:
        """Whether nothing is there but what the program itself has put there, or left of it."""
        return path in self._changed or any(
            path.startswith(each + os.sep) for each in (*self._folders, *self._removed)
        )

    def note_made(self, path: Any) -> None:
        """The program has created a file or folder here, or opened a file to write to it."""
        name = _name_of(path)
        if name is None:
            return
        self._note_change(name)
        is_cache = any(each in name for each in _CACHES)
        if not is_cache and not name.startswith(self._ignored) and len(self.made) < MOST_MADE:
            self.made.setdefault(name, self.place())

    def note_folder(self, path: Any, is_new: bool) -> None:
        """The program wants a folder here; many ask for one that is there already."""
        self.note_made(path)
        name = _name_of(path)
        if is_new and name is not None:
            self._folders.add(name)

    def note_removed(self, path: Any) -> None:
        """The program has removed this: no run can miss it."""
        name = _name_of(path)
        if name is None:
            return
        if name not in self._changed and len(self.removed_of_others) < MOST_MADE:
            self.removed_of_others.add(name)
        self._note_change(name)
        self._removed.add(name)
        if self.made:
            inside = name + os.sep
            self.made = {
                each: place
                for each, place in self.made.items()
                if each != name and not each.startswith(inside)
            }

    def _note_change(self, name: str) -> None:
        if len(self._changed) < MOST_CHANGED:
            self._changed.add(name)


def _name_of(path: Any) -> str | None:
    try:
        return _abspath(_fsdecode(path))
    except (TypeError, ValueError, OSError):
        return None
