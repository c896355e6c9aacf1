"""Makes a session that was configured in the trunk ready for one run.

Runs in the leader. Only pytest's own plugins are set up anew, in place, so that the order of hooks stays; what
third-party plugins made when they were configured is what a cold run would have made.
"""

from __future__ import annotations

import io
import os
import sys
from typing import Any


def point_faulthandler_at_stderr(config: Any) -> None:
    """faulthandler writes to a copy of standard error that was made when the trunk was configured."""
    module = sys.modules.get("_pytest.faulthandler")
    key = getattr(module, "fault_handler_stderr_fd_key", None)
    if key is not None and key in config.stash:
        os.dup2(2, config.stash[key], inheritable=False)


def renew_plugins(session: Any, changed: list[str]) -> None:
    """Gives pytest's own plugins the state that they have at the start of a cold run."""
    config = session.config
    _renew_cache(config)
    _renew_stepwise(session)
    _renew_junit(config)
    _renew_debugging(config, changed)
    session.testsfailed = 0
    duplicates = getattr(config.pluginmanager, "_duplicatepaths", None)
    if duplicates is not None:
        duplicates.clear()


def renew_terminal(session: Any, file: Any) -> None:
    """Makes the terminal reporter anew for the file that the run prints to, and prints the header."""
    config = session.config
    reporter = config.pluginmanager.getplugin("terminalreporter")
    if reporter is None:
        return
    # Warnings of the start, from conftests and plugins: pytest reports them once, when it is configured.
    warned = reporter.stats.get("warnings", [])
    writer = reporter._tw
    type(reporter).__init__(reporter, config, file)
    # Plugins may have kept it when they were configured.
    vars(writer).update(vars(reporter._tw))
    reporter._tw = writer
    if warned:
        reporter._add_stats("warnings", warned)
    reporter.pytest_sessionstart(session)
    progress = config.pluginmanager.getplugin("terminalprogress")
    if progress is not None and reporter.isatty:
        progress.pytest_configure(config)
        started = config.pluginmanager.getplugin("terminalprogress-plugin")
        if started is not None:
            started.pytest_sessionstart(session)
    reporter.pytest_collection()


def mute_terminal(config: Any) -> None:
    """In the trunk: what the reporter prints there is for nobody."""
    reporter = config.pluginmanager.getplugin("terminalreporter")
    if reporter is not None:
        # Not the null device: a file that nobody closes is a ResourceWarning in the program's output.
        reporter._tw._file = io.StringIO()


def why_not_warm(config: Any) -> str:
    """Why this configuration can only run as plain pytest; empty where it can be kept warm."""
    from _pytest.terminal import TerminalReporter

    manager = config.pluginmanager
    reporter = manager.getplugin("terminalreporter")
    # xdist registers its session last of all too: its option is there before.
    distributes = getattr(config.option, "dist", "no") != "no" and config.option.tx
    if distributes or hasattr(config, "workerinput"):
        return "pytest-xdist distributes this run itself"
    if reporter is not None and type(reporter) is not TerminalReporter:
        return f"{type(reporter).__module__} replaces pytest's terminal reporter"
    for option in ("help", "cacheshow", "traceconfig", "debug"):
        if getattr(config.option, option, None):
            return f"option {option} reports on the start of pytest"
    if getattr(config.option, "cacheclear", False):
        return "each start with option cacheclear clears the cache"
    if config.option.capture == "tee-sys":
        return "what is printed is captured and shown at once"
    for option in ("log_file", "log_cli_level", "report_log"):
        if getattr(config.option, option, None):
            return f"option {option} opens its output when pytest is configured"
    if manager.hasplugin("logging") and (config.getini("log_cli") or config.getini("log_file")):
        return "live logs or a log file are opened when pytest is configured"
    return ""


def _renew_cache(config: Any) -> None:
    manager = config.pluginmanager
    wrapper = manager.getplugin("lfplugin-collwrapper")
    if wrapper is not None:
        manager.unregister(wrapper)
    skipper = manager.getplugin("lfplugin-collskip")
    if skipper is not None:
        manager.unregister(skipper)
    if hasattr(config, "cache"):
        # Clears the stored values where --cache-clear asks for it.
        config.cache = type(config.cache).for_config(config, _ispytest=True)
    for name in ("lfplugin", "nfplugin"):
        plugin = manager.getplugin(name)
        if plugin is not None:
            type(plugin).__init__(plugin, config)


def _renew_stepwise(session: Any) -> None:
    module = sys.modules.get("_pytest.stepwise")
    manager = session.config.pluginmanager
    if module is None or not manager.hasplugin("stepwise"):
        return
    earlier = manager.getplugin("stepwiseplugin")
    if earlier is not None:
        manager.unregister(earlier)
    module.pytest_configure(session.config)
    plugin = manager.getplugin("stepwiseplugin")
    if plugin is not None:
        plugin.pytest_sessionstart(session)


def _renew_junit(config: Any) -> None:
    module = sys.modules.get("_pytest.junitxml")
    if module is None or not config.pluginmanager.hasplugin("junitxml"):
        return
    module.pytest_unconfigure(config)
    module.pytest_configure(config)
    xml = config.stash.get(module.xml_key, None)
    if xml is not None:
        xml.pytest_sessionstart()


def _renew_debugging(config: Any, changed: list[str]) -> None:
    if not {"trace", "usepdb", "usepdb_cls"} & set(changed):
        return
    from _pytest import debugging

    for name, plugin in (("pdbtrace", debugging.PdbTrace), ("pdbinvoke", debugging.PdbInvoke)):
        registered = config.pluginmanager.getplugin(name)
        if registered is not None:
            config.pluginmanager.unregister(registered)
        if getattr(config.option, {"pdbtrace": "trace", "pdbinvoke": "usepdb"}[name]):
            config.pluginmanager.register(plugin(), name)
