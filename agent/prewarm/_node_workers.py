"""Forks and leads the workers of one node, for a leader on another machine.

Runs in the leader of a run on a node: a real pytest session that has collected the same tests, and reports nothing itself. It runs the
tests that the leader at home has selected, in its order; what its workers report goes home as it comes.
"""

from __future__ import annotations

import signal
from typing import Any

import pytest

from prewarm import _distant_coverage
from prewarm._distant_frames import encode_frame
from prewarm._known_worker import KnownWorker
from prewarm._leak_report import LeakReport
from prewarm._process import Message, Process
from prewarm._relay import plain
from prewarm._report import Reporter
from prewarm._run_fixtures import RunFixtures
from prewarm._worker import unregister_leader_plugins
from prewarm._worker_output import WorkerOutput
from prewarm._workers import Workers

#: A longer text goes in parts: a frame to the daemon has a limit.
_MOST_CHARACTERS = 4_000_000

#: Frames that may name files: at home they are those of the working tree there.
_WITH_PATHS = frozenset(("reports", "warning", "internal", "torn", "printed"))


class NodeWorkers(Workers):
    """The plugin that takes the place of pytest's loop over the tests in the leader of a node."""

    def __init__(
        self,
        process: Process,
        reporter: Reporter,
        wanted: Message,
        timeout: float | None,
        node: Message,
        leaks: LeakReport | None,
    ) -> None:
        super().__init__(process, reporter, wanted, timeout, leaks)
        self._testrunuid = node["testRun"]
        self._name = node["name"]
        #: Where the working tree is here, and at home.
        self._roots = (node["root"], node["homeRoot"])
        self._is_over = False

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: Any) -> bool | None:
        self._session = session
        config = session.config
        self._recorder = config.pluginmanager.getplugin("prewarm-record")
        self._replay = _Homeward(self._tell)
        self._fixtures = RunFixtures(session, self._replay)
        if self._leaks is not None:
            self._leaks.leaks.runs_tests = False
        places = self._await_selection()
        session.items[:] = [session.items[place] for place in places]
        # Nothing of the run is written here: to plugins this process is a worker as its children are.
        unregister_leader_plugins(config)
        config.workerinput = {"workerid": self._name, "testrunuid": self._testrunuid}
        self._keep_apart(config)
        # What a run has left that was cut short is none of this one's.
        _distant_coverage.gather(*self._roots)
        self._lead([], 0)
        measured = _distant_coverage.gather(*self._roots)
        if measured is not None:
            self._tell(self._name, ("coverage", *measured))
        if self._leaks is not None:
            left = [(*each[:4], None, each[5]) for each in self._leaks.gather()]
            self._tell(self._name, ("left", False, left))
        self._process.channel.send({"type": "workers-left"})
        return True

    def _await_selection(self) -> list[int]:
        while True:
            order = self._process.receive()
            if order is None or order["type"] in ("exit", "over"):
                self._process.leave()
                return []
            if order["type"] == "select":
                return order["places"] or []

    def _keep_apart(self, config: Any) -> None:
        """A folder for temporary files that the command line names is emptied by each process that uses it."""
        factory = getattr(config, "_tmp_path_factory", None)
        given = getattr(factory, "_given_basetemp", None)
        if factory is not None and given is not None and factory._basetemp is None:
            given.mkdir(parents=True, exist_ok=True)
            factory._given_basetemp = given / f"node-{self._name}"

    def _is_going_on(self) -> bool:
        return not self._is_over or bool(self._live)

    def _conclude(self) -> None:
        """The session of this node has no verdict of its own."""

    def _output_of(self, name: str) -> WorkerOutput:
        return _HomewardOutput(name, self._tell)

    def _obey(self, order: Message) -> None:
        kind = order["type"]
        if kind == "workers":
            self._fork_all(order["names"], order["count"])
        elif kind == "over":
            self._is_over = True
        elif kind == "end-workers":
            if order["how"] == "stop":
                self._stop()
            else:
                for each in self._live.values():
                    each.signal(signal.SIGINT)
        else:
            super()._obey(order)

    def _take(self, worker: KnownWorker, frame: Any) -> None:
        if frame[0] in ("fixture", "left", "record", "uses"):
            # What is left behind is looked at, and ended, where it is; records go to the daemon as they are.
            super()._take(worker, frame)
            return
        if frame[0] == "bye":
            worker.has_left = True
        self._tell(worker.name, frame)

    def _bury(self, worker: KnownWorker) -> None:
        del self._live[worker.name]
        how = worker.reap()
        if worker.output is not None:
            worker.output.end(self._terminal)
        place = worker.place.get()
        worker.place.close()
        if not worker.has_left:
            if self._recorder is not None:
                self._recorder.is_whole = False
            if self._leaks is not None:
                self._leaks.worker_lost()
            self._tell(worker.name, ("lost", how, None if place == -1 else place))

    def _tell_progress(self, *more: KnownWorker) -> None:
        """The leader at home tells its daemon; ours has nothing to plan."""
        self._look()
        self._process.channel.flush()

    def _tell(self, worker: str, frame: Any) -> None:
        if frame[0] in _WITH_PATHS:
            frame = with_paths_of_home(frame, *self._roots)
        try:
            text = encode_frame(frame)
        except (ValueError, RecursionError):
            text = encode_frame(plain(frame))
        for first in range(0, len(text), _MOST_CHARACTERS):
            part = text[first : first + _MOST_CHARACTERS]
            is_last = first + _MOST_CHARACTERS >= len(text)
            self._process.channel.queue(
                {"type": "relayed", "worker": worker, "text": part, "isLast": is_last}
            )


def with_paths_of_home(value: Any, root: str, home: str) -> Any:
    """The same value, in which paths below one root lie below the other."""
    kind = type(value)
    if kind is str:
        return value.replace(root + "/", home + "/") if root in value else value
    if kind is bytes:
        return value.replace(root.encode() + b"/", home.encode() + b"/")
    if kind is dict:
        return {key: with_paths_of_home(each, root, home) for key, each in value.items()}
    if kind in (list, tuple):
        return kind(with_paths_of_home(each, root, home) for each in value)
    return value


class _Homeward:
    """Stands where a leader's `Replay` does, for what this process itself has to report."""

    def __init__(self, tell: Any) -> None:
        self._tell = tell

    def teardown_error(self, worker: KnownWorker, place: int, text: str) -> None:
        """A fixture of this node could not be torn down."""
        self._tell(worker.name, ("torn", place, text))


class _HomewardOutput(WorkerOutput):
    """What a worker prints where nothing is captured: the leader at home writes it, between its own lines."""

    def __init__(self, name: str, tell: Any) -> None:
        super().__init__(name)
        self._worker = name
        self._tell = tell

    def _print(self, stream: int, lines: list[bytes], terminal: Any) -> None:
        if lines:
            self._tell(self._worker, ("printed", stream, b"\n".join(lines)))
