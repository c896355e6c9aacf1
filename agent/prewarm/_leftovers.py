"""Processes that a run has started and not ended: finds them among all processes, and ends them.

Runs in leader and worker, and in the host of a warm fixture. Linux alone: elsewhere there is nothing to look at.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterable, Iterator
from typing import NamedTuple

_kill = os.kill
_listdir = os.listdir
_getpid = os.getpid
_monotonic = time.monotonic
_sleep = time.sleep
_open = open

#: A process that is asked to end gets so long before it is killed.
_PATIENCE_S = 1.0
_STEP_S = 0.01

#: These belong to Python's own `multiprocessing`, and end with the process that started them.
_HELPERS = ("multiprocessing.resource_tracker", "multiprocessing.forkserver")


_CURRENT_TEST = b"PYTEST_CURRENT_TEST="


class Known(NamedTuple):
    """A process, and what tells it from a later one with the same number."""

    pid: int
    started: int


class _Entry(NamedTuple):
    known: Known
    parent: int
    session: int


def children_of(parent: int) -> list[Known]:
    """The living children of a process."""
    pids: set[int] = set()
    try:
        for task in _listdir(f"/proc/{parent}/task"):
            with _open(f"/proc/{parent}/task/{task}/children", encoding="ascii") as file:
                pids.update(map(int, file.read().split()))
    except OSError:
        return []
    return [entry.known for entry in map(_entry, sorted(pids)) if entry is not None]


def left_in_session(session: int, roots: Iterable[Known], others: Iterable[int]) -> list[Known]:
    """What lives of a session, the processes `roots`, and what those have started.

    `others` are processes of ours, left out with all below them, as is the one that asks.
    """
    entries = list(_all())
    by_pid = {entry.known.pid: entry for entry in entries}
    left_out = {_getpid(), *others}
    wanted = {entry.known.pid for entry in entries if entry.session == session}
    wanted |= {known.pid for known in roots if _is_there(known, by_pid)}
    wanted -= left_out
    children = wanted
    while children:
        children = {entry.known.pid for entry in entries if entry.parent in children}
        children -= wanted | left_out
        wanted |= children
    return [by_pid[pid].known for pid in sorted(wanted) if not _is_helper(pid)]


def end_all(left: Iterable[Known]) -> None:
    """Asks these processes to end, and kills those that do not."""
    waiting = list(left)
    for number in (signal.SIGTERM, signal.SIGKILL):
        for known in waiting:
            _signal(known.pid, number)
        until = _monotonic() + _PATIENCE_S
        while waiting and _monotonic() < until:
            waiting = [known for known in waiting if is_alive(known)]
            if waiting:
                _sleep(_STEP_S)


def is_alive(known: Known) -> bool:
    entry = _entry(known.pid)
    return entry is not None and entry.known == known


def command_of(pid: int) -> str:
    """The command line of a process, as far as it fits a line."""
    try:
        with _open(f"/proc/{pid}/cmdline", "rb") as file:
            words = file.read().decode("utf-8", "replace").split("\0")
    except OSError:
        return ""
    text = " ".join(" ".join(words).split())
    return text if len(text) <= 80 else f"{text[:79]}…"


def _is_there(known: Known, entries: dict[int, _Entry]) -> bool:
    entry = entries.get(known.pid)
    return entry is not None and entry.known == known


def test_of(pid: int) -> str:
    """The test that ran when this process was started: pytest names it in the environment."""
    try:
        with _open(f"/proc/{pid}/environ", "rb") as file:
            variables = file.read().split(b"\0")
    except OSError:
        return ""
    for each in variables:
        if each.startswith(_CURRENT_TEST):
            return each[len(_CURRENT_TEST) :].decode("utf-8", "replace").rpartition(" (")[0]
    return ""


def _is_helper(pid: int) -> bool:
    try:
        with _open(f"/proc/{pid}/cmdline", "rb") as file:
            line = file.read().decode("utf-8", "replace")
    except OSError:
        return False
    return any(each in line for each in _HELPERS)


def _all() -> Iterator[_Entry]:
    try:
        names = _listdir("/proc")
    except OSError:
        return
    for name in names:
        if name.isdigit():
            entry = _entry(int(name))
            if entry is not None:
                yield entry


def _entry(pid: int) -> _Entry | None:
    """A process that has not ended; one that nobody has waited for has."""
    try:
        with _open(f"/proc/{pid}/stat", "rb") as file:
            text = file.read()
    except OSError:
        return None
    # A program's name may hold blanks and brackets.
    fields = text[text.rindex(b")") + 2 :].split()
    if fields[0] in (b"Z", b"X"):
        return None
    return _Entry(Known(pid, int(fields[19])), int(fields[1]), int(fields[3]))


def _signal(pid: int, number: int) -> None:
    try:
        _kill(pid, number)
    except OSError:
        pass
