"""Runs inside a cold plain pytest that prewarm has started to compare itself with: writes each test's outcome to a file.

Imports the standard library alone, and takes back what it was loaded with, so that the tests find what they find without it.
A run that nobody has asked for leaves nothing behind either: it has a cache folder of its own, and refuses to write reports.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

# Tests patch `open`: own references, taken before any test is imported.
_open = open
_dumps = json.dumps
_exit = os._exit

#: Where to write, the values of variables that it was loaded with (null where there was none), and of a run that nobody
#: has asked for its cache folder and the file with its sample; null in a run that a person wants.
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

#: Options of pytest and of plugins that write a file at the end of a run, or put tests in an order of their own.
_WRITERS = (
    "xmlpath",
    "log_file",
    "pastebin",
    "cov_source",
    "htmlpath",
    "json_report",
    "report_log",
    "allure_report_dir",
    "md_report",
    "memray",
    "profile",
    "profile_svg",
    "store_durations",
    "update_snapshots",
    "force_regen",
    "regen_all",
    "benchmark_json",
    "benchmark_autosave",
    "generate_missing",
    "randomly_reorganize",
)
#: Values that mean: not given.
_UNSET: tuple[Any, ...] = (None, False, "", [], (), {})


def pytest_cmdline_main(config: Any) -> None:
    """Before anything is configured, in a run that nobody has asked for."""
    unasked = _order["unasked"]
    if unasked is None:
        return
    option = vars(config.option)
    for name in _WRITERS:
        if option.get(name) not in _UNSET:
            _write({"outcomes": {}, "isWhole": False, "refused": "--" + name.replace("_", "-")})
            _exit(0)
    # What failed last is what a person's run has found.
    config._inicache["cache_dir"] = unasked["cache"]


def pytest_collection_modifyitems(config: Any, items: list[Any]) -> None:
    """Leaves a sample of the tests; everything else is as in a whole run."""
    if _order["unasked"] is None or _order["unasked"]["sample"] is None:
        return
    with _open(_order["unasked"]["sample"], encoding="utf-8") as file:
        wanted = set(json.load(file))
    dropped = [item for item in items if item.nodeid not in wanted]
    if dropped:
        items[:] = [item for item in items if item.nodeid in wanted]
        config.hook.pytest_deselected(items=dropped)


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
    _write({"outcomes": _outcomes, "isWhole": _is_whole})


def _write(told: dict[str, Any]) -> None:
    with _open(_order["file"], "w", encoding="utf-8") as file:
        file.write(_dumps(told))


def _note(key: str, outcome: str) -> None:
    former = _outcomes.get(key)
    if former is None or _GRAVITY.index(outcome) > _GRAVITY.index(former):
        _outcomes[key] = outcome
