"""One worker: a fork of the leader that runs tests one after another, as its leader hands them out.

Runs in the worker alone. To plugins and tests it looks like a worker of pytest-xdist: the same environment variables, the
same `config.workerinput`, a base folder for temporary files of its own, and no reporter of pytest.
"""

from __future__ import annotations

import atexit
import os
import sys
import time
from collections import deque
from typing import Any

import pytest
from _pytest.outcomes import Exit

from prewarm import _attach, _capture, _fixture, _session, _workarounds
from prewarm._leaks import Leaks
from prewarm._process import Message, Process
from prewarm._relay import Relay, RunningPlace, plain
from prewarm._run_fixtures import forget_inherited
from prewarm._wire import ChannelClosed, encode

_perf_counter = time.perf_counter

#: Results of quick tests are told together, once in so many seconds at most.
_TOGETHER_S = 0.005

#: The attributes of a report that no plugin has added any to.
_PLAIN_REPORT = pytest.TestReport("", ("", None, ""), {}, "passed", None, "call").__dict__.keys()

#: Plugins of the leader that would write what it writes, or count what it counts.
LEADER_PLUGINS = (
    "terminalreporter",
    "terminalprogress",
    "terminalprogress-plugin",
    "prewarm-report",
    "prewarm-workers",
)


