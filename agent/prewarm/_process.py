"""One process of ours: its connection with the daemon, how it forks, how it dies.

Runs in every Python process that prewarm starts: trunk, checkpoint and leader.
Imports the standard library alone and keeps its own references, because tests patch those.
"""

from __future__ import annotations

import fcntl
import os
import random
import socket
import sys
import warnings
from typing import Any

from prewarm._around_forks import AroundForks
from prewarm._library_state import BUILTIN
from prewarm._messages import is_order
from prewarm._wire import Channel, FrameError

PROTOCOL_VERSION = 18

_fork = os.fork
_exit = os._exit
_getpid = os.getpid
_waitpid = os.waitpid
_waitstatus_signal = os.WTERMSIG
_open = os.open
_close = os.close
_dup2 = os.dup2
_fcntl = fcntl.fcntl
_socket = socket.socket

_WARNS_OF_THREADS = sys.version_info >= (3, 12)

Message = dict[str, Any]


class Process:
    """The daemon's side of this process.

    A fork drops the inherited connection and opens its own, so that one connection is one
    process on the daemon's side and its end of file is that process's death.
    """

    def __init__(self, socket_path: str, process_id: str, state_folder: str) -> None:
        self._socket_path = socket_path
        self.state_folder = state_folder
        self._children = 0
        self._death_pipe: int | None = None
        self._has_random_seed = False
        #: Orders that were read while another one was waited for.
        self._kept: list[Message] = []
        self.around_forks = AroundForks(BUILTIN)
        #: Children that are no program's: leaders, workers, hosts.
        self.own_children: set[int] = set()
        self.id = process_id
        self.channel = Channel(connect(socket_path))

    def hello(self, role: str, **facts: Any) -> None:
        """Introduces this process; `role` is trunk or leader."""
        self.channel.send(
            {
                "type": "hello",
                "protocol": PROTOCOL_VERSION,
                "role": role,
                "id": self.id,
                "pid": _getpid(),
                **facts,
            }
        )

    def receive(self, timeout: float | None = None) -> Message | None:
        """The next order; None where there will be none, because the daemon has gone or said what is no order.

        Raises TimeoutError after `timeout` seconds without one.
        """
        if self._kept:
            return self._kept.pop(0)
        try:
            order = self.channel.receive(timeout)
        except FrameError:
            return None
        return order if order is not None and is_order(order) else None

    def receive_only(self, wanted: str) -> Message | None:
        """The next order of this type; others that come before it are received later. None where there will be none."""
        kept = []
        while True:
            order = self.receive()
            if order is None or order["type"] in (wanted, "exit"):
                break
            kept.append(order)
        self._kept = kept + self._kept
        return order if order is None or order["type"] == wanted else None

    def next_child_id(self) -> str:
        """A name for a child that this process is going to fork by itself."""
        self._children += 1
        return f"{self.id}.{self._children}"

    def fork(self, child_id: str, role: str) -> int:
        """Forks; returns the child's pid in the parent and 0 in the child.

        The child is connected and welcome when this returns: one that nobody waits for any more ends
        here, before it executes anything. Raises OSError where the system has no room for another process.
        """
        self.around_forks.before()
        state = random.getstate() if self._has_random_seed else None
        pid = _fork_quietly()
        if pid:
            self.own_children.add(pid)
            return pid
        self.own_children.clear()
        if state is not None:
            # Python seeds `random` anew in every fork; a cold run keeps what was seeded.
            random.setstate(state)
        self.channel.abandon()
        self.arm_death_pipe()
        self.id = child_id
        self._children = 0
        self._kept = []
        try:
            self.channel = Channel(connect(self._socket_path))
            self.hello(role)
            welcome = self.receive()
            if welcome is None or welcome["type"] != "welcome":
                _exit(0)
        except (OSError, ValueError):
            _exit(0)
        self.around_forks.after()
        return 0

    def fork_worker(self, keeps_channel: bool = False) -> int:
        """Forks without a connection of its own for the child; returns the child's pid in the parent and 0 in the child.

        With `keeps_channel` the child speaks for the parent, which has to be silent until it ends.
        """
        self.around_forks.before()
        state = random.getstate() if self._has_random_seed else None
        pid = _fork_quietly()
        if pid:
            self.own_children.add(pid)
        else:
            self.own_children.clear()
            if state is not None:
                random.setstate(state)
            if not keeps_channel:
                self.channel.abandon()
            self.arm_death_pipe()
            self.around_forks.after()
        return pid

    def keep_random_state(self) -> None:
        """From now on forks inherit the state of `random`: the program seeded it."""
        self._has_random_seed = True

    def arm_death_pipe(self) -> None:
        """Makes the kernel kill this process when the daemon dies, even in a busy loop.

        The daemon holds the writing end of a named pipe. `O_ASYNC` sends SIGIO when it closes,
        whose default action ends the process. Owner and flag belong to the open file, so every
        fork opens the pipe for itself. Where the system has no such thing, the end of file on the
        connection has to do.
        """
        if self._death_pipe is not None:
            _close(self._death_pipe)
            self._death_pipe = None
        if not sys.platform.startswith("linux"):
            return
        pipe = _open(self.death_pipe_path(), os.O_RDONLY | os.O_NONBLOCK)
        _fcntl(pipe, fcntl.F_SETOWN, _getpid())
        _fcntl(pipe, fcntl.F_SETFL, _fcntl(pipe, fcntl.F_GETFL) | os.O_ASYNC)
        self._death_pipe = pipe

    def disarm_death_pipe(self) -> None:
        """This process has something to do when the daemon dies."""
        if self._death_pipe is not None:
            _close(self._death_pipe)
            self._death_pipe = None

    def death_pipe_path(self) -> str:
        return os.path.join(self.state_folder, "alive")

    def own_descriptors(self) -> set[int]:
        """The descriptors that belong to us and not to the program."""
        own = {self.channel.fileno()}
        if self._death_pipe is not None:
            own.add(self._death_pipe)
        return own

    def connect_stream(self, stream: str) -> int:
        """Opens a connection that carries one raw output stream of this process."""
        raw = connect(os.path.join(self.state_folder, "stream.sock"))
        raw.sendall(f"{self.id} {stream}\n".encode("ascii"))
        return raw.detach()

    def reap(self, ending: int = 0) -> None:
        """Collects the children that have ended and tells the daemon how.

        Waits for `ending`, a child that is about to end: its connection ends a moment before it does.
        """
        if ending and not self._reap_one(ending, 0):
            return
        while self._reap_one(-1, os.WNOHANG):
            pass

    def _reap_one(self, which: int, options: int) -> bool:
        try:
            pid, status = _waitpid(which, options)
        except ChildProcessError:
            return False
        if pid == 0:
            return False
        if os.WIFSIGNALED(status):
            ended = {"exit": None, "signal": _waitstatus_signal(status)}
        else:
            ended = {"exit": os.WEXITSTATUS(status), "signal": None}
        self.channel.send({"type": "reaped", "pid": pid, **ended})
        return True

    def leave(self, code: int = 0) -> None:
        """Ends this process without running anything of the program's."""
        _exit(code)


def connect(path: str) -> socket.socket:
    """A connection with the daemon's private socket, close-on-exec."""
    raw = _socket(socket.AF_UNIX, socket.SOCK_STREAM)
    raw.connect(path)
    return raw


def _fork_quietly() -> int:
    # From 3.12 on Python warns about a fork while native threads live. Those of numerical
    # libraries end at the fork, and Python threads were ruled out before; the warning would
    # show in the program's output or, with `-W error`, break the fork.
    if not _WARNS_OF_THREADS:
        return _fork()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return _fork()
