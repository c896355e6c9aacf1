"""Reports in the leader what its workers have done, by the hooks with which pytest reports what it does itself.

Runs in the leader.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Sequence
from typing import Any

import pytest
from _pytest.outcomes import Exit

from prewarm._known_worker import KnownWorker
from prewarm._report import Reporter


class Replay:
    """Calls pytest's reporting hooks for one session."""

    def __init__(self, session: Any, reporter: Reporter, testrunuid: str) -> None:
        self._session = session
        self._hook = session.config.hook
        self._reporter = reporter
        self._testrunuid = testrunuid

    def start(self, worker: KnownWorker, place: int, named: tuple[str, Any] | None = None) -> None:
        """A worker has begun a test; `named` are its node id and location where they are not the item's."""
        item = self._session.items[place]
        nodeid, location = named or (item.nodeid, item.location)
        worker.running = (place, nodeid, location)
        self._now(worker, place)
        self._hook.pytest_runtest_logstart(nodeid=nodeid, location=location)

    def finish(self, worker: KnownWorker, place: int, named: tuple[str, Any] | None = None) -> None:
        item = self._session.items[place]
        nodeid, location = named or (item.nodeid, item.location)
        self._now(worker, place)
        self._hook.pytest_runtest_logfinish(nodeid=nodeid, location=location)

    def reports(
        self,
        worker: KnownWorker,
        place: int,
        reports: list[Any],
        properties: Sequence[tuple[str, str]] = (),
    ) -> None:
        """What a worker has reported of a test; of a phase that has just passed it sent only the times."""
        self._now(worker, place)
        keywords: Any = None
        for told in reports:
            if type(told) is dict:
                report = self._hook.pytest_report_from_serializable(
                    config=self._session.config, data=told
                )
                report.node = worker.node
            else:
                item = self._session.items[place]
                keywords = keywords or dict.fromkeys(item.keywords, 1)
                when, duration, start, stop = told
                report = pytest.TestReport(
                    item.nodeid,
                    item.location,
                    keywords,
                    "passed",
                    None,
                    when,
                    duration=duration,
                    start=start,
                    stop=stop,
                    item_index=place,
                    worker_id=worker.name,
                    testrun_uid=self._testrunuid,
                    node=worker.node,
                )
            if properties:
                report.user_properties = [*report.user_properties, *properties]
            self._hook.pytest_runtest_logreport(report=report)

    def crash(self, worker: KnownWorker, how: str) -> int | None:
        """The test that a dead worker ran has failed; returns its place, None where it ran none.

        What the worker had noted of earlier tests and not told went down with it: they run again.
        """
        place = worker.place.get()
        worker.place.close()
        if place == -1:
            return None
        if worker.running is None or worker.running[0] != place:
            self.start(worker, place)
        assert worker.running is not None
        _, nodeid, location = worker.running
        report = pytest.TestReport(
            nodeid=nodeid,
            location=location,
            keywords={},
            outcome="failed",
            longrepr=f"worker {worker.name} {how} while it ran this test",
            when="call",
        )
        report.node = worker.node  # type: ignore[attr-defined]
        self._now(worker, place)
        self._hook.pytest_runtest_logreport(report=report)
        self._hook.pytest_runtest_logfinish(nodeid=nodeid, location=location)
        worker.running = None
        return place

    def teardown_error(self, worker: KnownWorker, place: int, text: str) -> None:
        """A fixture of the whole run could not be torn down."""
        item = self._session.items[place]
        report = pytest.TestReport(
            item.nodeid, item.location, {}, "failed", text, "teardown", node=worker.node
        )
        self._now(worker, place)
        self._hook.pytest_runtest_logreport(report=report)
        self._hook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)

    def warning(self, described: Any, when: str, nodeid: str, location: Any) -> None:
        self._hook.pytest_warning_recorded.call_historic(
            kwargs={
                "warning_message": _warning(described),
                "when": when,
                "nodeid": nodeid,
                "location": location,
            }
        )

    def _now(self, worker: KnownWorker, place: int) -> None:
        self._reporter.worker = worker.name
        self._reporter.place = place


def _warning(described: Any) -> warnings.WarningMessage:
    text, kind, category, filename, lineno, line = described
    message: Any = text
    found = _class(category)
    if kind is not None:
        known = _class(kind)
        # Its constructor can be anything; its text and class are what reports show.
        message = known.__new__(known, text)
        message.args = (text,)
    return warnings.WarningMessage(message, found, filename, lineno, line=line)


def _class(name: tuple[str, str]) -> Any:
    module, qualified = name
    found: Any = sys.modules.get(module)
    for part in qualified.split("."):
        found = getattr(found, part, None)
    if isinstance(found, type) and issubclass(found, Warning):
        return found
    return type(qualified.rpartition(".")[2], (Warning,), {"__module__": module})


def end_of(worker: str, frame: Any) -> BaseException:
    """What ends the session, because it has ended it in a worker."""
    if frame[0] == "interrupted":
        return KeyboardInterrupt()
    if frame[0] == "exit":
        return Exit(frame[1], frame[2])
    return RuntimeError(f"in worker {worker}:\n{frame[1]}")
