"""A test that stops in a debugger: the daemon is told, and the requester's terminal is lent where output goes elsewhere.

Runs in the leader. What happens at the prompt is pytest's and pdb's own doing.
"""

from __future__ import annotations

import os
import sys
import types
from typing import Any

import pytest

from prewarm._preamble import flush_standard_streams
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

    def __init__(self, process: Process, config: Any, terminal: str | None) -> None:
        self._process = process
        self._config = config
        #: The device to lend; None where a run has its requester's terminal anyway, or there is none.
        self._terminal = terminal
        self._pid = _getpid()
        self._is_stopped = False
        self._lent: list[tuple[int, int]] = []

    def stops(self) -> None:
        """A debugger is about to be made: nothing of it has been shown yet."""
        # A worker of this leader has no terminal, and its stops are not told.
        if self._is_stopped or _getpid() != self._pid:
            return
        self._is_stopped = True
        asks = self._terminal is not None
        self._process.channel.send({"type": "debugging", "place": self._place(), "asks": asks})
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

    @pytest.hookimpl(trylast=True)
    def pytest_leave_pdb(self) -> None:
        self._goes_on()

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self) -> None:
        """Whoever leaves the debugger by `quit` ends the session."""
        self._goes_on()

    def _goes_on(self) -> None:
        if not self._is_stopped:
            return
        self._is_stopped = False
        self._take_back()
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


def _buffer_lines(is_wanted: bool) -> None:
    if sys.__stdout__ is not None:
        sys.__stdout__.reconfigure(line_buffering=is_wanted)
