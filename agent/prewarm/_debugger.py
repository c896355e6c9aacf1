"""A test that stops in a debugger: the daemon is told, and the requester's terminal is lent where output goes elsewhere.

Runs in the leader and in its workers, of which one at a time has the terminal. What happens at the prompt is pytest's and
pdb's own doing.
"""

from __future__ import annotations

import os
import sys
import types
from typing import Any, Callable

import pytest

from prewarm._preamble import flush_standard_streams, write_all
from prewarm._process import Process

_open = os.open
_close = os.close
_dup = os.dup
_dup2 = os.dup2
_getpid = os.getpid

#: What lies between the statement that stops and pdb.
_PASSED_ON_BY = ("_pytest", "pluggy", "prewarm", "pdb", "bdb")


class Debugger:
    """A plugin beside pytest's own debugging, which has a hook for the end of a stop and none for its beginning."""

    def __init__(self, process: Process, config: Any, terminals: dict[str, str]) -> None:
        self._process = process
        self._config = config
        #: The device to lend; None where a run has its requester's terminal anyway, or there is none.
        self._terminal = terminals.get("debugger")
        #: Whether somebody has to step aside before a debugger uses the terminal.
        self._asks = self._terminal is not None
        #: A worker has no terminal of its own in any case.
        self._of_workers = self._terminal
        if self._terminal is None and "stdout" in terminals:
            self._of_workers = terminals.get("stdin")
        self._worker = ""
        self._turn: Callable[[str, bool], int] | None = None
        self._is_over: Callable[[], None] = self._tell_daemon
        self._pid = _getpid()
        self._is_stopped = False
        #: Which one has shown its prompt.
        self._debugger: Any = None
        self._prompts_once = False
        self._lent: list[tuple[int, int]] = []

    def become_worker(
        self, name: str, turn: Callable[[str, bool], int], is_over: Callable[[], None]
    ) -> None:
        """In a worker: `turn` waits until the terminal is this one's, and tells how many wait for it behind this one."""
        self._pid = _getpid()
        self._worker = name
        self._turn = turn
        self._is_over = is_over

    def stops(self) -> None:
        """A debugger is about to be made: nothing of it has been shown yet."""
        # What a test has forked has no part in this.
        if self._is_stopped or _getpid() != self._pid:
            return
        if self._turn is not None:
            self._stops_in_worker(self._turn)
            return
        self._is_stopped = True
        self._process.channel.send(
            {"type": "debugging", "place": self._place(), "asks": self._asks}
        )
        if self._terminal is None:
            return
        # Whoever reads keys there, or draws, steps aside first.
        while True:
            order = self._process.receive()
            if order is None or order["type"] == "exit":
                self._process.leave()
            elif order["type"] == "debug":
                break
        self._lend(self._terminal)

    def _stops_in_worker(self, turn: Callable[[str, bool], int]) -> None:
        # Without a terminal it reads an end of file, as in a worker of pytest-xdist.
        if self._of_workers is None:
            return
        waiting = turn(self._place(), self._asks)
        self._is_stopped = True
        self._lend(self._of_workers)
        if not self._asks:
            behind = f", {waiting} more {'waits' if waiting == 1 else 'wait'}" if waiting else ""
            write_all(1, f"\nprewarm: worker {self._worker} is in front{behind}\n".encode())

    def prompts(self, debugger: Any, is_all: bool) -> None:
        """Any debugger is about to show its prompt, pytest's among them: for the first time, at a step or at a breakpoint."""
        is_of_pytest = hasattr(debugger, "_pytest_capman")
        if is_of_pytest or (debugger.use_rawinput and _is_standard_input(sys.stdin)):
            self._debugger = debugger
            self._prompts_once = is_all
            self.stops()

    def prompted(self, debugger: Any) -> None:
        """It has been told to go on. Step by step it stays in front."""
        if debugger is not self._debugger:
            return
        if self._prompts_once or debugger.quitting or debugger.stoplineno == -1:
            self.goes_on()

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_logfinish(self) -> None:
        """Nobody steps any more where what was stepped through has ended."""
        tracer = getattr(sys.gettrace(), "__self__", None)
        if tracer is None or tracer is not self._debugger:
            self.goes_on()

    @pytest.hookimpl(trylast=True)
    def pytest_leave_pdb(self) -> None:
        self.goes_on()

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self) -> None:
        """Whoever leaves the debugger by `quit` ends the session."""
        self.goes_on()

    def goes_on(self) -> None:
        """The debugger has been left, if there was one."""
        if not self._is_stopped:
            return
        self._is_stopped = False
        self._debugger = None
        self._take_back()
        self._is_over()

    def _tell_daemon(self) -> None:
        self._process.channel.send({"type": "debugged"})

    def _lend(self, terminal: str) -> None:
        capture = self._config.pluginmanager.getplugin("capturemanager")
        if capture is not None:
            # It would put back what it found in these descriptors.
            capture.suspend(in_=True)
        flush_standard_streams()
        device = _open(terminal, os.O_RDWR | os.O_NOCTTY)
        for descriptor in (0, 1, 2):
            self._lent.append((descriptor, _dup(descriptor)))
            _dup2(device, descriptor)
        _close(device)
        _buffer_lines(True)

    def _take_back(self) -> None:
        flush_standard_streams()
        for descriptor, before in self._lent:
            # pytest's capture has taken over again where the debugger was left by `continue`.
            if os.isatty(descriptor):
                _dup2(before, descriptor)
            _close(before)
        if self._lent:
            _buffer_lines(False)
        self._lent = []

    def _place(self) -> str:
        """Where the program stands: its file, relative to pytest's root where it lies below it, and the line."""
        frame: types.FrameType | None = sys._getframe(1)
        while frame is not None:
            module = str(frame.f_globals.get("__name__", "")).split(".")[0]
            if module not in _PASSED_ON_BY:
                break
            frame = frame.f_back
        if frame is None or "__prewarm__" in frame.f_globals:
            return ""
        file = os.path.abspath(frame.f_code.co_filename)
        root = str(self._config.rootpath) + os.sep
        return f"{file[len(root) :] if file.startswith(root) else file}:{frame.f_lineno}"


def _is_standard_input(stream: Any) -> bool:
    """Not while pytest keeps it from the test, and not where a debugger has a connection or a file of its own."""
    try:
        return bool(stream.fileno() == 0)
    except (AttributeError, OSError, ValueError):
        return False


def _buffer_lines(is_wanted: bool) -> None:
    if sys.__stdout__ is not None:
        sys.__stdout__.reconfigure(line_buffering=is_wanted)
