"""Sees every import of the project just before it happens.

Runs in the trunk; in front of `sys.meta_path` until the tip.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from prewarm._timeline import Timeline


class Finder:
    """In front of `sys.meta_path`: sees what is about to be imported, and lets the others find it."""

    def __init__(self, timeline: Timeline) -> None:
        self._timeline = timeline

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        timeline = self._timeline
        if not timeline.is_recording:
            return None
        timeline.search(sys.path if path is None else path)
        spec = self._find(name, path, target)
        if spec is None:
            timeline.note("missing", name)
            return None
        origin = spec.origin if spec.has_location else None
        if origin is None or timeline.is_library(origin):
            if origin is None and spec.submodule_search_locations is not None:
                # A namespace package is nothing but its folders: no file tells when one of them has gone.
                timeline.note_presences(spec.submodule_search_locations)
            is_rewritten = type(spec.loader).__name__ == "AssertionRewritingHook"
            timeline.reach_library(name, origin, is_rewritten)
            return spec
        process = timeline.process.id
        timeline.reach("module", name, origin)
        timeline.refuse_doubtful_bytecode(origin)
        if timeline.process.id != process:
            # We are a child that carries on here: the file may have changed, moved or gone.
            return self._find(name, path, target)
        return spec

    def _find(self, name: str, path: Any, target: Any) -> Any:
        others = [finder for finder in sys.meta_path if finder is not self]
        return self._timeline.find(others, name, path, target)

    def invalidate_caches(self) -> None:
        """Part of the finder protocol; there is nothing to forget."""
