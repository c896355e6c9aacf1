"""The end of a run: gathers what its processes have left behind, ends the programs among it, and tells the daemon.

Runs in the leader.
"""

from __future__ import annotations

import os
from typing import Any

from prewarm import _leftovers
from prewarm._leaks import Leaks, StrictLeaks
from prewarm._leftovers import Known
from prewarm._process import Process

_getsid = os.getsid

#: So many are told one by one.
_MOST_TOLD = 200

#: Kind, what it is, who began it, the line, the process or None, whether it has failed a test.
Facts = tuple[Any, ...]


class LeakReport:
    """What was left behind in the processes of one run."""

    def __init__(self, process: Process, leaks: Leaks) -> None:
        self._process = process
        self._leaks = leaks
        self._facts: list[Facts] = []

    @property
    def leaks(self) -> Leaks:
        """What this process itself notes."""
        return self._leaks

    def register(self, manager: Any) -> None:
        """Lets pytest tell of the tests."""
        manager.register(self._leaks, "prewarm-leaks")
        if self._leaks.is_strict:
            manager.register(StrictLeaks(self._leaks), "prewarm-strict-leaks")

    def add(self, has_started: bool, facts: list[Any]) -> None:
        """What a worker has left, told at its end."""
        self._leaks.has_started |= has_started
        self._facts += map(tuple, facts)

    def worker_lost(self) -> None:
        """A worker has died, and cannot tell what it has started."""
        self._leaks.has_started = True

    def conclude(self) -> bool:
        """Ends the processes that are left, and tells what there is; returns whether there is something that failed no test."""
        told = self.gather()
        if told:
            message = {
                "type": "leaked",
                "leaks": [
                    {"kind": kind, "what": what, "owner": owner, "line": line}
                    for kind, what, owner, line, *_ in told[:_MOST_TOLD]
                ],
                "more": max(0, len(told) - _MOST_TOLD),
            }
            self._process.channel.send(message)
        return not all(each[5] for each in told)

    def gather(self) -> list[Facts]:
        """Ends the processes that are left; returns what there is."""
        leaks = self._leaks
        facts = self._facts + [leak.facts() for leak in leaks.take_all()]
        known = {Known(*each[4]): each for each in facts if each[4] is not None}
        told = [each for each in facts if each[4] is None]
        if leaks.has_started:
            left = _leftovers.left_in_session(_getsid(0), known, self._process.own_children)
            told = [known.get(each) or self._unknown(each) for each in left] + told
            _leftovers.end_all(left)
        return told

    def _unknown(self, process: Known) -> Facts:
        owner = _leftovers.test_of(process.pid) or "this run"
        return ("process", _leftovers.command_of(process.pid), owner, "", process, False)
