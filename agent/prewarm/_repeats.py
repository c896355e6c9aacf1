"""Runs the collected tests again and again, each time in a process of its own.

Runs in the leader, which collects once and runs no test itself. Each fork goes on from there as a run's own process does,
to the end of a session, and the next one begins when it has ended.
"""

from __future__ import annotations

import os
import signal
import threading
from typing import TYPE_CHECKING, Any

import pytest

from prewarm import _capture
from prewarm._preamble import flush_standard_streams
from prewarm._process import Message, Process
from prewarm._relay import RunningPlace

if TYPE_CHECKING:
    from prewarm._collect import NodeCache
    from prewarm._leader import Leader

_waitpid = os.waitpid
_kill = os.kill
_getpid = os.getpid
_set_handler = signal.signal


class Repeats:
    """A plugin of the leader that takes the place of pytest's loop over the tests."""

    def __init__(self, process: Process, leader: Leader, wish: Message, cache: NodeCache) -> None:
        self._process = process
        self._leader = leader
        self._count: int = wish["count"]
        self._until_fail: bool = wish["untilFail"]
        self._cache = cache

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: Any) -> None:
        option = session.config.option
        if (
            option.collectonly
            or getattr(option, "usepdb", False)
            or getattr(option, "trace", False)
        ):
            return
        if threading.active_count() > 1 or not session.items:
            return
        first_failure = 0
        for _ in range(self._count):
            #: The exit code of a fork that has come to its end, in memory that it shares with this process.
            ended = RunningPlace()
            flush_standard_streams()
            self._process.channel.flush()
            pid = self._process.fork_worker(keeps_channel=True)
            if pid == 0:
                self._become_run(session, ended)
                return
            _, status = _waitpid(pid, 0)
            code = ended.get()
            ended.close()
            if code < 0:
                self._end_as(status)
            first_failure = first_failure or code
            if code and self._until_fail:
                break
        self._leader.conclude(first_failure, self._cache.new_files)

    def _become_run(self, session: Any, ended: RunningPlace) -> None:
        """In a fork: pytest's own loop follows, and the end of the session."""

        def tell(code: int) -> None:
            self._process.channel.send({"type": "repeated", "exit": code})
            ended.set(code)
            self._process.leave()

        # Its file is shared with every other fork.
        _capture.renew(session.config)
        self._leader.on_end = tell
        self._leader.leaks = None

    def _end_as(self, status: int) -> None:
        """A fork has died in a test: so does this process, and the daemon tells how."""
        if os.WIFSIGNALED(status):
            number = os.WTERMSIG(status)
            if number != signal.SIGKILL:
                _set_handler(number, signal.SIG_DFL)
            _kill(_getpid(), number)
        self._process.leave(os.WEXITSTATUS(status) if os.WIFEXITED(status) else 1)
