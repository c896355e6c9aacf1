"""How many workers a run wants, and how its tests are handed out: from our own command line or from pytest-xdist's options.

Runs in trunk and leader. Where pytest-xdist is installed, its options are taken over and it is kept quiet: what it would
do in new interpreters, the leader does in forks of itself.
"""

from __future__ import annotations

import argparse
from typing import Any

from prewarm._process import Message

#: Names of pytest-xdist's parsed options that act in a leader alone.
NAMES = frozenset(("numprocesses", "maxprocesses", "maxworkerrestart", "dist", "distload"))

#: Modes of `--dist` that are ours too; the empty one keeps tests together that share a fixture.
MODES = ("", "load", "loadscope", "loadfile", "loadgroup", "worksteal", "each")


def quiet_xdist(config: Any) -> None:
    """Before pytest-xdist reads its options: it gets none, unless it was told where to run what."""
    option = config.option
    if getattr(option, "numprocesses", None) is not None and not option.tx:
        option.numprocesses = 0
        option.dist = "no"
        option.distload = False


def wanted_workers(
    own: Message, options: argparse.Namespace, config: Any, is_elsewhere: bool = False
) -> Message | None:
    """The members of the message `parallel` that do not depend on the tests; None where one process is to run them all.

    `own` is what our command line asked for, empty where it did not. What runs on other machines is never run by this process.
    """
    count = own["count"]
    given = getattr(options, "numprocesses", None)
    if not count and given is not None:
        count = _resolve(str(given), config)
    timeout = timeout_of(own)
    if count in ("", "0", "1") and timeout is None and not is_elsewhere:
        return None
    mode = own["dist"]
    if not mode:
        mode = "load" if getattr(options, "distload", False) else getattr(options, "dist", "no")
    restarts = getattr(options, "maxworkerrestart", None)
    return {
        "workers": "1" if count in ("", "0") else count,
        "dist": mode if mode in MODES else "",
        "isGuarded": timeout is not None,
        "most": getattr(options, "maxprocesses", None) or 0,
        "restarts": int(str(restarts)) if str(restarts).isdigit() else -1,
    }


def timeout_of(own: Message) -> float | None:
    """After how many seconds a test has failed; None where nobody has said."""
    timeout: Any = own.get("timeoutS")
    return float(timeout) if type(timeout) in (int, float) else None


def leaks_of(own: Message) -> str:
    """What happens with what tests leave behind: `report`, `fail` or `off`."""
    mode = own.get("leaks")
    return mode if mode in ("fail", "off") else "report"


def _resolve(count: str, config: Any) -> str:
    """A project may have its own idea of `auto`."""
    if count not in ("auto", "logical"):
        return count
    before = config.option.numprocesses
    config.option.numprocesses = count
    try:
        return str(config.hook.pytest_xdist_auto_num_workers(config=config))
    finally:
        config.option.numprocesses = before
