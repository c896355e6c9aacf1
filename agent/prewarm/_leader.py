"""Turns a fork of the tip into the process of one run.

Runs in the leader, before and after pytest's own part. The leader continues on the stack of a real pytest start, so
everything behind collection is pytest's own doing.
"""

from __future__ import annotations

import atexit
import io
import os
import resource
import socket
import stat
import sys
from typing import TYPE_CHECKING, Any, Callable, NamedTuple

from prewarm import _capture, _editor_plugins, _host_patches, _options, _session, _worker_options
from prewarm._preamble import flush_standard_streams, write_all
from prewarm._process import Message, Process
from prewarm._requester_input import open_input, open_named
from prewarm._timeline import Timeline

if TYPE_CHECKING:
    from prewarm._leak_report import LeakReport

_open = os.open
_close = os.close
_dup = os.dup
_dup2 = os.dup2
_fstat = os.fstat
_lseek = os.lseek
_listdir = os.listdir
_socket = socket.socket

STREAMS = (("stdout", 1), ("stderr", 2))

#: pytest's exit code where tests have failed: here, what was left behind is no single test's.
_LEFT_BEHIND = 1
_MOST_FAILURES = 20


class Before(NamedTuple):
    """What a trunk knows of itself that its leaders start from."""

    #: Its own command line, parsed.
    options: Any
    #: What pytest had captured when the collection began: standard output, standard error.
    captured: tuple[str, str]
    #: Whether executing the test files printed anything.
    files_printed: bool


class Leader:
    """One run: the requester's surroundings, the session made ready, and the end."""

    def __init__(self, process: Process, is_forked: bool = False) -> None:
        self._process = process
        self._is_forked = is_forked
        self._connected: dict[str, int] = {}
        self._terminals: dict[str, str] = {}
        #: What pytest prints in a run whose requester only wants events; None where it prints for a person.
        self._unsaid: io.StringIO | None = None
        self._refusal: str | None = None
        #: How many workers the run wants, and how they share its tests; None where this process runs them all.
        self.workers: Message | None = None
        #: Takes the exit code in place of the daemon, of a run that is one of several in forks of this process.
        self.on_end: Callable[[int], None] | None = None
        #: Gathers what the run leaves behind; None where nobody is to know.
        self.leaks: LeakReport | None = None

    def connect_ahead(self) -> None:
        """Before the run is known: connects the streams that it will need where its requester has no terminal."""
        self._connected = {name: self._process.connect_stream(name) for name, _ in STREAMS}

    def prepare(self, run: Message, session: Any, before: Before, timeline: Timeline) -> None:
        """Makes the session ready as far as nobody can see it: the daemon may yet choose another process for this run."""
        config = session.config
        # A rehearsal has captured.
        _capture.pause(config)
        timeline.take_environment(run["env"])
        try:
            wanted = _options.parse(config, run["args"])
            # It needs pytest, and this module is there before that is known to be.
            from prewarm._choice import Choice

            choice = Choice(run["choice"], config)
            choice.narrow(wanted)
            changed = _options.take_over(config, before.options, wanted, timeline.traces)
            if "capture" in changed:
                _check_capture(before, wanted.capture, timeline, config)
            is_elsewhere = "onNodes" in run or "node" in run
            if self._is_forked or is_elsewhere:
                # Otherwise threads live here, and would not live in a worker.
                self.workers = _worker_options.wanted_workers(
                    run["workers"], wanted, config, is_elsewhere
                )
        except _options.Refused as refusal:
            self._refusal = str(refusal)
            return
        os.umask(run["umask"])
        copy_limits(run["requesterPid"])
        sys.argv[1:] = run["argv"] if "argv" in run else run["args"]
        if "capture" in changed:
            _capture.stop(config)
        self.open_streams(run)
        _capture.begin(config)
        _session.point_faulthandler_at_stderr(config)
        _session.renew_plugins(session, changed)
        _editor_plugins.renew(run["args"])
        choice.apply(config)

    def begin(self, run: Message, session: Any, before: Before, timeline: Timeline) -> list[str]:
        """Prints what comes before the collection; returns the arguments to collect.

        Ends the process with a `refused` message where a cold run would be something else.
        """
        if self._refusal is not None:
            self._process.channel.send({"type": "refused", "reason": self._refusal})
            self._process.leave()
        config = session.config
        self._process.channel.send({"type": "leading"})
        self.open_debug_server(run)
        _capture.replay(config, before.captured)
        if run["native"]:
            preamble = timeline.preamble
            for (_, descriptor), text in zip(STREAMS, preamble.between((0, 0), preamble.head)):
                write_all(descriptor, text)
        else:
            self._unsaid = io.StringIO()
        _session.renew_terminal(session, self._unsaid or sys.stdout)
        return list(config.args)

    def open_debug_server(self, run: Message) -> None:
        """Opens the debug server that a run wishes for; ends the run where there is none."""
        if "debugpy" not in run:
            return
        from prewarm._debugpy_server import open_server

        code = open_server(run["debugpy"])
        if code is not None:
            self.finish(code)

    def open_streams(self, run: Message) -> None:
        """Connects descriptors 0, 1 and 2 with the requester: its terminal or its input itself, or a stream to the daemon."""
        terminals: dict[str, str] = run["terminals"]
        self._terminals = terminals
        flush_standard_streams()
        for name, descriptor in (("stdin", 0), *STREAMS):
            terminal = terminals.get(name)
            connected = self._connected.pop(name, None)
            if terminal is not None:
                file = open_named(terminal, os.O_RDWR | os.O_NOCTTY)
                if connected is not None:
                    _close(connected)
            elif name == "stdin":
                # A watch has many runs, and none of them may use up what the next one is to read.
                file = _open(os.devnull, os.O_RDONLY) if run["isWatched"] else open_input(run)
            else:
                file = self._process.connect_stream(name) if connected is None else connected
            _dup2(file, descriptor)
            _close(file)
        is_terminal = "stdout" in terminals
        if sys.__stdout__ is not None:
            sys.__stdout__.reconfigure(line_buffering=is_terminal)

    def finish(self, code: int, new_files: int = 0, is_told: bool = False) -> None:
        """Ends the run: what the program registered for its exit, the last bytes, the verdict.

        `new_files` counts the files that this run had to collect by itself. `is_told` says whether the events have the
        reason for this exit code; where they have not, pytest's own words are the only ones.
        """
        if self._unsaid is not None and not is_told:
            write_all(1, self._unsaid.getvalue().encode("utf-8", "backslashreplace"))
        self._process.around_forks.finish()
        self._tell_failures()
        _run_exit_functions(self._is_forked)
        if self.leaks is not None and self.leaks.conclude() and self.leaks.leaks.is_strict:
            code = code or _LEFT_BEHIND
        flush_standard_streams()
        if self.on_end is not None:
            self.on_end(code)
        self._tell_end(code, new_files)

    def _tell_failures(self) -> None:
        """What workarounds have raised: the run went on without them."""
        failures = self._process.around_forks.failures()
        if failures:
            self._process.channel.send(
                {"type": "workaround-failed", "failures": failures[:_MOST_FAILURES]}
            )

    def conclude(self, code: int, new_files: int) -> None:
        """Ends a leader that has run no test itself, and whose session nobody sees to its end."""
        if self.leaks is not None:
            self.leaks.conclude()
        flush_standard_streams()
        self._tell_end(code, new_files)

    def _tell_end(self, code: int, new_files: int) -> None:
        self._process.channel.send({"type": "ended", "exit": code, "newFiles": new_files})
        for name, descriptor in STREAMS:
            if name not in self._terminals:
                _end_stream(descriptor)
        self._process.leave(code & 0xFF)


