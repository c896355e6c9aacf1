"""Notices when the program asks whether a file or folder is there.

Runs in the trunk until its tip. Python has no audit event for it: `os.path` and `pathlib` come down to these functions of
`os`, which the import system does not use.
"""

from __future__ import annotations

import os
import pathlib
import stat
from typing import Any, Callable

_stat = os.stat

_FUNCTIONS = ("stat", "lstat", "access")
#: Until Python 3.10 pathlib had references of its own.
_ACCESSOR: Any = getattr(pathlib, "_NormalAccessor", None)
#: Programs look here what a function of `os` can do: shutil chooses its way by it.
_ABILITIES = (
    "supports_dir_fd",
    "supports_fd",
    "supports_follow_symlinks",
    "supports_effective_ids",
)


class PresenceWatch:
    """Stands in for functions of `os`, and tells the path of each question, and whether it is answered by size and times too."""

    def __init__(self, tell: Callable[[Any, bool], None]) -> None:
        self._tell = tell
        self._plain: dict[str, Any] = {}
        self._watched: dict[str, Any] = {}

    def watch(self) -> None:
        for name in _FUNCTIONS:
            plain = self._plain[name] = getattr(os, name)
            watched = self._watched[name] = self._watching(plain)
            for ability in _abilities_of(plain):
                ability.add(watched)
            setattr(os, name, watched)
            if _ACCESSOR is not None and hasattr(_ACCESSOR, name):
                setattr(_ACCESSOR, name, staticmethod(watched))

    def restore(self) -> None:
        """Gives `os` its own functions back. Who has kept ours gets the same answers from it."""
        for name, watched in self._watched.items():
            if getattr(os, name) is watched:
                setattr(os, name, self._plain[name])
            if _ACCESSOR is not None and hasattr(_ACCESSOR, name):
                setattr(_ACCESSOR, name, staticmethod(self._plain[name]))

    def _watching(self, plain: Callable[..., Any]) -> Callable[..., Any]:
        tell = self._tell
        has_times = plain.__name__ != "access"

        def ask(path: Any, *args: Any, **kwargs: Any) -> Any:
            if kwargs.get("dir_fd") is None:
                tell(path, has_times)
            return plain(path, *args, **kwargs)

        ask.__name__ = ask.__qualname__ = plain.__name__
        ask.__module__ = plain.__module__
        ask.__doc__ = plain.__doc__
        return ask


def presence(path: str) -> str:
    """What is there: `file`, `folder` or `nothing`, as `src/watch/file-states.ts` says it."""
    try:
        return "folder" if stat.S_ISDIR(_stat(path).st_mode) else "file"
    except (OSError, ValueError):
        return "nothing"


def _abilities_of(function: Any) -> list[set[Any]]:
    return [each for each in (getattr(os, name) for name in _ABILITIES) if function in each]
