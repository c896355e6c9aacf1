"""The life of a trunk: a real pytest start, up to the point where its first test would run.

Runs in the trunk's processes; a leader continues on the same stack, behind `_collect_and_lead`.
"""

from __future__ import annotations

import base64
import contextlib
import os
import sys
from collections.abc import Iterator
from typing import Any, Callable

import pytest

# Leaders find it loaded.
import prewarm._choice  # noqa: F401
from prewarm import (
    _capture,
    _fixture,
    _host_patches,
    _options,
    _patch,
    _session,
    _workarounds,
    _worker_options,
)
from prewarm._ahead import Ahead, why_not_ahead
from prewarm._collect import NodeCache, mute_leader_hooks, recorded_warnings, warned_files
from prewarm._debugger import Debugger
from prewarm._leader import Before, Leader, leave_trunk
from prewarm._leak_report import LeakReport
from prewarm._leaks import Leaks
from prewarm._opened import Opened
from prewarm._preamble import Preamble, flush_standard_streams
from prewarm._process import Message, Process
from prewarm._recorder import Recorder
from prewarm._report import Reporter
from prewarm._timeline import Timeline
from prewarm._warm_fixtures import WarmFixtures
from prewarm._workers import Workers


class Trunk:
    """State that lives from the start of the timeline to the end of a run in one of its forks."""

    def __init__(self, process: Process, preamble: Preamble, start: Message) -> None:
        self._process = process
        self._preamble = preamble
        self._args: list[str] = start["args"]
        self._ahead = Ahead(start["ahead"]["modules"], start["ahead"]["never"])
        process.around_forks.configured = start["workarounds"]
        self._timeline = Timeline(process, preamble, start)
        self._cache = NodeCache(self._timeline)
        self._reporter = Reporter(process)
        self._has_program = "program" in start
        self._leader: Leader | None = None
        #: Goes through a collection with these arguments, once the trunk has come to its tip.
        self._rehearsal: Callable[[list[str]], None] | None = None
        self._timeline.on_ready = self._get_ready

    def run(self, console_main: Callable[[], int]) -> int:
        """Runs pytest and returns its exit code; what follows the tip is executed in leaders only."""
        timeline = self._timeline
        timeline.install()
        _host_patches.notice_random_seed(timeline)
        _host_patches.notice_threads(timeline)
        self._import_ahead()
        _host_patches.add_plugin(self, self._forget_program if self._has_program else None)
        _host_patches.cut_before_conftests(timeline)
        _host_patches.note_searched_folders(timeline)
        _host_patches.collect_through(self._perform_collect)
        return console_main()

    def finish(self, code: int) -> None:
        """Ends this process: as a leader, or as a trunk that never reached its tip."""
        if self._leader is not None:
            self._leader.finish(code, self._cache.new_files, self._reporter.tells(code))
        self._end_before_tip(code)

    @pytest.hookimpl(hookwrapper=True)
    def pytest_cmdline_main(self, config: Any) -> Iterator[None]:
        """Before any other plugin decides how to run."""
        _worker_options.quiet_xdist(config)
        _workarounds.apply()
        yield

    @pytest.hookimpl(trylast=True)
    def pytest_configure(self, config: Any) -> None:
        """Last of all plugins: nothing of a trunk's session may be seen."""
        self._refuse(config)
        config.pluginmanager.register(self._cache, "prewarm-nodes")
        config.pluginmanager.register(self._reporter, "prewarm-report")
        _session.mute_terminal(config)
        self._unmute = mute_leader_hooks(config.pluginmanager)

    def _refuse(self, config: Any) -> None:
        """Ends this process where plain pytest has to take its place."""
        reason = _session.why_not_warm(config)
        if reason:
            self._timeline.flush()
            self._process.channel.send({"type": "not-warm", "reason": reason})
            self._process.leave()

    def _perform_collect(self, plain: Any, session: Any, args: Any, genitems: bool) -> Any:
        if self._leader is None and args is None and genitems:
            args = self._collect_and_lead(plain, session)
        return plain(session, args, genitems)

    def _collect_and_lead(self, plain: Any, session: Any) -> list[str]:
        config = session.config
        # Plugins that are configured last of all, as this one is, may come after it.
        self._refuse(config)
        options = _options.parse(config, self._args)
        captured = _capture.take(config)
        flush_standard_streams()
        self._preamble.head = self._preamble.mark()
        self._collect(plain, session, list(config.args))
        self._timeline.has_collected(config.args, _options.file_rules(config))
        self._rehearsal = lambda args: self._rehearse(plain, session, args)
        order = self._wait_at_tip(plain, session)
        is_forked = order["type"] != "unforked"
        leave_trunk(self._process, self._timeline, config, is_forked)
        self._leader = Leader(self._process, is_forked)
        if order["type"] == "spare":
            self._rehearse(plain, session, order["args"])
            self._timeline.heap.freeze()
            self._leader.connect_ahead()
        run = order if order["type"] == "run" else self._wait_for("run")
        if "node" in run and not is_forked:
            reason = "threads are alive when its tests would run, and would not be in a worker"
            self._process.channel.send({"type": "not-on-node", "reason": reason})
            self._process.leave()
        before = Before(options, captured, self._cache.has_printed)
        self._unmute()
        self._cache.begin()
        self._cache.is_leader = True
        self._reporter.is_reporting = True
        if run["isWatched"]:
            self._record(config, "node" not in run)
        if run.get("measure"):
            # It needs cProfile, which no other run does.
            from prewarm import _meter

            _meter.measure(run["measure"], self._process, config.pluginmanager)
        self._watch_debugger(run, config)
        self._leader.prepare(run, session, before, self._timeline)
        if is_forked:
            # Otherwise threads live here, and would not live in a fixture's process.
            host = WarmFixtures(self._process, session, self._timeline.is_library)
            _fixture.ask_host = host.ask
        wish = self._leader.workers
        is_for_each = wish is not None and wish["dist"] == "each"
        if "debugpy" in run or (run["isWatched"] and is_for_each):
            # A debugger attaches to one process, and in a watch a test has one outcome.
            wish = None
        leaks = self._watch_leaks(run, config) if is_forked else None
        if wish is not None:
            self._register_workers(run, wish, leaks, config)
        elif "repeat" in run and is_forked and (leaks is None or not leaks.leaks.is_strict):
            # No other run needs it.
            from prewarm._repeats import Repeats

            repeats = Repeats(self._process, self._leader, run["repeat"], self._cache)
            config.pluginmanager.register(repeats, "prewarm-repeats")
        if leaks is not None:
            # It has to begin before workers are forked.
            self._leader.leaks = leaks
            leaks.register(config.pluginmanager)
        if run["isHeld"]:
            self._wait_for("go")
        return self._leader.begin(run, session, before, self._timeline)

    def _register_workers(
        self, run: Message, wish: Message, leaks: LeakReport | None, config: Any
    ) -> None:
        timeout = _worker_options.timeout_of(run["workers"])
        process, reporter = self._process, self._reporter
        workers: Workers
        if "node" in run:
            from prewarm._node_workers import NodeWorkers

            workers = NodeWorkers(process, reporter, wish, timeout, run["node"], leaks)
        elif "onNodes" in run:
            from prewarm._distant_workers import DistantWorkers

            workers = DistantWorkers(process, reporter, wish, run["onNodes"]["testRun"], leaks)
        else:
            workers = Workers(process, reporter, wish, timeout, leaks)
        config.pluginmanager.register(workers, "prewarm-workers")

    def _forget_program(self) -> None:
        """Another program starts pytest: its requester has executed it too, and shown what it writes until here."""
        flush_standard_streams()
        self._preamble.forget()

    def _watch_debugger(self, run: Message, config: Any) -> None:
        debugger = Debugger(self._process, config, run["terminals"])
        config.pluginmanager.register(debugger, "prewarm-debugger")
        _host_patches.around_debugger(debugger.stops, debugger.prompts, debugger.prompted)

    def _watch_leaks(self, run: Message, config: Any) -> LeakReport | None:
        mode = _worker_options.leaks_of(run["workers"])
        if mode == "off" or "debugpy" in run:
            return None
        own_children, is_library = self._process.own_children, self._timeline.is_library
        leaks = Leaks(config, is_library, own_children, mode == "fail")
        return LeakReport(self._process, leaks)

    def _record(self, config: Any, is_asking: bool) -> None:
        """In a watch: notes what each test depends on."""
        own = (self._process.state_folder + os.sep, os.path.join(config.rootpath, ".pytest_cache"))
        opened = Opened(self._timeline.is_library, own)
        recorder = Recorder(self._process, self._timeline.code_watch, opened, is_asking)
        config.pluginmanager.register(recorder, "prewarm-record")
        recorder.begin()

    def _collect(self, plain: Any, session: Any, args: list[str]) -> None:
        """Executes and parses the files that `args` name; whatever goes wrong is found again in the leader."""
        self._cache.begin()
        log = recorded_warnings()
        before = len(log)
        try:
            plain(session, args, True)
        except BaseException:
            # Kept with the file where it happened; errors of the arguments show up in the leader.
            pass
        del log[before:]

    def _wait_at_tip(self, plain: Any, session: Any) -> Message:
        """Parks at the tip; returns where a leader goes on, with the order that made it one."""
        timeline = self._timeline
        while True:
            flush_standard_streams()
            may_fork = timeline.may_fork()
            is_safe = may_fork and not timeline.leads
            if may_fork:
                self._process.around_forks.load()
                timeline.heap.freeze()
            if is_safe:
                self._process.around_forks.before()
            timeline.tell_end()
            self._process.channel.send(
                {
                    "type": "tip",
                    "index": timeline.index,
                    "atMs": timeline.now_ms(),
                    "isSafe": is_safe,
                    "obstacle": timeline.obstacle,
                    "made": timeline.made_paths(),
                    "failed": sorted(timeline.libraries - sys.modules.keys()),
                    "notAhead": why_not_ahead(timeline, session.config, self._ahead),
                    "root": str(session.config.rootpath),
                    "configFile": None
                    if session.config.inipath is None
                    else str(session.config.inipath),
                    "pytest": sys.modules["pytest"].__version__,
                    "python": sys.version.split()[0],
                }
            )
            if timeline.leads and may_fork:
                return {"type": "leads"}
            if not is_safe:
                # A live thread does not survive a fork: this process itself becomes the leader of one run.
                return {"type": "unforked"}
            order = timeline.wait_for("run", "spare", "grow", "patch")
            if order["type"] == "patch":
                self._patch(order["files"], session)
                timeline.leads = order["leads"]
                continue
            if order["type"] != "grow":
                return order
            args = order["args"] or list(session.config.args)
            self._collect(plain, session, args)
            self._timeline.has_collected(args, _options.file_rules(session.config))

    def _patch(self, paths: list[str], session: Any) -> None:
        """Makes this fork of the tip a tip of its own, in which these modules are as their files are now; or ends it."""
        timeline = self._timeline
        try:
            warned = warned_files(session.config) | self._cache.warned_files()
            edits = _patch.prove(paths, timeline.code_watch, warned)
        except _patch.Refused as refused:
            self._process.channel.send({"type": "not-patched", **refused.facts()})
            self._preamble.discard()
            self._process.leave()
            return
        _patch.swap(edits)
        self._timeline.code_watch.swapped += [edit.comparison.pairs[0].new for edit in edits]
        for edit in edits:
            timeline.note_patched(edit.name, edit.path, edit.signature)
        self._process.channel.send({"type": "patched", "files": [edit.facts() for edit in edits]})

    def _rehearse(self, plain: Any, session: Any, args: list[str]) -> None:
        """Goes through what the next run is likely to ask for: what it touches is copied for this process now, not then."""
        self._timeline.traces.look_around()
        with contextlib.suppress(_options.Refused):
            wanted = _options.parse(session.config, args)
            paths = _options.decide_args(session.config, wanted)[0]
            if not self._timeline.traces.covers(paths):
                # Conftests that are not loaded would be, and the next run may be another one.
                return
            self._timeline.is_rehearsing = self._cache.is_rehearsing = True
            with _host_patches.keeping_conftests(session.config.pluginmanager):
                self._collect(plain, session, paths)
            # An item of a plugin may not know its place; whoever runs it is told.
            with contextlib.suppress(Exception):
                for item in session.items:
                    # Worked out once an item, by every process that reports on it.
                    _ = item.location
            self._timeline.is_rehearsing = self._cache.is_rehearsing = False

    def _get_ready(self, message: Message) -> None:
        """In a child that was forked ahead of its order: what that will touch is copied for this process now."""
        with self._timeline.unobserved():
            self._ahead.why_not(self._timeline)
            if self._rehearsal is not None:
                self._rehearsal(message["args"])

    def _wait_for(self, wanted: str) -> Message:
        """In a process that may lead exactly one run: waits for the daemon's word."""
        while True:
            message = self._process.receive()
            if message is not None and message["type"] == wanted:
                return message
            if message is None or message["type"] == "exit":
                self._process.leave()

    def _import_ahead(self) -> None:
        """Imports packages of which an earlier trunk has shown that their place does not matter.

        The checkpoint behind them is at the same place for all that can be edited.
        """
        if not self._ahead.is_asked_for:
            self._timeline.cut("start", "pytest", None)
            return
        fault = self._ahead.import_all(self._timeline)
        if fault is not None:
            self._process.channel.send({"type": "not-ahead", "reason": fault})
            self._process.leave()
        self._timeline.cut("packages", "packages", None)

    def _end_before_tip(self, code: int) -> None:
        flush_standard_streams()
        self._timeline.flush()
        out, err = self._preamble.texts()
        self._process.channel.send(
            {
                "type": "ended-early",
                "exit": code,
                "stdout": base64.b64encode(out).decode("ascii"),
                "stderr": base64.b64encode(err).decode("ascii"),
            }
        )
        self._preamble.discard()
        self._process.leave()
