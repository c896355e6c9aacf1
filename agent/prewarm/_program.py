"""Starts a Python program as its own interpreter would: a script, a module, or code.

Runs in the trunk of a program. It ends as Python ends: this package does nothing behind the program's last line.
"""

from __future__ import annotations

import importlib.machinery
import io
import os
import runpy
import sys
import types
from typing import Any

from prewarm._process import Message, Process
from prewarm._program_timeline import ProgramTimeline
from prewarm._traceback import without_own_frames

#: As a shell shows a program that ctrl-c has ended.
_INTERRUPTED = 130


def main(process: Process, start: Message) -> None:
    """Runs the program; raises SystemExit with its exit code where that is not 0."""
    timeline = ProgramTimeline(process, start)
    timeline.take_over(start["run"])
    timeline.watch_streams()
    launcher = _become_launcher(start)
    timeline.install()
    try:
        _execute(start, timeline, launcher)
    except SystemExit:
        raise
    except BaseException as error:
        shown = error.with_traceback(without_own_frames(error.__traceback__))
        sys.last_type, sys.last_value, sys.last_traceback = type(error), shown, shown.__traceback__
        sys.excepthook(type(error), shown, shown.__traceback__)
        raise SystemExit(_INTERRUPTED if isinstance(error, KeyboardInterrupt) else 1) from None
    finally:
        timeline.finish()


def _execute(start: Message, timeline: ProgramTimeline, launcher: types.ModuleType) -> None:
    timeline.cut("start", "the program", None)
    command, script = start["command"], start["script"]
    if command == "module":
        runpy._run_module_as_main(script)  # type: ignore[attr-defined]
    elif command == "code":
        exec(compile(script, "<string>", "exec", dont_inherit=True), launcher.__dict__)
    elif _is_package(script):
        timeline.note("module", "__main__", os.path.join(_absolute(script), "__main__.py"))
        runpy._run_module_as_main("__main__", False)  # type: ignore[attr-defined]
    else:
        path = _absolute(script)
        timeline.note("module", "__main__", path)
        with io.open_code(path) as file:
            source = file.read()
        exec(compile(source, path, "exec", dont_inherit=True), launcher.__dict__)


def _become_launcher(start: Message) -> types.ModuleType:
    """Makes `sys` and `__main__` look as the program finds them in a plain start."""
    command, script, args = start["command"], start["script"], start["args"]
    words = {"module": ["-m", script], "code": ["-c", script]}.get(command, [script])
    known = getattr(sys, "orig_argv", None)
    if known is not None:
        # The last three are ours: the agent, its socket, its name.
        known[-3:] = [*words, *args]
    sys.argv[:] = [words[0], *args]
    if command == "script" and _is_package(script):
        sys.path.insert(0, _absolute(script))
    elif not getattr(sys.flags, "safe_path", False) and not sys.flags.isolated:
        folder = os.path.dirname(os.path.realpath(script)) if command == "script" else os.getcwd()
        sys.path.insert(0, "" if command == "code" else folder)
    own = sys.modules["__main__"].__dict__
    launcher = types.ModuleType("__main__")
    values = launcher.__dict__
    values.clear()
    # The names that this version of Python gives a script, in its order.
    values.update((name, own[name]) for name in own if name[:2] == name[-2:] == "__")
    values.update(_facts(command, script))
    if "__annotations__" in values:
        values["__annotations__"] = {}
    if command != "script":
        for name in ("__file__", "__cached__"):
            values.pop(name, None)
    # The original must outlive its place in sys.modules: its globals are what is running.
    main._caller = sys.modules["__main__"]  # type: ignore[attr-defined]
    sys.modules["__main__"] = launcher
    return launcher


def _facts(command: str, script: str) -> dict[str, Any]:
    if command != "script":
        return {"__doc__": None, "__loader__": importlib.machinery.BuiltinImporter}
    path = _absolute(script)
    loader = importlib.machinery.SourceFileLoader("__main__", path)
    return {"__doc__": None, "__loader__": loader, "__file__": path}


def _is_package(script: str) -> bool:
    """Whether Python runs what lies in it: a folder, or an archive."""
    import zipfile

    return os.path.isdir(script) or (not script.endswith(".py") and zipfile.is_zipfile(script))


def _absolute(script: str) -> str:
    """As Python itself does it: a path is not made shorter."""
    if os.path.isabs(script):
        return script
    return os.path.join(os.getcwd(), script)
