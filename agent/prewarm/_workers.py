"""Runs the collected tests in several workers, and reports what they do as if this process had done it.

Runs in the leader. It forks the workers, passes on what the daemon hands out to each, and calls pytest's reporting hooks with
what comes back; so terminal, JUnit file, cache and exit code are the work of pytest's own plugins here. The daemon decides
how many workers there are and who runs what.
"""

from __future__ import annotations

import select
import signal
import sys
import threading
import uuid
from typing import Any

import pytest

from prewarm import _workarounds
from prewarm._debugger_queue import DebuggerQueue
from prewarm._held_file import HeldFile, hold_writer
from prewarm._known_worker import KnownWorker, Node
from prewarm._leak_report import LeakReport
from prewarm._preamble import flush_standard_streams
from prewarm._process import Message, Process
from prewarm._relay import Relay, RunningPlace, pair
from prewarm._replay import Replay, end_of
from prewarm._report import Reporter
from prewarm._run_fixtures import RunFixtures
from prewarm._scopes import group_of, scopes_of
from prewarm._worker import Worker
from prewarm._worker_output import WorkerOutput

_new_poll = select.poll
_POLLIN = select.POLLIN

#: Workers are looked at that often where no event tells of them: where the system has no descriptors of processes, and
#: where tests have a time limit.
_LOOK_MS = 50


