"""Reports the tests that workers on other machines run, as if this process had run them.

Runs in the leader at home. Its daemon hands the tests out to nodes and passes on what their workers report; nothing is forked here.
What a worker tells of one test counts when the test has ended: a node that is lost in the middle has told nothing of it.
"""

from __future__ import annotations

import select
from typing import Any

import pytest

from prewarm import _distant_coverage
from prewarm._distant_frames import decode_frame
from prewarm._known_worker import Node
from prewarm._leak_report import LeakReport
from prewarm._process import Message, Process
from prewarm._replay import Replay
from prewarm._report import Reporter
from prewarm._worker_output import print_lines
from prewarm._workers import Workers

_new_poll = select.poll
_POLLIN = select.POLLIN

#: The property of a test that was handed out again, in JUnit files and reports.
REPEATED = "prewarm_attempt"


class DistantWorkers(Workers):
    """The plugin that takes the place of pytest's loop over the tests, where they are to run on nodes."""

    def __init__(
        self,
        process: Process,
        reporter: Reporter,
        wanted: Message,
        test_run: str,
        leaks: LeakReport | None,
    ) -> None:
        # Each node minds how long its tests take.
        super().__init__(process, reporter, wanted, None, leaks)
        self._testrunuid = test_run
        self._is_over = False
        #: The beginning of a text that comes in parts, by worker.
        self._parts: dict[str, str] = {}
        #: All workers that there were, those that have left too.
        self._known: dict[str, Any] = {}
        #: In which attempt a test is, where that is not the first.
        self._attempts: dict[int, int] = {}
        #: Places of tests that have their outcome.
        self._accepted: set[int] = set()

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: Any) -> bool | None:
        if session.config.option.collectonly or not session.items:
            return None
        if session.testsfailed and not session.config.option.continue_on_collection_errors:
            return None
        self._session = session
        self._recorder = session.config.pluginmanager.getplugin("prewarm-record")
        self._replay = Replay(session, self._reporter, self._testrunuid)
        self._fixtures = _NoFixtures()
        self._wanted = {**self._wanted, **_peculiarities(session.config)}
        names, count = self._ask()
        if not names and not count:
            return None
        self._begin()
        self._lead(names, count)
        return True

    def _is_going_on(self) -> bool:
        return not self._is_over

    def _fork(self, name: str, count: int) -> None:
        """The worker is forked on its node: this makes it known here."""
        worker: Any = _DistantWorker(name, self._introduce(name, count, []))
        self._known[name] = self._live[name] = worker

    def _wait(self) -> None:
        poll = _new_poll()
        poll.register(self._process.channel.fileno(), _POLLIN)
        poll.poll()
        if self._held is not None:
            self._held.hold()
        self._take_orders()
        if self._held is not None:
            self._held.release()
        self._tell_progress()
        if (self._session.shouldfail or self._session.shouldstop) and not self._is_stopped:
            self._stop()

    def _obey(self, order: Message) -> None:
        kind = order["type"]
        if kind == "relayed":
            self._relayed(order["worker"], order["text"], order["isLast"])
        elif kind == "gone":
            worker: Any = self._live.get(order["worker"])
            if worker is not None:
                self._lose(worker, order["how"], None)
        elif kind == "repeated":
            for place in order["places"]:
                self._attempts[place] = self._attempts.get(place, 1) + 1
        elif kind == "over":
            self._is_over = True
        else:
            super()._obey(order)

    def _relayed(self, name: str, text: str, is_last: bool) -> None:
        whole = self._parts.pop(name, "") + text
        if not is_last:
            self._parts[name] = whole
            return
        frame = decode_frame(whole)
        if frame[0] == "printed":
            print_lines(frame[1], name, frame[2].split(b"\n"), self._terminal)
            return
        if frame[0] == "coverage":
            _distant_coverage.keep(name, *frame[1:])
            return
        worker: Any = self._known.get(name)
        if frame[0] == "left":
            self._take(worker, frame)
            return
        if frame[0] == "torn" and worker is not None:
            self._replay.teardown_error(worker, frame[1], frame[2])
            return
        worker = self._live.get(name)
        if worker is not None:
            self._hear(worker, frame)

    def _hear(self, worker: Any, frame: Any) -> None:
        kind = frame[0]
        if kind == "start":
            worker.place.set(frame[1])
            worker.kept = []
            self._take(worker, frame)
        elif kind in ("reports", "finish", "measured") or (
            kind == "warning" and worker.place.get() != -1
        ):
            worker.kept.append(frame)
        elif kind == "done":
            worker.place.set(-1)
            kept, worker.kept = worker.kept, []
            if frame[1] in self._accepted:
                return
            self._accepted.add(frame[1])
            for each in kept:
                self._report(worker, each)
            self._take(worker, frame)
        elif kind == "lost":
            self._lose(worker, frame[1], frame[2])
        elif kind == "bye":
            del self._live[worker.name]
            self._tell_progress(worker)
            self._process.channel.send({"type": "worker-left", "worker": worker.name})
        else:
            self._take(worker, frame)

    def _report(self, worker: Any, frame: Any) -> None:
        attempt = self._attempts.get(frame[1]) if frame[0] == "reports" else None
        if attempt is None:
            self._take(worker, frame)
        else:
            self._replay.reports(worker, *frame[1:], [(REPEATED, str(attempt))])

    def _lose(self, worker: Any, how: str, place: int | None) -> None:
        """A worker is gone: with its test where its process alone has died, and without where its whole node is not heard of."""
        del self._live[worker.name]
        self._parts.pop(worker.name, None)
        worker.kept = []
        worker.place.set(-1 if place is None or place in self._accepted else place)
        if worker.place.get() == -1:
            worker.running = None
        failed = self._replay.crash(worker, how)
        if self._leaks is not None:
            self._leaks.worker_lost()
        if failed is not None:
            self._accepted.add(failed)
            self._ran += 1
        self._tell_progress(worker)
        self._process.channel.send(
            {"type": "worker-lost", "worker": worker.name, "how": how, "place": failed}
        )

    def _stop(self) -> None:
        self._is_stopped = True
        self._process.channel.send({"type": "end-workers", "how": "stop"})

    def _end_all(self) -> None:
        self._is_stopped = True
        self._process.channel.send({"type": "end-workers", "how": "interrupt"})
        while not self._is_over:
            self._wait()


def _peculiarities(config: Any) -> Message:
    """What the daemon has to know of this session before others run its tests."""
    option = config.option
    against = ""
    if getattr(option, "usepdb", False) or getattr(option, "trace", False):
        against = "A debugger cannot stop in tests that run on nodes."
    narrowing = ("lf", "stepwise", "stepwise_skip")
    return {
        "notOnNodes": against,
        "isNarrowed": any(getattr(option, name, False) for name in narrowing),
    }


class _NoFixtures:
    """Fixtures of a run are set up on each node."""

    def tear_down(self) -> None:
        pass


class _Place:
    """As `RunningPlace`, where no memory is shared."""

    def __init__(self) -> None:
        self._place = -1

    def set(self, place: int) -> None:
        self._place = place

    def get(self) -> int:
        return self._place

    def close(self) -> None:
        pass


class _DistantWorker:
    """One worker on a node, as far as reports need it."""

    def __init__(self, name: str, node: Node) -> None:
        self.name = name
        self.node = node
        self.place = _Place()
        self.running: tuple[int, str, Any] | None = None
        self.done = 0
        self.busy_ms = 0.0
        #: What it has told of the test that it runs.
        self.kept: list[Any] = []
        self.output = None
