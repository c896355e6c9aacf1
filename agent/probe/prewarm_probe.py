"""Starts pytest up to the end of its collection, and writes down what was imported, when, from where and for how long.

Runs as a program of its own, for `prewarm imports` and `prewarm doctor`: `python prewarm_probe.py ORDER`. Nothing of it is kept,
so it may measure where prewarm itself must not. It imports the standard library alone before the clock starts.
"""

from __future__ import annotations

import _frozen_importlib
import _frozen_importlib_external
import _thread
import builtins
import contextlib
import json
import os
import sys
import threading
import time
import weakref
from types import CodeType, FrameType
from typing import Any

import prewarm_probe_held

_bootstrap: Any = _frozen_importlib
_external: Any = _frozen_importlib_external
_now = time.perf_counter
_ident = _thread.get_ident

#: Code that stands between an import statement and this file.
_MACHINERY = ("<frozen importlib", "<frozen zipimport", __file__)
_IMPORTLIB = os.path.join("importlib", "__init__.py")

#: What a program may do while it is imported that its forks would share or lose.
_DEEDS = {
    "socket.__new__": "socket",
    "socket.connect": "connection",
    "sqlite3.connect": "connection",
}
#: Not all versions tell of these: they are replaced. `threading` has references of its own.
_STARTERS = ("start_new_thread", "start_new", "start_joinable_thread")
_MOST_DEEDS = 500
#: CO_OPTIMIZED and CO_NEWLOCALS, which `inspect` would have to be imported for.
_FUNCTION = 3
#: A number in `sys.monitoring` that no debugger, profiler or coverage takes by custom.
_TOOL = 3
_HAS_MONITORING = sys.version_info >= (3, 12)