def leave_trunk(process: Process, timeline: Timeline, config: Any, is_forked: bool) -> None:
    """Makes a process its own that was part of a trunk: all that can be done before the run is known."""
    timeline.stop()
    _host_patches.undo()
    if is_forked:
        os.setsid()
        atexit._clear()
        _forget_children()
    _capture.leave_parent(config)
    reopen_files(process)


def _check_capture(before: Before, wanted: str, timeline: Timeline, config: Any) -> None:
    """What was printed through one way of capturing cannot always be told apart for another, and what is held of it is its own."""
    if before.options.capture == "no" or _capture.is_held(config):
        raise _options.Refused("option capture changes what the program holds as a standard stream")
    head = timeline.preamble.head != (0, 0)
    captured = any(before.captured)
    if not (head or captured or before.files_printed):
        return
    if before.options.capture == "fd" and wanted == "no" and not (head and captured):
        return
    raise _options.Refused("option capture changes where output of the start goes")


def copy_limits(pid: int) -> None:
    """The resource limits of the requesting process, where the system tells them."""
    prlimit = getattr(resource, "prlimit", None)
    if prlimit is None:
        return
    for name in (name for name in dir(resource) if name.startswith("RLIMIT_")):
        limit = getattr(resource, name)
        try:
            theirs = prlimit(pid, limit)
            if theirs != resource.getrlimit(limit):
                resource.setrlimit(limit, theirs)
        except (OSError, ValueError):
            continue


def reopen_files(process: Process) -> None:
    """Gives every file that the timeline left open an offset of its own: forks share the open file itself."""
    own = {0, 1, 2} | process.own_descriptors()
    try:
        descriptors = [int(name) for name in _listdir("/proc/self/fd")]
    except OSError:
        return
    import fcntl

    for descriptor in descriptors:
        if descriptor in own:
            continue
        try:
            if not stat.S_ISREG(_fstat(descriptor).st_mode):
                continue
            offset = _lseek(descriptor, 0, os.SEEK_CUR)
            flags = fcntl.fcntl(descriptor, fcntl.F_GETFL)
            inheritable = os.get_inheritable(descriptor)
            file = _open(f"/proc/self/fd/{descriptor}", flags & ~os.O_CREAT & ~os.O_TRUNC)
            _lseek(file, offset, os.SEEK_SET)
            _dup2(file, descriptor, inheritable)
            _close(file)
        except OSError:
            continue


def _forget_children() -> None:
    """Child processes of the trunk are not ours: multiprocessing must neither join nor end them."""
    process: Any = sys.modules.get("multiprocessing.process")
    if process is not None:
        process._children = set()
    tracker = sys.modules.get("multiprocessing.resource_tracker")
    if tracker is not None:
        tracker._resource_tracker._fd = None
        tracker._resource_tracker._pid = None
    server = sys.modules.get("multiprocessing.forkserver")
    if server is not None:
        server._forkserver._forkserver_address = None
        server._forkserver._forkserver_alive_fd = None
        server._forkserver._forkserver_pid = None


def _run_exit_functions(is_forked: bool) -> None:
    """Runs what was registered during the run; what the trunk registered belongs to all runs and stays."""
    util: Any | None = sys.modules.get("multiprocessing.util")
    try:
        if is_forked and util is not None:
            util._exit_function()
        atexit._run_exitfuncs()
    except BaseException:
        sys.excepthook(*sys.exc_info())


def _end_stream(descriptor: int) -> None:
    """Ends the stream for everybody who holds it, so that a process left behind cannot keep the reader waiting."""
    try:
        with _socket(fileno=_dup(descriptor)) as stream:
            stream.shutdown(socket.SHUT_WR)
    except OSError:
        pass
