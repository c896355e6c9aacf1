"""The pytest plugin of prewarm: `pytest --prewarm` runs in the process that prewarm keeps warm. PYTEST_DONT_REWRITE

Loaded by every pytest in an environment where the package is installed: it imports nothing, and does nothing unless it
is asked to. In the trunk of a daemon it is inert.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import pytest

#: Filled by the first pytest of a process: another one inside of it (pytester's, say) runs where it is.
_begun: list[bool] = []


def pytest_addoption(parser: Any) -> None:
    group = parser.getgroup("prewarm")
    group.addoption(
        "--prewarm",
        action="store_true",
        default=False,
        help="run in the process that prewarm keeps loaded; also PREWARM=1, and PREWARM_DISABLE=1 wins",
    )
    group.addoption(
        "--prewarm-on",
        metavar="NODES",
        default="",
        help="the same with the tests on other machines: local:N, ssh:HOST,HOST or ray[:ADDRESS]; also PREWARM_ON",
    )


# A wrapper, and the first of them: pytest's own capture begins in one, and the client has to write to the real streams.
@pytest.hookimpl(hookwrapper=True, tryfirst=True)
def pytest_load_initial_conftests(early_config: Any) -> Iterator[None]:
    """Before anything of the project is imported: lets the daemon run this command, and ends the process with its exit code."""
    # Before the environment is read: what a trunk reads there decides for which runs it is good.
    is_first = "prewarm._trunk" not in sys.modules and not _begun
    _begun.append(True)
    if is_first and _is_wanted(early_config):
        from prewarm import _handover

        _handover.hand_over(early_config)
    yield


def _is_wanted(config: Any) -> bool:
    from os import environ

    off = ("", "0")
    if environ.get("PREWARM_DISABLE", "") not in off:
        return False
    options = config.known_args_namespace
    return bool(options.prewarm or options.prewarm_on) or environ.get("PREWARM", "") not in off
