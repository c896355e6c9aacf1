"""Tells the daemon what a run does: which test runs, what came of it, what did not collect.

Runs in the leader. A plugin beside pytest's own reporters, which it never replaces.
"""

from __future__ import annotations

import sys
from typing import Any, Callable

import pytest

from prewarm._process import Process
from prewarm._wire import ChannelClosed, encode_flat

#: A traceback longer than this many characters loses its middle on the wire.
MAX_TEXT = 200_000

#: A frame holds that many node ids, however long the list is.
IDS_PER_MESSAGE = 5_000

#: Exit codes of pytest.
_FAILED, _INTERRUPTED, _NO_TESTS = 1, 2, 5

_GRAVITY = ("passed", "skipped", "xfailed", "xpassed", "failed", "error")


class Reporter:
    """Sends one `started` and one `finished` message a test; silent until a run begins."""

    def __init__(self, process: Process) -> None:
        self._process = process
        #: Reports of the tests that run just now, by worker and node id.
        self._parts: dict[tuple[str, str], list[Any]] = {}
        #: The worker that the next hooks report of; empty where this process runs the tests itself.
        self.worker = ""
        #: Whether workers run the tests; then `place` is that of the test of which the next hooks report.
        self.is_batched = False
        self.place = -1
        self._passed: dict[str, list[tuple[int, str, float]]] = {}
        self._has_failures = False
        self._show_capture = "all"
        self.is_reporting = False

    def tells(self, code: int) -> bool:
        """Whether what was sent has the reason for this exit code."""
        return code in (0, _NO_TESTS) or (code in (_FAILED, _INTERRUPTED) and self._has_failures)

    @pytest.hookimpl(trylast=True)
    def pytest_collection_finish(self, session: Any) -> None:
        # The option is that of pytest's terminal plugin, which can be left out.
        self._show_capture = session.config.getoption("showcapture", "all")
        if sys.exc_info()[0] is not None:
            # pytest finishes its collection on the way out too: these are not what would have run.
            return
        ids = [item.nodeid for item in session.items]
        for first in range(0, max(len(ids), 1), IDS_PER_MESSAGE):
            part = ids[first : first + IDS_PER_MESSAGE]
            is_last = first + IDS_PER_MESSAGE >= len(ids)
            self._send({"type": "collected", "ids": part, "isLast": is_last})

    @pytest.hookimpl(tryfirst=True)
    def pytest_collectreport(self, report: Any) -> None:
        if report.failed:
            self._has_failures = True
            message = {"type": "collect-failed", "id": report.nodeid, "text": self._text([report])}
            self._send(message)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logstart(self, nodeid: str) -> None:
        if self._parts:
            for key in [key for key in self._parts if key[0] == self.worker]:
                del self._parts[key]
        if not self.is_batched:
            started = encode_flat({"type": "started", "id": nodeid})
            self._pass_on(self._process.channel.send_frame, started)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: Any) -> None:
        self._parts.setdefault((self.worker, report.nodeid), []).append(report)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self) -> None:
        """A test that ended the session (the debugger was left, say) has no end of its own."""
        for worker, nodeid in list(self._parts):
            self.worker = worker
            self.pytest_runtest_logfinish(nodeid)
        self._pass_on(self._process.channel.flush)

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        parts = self._parts.pop((self.worker, nodeid), [])
        outcome = test_outcome(parts)
        if outcome is None:
            return
        failed = [report for report in parts if report.failed]
        took_ms = round(1000 * sum(report.duration for report in parts), 3)
        if self.is_batched and not failed:
            self._passed.setdefault(self.worker, []).append((self.place, outcome, took_ms))
            return
        message: dict[str, Any] = {
            "type": "finished",
            "id": nodeid,
            "outcome": outcome,
            "durationMs": took_ms,
        }
        if self.worker:
            message["worker"] = self.worker
        if failed:
            self._has_failures = True
            message["text"] = self._text(failed)
        # The next test starts at once: one write for both, and one awakening of the daemon.
        self._pass_on(self._process.channel.queue_frame, encode_flat(message))

    def take_passed(self, worker: str) -> list[tuple[int, str, float]]:
        """Place, outcome and milliseconds of tests that a worker has run without a failure, since the last time."""
        return self._passed.pop(worker, [])

    def _text(self, reports: list[Any]) -> str:
        """What pytest's own report shows of these failures, captured output included."""
        parts = []
        for report in reports:
            parts.append(str(report.longrepr))
            for name, content in report.sections:
                if self._show_capture in ("all", *name.split()):
                    parts.append(f"{f' {name} ':-^80}\n{content.removesuffix(chr(10))}")
        return shorten("\n".join(parts))

    def _send(self, message: dict[str, Any]) -> None:
        self._pass_on(self._process.channel.send, message)

    def _pass_on(self, action: Callable[..., None], *arguments: Any) -> None:
        if not self.is_reporting:
            return
        try:
            action(*arguments)
        except (ChannelClosed, OSError):
            # The daemon has gone: the death pipe ends this process, a report is of no use.
            self.is_reporting = False


def test_outcome(reports: list[Any]) -> str | None:
    """The outcome of a test: that of its gravest phase; None where it was not called.

    A failure in set-up or tear-down is an error, in the call a failure.
    """
    outcomes = [outcome for outcome in map(_phase_outcome, reports) if outcome is not None]
    return max(outcomes, key=_GRAVITY.index, default=None)


def _phase_outcome(report: Any) -> str | None:
    if report.failed:
        return "failed" if report.when == "call" else "error"
    if report.skipped:
        return "xfailed" if hasattr(report, "wasxfail") else "skipped"
    if report.when != "call":
        return None
    return "xpassed" if hasattr(report, "wasxfail") else "passed"


def shorten(text: str) -> str:
    """A text that is too long for the wire, without its middle."""
    if len(text) > MAX_TEXT:
        half = MAX_TEXT // 2
        text = f"{text[:half]}\n… {len(text) - MAX_TEXT} characters left out …\n{text[-half:]}"
    return text