class Workers:
    """A plugin of the leader that takes the place of pytest's loop over the tests, where there is to be more than one worker."""

    def __init__(
        self,
        process: Process,
        reporter: Reporter,
        wanted: Message,
        timeout: float | None,
        leaks: LeakReport | None = None,
    ) -> None:
        self._process = process
        self._reporter = reporter
        self._wanted = wanted
        #: Seconds after which a test has failed.
        self._timeout = timeout
        self._leaks = leaks
        self._session: Any = None
        self._replay: Any = None
        self._fixtures: Any = None
        self._live: dict[str, KnownWorker] = {}
        self._testrunuid = uuid.uuid4().hex
        self._ran = 0
        #: Lost workers of which the daemon has not said yet whether others take their place.
        self._unanswered = 0
        self._is_stopped = False
        self._debugged = DebuggerQueue(process.channel.send)
        self._held: HeldFile | None = None
        self._terminal: Any = None
        #: What notes in a watch what each test depends on: each worker has its own, and this process has one.
        self._recorder: Any = None
        #: What ends the session, because it has ended it in a worker.
        self._end: BaseException | None = None

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[Any]) -> None:
        if self._wanted["dist"] == "loadgroup":
            for item in items:
                group = group_of(item)
                if group:
                    # As with pytest-xdist: it has an effect on ids up to pytest 9.1.
                    item._nodeid = f"{item.nodeid}@{group}"

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: Any) -> bool | None:
        option = session.config.option
        if (
            option.collectonly
            or getattr(option, "usepdb", False)
            or getattr(option, "trace", False)
        ):
            return None
        if (
            threading.active_count() > 1
            or len(session.items) < (2 if self._timeout is None else 1)
            or (session.testsfailed and not option.continue_on_collection_errors)
        ):
            return None
        self._session = session
        self._recorder = session.config.pluginmanager.getplugin("prewarm-record")
        self._replay = Replay(session, self._reporter, self._testrunuid)
        self._fixtures = RunFixtures(session, self._replay)
        names, count = self._ask()
        if not names:
            return None
        self._begin()
        self._lead(names, count)
        return True

    def _begin(self) -> None:
        """From here on others run the tests."""
        terminal = self._session.config.pluginmanager.getplugin("terminalreporter")
        self._terminal = terminal
        if terminal is not None:
            # Files would change with every test.
            terminal.showfspath = False
            self._held = hold_writer(terminal)
        self._reporter.is_batched = True
        if self._leaks is not None:
            self._leaks.leaks.runs_tests = False

    def _ask(self) -> tuple[list[str], int]:
        dist = self._wanted["dist"]
        scopes = scopes_of(self._session.items, dist)
        self._process.channel.send({"type": "parallel", **self._wanted, "scopes": scopes})
        while True:
            order = self._process.receive()
            if order is None or order["type"] == "exit":
                self._process.leave()
                return [], 0
            if order["type"] == "workers":
                return order["names"], order["count"]

    def _lead(self, names: list[str], count: int) -> None:
        try:
            self._fork_all(names, count)
            # What came with the answer was read with it, and does not show on the descriptor.
            self._take_orders()
            while self._is_going_on():
                self._wait()
        except BaseException:
            self._end_all()
            raise
        finally:
            self._fixtures.tear_down()
            self._tell_progress()
            if self._held is not None:
                self._held.release()
        self._conclude()

    def _conclude(self) -> None:
        """What the end of the loop means for the session."""
        session = self._session
        if self._end is not None:
            raise self._end
        if session.shouldfail:
            raise session.Failed(session.shouldfail)
        if session.shouldstop:
            raise session.Interrupted(session.shouldstop)
        missing = len(session.items) - self._ran
        if missing > 0:
            raise session.Interrupted(f"{missing} of {len(session.items)} tests were not run")

    def _is_going_on(self) -> bool:
        return bool(self._live or self._unanswered)

    def _fork_all(self, names: list[str], count: int) -> None:
        self._look()
        for name in names:
            self._fork(name, count)

    def _look(self) -> None:
        if self._recorder is not None:
            self._recorder.look()

    def _introduce(self, name: str, count: int, argv: list[str]) -> Node:
        """What plugins know of a worker before it is there; `argv` is the command line that it has."""
        workerinput = {
            "workerid": name,
            "workercount": count,
            "testrunuid": self._testrunuid,
            "mainargv": argv,
        }
        node = Node(self._session.config, workerinput)
        _workarounds.configure_node(self._session.config, node)
        return node

    def _fork(self, name: str, count: int) -> None:
        config = self._session.config
        node = self._introduce(name, count, sys.argv)
        factory = getattr(config, "_tmp_path_factory", None)
        if factory is not None:
            # Made once, here: the workers' own folders lie in it.
            factory.getbasetemp()
        flush_standard_streams()
        ours, theirs = pair()
        place = RunningPlace()
        output = self._output_of(name) if config.option.capture == "no" else None
        pid = self._process.fork_worker()
        if pid == 0:
            ours.close()
            for other in self._live.values():
                other.relay.abandon()
                if other.output is not None:
                    other.output.abandon()
            if output is not None:
                output.become()
            leaks = None if self._leaks is None else self._leaks.leaks
            Worker(
                self._process, self._session, Relay(theirs), node.workerinput, place, leaks
            ).live()
        theirs.close()
        if output is not None:
            output.lead()
        self._live[name] = KnownWorker(name, node, Relay(ours), pid, place, output)

    def _output_of(self, name: str) -> WorkerOutput:
        return WorkerOutput(name)

    def _wait(self) -> None:
        """Waits until somebody has something to say, and takes it."""
        poll = _new_poll()
        channel = self._process.channel
        poll.register(channel.fileno(), _POLLIN)
        for each in self._live.values():
            poll.register(each.relay.fileno(), _POLLIN)
            if each.pidfd is not None:
                poll.register(each.pidfd, _POLLIN)
            # What workers print waits while a debugger has the terminal.
            if each.output is not None and not self._debugged.has_terminal:
                for descriptor in each.output.filenos():
                    poll.register(descriptor, _POLLIN)
        has_pidfds = all(each.pidfd is not None for each in self._live.values())
        patience = None if has_pidfds and self._timeout is None else _LOOK_MS
        ready = {descriptor for descriptor, _ in poll.poll(patience)}
        if self._held is not None:
            self._held.hold()
        if channel.fileno() in ready:
            self._take_orders()
        for each in list(self._live.values()):
            if each.output is not None and not ready.isdisjoint(each.output.filenos()):
                each.output.take(self._terminal)
            if each.relay.fileno() in ready:
                self._listen(each)
            if each.name in self._live and (each.pidfd is None or each.pidfd in ready):
                self._look_after(each)
        if self._held is not None:
            self._held.release()
        self._tell_progress()
        if self._timeout is not None:
            for each in self._live.values():
                each.keep_to(self._timeout, self._debugged.holds(each))
        if (self._session.shouldfail or self._session.shouldstop) and not self._is_stopped:
            self._stop()

    def _take_orders(self) -> None:
        while True:
            try:
                order = self._process.receive(0)
            except TimeoutError:
                return
            if order is None or order["type"] == "exit":
                self._end_all()
                self._process.leave()
                return
            self._obey(order)

    def _obey(self, order: Message) -> None:
        if order["type"] == "assign":
            worker = self._live.get(order["worker"])
            if worker is not None:
                worker.tell("run", order["places"], order["isLast"])
        elif order["type"] == "workers":
            self._unanswered -= 1
            if not self._is_stopped:
                self._fork_all(order["names"], order["count"])
        elif order["type"] == "stop":
            self._session.shouldstop = order["reason"]
        elif order["type"] == "debug":
            self._debugged.is_free()

    def _stop(self) -> None:
        self._is_stopped = True
        for each in self._live.values():
            each.tell("stop")

    def _listen(self, worker: KnownWorker) -> None:
        while worker.relay.has_more:
            frame = worker.relay.hear()
            if frame is None:
                self._bury(worker)
                return
            self._take(worker, frame)

    def _look_after(self, worker: KnownWorker) -> None:
        """A process that a test has left behind may hold the connection of a worker that is dead."""
        if worker.pidfd is None and not worker.has_ended:
            return
        self._listen(worker)
        if worker.name in self._live:
            self._bury(worker)

    def _take(self, worker: KnownWorker, frame: Any) -> None:
        kind = frame[0]
        if kind == "start":
            self._replay.start(worker, frame[1], frame[2])
        elif kind == "reports":
            self._replay.reports(worker, frame[1], frame[2])
        elif kind == "finish":
            self._replay.finish(worker, frame[1], frame[2])
        elif kind == "measured":
            meter = self._session.config.pluginmanager.getplugin("prewarm-meter")
            meter.tell(self._session.items[frame[1]].nodeid, worker.name, frame[2])
        elif kind == "done":
            worker.running = None
            worker.done += 1
            worker.busy_ms += 1000 * frame[2]
            self._ran += 1
        elif kind == "warning":
            self._replay.warning(*frame[1:])
        elif kind == "stopped":
            session = self._session
            session.shouldfail = session.shouldfail or frame[1]
            session.shouldstop = session.shouldstop or frame[2]
        elif kind == "fixture":
            self._fixtures.give(worker, *frame[1:])
            # Orders that came while a fixture was waited for do not show on the descriptor.
            self._take_orders()
        elif kind == "record":
            self._process.channel.queue_frame(frame[1])
        elif kind == "uses":
            self._recorder.is_used_by(*frame[1:])
        elif kind == "left" and self._leaks is not None:
            self._leaks.add(*frame[1:])
        elif kind in ("debug", "debugged"):
            self._debugged.take(worker, frame, self._held)
        elif kind == "bye":
            worker.has_left = True
        else:
            self._end = self._end or end_of(worker.name, frame)
            worker.running = None
            self._debugged.end()
            self._stop()

    def _bury(self, worker: KnownWorker) -> None:
        """A worker has gone; what it ran when it died has failed."""
        del self._live[worker.name]
        self._debugged.leave(worker)
        how = worker.reap()
        if worker.output is not None:
            worker.output.end(self._terminal)
        if worker.has_left:
            self._tell_progress(worker)
            return
        if self._recorder is not None:
            self._recorder.is_whole = False
        place = self._replay.crash(worker, how)
        if self._leaks is not None:
            self._leaks.worker_lost()
        self._ran += place is not None
        self._unanswered += 1
        self._tell_progress(worker)
        self._process.channel.send(
            {"type": "worker-lost", "worker": worker.name, "how": how, "place": place}
        )

    def _tell_progress(self, *more: KnownWorker) -> None:
        """Tells the daemon what was done since the last time."""
        self._look()
        for each in (*self._live.values(), *more):
            passed = self._reporter.take_passed(each.name)
            if each.done or passed:
                self._process.channel.queue(
                    {
                        "type": "worked",
                        "worker": each.name,
                        "done": each.done,
                        "busyMs": round(each.busy_ms, 3),
                        "tests": passed,
                        "running": None if each.running is None else each.running[0],
                    }
                )
                each.done, each.busy_ms = 0, 0.0
        self._process.channel.flush()

    def _end_all(self) -> None:
        """The session ends here: the workers tear down what they have set up, and what they still report counts."""
        self._is_stopped = True
        for each in self._live.values():
            each.signal(signal.SIGINT)
        try:
            while self._live:
                self._wait()
        except BaseException:
            if self._recorder is not None:
                self._recorder.is_whole = False
            for each in self._live.values():
                each.signal(signal.SIGKILL)
            raise
