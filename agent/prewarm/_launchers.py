"""Who has started this pytest, and whether a process of the daemon can stand in for it. PYTEST_DONT_REWRITE

Runs in the client (`pytest --prewarm`) only. Whoever calls `pytest.main` goes on afterwards: only for the launchers that
are known here is it known what.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Any, NamedTuple

from prewarm._editor_plugins import is_vscode_script

#: PyCharm's launcher, which ends with pytest's exit code.
_PYCHARM_SCRIPT = "_jb_pytest_runner.py"


class NotHere(Exception):
    """Plain pytest has to run in this process: why, and what to do about it."""

    def __init__(self, reason: str, next_step: str) -> None:
        super().__init__(reason)
        self.next_step = next_step


class Launcher(NamedTuple):
    """How this pytest was started, in the words of `Launch` in `src/protocol/api.ts`."""

    script: str
    is_module: bool
    #: Whether nothing of the program follows: then this process may end at once, else by `SystemExit`.
    is_last: bool
    #: Whether the program ends with pytest's exit code.
    keeps_exit: bool = True
    #: The words of a program that has to be executed itself, since it gives pytest plugins that only it has.
    program: list[str] | None = None


def find_launcher(plugins: Sequence[object] | None) -> Launcher:
    """The launcher of this process; raises NotHere for one that is not known."""
    main: Any = sys.modules.get("__main__")
    script = sys.argv[0] if sys.argv else ""
    spec = getattr(main, "__spec__", None)
    words = list(getattr(sys, "orig_argv", ())) or _words_of(os.getpid())
    _refuse_interpreter_options(words)
    _refuse_tracing()
    is_main = getattr(main, "__file__", None) == script
    if is_main and os.path.basename(script) == _PYCHARM_SCRIPT:
        # It has taken its words from `sys.argv` by now.
        return Launcher(os.path.abspath(script), is_module=False, is_last=False, program=words[2:])
    if plugins:
        raise NotHere("the caller of pytest.main has plugins of its own", "start pytest itself")
    if spec is not None and spec.name == "pytest.__main__":
        return Launcher(os.path.abspath(script), is_module=True, is_last=True)
    if is_main and os.path.basename(script) in ("pytest", "py.test"):
        return Launcher(os.path.abspath(script), is_module=False, is_last=True)
    if is_main and is_vscode_script(script):
        # It puts the working directory in front of `sys.path`, as a module's start does, removes a file afterwards, and
        # does not look at pytest's exit code: its own is 0.
        return Launcher(os.path.abspath(script), is_module=True, is_last=False, keeps_exit=False)
    name = os.path.basename(script) or "a program"
    raise NotHere(f"{name} calls pytest and may go on after it", "start pytest itself")


def is_inside_a_run() -> bool:
    """Whether this pytest was started by another one, or by a process of the daemon: it has to run where it is."""
    if any(os.environ.get(name) for name in ("PYTEST_XDIST_WORKER", "PYTEST_CURRENT_TEST")):
        return True
    return any(_is_inside(_words_of(pid)) for pid in _ancestors())


def _refuse_interpreter_options(words: list[str]) -> None:
    if len(words) > 1 and words[1].startswith("-") and not words[1].startswith("-m"):
        raise NotHere(f"Python was started with {words[1]}", "leave it out, or set its variable")


def _refuse_tracing() -> None:
    """What measures, traces or debugs this process would see nothing of a run in another one."""
    monitoring: Any = getattr(sys, "monitoring", None)
    tools = [] if monitoring is None else [monitoring.get_tool(tool) for tool in range(6)]
    named = next((str(tool) for tool in tools if tool), None)
    if named is None and sys.gettrace() is not None:
        named = type(sys.gettrace()).__module__.split(".")[0]
        named = "a debugger" if "pydevd" in sys.modules else f"a trace function ({named})"
    if named is None and sys.getprofile() is not None:
        named = "a profiler"
    if named is not None:
        raise NotHere(f"{named} watches this process", "PREWARM_DISABLE=1 is meant for such runs")


def _ancestors() -> list[int]:
    found: list[int] = []
    pid = os.getppid()
    while pid > 1 and pid not in found:
        found.append(pid)
        try:
            with open(f"/proc/{pid}/stat", "rb") as file:
                # The second field is a name in parentheses, which may hold anything.
                pid = int(file.read().rsplit(b")", 1)[1].split()[1])
        except (OSError, IndexError, ValueError):
            break
    return found


def _words_of(pid: int) -> list[str]:
    """The command line of a process; empty where it has gone, or the system does not tell."""
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            return [os.fsdecode(word) for word in file.read().split(b"\0")[:-1]]
    except OSError:
        return []


def _is_inside(words: list[str]) -> bool:
    """Whether what such a process has started is part of a run: of pytest, or of `python …/prewarm/__main__.py …/agent.sock ID`."""
    interpreter, program, first, second = [*words, "", "", "", ""][:4]
    if not os.path.basename(interpreter).startswith(("python", "pypy")):
        # A shell script that somebody has called `pytest` only starts it.
        return False
    if program == "-m" and first == "pytest":
        return True
    if os.path.basename(program) in ("pytest", "py.test", _PYCHARM_SCRIPT):
        return True
    is_agent = program.endswith("/prewarm/__main__.py") and first.endswith("/agent.sock")
    return is_vscode_script(program) or (is_agent and second != "")
