"""Which options a live session can take over from a run's command line, and which need another trunk.

Runs in the leader (the baseline is parsed in the trunk). An allow-list: what is not known to act after collection
only is refused, and the daemon then starts a trunk with exactly these arguments.
"""

from __future__ import annotations

import argparse
import inspect
import os
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from prewarm import _worker_options
from prewarm._traces import FileRules, Traces

#: Names of parsed options that pytest reads while it reports or runs, or that `_session` sets up anew.
LIVE_OPTIONS = frozenset(
    (
        "file_or_dir keyword markexpr deselect maxfail tbstyle showlocals fulltrace durations durations_min reportchars "
        "verbose quiet no_header no_summary no_fold_skipped fold_skipped show_capture disable_warnings color code_highlight "
        "xfail_tb force_short_summary setupshow collectonly capture lf failedfirst newfirst cacheclear "
        "last_failed_no_failures stepwise stepwise_skip stepwise_reset xmlpath junitprefix trace usepdb usepdb_cls"
    ).split()
)

#: Hooks of a conftest that act only on tests below it, wherever else it is registered.
PATH_HOOKS = frozenset(
    (
        "pytest_runtest_protocol pytest_runtest_setup pytest_runtest_call pytest_runtest_teardown pytest_runtest_makereport "
        "pytest_runtest_logstart pytest_runtest_logreport pytest_runtest_logfinish pytest_pyfunc_call "
        "pytest_generate_tests pytest_make_parametrize_id pytest_collect_file pytest_collect_directory "
        "pytest_pycollect_makemodule pytest_pycollect_makeitem pytest_ignore_collect pytest_itemcollected "
        "pytest_make_collect_report pytest_collectstart pytest_collectreport pytest_exception_interact "
        "pytest_fixture_setup pytest_fixture_post_finalizer pytest_assertrepr_compare pytest_assertion_pass"
    ).split()
)

#: Hooks that pytest calls before it collects: they run only for a conftest that is loaded at the start.
EARLY_HOOKS = frozenset(
    (
        "pytest_addoption pytest_addhooks pytest_configure pytest_sessionstart pytest_cmdline_main pytest_cmdline_parse "
        "pytest_load_initial_conftests pytest_report_header pytest_collection pytest_plugin_registered"
    ).split()
)


class Refused(Exception):
    """This trunk would not do what a cold run with these arguments does; the text says why."""


def parse(config: Any, args: Sequence[str]) -> argparse.Namespace:
    """Parses a command line as a cold start would, `addopts` of environment and configuration included.

    Raises Refused where pytest would not get as far as running tests.
    """
    environment = shlex.split(os.environ.get("PYTEST_ADDOPTS", ""))
    try:
        full = [*config.getini("addopts"), *environment, *args]
        parser = config._parser
        # Until pytest 9 every parse made a parser of all options first, which takes longer than parsing.
        parse = parser.optparser.parse_args if hasattr(parser, "_getparser") else parser.parse
        namespace: argparse.Namespace = parse(full, namespace=argparse.Namespace())
    except BaseException as error:
        # pytest's own words for a wrong option come from a start of its own.
        raise Refused(f"the arguments do not parse: {type(error).__name__}") from None
    return namespace


def take_over(
    config: Any, baseline: argparse.Namespace, wanted: argparse.Namespace, traces: Traces
) -> list[str]:
    """Sets the options of a run in the live session; returns the names of those that changed. May raise Refused."""
    names = sorted(vars(baseline).keys() | vars(wanted).keys())
    missing = object()
    # A conftest that was loaded while collecting has added its options since: a cold run has their defaults, too.
    added = {
        name
        for name in vars(wanted).keys() - vars(baseline).keys()
        if getattr(config.option, name, missing) == getattr(wanted, name)
    }
    changed = [
        name
        for name in names
        if name not in added and getattr(baseline, name, missing) != getattr(wanted, name, missing)
    ]
    for name in changed:
        if name not in LIVE_OPTIONS and name not in _worker_options.NAMES:
            raise Refused(f"option {name} acts before or while collecting")
    _check_root(config, baseline, wanted)
    args, source = decide_args(config, wanted)
    conftests = _check_conftests(config, decide_args(config, baseline)[0], args)
    files = [str(anchor) for anchor in _anchors(config, args)]
    reason = traces.check(files, conftests, file_rules(config), str(config.rootpath))
    if reason:
        raise Refused(reason)
    for name in changed:
        if name in _worker_options.NAMES:
            continue
        if hasattr(wanted, name):
            setattr(config.option, name, getattr(wanted, name))
        else:
            # -q adds a name that does not exist without it.
            config.option.__dict__.pop(name, None)
    config.args, config.args_source = args, source
    return changed


