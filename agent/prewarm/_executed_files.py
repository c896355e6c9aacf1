"""Of which files the tests of a run execute functions, whoever's they are: what of an import is used at all.

Runs in a leader that runs its tests itself, where somebody has asked for it, with Python 3.12 and later. Unlike `_executed.py` it sees
installed packages and Python's own library too, and tells each file once: a function reports its first call and is left alone.
"""

from __future__ import annotations

import inspect
import os
import sys
from collections.abc import Iterator
from types import CodeType
from typing import Any

import pytest

from prewarm._audit import listen
from prewarm._process import Process
from prewarm._wire import ChannelClosed

_abspath = os.path.abspath
_FUNCTION = inspect.CO_OPTIMIZED | inspect.CO_NEWLOCALS
_STARTS = ("os.exec", "os.fork", "os.forkpty", "os.posix_spawn", "os.system", "subprocess.Popen")
#: Numbers in `sys.monitoring` that no debugger, profiler or coverage takes by custom.
_TOOLS = (5, 3, 4)
_TOOL_NAME = "prewarm-files"
#: So many files are told in one message.
_BATCH = 2_000


class ExecutedFiles:
    """Tells the daemon of each test whose set-up, call or tear-down was the first to execute a function of a file."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._has_begun = False
        self._tool: int | None = None
        self._files: set[str] = set()
        self._told: set[str] = set()
        self._starts_processes = False

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: Any) -> Iterator[None]:
        is_first = not self._has_begun
        if is_first:
            self._begin()
        self._starts_processes = False
        yield
        if self._tool is None:
            return
        fresh = sorted(self._files - self._told)
        self._told.update(fresh)
        # The first one is told in any case: without it nobody knows that anybody looked.
        if fresh or is_first or self._starts_processes:
            self._tell(item.nodeid, [_abspath(path) for path in fresh])

    def _begin(self) -> None:
        self._has_begun = True
        monitoring: Any = sys.monitoring  # type: ignore[attr-defined, unused-ignore]
        self._tool = next((each for each in _TOOLS if monitoring.get_tool(each) is None), None)
        if self._tool is None:
            return
        files, disable = self._files, monitoring.DISABLE

        def on_start(code: CodeType, offset: int) -> Any:
            # The body of a class or of a module that a test imports is no function.
            if code.co_flags & _FUNCTION == _FUNCTION and not code.co_filename.startswith("<"):
                files.add(code.co_filename)
            return disable

        events = monitoring.events
        monitoring.use_tool_id(self._tool, _TOOL_NAME)
        monitoring.register_callback(self._tool, events.PY_START, on_start)
        monitoring.register_callback(self._tool, events.PY_RESUME, on_start)
        monitoring.set_events(self._tool, events.PY_START | events.PY_RESUME)
        listen(_STARTS, self._hear)

    def _hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        self._starts_processes = True

    def _tell(self, nodeid: str, files: list[str]) -> None:
        try:
            for first in range(0, max(len(files), 1), _BATCH):
                self._process.channel.queue(
                    {
                        "type": "executed",
                        "id": nodeid,
                        "files": files[first : first + _BATCH],
                        "startsProcesses": self._starts_processes,
                    }
                )
        except (ChannelClosed, OSError):
            # The daemon has gone: the death pipe ends this process.
            return
