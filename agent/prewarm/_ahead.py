"""Installed packages that are imported ahead of the project, where nothing can tell the difference.

Runs in the trunk. A trunk learns at its tip whether the place of its packages matters, by what was seen on the way; the
next trunk of the project imports them first, so that no edit of the project makes them load again.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import re
import sys
from collections.abc import Iterator, Sequence
from importlib.machinery import PathFinder
from typing import Any

from prewarm._collect import recorded_warnings
from prewarm._streams_ahead import StreamsAhead
from prewarm._timeline import Timeline

_listdir = os.listdir

#: They replace parts of the standard library, and must come before whatever uses those.
_PATCHING_PACKAGES = ("gevent", "eventlet")

#: Read by C code of packages, where nobody sees it.
_C_VARIABLES = re.compile(
    r"(OMP|MKL|OPENBLAS|BLIS|NUMEXPR|KMP|VECLIB|TF|XLA|CUDA|TORCH|GRPC|LD|MALLOC|JAX)_"
)


def why_not_ahead(timeline: Timeline, config: Any, ahead: Ahead) -> str | None:
    """Why packages have to stay in their natural place, or None where they need not.

    Where they are ahead already, threads and warnings are the project's own.
    """
    if timeline.obstacle is not None and not ahead.is_asked_for:
        return timeline.obstacle
    for name in _PATCHING_PACKAGES:
        if name in sys.modules:
            return f"{name} patches the standard library"
    for variable in sorted(timeline.written_variables):
        if variable in timeline.variables_read_by_libraries or _C_VARIABLES.match(variable):
            return f"the project sets {variable}, which a package reads"
    filters = [*config.getini("filterwarnings"), *(config.getoption("pythonwarnings", None) or ())]
    if any(each.startswith("error") for each in filters):
        return "warnings are errors"
    if ahead.is_asked_for:
        return ahead.why_not(timeline)
    folders = tuple(f"{each}{os.sep}" for each in (config.rootpath, config.invocation_params.dir))
    for path in sorted(timeline.removed_of_others):
        # The second start would remove what the first one's run has left there: a report, the data of coverage.
        if path.startswith(folders):
            return f"the start removes {path}"
    reporter = config.pluginmanager.getplugin("terminalreporter")
    if recorded_warnings() or (reporter is not None and reporter.stats.get("warnings")):
        return "importing causes warnings"
    return None


class Ahead:
    """The modules that a trunk imports first, each with the file of which it was learned.

    `never` are modules that pytest rewrites: they must not have been loaded by one of the others.
    """

    def __init__(self, modules: Sequence[tuple[str, str | None]], never: Sequence[str]) -> None:
        self._origins = dict(modules)
        self._never = never
        self.is_asked_for = bool(modules)
        self._streams = StreamsAhead()
        #: What was imported, by name.
        self.loaded: dict[str, Any] = {}

    def import_all(self, timeline: Timeline) -> str | None:
        """Imports the modules in their order; returns what went wrong, or None."""
        before = set(sys.modules)
        with self._streams.standing():
            fault = self._import()
        if fault is not None:
            return fault
        for name in self._never:
            if name in sys.modules:
                return f"{name} would not be rewritten"
        rewritten = {_top_level(name) for name in self._never}
        for name in sorted(sys.modules.keys() - before - self._origins.keys()):
            origin = _origin_of(getattr(sys.modules[name], "__spec__", None))
            if origin is not None and not timeline.is_library(origin):
                return f"a package imports {name} from the project"
            is_known = _top_level(name) in rewritten or self._is_rewritten_for_nothing(name, origin)
            if name in timeline.libraries and not is_known:
                return f"{name} came from elsewhere when the packages were learned"
        self.loaded = {name: sys.modules[name] for name in self._origins if name in sys.modules}
        return None

    def _import(self) -> str | None:
        for name, origin in self._origins.items():
            if name in sys.modules:
                continue
            try:
                if _origin_of(importlib.util.find_spec(name)) != origin:
                    return f"{name} comes from another file"
                importlib.import_module(name)
            except Exception as error:
                return f"{name} cannot be imported ahead: {type(error).__name__}"
        return None

    def _is_rewritten_for_nothing(self, name: str, origin: str | None) -> bool:
        """Whether pytest has taken a package's module for a test file, because of its name, and rewriting changes nothing in it.

        pytest's own finder comes before ours then: such a module is never learned.
        """
        parent, _, stem = name.rpartition(".")
        if parent not in self._origins or origin is None or not origin.endswith(".py"):
            return False
        if not (stem.startswith("test_") or stem.endswith("_test")):
            return False
        try:
            with open(origin, "rb") as file:
                return b"assert" not in file.read()
        except OSError:
            return False

    def why_not(self, timeline: Timeline) -> str | None:
        """What the project does with names that were imported before it could, or None."""
        fault = self._streams.why_not()
        if fault is not None:
            return fault
        for name, module in self.loaded.items():
            if sys.modules.get(name) is not module:
                return f"{name} is replaced by the project"
        with timeline.unobserved():
            for name in self._names_in_project(timeline):
                if _origin_of(PathFinder.find_spec(name)) != self._origins[name]:
                    return f"{name} comes from another file for the project"
        return None

    def _names_in_project(self, timeline: Timeline) -> Iterator[str]:
        """Top-level names that lie in the project's own places on `sys.path`, too."""
        for folder in sys.path:
            if not timeline.is_library(os.path.abspath(folder) + os.sep):
                for entry in _names_in(folder):
                    name = _top_level(entry)
                    if name in self.loaded:
                        yield name


def _top_level(name: str) -> str:
    return name.partition(".")[0]


def _names_in(folder: str) -> list[str]:
    try:
        return _listdir(folder or ".")
    except OSError:
        # An archive, or nothing at all.
        return []


def _origin_of(spec: Any) -> str | None:
    return spec.origin if spec is not None and spec.has_location else None