def file_rules(config: Any) -> FileRules:
    """What pytest is configured to take for test files."""
    return FileRules(config.getini("python_files"), config.getini("norecursedirs"))


def decide_args(config: Any, namespace: argparse.Namespace) -> tuple[list[str], Any]:
    """The paths and ids that pytest would collect (those given, else `testpaths`, else the working directory), and which of these it was."""
    args, source = config._decide_args(
        args=list(namespace.file_or_dir),
        pyargs=namespace.pyargs,
        testpaths=config.getini("testpaths"),
        invocation_dir=config.invocation_params.dir,
        rootpath=config.rootpath,
        warn=False,
    )
    return list(args), source


def _check_root(config: Any, baseline: argparse.Namespace, wanted: argparse.Namespace) -> None:
    from _pytest.config.findpaths import determine_setup, get_dirs_from_args

    if set(get_dirs_from_args(baseline.file_or_dir)) == set(get_dirs_from_args(wanted.file_or_dir)):
        return
    offered = {
        "inifile": wanted.inifilename,
        "override_ini": wanted.override_ini,
        "args": wanted.file_or_dir,
        "rootdir_cmd_arg": wanted.rootdir or None,
        "invocation_dir": config.invocation_params.dir,
        "config": config,
    }
    accepted = {name: offered[name] for name in inspect.signature(determine_setup).parameters}
    root, ini, *_ = determine_setup(**accepted)
    if (root, ini) != (config.rootpath, config.inipath):
        raise Refused(f"these paths have another root: {root}")


def _check_conftests(config: Any, trunk_args: list[str], args: list[str]) -> set[str]:
    """Returns the conftests that a cold run of `args` would load; raises Refused where others do something."""
    manager = config.pluginmanager
    loaded = {Path(str(module.__file__)): module for module in manager._conftest_plugins}
    first_now = _initial_conftests(manager, config, args)
    first_then = (
        first_now if trunk_args == args else _initial_conftests(manager, config, trunk_args)
    )
    folders = [anchor for anchor in _anchors(config, args) if anchor.is_dir()]
    needed = set()
    for path, module in loaded.items():
        hooks = {name for name in dir(module) if name.startswith("pytest_")} - {"pytest_plugins"}
        is_needed = path in first_now or any(folder in path.parents for folder in folders)
        if is_needed:
            needed.add(str(path))
        elif hooks - PATH_HOOKS:
            raise Refused(f"a cold run would not load {path}")
        if is_needed and (path in first_now) != (path in first_then) and hooks & EARLY_HOOKS:
            raise Refused(f"a cold run would load {path} at another time")
    for path in first_now - loaded.keys():
        raise Refused(f"a cold run would load {path} at its start")
    return needed


def _anchors(config: Any, args: Sequence[str]) -> list[Path]:
    start = config.invocation_params.dir
    paths = [Path(os.path.normpath(os.path.join(start, arg.split("::")[0]))) for arg in args]
    return [path for path in paths if path.exists()]


def _initial_conftests(manager: Any, config: Any, args: Sequence[str]) -> set[Path]:
    # The same walk as in pytest's `_set_initial_conftests`.
    if manager._noconftest:
        return set()
    anchors = _anchors(config, args) or [Path(config.invocation_params.dir)]
    for anchor in list(anchors):
        if anchor.is_dir():
            anchors.extend(_test_folders(anchor))
    found = set()
    for anchor in anchors:
        folder = anchor if anchor.is_dir() else anchor.parent
        for parent in (folder, *folder.parents):
            conftest = parent / "conftest.py"
            if manager._is_in_confcutdir(parent) and conftest.is_file():
                found.add(conftest)
    return found


def _test_folders(folder: Path) -> list[Path]:
    """Those in which pytest looks for a conftest at its start. A suite may have thousands of files beside them: none of these is asked for."""
    try:
        with os.scandir(folder) as entries:
            return [
                folder / entry.name
                for entry in entries
                if entry.name.startswith("test") and entry.is_dir()
            ]
    except OSError:
        return []
