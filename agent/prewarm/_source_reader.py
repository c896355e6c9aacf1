"""Reads source files for the daemon: what they compile to, and what they refer to.

Runs in a process of its own beside the trunks, because only the project's own interpreter compiles as an import does. It
imports nothing of the project.
"""

from __future__ import annotations

import ast
import contextlib
import os
import warnings
from typing import Any

from prewarm._fingerprint import fingerprint
from prewarm._keepers import keepers
from prewarm._process import Process
from prewarm._references import references
from prewarm._traces_left import left_behind

_fstat = os.fstat

#: So many files are told at once.
BATCH = 50


def main(socket_path: str, process_id: str) -> None:
    """Connects, and answers until the daemon has gone. Never returns."""
    process = Process(socket_path, process_id, os.path.dirname(socket_path))
    with contextlib.suppress(FileExistsError, AttributeError):
        os.mkfifo(process.death_pipe_path(), 0o600)
    process.hello("reader")
    process.arm_death_pipe()
    while True:
        order = process.receive()
        if order is None or order["type"] == "exit":
            process.leave()
            return
        if order["type"] == "read":
            paths = order["paths"]
            for first in range(0, max(len(paths), 1), BATCH):
                sources = [read(path) for path in paths[first : first + BATCH]]
                is_last = first + BATCH >= len(paths)
                process.channel.send(
                    {
                        "type": "sources",
                        "ask": order["ask"],
                        "sources": sources,
                        "isLast": is_last,
                    }
                )


def read(path: str) -> dict[str, Any]:
    """What is known of one file, and which version of it: `module` is None where it does not compile."""
    try:
        with open(path, "rb") as file:
            before = _fstat(file.fileno())
            content = file.read()
            after = _fstat(file.fileno())
    except OSError:
        return {"path": path, "version": "nothing", **_NOTHING}
    version = _version(before) if _version(before) == _version(after) else "changing"
    return {"path": path, "version": version, **examine(content, path)}


_NOTHING: dict[str, Any] = {
    "module": None,
    "functions": {},
    "imports": [],
    "strings": [],
    "dynamic": "",
    "left": {"digest": "", "places": [], "reason": ""},
    "keepers": [],
}


def examine(content: bytes, path: str) -> dict[str, Any]:
    """The same of a content alone."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            tree = ast.parse(content, path)
            module, functions = fingerprint(
                compile(content, path, "exec", dont_inherit=True, optimize=-1)
            )
            refers = references(tree)
            left = left_behind(tree)
            keeping = keepers(tree)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return _NOTHING
    return {
        "module": module,
        "functions": functions,
        "imports": refers.imports,
        "strings": refers.strings,
        "dynamic": refers.dynamic,
        "left": left._asdict(),
        "keepers": keeping,
    }


def _version(status: os.stat_result) -> str:
    return f"{status.st_mtime_ns} {status.st_size} {status.st_ino} {status.st_ctime_ns}"
