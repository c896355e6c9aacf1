"""Keeps what a trunk has loaded out of the garbage collector's way, and out of nobody's sight.

Runs in trunk and leader. Frozen objects are neither traversed nor copied by a collection, so forks share their pages and
pytest's five collections at the end of a run take no time. But they are invisible to `gc`: as soon as the program
asks `gc` for anything, they are thawed for the rest of that process.
"""

from __future__ import annotations

import gc
import sys
from typing import Any, Callable

#: Leaves alone what is frozen.
collect = gc.collect
_freeze = gc.freeze
_unfreeze = gc.unfreeze

#: What shows whether an object is known to the collector.
_WATCHED = (
    "collect",
    "get_objects",
    "get_referrers",
    "get_stats",
    "get_freeze_count",
    "freeze",
    "unfreeze",
)


class FrozenHeap:
    """The heap of one timeline; thawed by the first question that the program asks."""

    def __init__(self) -> None:
        self._is_frozen = False

    def watch(self) -> None:
        """Before anything of the program is imported, so that `from gc import collect` is seen too."""
        for name in _WATCHED:
            setattr(gc, name, self._thawing(getattr(gc, name)))

    def freeze(self) -> None:
        """Before a fork: what exists now is shared by all children.

        Garbage goes first, or it would stay in `__subclasses__()` for ever. What was frozen before is not looked at again, so
        the price is that of the new objects, and no page of the old ones is copied.
        """
        collect()
        _freeze()
        self._is_frozen = True

    def _thawing(self, plain: Callable[..., Any]) -> Callable[..., Any]:
        def ask(*args: Any, **kwargs: Any) -> Any:
            # pytest collects what the tests left behind; what was loaded before is none of that.
            if self._is_frozen and not _is_asked_by_pytest():
                self._is_frozen = False
                _unfreeze()
            return plain(*args, **kwargs)

        ask.__name__ = ask.__qualname__ = plain.__name__
        ask.__doc__ = plain.__doc__
        return ask


def _is_asked_by_pytest() -> bool:
    return str(sys._getframe(2).f_globals.get("__name__", "")).startswith("_pytest")
