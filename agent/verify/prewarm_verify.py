"""Runs inside a cold plain pytest that `prewarm verify` has started: writes each test's outcome to a file.

Imports the standard library alone, and takes back what it was loaded with, so that the tests find what they find without it.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

# Tests patch `open`: own references, taken before any test is imported.
_open = open
_dumps = json.dumps

#: Where to write, and the values of variables that it was loaded with; null where there was none.
_order = json.loads(os.environ.pop("PREWARM_VERIFY"))
for _name, _value in _order["before"].items():
    if _value is None:
        os.environ.pop(_name, None)
    else:
        os.environ[_name] = _value
_folder = os.path.dirname(os.path.abspath(__file__))
sys.path[:] = [entry for entry in sys.path if os.path.abspath(entry) != _folder]

#: A test has up to three reports; the gravest is its outcome.
_GRAVITY = ("passed", "skipped", "xfailed", "xpassed", "failed", "error")
_outcomes: dict[str, str] = {}
#: Whether every collected test has run.
_is_whole = False


def pytest_collectreport(report: Any) -> None:
    """A file that does not collect counts as one error."""
    if report.failed:
        _note("collect:" + report.nodeid, "error")


def pytest_runtest_logreport(report: Any) -> None:
    """Each phase of a test, also of those that another process has run."""
    if report.failed:
        _note(report.nodeid, "failed" if report.when == "call" else "error")
    elif report.skipped:
        _note(report.nodeid, "xfailed" if hasattr(report, "wasxfail") else "skipped")
    elif report.when == "call":
        _note(report.nodeid, "xpassed" if hasattr(report, "wasxfail") else "passed")


def pytest_sessionfinish(session: Any) -> None:
    """pytest says itself whether it has stopped early."""
    global _is_whole
    _is_whole = not (session.shouldstop or session.shouldfail) and int(session.exitstatus) in (0, 1)


def pytest_unconfigure() -> None:
    """The last word of a pytest that comes to its end."""
    with _open(_order["file"], "w", encoding="utf-8") as file:
        file.write(_dumps({"outcomes": _outcomes, "isWhole": _is_whole}))


def _note(key: str, outcome: str) -> None:
    former = _outcomes.get(key)
    if former is None or _GRAVITY.index(outcome) > _GRAVITY.index(former):
        _outcomes[key] = outcome