class Probe:
    """Takes down imports from its start on, and what pytest says of its collection."""

    def __init__(self) -> None:
        self._start = _now()
        #: Name, file, index of the one that it was imported in (-1: none), importing file, line, start, total and own ms.
        self.modules: list[list[Any]] = []
        #: By importing file (or module, where it has none) and imported module, the line of the first such import.
        self.edges: dict[tuple[str, str], int] = {}
        self.deeds: list[dict[str, Any]] = []
        self.errors: list[list[str]] = []
        self.tests = 0
        self.plugins: list[list[str]] = []
        self.collected_ms = 0.0
        #: Why prewarm would run plain pytest here, or empty.
        self.not_warm = ""
        self._is_on = True
        #: Files of which a function was executed up to the end of the collection; None where nobody has asked, or can tell.
        self._executed: set[str] | None = None
        #: What sockets are open, as `/proc` names them; None where nobody has asked for those that C code makes.
        self._sockets: set[str] | None = None
        #: By thread, the modules that are being imported, and what those inside of them took.
        self._open: dict[int, list[list[Any]]] = {}

    def install(self) -> None:
        """From here on every import is seen."""
        find_and_load = _bootstrap._find_and_load
        plain_import = builtins.__import__
        exec_module: Any = _external.SourceFileLoader.exec_module

        def timed(name: str, import_: Any) -> Any:
            return self._timed(name, None, lambda: find_and_load(name, import_))

        def noted(
            name: str,
            globals: Any = None,
            locals: Any = None,
            fromlist: Any = (),
            level: int = 0,
        ) -> Any:
            module = plain_import(name, globals, locals, fromlist, level)
            self._note_edge(name, globals, fromlist, level, module)
            return module

        def executed(loader: Any, module: Any) -> None:
            self._timed(module.__name__, module, lambda: exec_module(loader, module))

        places: list[tuple[Any, str, Any]] = [
            (_bootstrap, "_find_and_load", timed),
            (builtins, "__import__", noted),
            (_external.SourceFileLoader, "exec_module", executed),
        ]
        for owner, name, function in places:
            setattr(owner, name, function)
        sys.addaudithook(self._hear)
        for each in _STARTERS:
            for owner, attribute in ((_thread, each), (threading, f"_{each}")):
                starter: Any = getattr(owner, attribute, None)
                if starter is not None:
                    setattr(owner, attribute, self._heard_thread(starter))
        prewarm_probe_held.hear_processes(self._note_deed)

    def note_sockets(self) -> None:
        """From here on sockets are noted that C code opens, which no event tells of, at the end of the module that did it."""
        self._sockets = prewarm_probe_held.open_sockets()

    def _note_new_sockets(self, module: str, path: str | None) -> None:
        if self._sockets is None or not self._is_on:
            return
        found = prewarm_probe_held.open_sockets() - self._sockets
        self._sockets |= found
        inside = [entry[0] for entry in self._open.get(_ident(), [])]
        for target in sorted(found):
            kind = "connection" if prewarm_probe_held.is_connected(target) else "socket"
            frames = [(path or module, 0)]
            self.deeds.append(
                {"kind": kind, "frames": frames, "importing": [*inside, module], "target": target}
            )

    def note_functions(self) -> None:
        """From here on the files are noted whose functions are executed, where Python 3.12 and later tell; each function tells once."""
        if not _HAS_MONITORING:
            return
        executed: set[str] = set()
        monitoring: Any = sys.monitoring  # type: ignore[attr-defined, unused-ignore]
        disable = monitoring.DISABLE

        def on_start(code: CodeType, offset: int) -> Any:
            if self._is_on and _is_function(code):
                executed.add(code.co_filename)
            return disable

        monitoring.use_tool_id(_TOOL, "prewarm-probe")
        monitoring.register_callback(_TOOL, monitoring.events.PY_START, on_start)
        monitoring.set_events(_TOOL, monitoring.events.PY_START)
        self._executed = executed

    def _functions(self) -> list[list[Any]] | None:
        """File, number of functions, and whether one of them was executed, of each module that is written in Python."""
        if self._executed is None:
            return None
        executed = {os.path.abspath(path) for path in self._executed}
        files = {row[1]: row[0] for row in self.modules if row[1] is not None}
        return [
            [path, _count_functions(name, path), os.path.abspath(path) in executed]
            for path, name in files.items()
            if path.endswith(".py")
        ]

    def _heard_thread(self, starter: Any) -> Any:
        def start(function: Any, *args: Any, **kwargs: Any) -> Any:
            self._note_deed("thread", getattr(function, "__self__", function))
            return starter(function, *args, **kwargs)

        return start

    def also_rewritten(self) -> None:
        """Modules with rewritten asserts have a loader of pytest's."""
        from _pytest.assertion import rewrite

        hook: Any = rewrite.AssertionRewritingHook
        exec_module = hook.exec_module

        def executed(loader: Any, module: Any) -> None:
            self._timed(module.__name__, module, lambda: exec_module(loader, module))

        hook.exec_module = executed

    def _timed(self, name: str, module: Any, act: Any) -> Any:
        stack = self._open.setdefault(_ident(), [])
        if not self._is_on or (module is not None and stack and stack[-1][0] == name):
            return act()
        path, line = _place(sys._getframe(2))
        row: list[Any] = [name, None, stack[-1][1] if stack else -1, path, line, 0.0, 0.0, 0.0]
        self.modules.append(row)
        entry: list[Any] = [name, len(self.modules) - 1, 0.0]
        stack.append(entry)
        start = _now()
        try:
            return act()
        finally:
            took = _now() - start
            stack.pop()
            if stack:
                stack[-1][2] += took
            loaded = sys.modules.get(name, module)
            row[1] = getattr(loaded, "__file__", None) if loaded is not None else None
            row[5:] = [_ms(start - self._start), _ms(took), _ms(max(0.0, took - entry[2]))]
            if loaded is None:
                row[0] = ""
            self._note_new_sockets(name, row[1])

    def _note_edge(self, name: str, globals: Any, fromlist: Any, level: int, module: Any) -> None:
        if not self._is_on or not globals:
            return
        # Two conftests have one name, and never one file.
        importer = globals.get("__file__") or globals.get("__name__") or ""
        if level:
            name = getattr(module, "__name__", name) if fromlist or not name else ""
            if not name:
                return
        line = sys._getframe(2).f_lineno
        names = [name]
        for each in fromlist or ():
            if isinstance(each, str) and f"{name}.{each}" in sys.modules:
                names.append(f"{name}.{each}")
        for each in names:
            self.edges.setdefault((importer, each), line)

    def _hear(self, event: str, args: tuple[Any, ...]) -> None:
        kind = _DEEDS.get(event)
        if kind is not None:
            self._note_deed(kind, args[0] if args else None)

    def _note_deed(self, kind: str, subject: Any) -> None:
        if not self._is_on or len(self.deeds) >= _MOST_DEEDS:
            return
        frames = _frames(sys._getframe(2))
        if kind == "socket" and any("selector_events.py" in path for path, _ in frames):
            kind = "loop"
        held: Any = None
        with contextlib.suppress(TypeError):
            held = weakref.ref(subject)
        stack = self._open.get(_ident(), [])
        inside = [entry[0] for entry in stack]
        deed = {"kind": kind, "frames": frames, "importing": inside, "held": held}
        if isinstance(subject, str) and not subject.startswith("file:"):
            # A database in a file: it stays open for as long as its file does.
            deed["target"] = os.path.realpath(subject)
        self.deeds.append(deed)

    def pytest_collectreport(self, report: Any) -> None:
        if report.failed:
            self.errors.append([report.nodeid, str(report.longrepr)[:20_000]])

    def pytest_collection_finish(self, session: Any) -> None:
        self.tests = len(session.items)
        self.collected_ms = _ms(_now() - self._start)
        self._is_on = False
        self.not_warm = _why_not_warm(session.config)
        found = session.config.pluginmanager.list_plugin_distinfo()
        self.plugins = sorted({(each.project_name, each.version) for _, each in found})  # type: ignore[misc]
        self._judge_deeds()

    def _judge_deeds(self) -> None:
        """Which of what was made is still there. A socket of a Python object is told with the line that made it, and not again."""
        targets = prewarm_probe_held.targets()
        for deed in self.deeds:
            if "target" not in deed:
                deed["isLive"] = prewarm_probe_held.is_live(deed["kind"], deed["held"])
        named = {
            prewarm_probe_held.target_of(deed["held"]) for deed in self.deeds if deed.get("isLive")
        }
        for deed in self.deeds:
            if "target" in deed:
                deed["isLive"] = deed["target"] in targets and deed["target"] not in named

    def told(self, code: int) -> dict[str, Any]:
        """All that was seen, for the one who has started this process."""
        for deed in self.deeds:
            deed.pop("held", None)
            deed.pop("target", None)
            deed.setdefault("isLive", False)
        pytest: Any = sys.modules.get("pytest")
        return {
            "exit": code,
            "python": sys.version.split()[0],
            "pytest": getattr(pytest, "__version__", ""),
            "totalMs": self.collected_ms or _ms(_now() - self._start),
            "tests": self.tests,
            "modules": self.modules,
            "edges": [[importer, name, line] for (importer, name), line in self.edges.items()],
            "deeds": self.deeds,
            "errors": self.errors,
            "plugins": self.plugins,
            "notWarm": self.not_warm,
            "library": os.path.dirname(os.__file__),
            "root": os.getcwd(),
            "functions": self._functions(),
        }


