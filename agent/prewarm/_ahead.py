"""Installed packages that are imported ahead of the project, where nothing can tell the difference.

Runs in the trunk. A trunk learns at its tip whether the place of its packages matters, by what was seen on the way; the
next trunk of the project imports them first, so that no edit of the project makes them load again.
"""

from __future__ import annotations

import importlib
import importlib.util
import re
import sys
from collections.abc import Sequence
from typing import Any

from prewarm._collect import recorded_warnings
from prewarm._timeline import Timeline

#: They replace parts of the standard library, and must come before whatever uses those.
_PATCHING_PACKAGES = ("gevent", "eventlet")

#: Read by C code of packages, where nobody sees it.
_C_VARIABLES = re.compile(
    r"(OMP|MKL|OPENBLAS|BLIS|NUMEXPR|KMP|VECLIB|TF|XLA|CUDA|TORCH|GRPC|LD|MALLOC|JAX)_"
)


def why_not_ahead(timeline: Timeline, config: Any, are_ahead: bool) -> str | None:
    """Why packages have to stay in their natural place, or None where they need not.

    Where they `are_ahead` already, threads and warnings are the project's own.
    """
    if timeline.obstacle is not None and not are_ahead:
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
    if are_ahead:
        return None
    reporter = config.pluginmanager.getplugin("terminalreporter")
    if recorded_warnings() or (reporter is not None and reporter.stats.get("warnings")):
        return "importing causes warnings"
    return None


def import_ahead(modules: Sequence[tuple[str, str | None]], never: Sequence[str]) -> str | None:
    """Imports modules, each from the file of which it was learned; returns what went wrong, or None.

    `never` are modules that pytest rewrites: they must not have been loaded by one of the others.
    """
    for name, origin in modules:
        if name in sys.modules:
            continue
        try:
            if _origin(name) != origin:
                return f"{name} comes from another file"
            importlib.import_module(name)
        except Exception as error:
            return f"{name} cannot be imported ahead: {type(error).__name__}"
    loaded: list[str] = [name for name in never if name in sys.modules]
    if loaded:
        return f"{loaded[0]} would not be rewritten"
    return None


def _origin(name: str) -> str | None:
    spec = importlib.util.find_spec(name)
    return spec.origin if spec is not None and spec.has_location else None
