"""The start of a trunk, as the daemon asks for it.

Runs in the trunk's first process. The program under test is started exactly as its
own launcher would start it; what differs is in `_host_patches`.
"""

from __future__ import annotations

import os
import sys
import types
from typing import Callable

from prewarm._editor_plugins import become_vscode_script, is_vscode_script
from prewarm._leader import Leader
from prewarm._preamble import Preamble
from prewarm._process import Message, Process
from prewarm._traceback import without_own_frames


def main(socket_path: str, process_id: str) -> None:
    """Connects, receives what to start, and starts it. Returns at the end of a program that is no pytest, and never else."""
    state_folder = os.path.dirname(socket_path)
    process = Process(socket_path, process_id, state_folder)
    if sys.platform.startswith("linux"):
        try:
            os.mkfifo(process.death_pipe_path(), 0o600)
        except FileExistsError:
            pass
    process.hello("trunk")
    start = process.receive()
    if start is None or start["type"] != "start":
        process.leave()
        return
    process.arm_death_pipe()
    if "command" in start:
        from prewarm._program import main as run_program

        run_program(process, start)
        return
    os.umask(start["umask"])
    _become_launcher(start)
    if start["plain"] is not None:
        _run_plain(process, start)
    preamble = Preamble(state_folder, process_id)
    try:
        import pytest
    except ImportError as error:
        process.channel.send({"type": "no-pytest", "reason": str(error)})
        process.leave()
        return
    from prewarm._tip import Trunk

    trunk = Trunk(process, preamble, start)
    trunk.finish(exit_code_of(lambda: trunk.run(_program(start) or pytest.console_main)))


def _program(start: Message) -> Callable[[], int] | None:
    """What calls pytest, where that is not pytest's own program."""
    if "argv" not in start:
        return None
    if "program" not in start:
        import pytest

        # Its arguments are not those that `sys.argv` shows.
        return lambda: int(pytest.main(start["args"]))

    def run() -> int:
        import runpy

        runpy.run_path(start["script"], run_name="__main__")
        return 0

    return run


def exit_code_of(console_main: Callable[[], int]) -> int:
    """Runs a console script's function and says how the interpreter would exit."""
    try:
        return int(console_main() or 0)
    except SystemExit as request:
        if request.code is None or isinstance(request.code, int):
            return int(request.code or 0)
        sys.stderr.write(f"{request.code}\n")
        return 1
    except BaseException as error:
        shown = error.with_traceback(without_own_frames(error.__traceback__))
        sys.excepthook(type(error), shown, shown.__traceback__)
        # Python ends itself by the signal then, which a shell shows like this.
        return 130 if isinstance(error, KeyboardInterrupt) else 1


def _run_plain(process: Process, start: Message) -> None:
    """Plain pytest with the requester's streams: nothing is kept, and nothing is muted."""
    from prewarm import _host_patches

    # The daemon has started this process in a session of its own, as a leader's is.
    leader = Leader(process)
    has_program = "program" in start

    def open_streams() -> None:
        leader.open_streams(start["plain"])

    if not has_program:
        open_streams()
    try:
        import pytest

        from prewarm._report import Reporter
    except ImportError as error:
        process.channel.send({"type": "no-pytest", "reason": str(error)})
        process.leave()
        return
    reporter = Reporter(process)
    reporter.is_reporting = True
    # A program's own words were shown by its requester.
    _host_patches.add_plugin(reporter, open_streams if has_program else None)
    process.channel.send({"type": "leading"})
    leader.open_debug_server(start["plain"])
    leader.finish(exit_code_of(_program(start) or pytest.console_main))


def _become_launcher(start: Message) -> None:
    """Makes `sys` look as the console script `pytest`, or `python -m pytest`, finds it."""
    script: str = start["script"]
    words = next(start[name] for name in ("program", "argv", "args") if name in start)
    sys.argv[:] = [script, *words]
    if not getattr(sys.flags, "safe_path", False):
        # Python follows every link on the way to a script.
        folder = os.getcwd() if start["isModule"] else os.path.dirname(os.path.realpath(script))
        sys.path.insert(0, folder)
    if is_vscode_script(script):
        become_vscode_script(script)
    launcher = types.ModuleType("__main__")
    launcher.__file__ = script
    launcher.__dict__["__builtins__"] = __builtins__
    # The original must outlive its place in sys.modules: its globals are what is running.
    launcher.__dict__["__prewarm__"] = sys.modules["__main__"]
    sys.modules["__main__"] = launcher
