"""The timeline of a program that is no pytest: it has checkpoints and no tip.

Runs in the trunk of a program. The process that a checkpoint leaves behind goes on as the program itself, with the streams of
its requester from the first line on; resuming a checkpoint starts the program from there, for whoever asks.
"""

from __future__ import annotations

import _thread
import os
import signal
import sys
from typing import Any

from prewarm._audit import ignore, listen
from prewarm._host_patches import notice_random_seed, notice_threads, undo
from prewarm._leader import Leader, copy_limits, reopen_files
from prewarm._preamble import flush_standard_streams
from prewarm._process import Message, Process
from prewarm._program_company import is_in_a_test, open_inodes, what_a_fork_would_lose
from prewarm._program_streams import Transcript, let_go, watch_streams
from prewarm._timeline import Timeline

_dup = os.dup
_setsid = os.setsid
_set_inheritable = os.set_inheritable
_pthread_sigmask = signal.pthread_sigmask

#: A parked process is no program: what is meant for that goes to the one that runs on.
_MEANT_FOR_PROGRAMS = frozenset(
    getattr(signal, name)
    for name in "SIGINT SIGTERM SIGHUP SIGQUIT SIGUSR1 SIGUSR2 SIGWINCH SIGALRM SIGTSTP".split()
)

#: Told at once, so that an edit of it is seen while the program runs.
_OF_PROJECT = frozenset(("module", "made"))
_OBSERVED = frozenset(("open", "database", "list", "presence", "env"))
_WRITING = ("open", "os.rename", "sqlite3.connect")
#: Who looks at more than this between two imports has done more than to start.
MOST_BESIDE = 2_000


