"""What a leader tells of its tests: the outcome of every combination of phases, and the messages of a real run."""

from __future__ import annotations

import itertools
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from prewarm import _report
from prewarm._process import Process
from prewarm._report import Reporter, test_outcome
from prewarm._wire import Channel

# Not a test of this file, whatever its name says.
outcome_of = test_outcome
del test_outcome

ACTIONS = ("pass", "fail", "skip", "xfail")
MARKS = ("plain", "xfail", "strict")

PHASES = """
import pytest

ACTIONS = ("pass", "fail", "skip", "xfail")


def do(action):
    if action == "fail":
        raise ValueError("the spec says so")
    if action == "skip":
        pytest.skip("the spec says so")
    if action == "xfail":
        pytest.xfail("the spec says so")


@pytest.fixture
def around(request):
    do(request.getfixturevalue("before"))
    yield
    do(request.getfixturevalue("after"))


@pytest.mark.parametrize("before", ACTIONS)
@pytest.mark.parametrize("call", ACTIONS)
@pytest.mark.parametrize("after", ACTIONS)
class Test:
    def test_plain(self, before, call, after, around):
        do(call)

    @pytest.mark.xfail
    def test_xfail(self, before, call, after, around):
        do(call)

    @pytest.mark.xfail(strict=True)
    def test_strict(self, before, call, after, around):
        do(call)
"""


class Reports:
    """Keeps the reports of a run, each test's together."""

    def __init__(self) -> None:
        self.of: dict[str, list[Any]] = {}

    def pytest_runtest_logreport(self, report: Any) -> None:
        self.of.setdefault(report.nodeid, []).append(report)


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, ...], list[Any]]:
    """Reports of a real pytest by mark, set-up, call and tear-down."""
    plugin = Reports()
    run_pytest(tmp_path_factory.mktemp("phases"), {"test_phases.py": PHASES}, plugin)
    found: dict[tuple[str, ...], list[Any]] = {}
    for nodeid, parts in plugin.of.items():
        name, values = nodeid[:-1].split("::test_")[1].split("[")
        after, call, before = values.split("-")
        found[name, before, call, after] = parts
    assert len(found) == len(MARKS) * len(ACTIONS) ** 3
    return found


@pytest.mark.parametrize(
    ("phases", "outcome"),
    [
        ("plain pass pass pass", "passed"),
        ("plain pass fail pass", "failed"),
        ("plain pass skip pass", "skipped"),
        ("plain pass xfail pass", "xfailed"),
        ("plain fail pass pass", "error"),
        ("plain skip pass pass", "skipped"),
        ("plain xfail pass pass", "xfailed"),
        ("plain pass pass fail", "error"),
        ("plain pass pass skip", "skipped"),
        ("plain pass fail fail", "error"),
        ("plain pass skip fail", "error"),
        ("plain pass fail skip", "failed"),
        ("plain pass fail xfail", "failed"),
        ("plain fail pass skip", "error"),
        ("plain fail pass xfail", "error"),
        ("xfail pass pass pass", "xpassed"),
        ("xfail pass fail pass", "xfailed"),
        ("xfail pass skip pass", "skipped"),
        ("xfail fail pass pass", "xfailed"),
        ("xfail pass pass fail", "xpassed"),
        ("xfail pass pass skip", "xpassed"),
        ("strict pass pass pass", "failed"),
        ("strict pass fail pass", "xfailed"),
        ("strict pass pass skip", "failed"),
    ],
)
def test_an_outcome_is_that_of_the_gravest_phase(
    phases: str, outcome: str, reports: dict[tuple[str, ...], list[Any]]
) -> None:
    assert outcome_of(reports[tuple(phases.split())]) == outcome


@pytest.mark.parametrize(
    "phases", [*itertools.product(MARKS, ACTIONS, ACTIONS, ACTIONS)], ids=" ".join
)
def test_an_outcome_is_bad_where_pytest_counts_a_failure(
    phases: tuple[str, ...], reports: dict[tuple[str, ...], list[Any]]
) -> None:
    parts = reports[phases]
    outcome = outcome_of(parts)
    assert (outcome in ("failed", "error")) == any(report.failed for report in parts)
    assert (outcome == "error") == any(report.failed and report.when != "call" for report in parts)


def test_a_test_without_a_call_has_no_outcome(reports: dict[tuple[str, ...], list[Any]]) -> None:
    before, _, after = reports["plain", "pass", "pass", "pass"]
    assert outcome_of([before, after]) is None
    assert outcome_of([]) is None