class Worker:
    """Runs what it is told to run, and tells the leader everything that pytest's reporters ask for there."""

    def __init__(
        self,
        process: Process,
        session: Any,
        relay: Relay,
        workerinput: dict[str, Any],
        running: RunningPlace,
        leaks: Leaks | None = None,
    ) -> None:
        self._process = process
        self._session = session
        self._relay = relay
        self._workerinput = workerinput
        self._running = running
        self._leaks = leaks
        #: Places in the session's list of items that are to run.
        self._queue: deque[int] = deque()
        self._is_last = False
        self._is_stopped = False
        self._place = -1
        #: What was reported of the test that runs.
        self._reports: list[Any] = []
        self._told_at = 0.0
        self._is_urgent = True
        #: What measures tests where somebody has asked for it.
        self._meter: Any = session.config.pluginmanager.getplugin("prewarm-meter")
        #: What notes in a watch what each test depends on.
        self._recorder: Any = session.config.pluginmanager.getplugin("prewarm-record")

    def live(self) -> None:
        """Runs tests until there is nothing more to do, and ends this process."""
        try:
            try:
                self._become()
                self._run_all()
            except ChannelClosed:
                # The leader has gone: nobody is there to take a report.
                return
            except BaseException as error:
                self._tell_end(error)
            self._finish()
        finally:
            # What comes behind is the leader's to do.
            self._process.leave(1)

    def _become(self) -> None:
        """Makes this process a worker, in the eyes of every plugin."""
        config = self._session.config
        atexit._clear()
        name = self._workerinput["workerid"]
        os.environ["PYTEST_XDIST_WORKER"] = name
        os.environ["PYTEST_XDIST_WORKER_COUNT"] = str(self._workerinput["workercount"])
        os.environ["PYTEST_XDIST_TESTRUNUID"] = self._workerinput["testrunuid"]
        config.workerinput = self._workerinput
        config.workeroutput = {}
        unregister_leader_plugins(config)
        config.pluginmanager.register(self, "prewarm-worker")
        factory = getattr(config, "_tmp_path_factory", None)
        if factory is not None:
            factory._given_basetemp = factory.getbasetemp() / f"popen-{name}"
            factory._basetemp = None
        forget_inherited(self._session)
        _fixture.ask_leader = self._ask_leader
        if self._recorder is not None:
            self._recorder.become_worker(self._tell_record, self._tell_use)
        debugger = config.pluginmanager.getplugin("prewarm-debugger")
        if debugger is not None:
            debugger.become_worker(name, self._wait_for_terminal, self._leave_terminal)
        _capture.renew(config)
        if self._leaks is not None:
            self._leaks.runs_tests = True
            self._leaks.begin()

    def _run_all(self) -> None:
        session = self._session
        place = self._next()
        while place is not None:
            following = self._next()
            item = session.items[place]
            nextitem = None if following is None else session.items[following]
            self._place = place
            self._running.set(place)
            start = _perf_counter()
            session.config.hook.pytest_runtest_protocol(item=item, nextitem=nextitem)
            self._running.set(-1)
            took = _perf_counter() - start
            self._tell_reports()
            if self._meter is not None:
                self._relay.note("measured", place, self._meter.take())
            self._relay.note("done", place, took)
            self._is_urgent |= took > _TOGETHER_S
            if session.shouldfail or session.shouldstop:
                self._relay.note("stopped", plain(session.shouldfail), plain(session.shouldstop))
                break
            self._look()
            if self._is_stopped:
                break
            place = following

    def _next(self) -> int | None:
        """The place of the next test; waits until there is one. None where no more will come."""
        while not self._queue and not self._is_last and not self._is_stopped:
            self._tell_all()
            self._take(self._relay.hear())
        return self._queue.popleft() if self._queue and not self._is_stopped else None

    def _look(self) -> None:
        """Takes what the leader has said in the meantime."""
        while self._relay.has_more:
            self._take(self._relay.hear())

    def _ask_leader(self, name: str, function: Any) -> Any:
        """The value of a fixture that all workers share; raises what its set-up raised."""
        self._relay.note("fixture", self._place, name, id(function))
        self._tell_all()
        while True:
            frame = self._relay.hear()
            if frame is None or frame[0] != "fixture":
                self._take(frame)
                continue
            _, kind, value, out, err, attachments, doings = frame
            _attach.attach_all(attachments)
            if self._recorder is not None:
                self._recorder.take_shared(doings)
            for stream, text in ((sys.stdout, out), (sys.stderr, err)):
                stream.write(text)
            if kind == "skip":
                pytest.skip(value)
            if kind == "error":
                raise _fixture.SharedFixtureError(value)
            return value

    def _wait_for_terminal(self, place: str, asks: bool) -> int:
        """Until no other worker has it; returns how many wait for it by then."""
        self._relay.note("debug", place, asks)
        self._tell_all()
        while True:
            frame = self._relay.hear()
            if frame is not None and frame[0] == "front":
                return int(frame[1])
            self._take(frame)

    def _leave_terminal(self) -> None:
        self._relay.tell("debugged")

    def _tell_record(self, message: Message) -> None:
        # A whole frame already: the leader passes it on as it is.
        frame = encode({**message, "worker": self._workerinput["workerid"]})
        self._relay.note("record", frame)

    def _tell_use(self, nodeid: str, keys: list[tuple[int, int]]) -> None:
        self._relay.note("uses", nodeid, keys)

    def _tell_all(self) -> None:
        self._relay.flush()
        self._told_at = _perf_counter()
        self._is_urgent = False

    def _tell_reports(self) -> None:
        """Notes what was reported of a test: in a few numbers where all phases have passed, and there is nothing more to tell."""
        if self._reports:
            self._relay.note("reports", self._place, self._reports)
            self._reports = []

    def _take(self, order: Any) -> None:
        if order is None:
            raise ChannelClosed("The leader has gone.")
        if order[0] == "run":
            self._queue.extend(order[1])
            self._is_last = order[2]
        elif order[0] == "stop":
            self._is_stopped = True

    def _tell_end(self, error: BaseException) -> None:
        """What ends the session in plain pytest ends it here too: the leader raises the same."""
        if isinstance(error, KeyboardInterrupt):
            self._relay.note("interrupted")
        elif isinstance(error, Exit):
            self._relay.note("exit", error.msg, error.returncode)
        else:
            info = (
                pytest.ExceptionInfo.from_current()
                if hasattr(pytest.ExceptionInfo, "from_current")
                else None
            )
            text = repr(error) if info is None else str(info.getrepr(style="native"))
            self._relay.note("internal", text)
        debugger = self._session.config.pluginmanager.getplugin("prewarm-debugger")
        if debugger is not None:
            # Behind the end of the session: nobody else comes in front.
            debugger.goes_on()

    def _finish(self) -> None:
        """Tears down what is still set up, and leaves."""
        try:
            # After the last test everything is torn down already; this is for a run that was cut short.
            self._session._setupstate.teardown_exact(None)
        except BaseException as error:
            self._tell_end(error)
        if self._recorder is not None:
            self._recorder.end(self._session)
        self._process.around_forks.finish()
        _workarounds.save_coverage()
        try:
            atexit._run_exitfuncs()
        except BaseException:
            sys.excepthook(*sys.exc_info())
        if self._leaks is not None:
            left = [leak.facts() for leak in self._leaks.take_all()]
            if left or self._leaks.has_started:
                self._relay.note("left", self._leaks.has_started, left)
        _capture.stop(self._session.config)
        for stream in (sys.stdout, sys.stderr):
            try:
                stream.flush()
            except (AttributeError, OSError, ValueError):
                continue
        try:
            self._relay.tell("bye")
        except OSError:
            pass
        self._process.leave(0)

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_logstart(self, nodeid: str, location: Any) -> None:
        item = self._session.items[self._place]
        known = item.nodeid == nodeid
        self._relay.note("start", self._place, None if known else (nodeid, tuple(location)))
        if self._is_urgent or _perf_counter() - self._told_at > _TOGETHER_S:
            self._tell_all()

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_logreport(self, report: Any) -> None:
        if type(report) is pytest.TestReport and report.outcome == "passed" and _is_plain(report):
            self._reports.append((report.when, report.duration, report.start, report.stop))
            return
        self._is_urgent |= bool(report.failed)
        config = self._session.config
        data = config.hook.pytest_report_to_serializable(config=config, report=report)
        data["item_index"] = self._place
        data["worker_id"] = self._workerinput["workerid"]
        data["testrun_uid"] = self._workerinput["testrunuid"]
        self._reports.append(data)

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_logfinish(self, nodeid: str, location: Any) -> None:
        self._tell_reports()
        item = self._session.items[self._place]
        known = item.nodeid == nodeid
        self._relay.note("finish", self._place, None if known else (nodeid, tuple(location)))

    @pytest.hookimpl(trylast=True)
    def pytest_warning_recorded(
        self, warning_message: Any, when: str, nodeid: str, location: Any
    ) -> None:
        self._relay.note("warning", _describe(warning_message), when, nodeid, location)


