"""What single libraries need to be kept warm, and to run in workers, each with its reason.

Runs in the trunk, before pytest configures its plugins, and in leader and worker.
"""

from __future__ import annotations

import sys
from typing import Any


def apply() -> None:
    """Changes the libraries that are loaded and known to need it."""
    _rerunfailures()


def configure_node(config: Any, node: Any) -> None:
    """In the leader: lets plugins prepare what a worker gets, as pytest-xdist does."""
    if not hasattr(config.hook, "pytest_configure_node"):
        return
    manager = config.pluginmanager
    # pytest-cov would send its workers where to put their data; those here have its coverage already, and it combines what they save.
    left_out = [plugin for plugin in (manager.getplugin("_cov"),) if plugin is not None]
    manager.subset_hook_caller("pytest_configure_node", left_out)(node=node)


def save_coverage() -> None:
    """In a worker, at its end: what was measured goes into a file of its own, which the leader's coverage combines with its own."""
    coverage: Any = sys.modules.get("coverage")
    current = None if coverage is None else coverage.Coverage.current()
    if current is not None:
        current.stop()
        current.save()


def _rerunfailures() -> None:
    """pytest-rerunfailures starts a thread when it finds pytest-xdist, to count over the crashes of its workers.

    A thread does not survive a fork, and the workers here are forks that count for themselves.
    """
    module: Any = sys.modules.get("pytest_rerunfailures")
    plain = getattr(module, "StatusDB", None)
    if plain is None or not hasattr(module, "ServerStatusDB"):
        return

    class NoServer(plain):  # type: ignore[misc, valid-type]
        """Asked for these where a worker of pytest-xdist is configured."""

        sock_port = 0
        token = ""

    module.ServerStatusDB = NoServer
