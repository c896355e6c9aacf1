"""Runs inside a plain pytest, on the cold side of a parity run: writes each test's outcome to a file.

The file's form is that of `prewarm run --outcomes`, without the exit code, which only the parent process sees.
Imports the standard library alone, so that loading it changes nothing for the tests.
"""

from __future__ import annotations

import json
import os
from typing import Any

# Tests patch `open` and `os`: own references, taken before any test is imported.
_open = open
_path = os.environ["PREWARM_PARITY_OUTCOMES"]
_dump = json.dumps

# A test has up to three reports; the gravest one is its outcome.
_GRAVITY = ("passed", "skipped", "xfailed", "xpassed", "failed", "error")
_outcomes: dict[str, str] = {}


def pytest_collectreport(report: Any) -> None:
    if report.failed:
        _note("collect:" + report.nodeid, "error")


def pytest_runtest_logreport(report: Any) -> None:
    outcome = _outcome_of(report)
    if outcome is not None:
        _note(report.nodeid, outcome)


def pytest_unconfigure() -> None:
    with _open(_path, "w", encoding="utf-8") as file:
        file.write(_dump(_outcomes))


def _outcome_of(report: Any) -> str | None:
    if report.failed:
        return "failed" if report.when == "call" else "error"
    if report.skipped:
        return "xfailed" if hasattr(report, "wasxfail") else "skipped"
    if report.when != "call":
        return None
    return "xpassed" if hasattr(report, "wasxfail") else "passed"


def _note(key: str, outcome: str) -> None:
    former = _outcomes.get(key)
    if former is None or _GRAVITY.index(outcome) > _GRAVITY.index(former):
        _outcomes[key] = outcome