def _is_plain(report: Any) -> bool:
    """Whether its leader can make the same report of the item that it has too."""
    return (
        report.longrepr is None
        and not report.sections
        and not report.user_properties
        and report.__dict__.keys() <= _PLAIN_REPORT
    )


def unregister_leader_plugins(config: Any) -> None:
    """Takes out what writes or counts for a whole run."""
    manager = config.pluginmanager
    _session.mute_terminal(config)
    terminal = manager.getplugin("terminalreporter")
    for name in LEADER_PLUGINS:
        plugin = manager.getplugin(name)
        if plugin is not None:
            manager.unregister(plugin)
    if terminal is not None:
        # A plugin may ask for it, as in a worker of pytest-xdist; what it writes is for nobody.
        manager._name2plugin["terminalreporter"] = terminal
    module = sys.modules.get("_pytest.junitxml")
    xml = None if module is None else config.stash.get(module.xml_key, None)
    if module is not None and xml is not None:
        del config.stash[module.xml_key]
        manager.unregister(xml)


def _describe(warning: Any) -> tuple[Any, ...]:
    """What the leader makes the same warning of: its class is loaded there too, unless a test has made it."""
    message = warning.message
    kind = type(message) if isinstance(message, Warning) else None
    return (
        str(message),
        None if kind is None else (kind.__module__, kind.__qualname__),
        (warning.category.__module__, warning.category.__qualname__),
        warning.filename,
        warning.lineno,
        warning.line,
    )