def _why_not_warm(config: Any) -> str:
    """What prewarm itself says of this configuration."""
    sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    try:
        from prewarm import _session

        return _session.why_not_warm(config)
    finally:
        del sys.path[0]


def _is_function(code: CodeType) -> bool:
    """Whether it is one that somebody has written: neither a class body, nor a part of another one, nor annotations."""
    name = code.co_name
    is_part = (name.startswith("<") and name != "<lambda>") or name == "__annotate__"
    return code.co_flags & _FUNCTION == _FUNCTION and not is_part


def _count_functions(name: str, path: str) -> int:
    """How many functions a module is written with. What others make for it (a dataclass's `__init__`) are not its own."""
    try:
        loader: Any = getattr(sys.modules.get(name), "__loader__", None)
        get_code = getattr(loader, "get_code", None)
        if get_code is not None:
            code = get_code(name)
        else:
            with open(path, "rb") as file:
                code = compile(file.read(), path, "exec", dont_inherit=True)
    except (ImportError, OSError, SyntaxError, ValueError):
        return 0
    found, pending = 0, [code]
    while pending:
        each = pending.pop()
        if isinstance(each, CodeType):
            found += _is_function(each)
            pending += each.co_consts
    return found


def _place(frame: FrameType | None) -> tuple[str, int]:
    """File and line of the program that imports."""
    for path, line in _frames(frame):
        return path, line
    return "", 0


def _frames(frame: FrameType | None) -> list[tuple[str, int]]:
    found: list[tuple[str, int]] = []
    while frame is not None and len(found) < 60:
        path = frame.f_code.co_filename
        if not path.startswith(_MACHINERY) and not path.endswith(_IMPORTLIB):
            found.append((path, frame.f_lineno))
        frame = frame.f_back
    return found


def _ms(seconds: float) -> float:
    return round(1000 * seconds, 3)


def main() -> None:
    order = json.loads(sys.argv[1])
    sys.path[0] = os.getcwd() if order["isModule"] else os.path.dirname(order["script"])
    sys.argv[:] = [order["script"], *order["args"]]
    probe = Probe()
    probe.install()
    if order["wish"] == "functions":
        probe.note_functions()
    elif order["wish"] == "sockets":
        probe.note_sockets()
    code = 70
    try:
        import pytest

        probe.also_rewritten()
        code = int(pytest.main(order["args"], plugins=[probe]))
    finally:
        told = probe.told(code)
        with open(order["file"], "w", encoding="utf-8", errors="surrogateescape") as file:
            json.dump(told, file)
    sys.stdout.flush()
    # Threads that were started while importing would hold the process.
    os._exit(code)


if __name__ == "__main__":
    main()
