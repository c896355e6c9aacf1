"""A worker as its leader sees it: the process, the connection, and what plugins know of it.

Runs in the leader.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from typing import Any

from prewarm._relay import Relay, RunningPlace
from prewarm._worker_output import WorkerOutput

_kill = os.kill
_close = os.close
_waitpid = os.waitpid
_monotonic = time.monotonic
_pidfd_open: Any = getattr(os, "pidfd_open", None)


#: A worker that is ended prints its stacks within so many seconds, or not at all.
_LAST_WORDS_S = 2.0


class Node:
    """What a plugin knows of a worker: the parts of a worker of pytest-xdist that plugins use."""

    def __init__(self, config: Any, workerinput: dict[str, Any]) -> None:
        self.config = config
        self.workerinput = workerinput
        self.workeroutput: dict[str, Any] = {}
        self.workerinfo = {
            "version": sys.version,
            "version_info": tuple(sys.version_info),
            "sysplatform": sys.platform,
            "platform": sys.platform,
            "executable": sys.executable,
            "cwd": os.getcwd(),
            "id": workerinput["workerid"],
            "spec": self,
        }
        self.gateway = self
        self.spec = self
        self.id = workerinput["workerid"]
        self.popen = True

    def __repr__(self) -> str:
        return f"<Node {self.id}>"


class KnownWorker:
    """One living worker, as its leader sees it."""

    def __init__(
        self,
        name: str,
        node: Node,
        relay: Relay,
        pid: int,
        place: RunningPlace,
        output: WorkerOutput | None = None,
    ) -> None:
        self.name = name
        self.node = node
        self.relay = relay
        self.pid = pid
        self.pidfd: int | None = None
        self.place = place
        #: What it prints, where nothing is captured.
        self.output = output
        #: Place, node id and location of the test that it has begun.
        self.running: tuple[int, str, Any] | None = None
        #: How many tests it has run since the daemon was told, and how long that took.
        self.done = 0
        self.busy_ms = 0.0
        self.has_left = False
        #: Why we end it; None while we do not.
        self.ending: str | None = None
        self._end_at = 0.0
        #: The test that it was seen in, and since when.
        self._seen = (-1, _monotonic())
        if _pidfd_open is not None:
            try:
                self.pidfd = _pidfd_open(pid)
            except OSError:
                pass

    def keep_to(self, timeout: float, is_at_rest: bool) -> None:
        """Ends it where its test takes longer than `timeout` seconds, but for what it stands still with somebody's consent."""
        if is_at_rest:
            self._seen = (self.place.get(), _monotonic())
        elif self.ending is not None or self.overruns(timeout):
            self.end(timeout)

    def overruns(self, timeout: float) -> bool:
        """Whether it has been seen in one test for longer than `timeout` seconds."""
        place, now = self.place.get(), _monotonic()
        if place != self._seen[0] or place == -1:
            self._seen = (place, now)
        return now - self._seen[1] > timeout

    def end(self, timeout: float) -> None:
        """Ends a worker that takes too long: first so that it prints its stacks, then for good."""
        if self.ending is None:
            self.ending = f"was ended because the test took longer than {timeout:g} s"
            self._end_at = _monotonic() + _LAST_WORDS_S
            # faulthandler, which pytest enables, prints the stacks of all threads on this signal.
            self.signal(signal.SIGABRT)
        elif _monotonic() > self._end_at:
            self.signal(signal.SIGKILL)

    def tell(self, *frame: Any) -> None:
        """Sends it a message, if it can still take one."""
        try:
            self.relay.tell(*frame)
        except OSError:
            # It is dead: its end is seen in a moment.
            pass

    def signal(self, number: int) -> None:
        try:
            _kill(self.pid, number)
        except OSError:
            pass

    @property
    def has_ended(self) -> bool:
        """Whether its process is dead, where the system has no descriptors of processes."""
        try:
            status = os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        except ChildProcessError:
            return True
        return status is not None

    def reap(self) -> str:
        """Lets go of a dead worker; returns how it has ended, in words."""
        self.relay.abandon()
        if self.pidfd is not None:
            _close(self.pidfd)
        _, status = _waitpid(self.pid, 0)
        if self.ending is not None:
            return self.ending
        if not os.WIFSIGNALED(status):
            return f"left with exit code {os.WEXITSTATUS(status)}"
        number = os.WTERMSIG(status)
        try:
            name = signal.Signals(number).name
        except ValueError:
            name = f"signal {number}"
        return f"was ended by {name}"