# The reporter in a real run


@pytest.fixture
def ends() -> Iterator[tuple[Process, Channel]]:
    """A process of ours, and the daemon's end of its connection."""
    with (
        tempfile.TemporaryDirectory(prefix="pw-") as folder,
        socket.socket(socket.AF_UNIX) as server,
    ):
        path = str(Path(folder) / "agent.sock")
        server.bind(path)
        server.listen()
        process = Process(path, "l1", folder)
        connection, _ = server.accept()
        daemon = Channel(connection)
        yield process, daemon
        daemon.abandon()
        process.channel.abandon()


SUITE = {
    "test_a.py": """
def test_good():
    pass

def test_bad():
    assert "a" * 2000 == ""
""",
    "test_broken.py": "import not_there_at_all\n",
}


def test_a_run_is_told_in_its_order(ends: tuple[Process, Channel], tmp_path: Path) -> None:
    process, daemon = ends
    reporter = Reporter(process)
    reporter.is_reporting = True
    run_pytest(tmp_path, SUITE, reporter, "--continue-on-collection-errors")
    process.channel.close()
    told = messages_of(daemon)
    assert [(each["type"], each.get("id")) for each in told] == [
        ("collect-failed", "test_broken.py"),
        ("collected", None),
        ("started", "test_a.py::test_good"),
        ("finished", "test_a.py::test_good"),
        ("started", "test_a.py::test_bad"),
        ("finished", "test_a.py::test_bad"),
    ]
    assert "not_there_at_all" in told[0]["text"]
    assert told[1] == {
        "type": "collected",
        "ids": ["test_a.py::test_good", "test_a.py::test_bad"],
        "isLast": True,
    }
    assert [told[place]["outcome"] for place in (3, 5)] == ["passed", "failed"]
    assert "text" not in told[3]
    assert "test_bad" in told[5]["text"]


def test_nothing_is_told_before_a_run_begins(ends: tuple[Process, Channel], tmp_path: Path) -> None:
    process, daemon = ends
    run_pytest(tmp_path, SUITE, Reporter(process))
    process.channel.close()
    assert messages_of(daemon) == []


def test_a_daemon_that_has_gone_does_not_disturb_a_run(
    ends: tuple[Process, Channel], tmp_path: Path
) -> None:
    process, daemon = ends
    reporter = Reporter(process)
    reporter.is_reporting = True
    daemon.close()
    assert run_pytest(tmp_path, {"test_a.py": SUITE["test_a.py"]}, reporter) == 1
    assert not reporter.is_reporting


def test_many_tests_are_told_in_several_messages(
    ends: tuple[Process, Channel], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_report, "IDS_PER_MESSAGE", 2)
    process, daemon = ends
    reporter = Reporter(process)
    reporter.is_reporting = True
    for count in (5, 4, 0):
        folder = tmp_path / str(count)
        folder.mkdir()
        tests = "\n".join(f"def test_{number}(): pass" for number in range(count))
        run_pytest(folder, {f"test_of_{count}.py": tests}, reporter, "--collect-only")
    process.channel.close()
    parts = [(len(each["ids"]), each["isLast"]) for each in messages_of(daemon)]
    assert parts == [(2, False), (2, False), (1, True), (2, False), (2, True), (0, True)]


def test_a_long_text_loses_its_middle(
    ends: tuple[Process, Channel], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_report, "MAX_TEXT", 100)
    process, daemon = ends
    reporter = Reporter(process)
    reporter.is_reporting = True
    run_pytest(tmp_path, {"test_a.py": SUITE["test_a.py"]}, reporter)
    process.channel.close()
    text = messages_of(daemon)[-1]["text"]
    assert text.startswith("def test_bad():")
    assert "characters left out" in text
    assert len(text) < 200


def run_pytest(folder: Path, files: dict[str, str], plugin: object, *options: str) -> int:
    """Runs a real pytest over files of its own, without what surrounds this one."""
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    words = [
        "-q",
        "--rootdir",
        str(folder),
        "-c",
        str(folder / "pytest.ini"),
        "-p",
        "no:cacheprovider",
    ]
    return int(
        pytest.main([*words, "--import-mode=importlib", *options, str(folder)], plugins=[plugin])
    )


def messages_of(daemon: Channel) -> list[dict[str, Any]]:
    """All that arrived up to the end of the connection."""
    found: list[dict[str, Any]] = []
    while True:
        message = daemon.receive(timeout=60)
        if message is None:
            return found
        found.append(message)
