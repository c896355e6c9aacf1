"""Brings home what workers on nodes have measured for coverage, as numbers of lines: coverage's own files are databases, which nobody is to load from afar.

Runs in the leader of a node, which gathers it, and in the leader at home, which puts it where pytest-cov combines it with its own.
"""

from __future__ import annotations

import contextlib
import glob
import os
import sys
from typing import Any

#: Context, file, and its lines; of a pair of lines that were executed one after the other, both.
Measured = list[tuple[str, str, list[int]]]

_glob = glob.glob
_remove = os.remove
_abspath = os.path.abspath


def gather(root: str, home: str) -> tuple[bool, Measured, dict[str, str]] | None:
    """What the workers of this process have saved, and removes it; None where nothing was measured.

    Whether these are pairs of lines, the lines of each file, and the plugin of coverage by file. Files below `root` are told as those below `home`.
    """
    coverage, base = _current()
    paths = [] if base is None else sorted(_glob(glob.escape(base) + ".*"))
    measured: dict[tuple[str, str], set[int | tuple[int, int]]] = {}
    tracers: dict[str, str] = {}
    has_arcs = False
    for path in paths:
        data = coverage.CoverageData(basename=path)
        data.read()
        has_arcs = has_arcs or data.has_arcs()
        for file in data.measured_files():
            name = home + file[len(root) :] if file.startswith(root + os.sep) else file
            tracer = data.file_tracer(file)
            if tracer:
                tracers[name] = tracer
            for context in data.measured_contexts() or {""}:
                data.set_query_context(context)
                found = data.arcs(file) if data.has_arcs() else data.lines(file)
                # Of a file that nobody has executed it is not known whether its lines or pairs of them are counted; home lists it anyway.
                if found:
                    measured.setdefault((context, name), set()).update(found)
        data.close()
        with contextlib.suppress(OSError):
            _remove(path)
    if not measured:
        return None
    flat: Measured = [
        (context, name, _flat(sorted(numbers), has_arcs))
        for (context, name), numbers in measured.items()
    ]
    return has_arcs, flat, tracers


def keep(node: str, has_arcs: bool, measured: Measured, tracers: dict[str, str]) -> None:
    """Writes what a node has told into a file beside this session's own."""
    coverage, base = _current()
    if base is None:
        return
    data = coverage.CoverageData(basename=base, suffix=f"node-{node}.{os.getpid()}")
    for context, file, numbers in measured:
        data.set_context(context)
        if has_arcs:
            data.add_arcs({file: list(zip(numbers[::2], numbers[1::2]))})
        else:
            data.add_lines({file: numbers})
    data.add_file_tracers(
        {file: tracer for file, tracer in tracers.items() if file in data.measured_files()}
    )
    data.write()
    data.close()


def _current() -> tuple[Any, str | None]:
    """The library, and the path at which what this process measures begins; None where it measures nothing."""
    coverage: Any = sys.modules.get("coverage")
    current = None if coverage is None else coverage.Coverage.current()
    # Not asked of its data: those would be written, and workers that are forked later would begin with a file that is not theirs.
    return coverage, None if current is None else _abspath(current.config.data_file)


def _flat(numbers: list[Any], has_arcs: bool) -> list[int]:
    return [each for pair in numbers for each in pair] if has_arcs else numbers