class ProgramTimeline(Timeline):
    """What a program does until it has started, and where it may be cut."""

    def __init__(self, process: Process, start: Message) -> None:
        self._transcript = Transcript()
        self._lock = _thread.RLock()
        #: What was looked at outside of imports: it counts where another import follows.
        self._beside: list[list[Any]] = []
        self._told_made: set[str] = set()
        #: What whoever started the daemon has left open in it is nobody's.
        self._inherited = open_inodes()
        self._is_forking = False
        self._has_started = False
        self._has_read_input = False
        self._has_told_obstacle = False
        super().__init__(process, self._transcript, start)
        self._observer.on_stat = None
        self._observer.on_written = None

    def install(self) -> None:
        """Begins to watch imports, files and the environment; nothing is watched for patching, which programs are not."""
        self.heap.watch()
        notice_random_seed(self)
        notice_threads(self)
        sys.meta_path.insert(0, self._finder)
        self._observer.install()
        # After the observer, which notes what is made.
        listen(_WRITING, self._wrote)
        listen(("socket.bind",), self._bound)
        listen(("builtins.input",), self._asked)
        listen(("os.exec",), self._becomes_another)
        os.register_at_fork(after_in_child=self._forked)

    def take_over(self, run: Message) -> None:
        """Makes the surroundings of a requester this process's own, but for the environment."""
        os.umask(run["umask"])
        copy_limits(run["requesterPid"])
        Leader(self.process).open_streams(run)

    def watch_streams(self) -> None:
        """From here on what is written is remembered."""
        watch_streams(self._transcript, self._asked)

    def may_fork(self) -> bool:
        """Whether the program could go on from here in another process as well."""
        if self._has_started or not self._transcript.is_whole or not super().may_fork():
            return False
        with self.unobserved():
            reason = what_a_fork_would_lose(self._inherited, self.process.own_descriptors())
        if self._has_read_input:
            reason = "the program has read its standard input"
        if reason and self.obstacle is None:
            self.obstacle = reason
        return not reason and not is_in_a_test()

    def cut(self, kind: str, name: str, path: str | None) -> None:
        """Leaves a checkpoint here; each child that starts here is a process group of its own, which can be ended alone."""
        if not self.may_fork():
            if self.obstacle is not None and not self._has_told_obstacle:
                self._has_told_obstacle = True
                self.process.channel.send(
                    {"type": "no-checkpoint", "before": name, "reason": self.obstacle}
                )
            return
        before = self.process.id
        mask = _pthread_sigmask(signal.SIG_BLOCK, _MEANT_FOR_PROGRAMS)
        self._is_forking = True
        try:
            super().cut(kind, name, path)
            if self.process.id != before:
                _setsid()
                # The program reads on in a file that the checkpoint has open at its own place.
                reopen_files(self.process)
        finally:
            self._is_forking = False
            _pthread_sigmask(signal.SIG_SETMASK, mask)

    def wait_for(self, *forking: str) -> Message:
        """Parks this process without its streams. Returns in a child."""
        flush_standard_streams()
        let_go()
        return super().wait_for(*forking)

    def _may_have_changed(self, path: str) -> bool:
        """Nobody notes which processes a program starts."""
        return True

    def _carry_on(self, message: Message) -> None:
        super()._carry_on(message)
        self.take_over(message["run"])
        self._transcript.repeat()

    def reach(self, kind: str, name: str, path: str) -> None:
        """Called just before something of the project is executed: what was looked at since the last time lies before it."""
        with self._lock:
            beside, self._beside = self._beside, []
            for event in beside:
                super()._add(event)
        super().reach(kind, name, path)

    def _add(self, event: list[Any]) -> None:
        kind = event[0]
        with self._lock:
            if self._has_started and kind not in _OF_PROJECT:
                return
            if kind in _OBSERVED and not _is_importing():
                self._beside.append(event)
                if len(self._beside) > MOST_BESIDE:
                    self._start()
                return
            super()._add(event)
            if kind in _OF_PROJECT or (kind in _OBSERVED and kind != "env"):
                self.flush()

    def flush(self) -> None:
        with self._lock:
            try:
                super().flush()
            except ConnectionError:
                # The daemon has gone; where that does not end the program, it is on its own.
                self.is_recording = False

    def _wrote(self, event: str, arguments: tuple[Any, ...]) -> None:
        """What the program writes is its own doing, and no edit: it is told before the file changes."""
        made = self._observer.own.made
        if self._has_started:
            is_writing = event != "open" or set(arguments[1] or "") & set("wxa+")
            if is_writing and not isinstance(arguments[0], int):
                self._observer.own.note_made(arguments[1] if event == "os.rename" else arguments[0])
        if len(made) > len(self._told_made) and self.is_recording:
            with self._lock:
                fresh = made.keys() - self._told_made
                self._told_made |= fresh
                for path in fresh:
                    super()._add(["made", path, None, self.now_ms(), "0", 0, "0", "0"])
                self.flush()

    def _bound(self, _: str, arguments: tuple[Any, ...]) -> None:
        """A server has started: it is left alone from here on, but for what it imports later."""
        address = arguments[1] if len(arguments) > 1 else None
        port = address[1] if isinstance(address, tuple) and len(address) > 1 else address
        # A free port is asked for by those who try out what the system can do, too.
        if port not in (0, None, "", b"") and not self._is_forking and self.is_recording:
            self._start()

    def _start(self) -> None:
        if self._has_started:
            return
        self._has_started = True
        self._transcript.forget()
        self._beside = []
        self._leave_alone()
        ignore(self._bound)
        self.flush()

    def _leave_alone(self) -> None:
        self._observer.stop()
        undo()

    def _asked(self, *_: Any) -> None:
        self._has_read_input = True

    def _becomes_another(self, *_: Any) -> None:
        """The process goes on as another program: its connection stays, since it ends with it."""
        self.flush()
        for descriptor in self.process.own_descriptors():
            _set_inheritable(descriptor, True)

    def _forked(self) -> None:
        """In a process that the program has forked itself: it is none of ours, and must not keep our connection open."""
        if self._is_forking:
            return
        self.is_recording = False
        self._has_started = True
        self._transcript.forget()
        ignore(self._becomes_another)
        ignore(self._wrote)
        self.process.channel.abandon()
        self.process.disarm_death_pipe()

    def finish(self) -> None:
        """The program's code has ended; what its interpreter does at the end is not watched."""
        if not self.is_recording:
            return
        self.flush()
        self.is_recording = False
        self._leave_alone()
        # The connection has to last until the very end of the process, and Python closes what it knows of before.
        _dup(self.process.channel.fileno())


def _is_importing() -> bool:
    frame: Any = sys._getframe(1)
    while frame is not None:
        code = frame.f_code
        if code.co_name == "_load_unlocked" and code.co_filename.startswith("<frozen importlib"):
            return not is_in_a_test()
        frame = frame.f_back
    return False
