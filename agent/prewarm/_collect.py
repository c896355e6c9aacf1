"""Collection that is done once in the trunk and repeated for nothing in every leader.

Runs in trunk and leader. A file's nodes are kept from its first collection; directories are listed again
each time, and pytest's own `perform_collect` runs in each leader, so selection, order and reports are its own.
"""

from __future__ import annotations

import sys
import types
import warnings
from collections.abc import Iterable
from typing import Any

import pytest
from _pytest import nodes

from prewarm._listing import Listing
from prewarm._preamble import Texts, flush_standard_streams, write_all
from prewarm._timeline import Timeline

#: Hooks that report on collection or change its outcome: a trunk must not call them, each leader does.
LEADER_HOOKS = frozenset(
    (
        "pytest_collectstart",
        "pytest_itemcollected",
        "pytest_collectreport",
        "pytest_exception_interact",
        "pytest_deselected",
        "pytest_collection_modifyitems",
        "pytest_collection_finish",
    )
)


class NodeCache:
    """A plugin that gives pytest the nodes of earlier collections back.

    Directory, package and file nodes keep their identity, because fixtures are bound to node objects. A node is
    given out once per collection: a file that is named twice gets a second, fresh node, as in plain pytest.
    """

    def __init__(self, timeline: Timeline) -> None:
        self._timeline = timeline
        self._nodes: dict[tuple[Any, ...], Any] = {}
        self._executions: dict[tuple[Any, ...], _Execution] = {}
        self._given: set[int] = set()
        self.is_leader = False
        #: Whether this collection only prepares the next one.
        self.is_rehearsing = False
        #: Counts the collections.
        self.collection = 0
        #: Files that a leader executed by itself, because the trunk had not.
        self.new_files = 0

    @property
    def has_printed(self) -> bool:
        """Whether executing one of the files printed anything."""
        return any(each.has_printed for each in self._executions.values())

    def warned_files(self) -> set[str]:
        """Files whose lines are named by warnings of the collection."""
        executions = self._executions.values()
        return {warning.filename for each in executions for warning in each.warnings}

    def begin(self) -> None:
        """A new collection starts: every node may be given out again."""
        self._given.clear()
        self.collection += 1

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_collect_file(self) -> Any:
        outcome = yield
        outcome.force_result([self._known(node) for node in outcome.get_result()])

    @pytest.hookimpl(hookwrapper=True, tryfirst=True, optionalhook=True)
    def pytest_collect_directory(self) -> Any:
        outcome = yield
        node = outcome.get_result()
        outcome.force_result(None if node is None else self._known(node))

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_make_collect_report(self, collector: Any) -> Any:
        outcome = yield
        record = collector.__dict__.get("collect")
        if isinstance(record, CollectedFile) and not self.is_leader:
            record.keep_output(outcome.get_result().sections)

    def give(self, known: list[Any]) -> bool:
        """Gives nodes of an earlier collection out again, all or none; false where this collection has one of them already."""
        if any(id(node) in self._given for node in known):
            return False
        self._given.update(map(id, known))
        return True

    def _known(self, fresh: Any) -> Any:
        key = (type(fresh), fresh.path, fresh.name, id(fresh.parent))
        known = self._nodes.get(key)
        is_file = isinstance(fresh, nodes.File) and not _is_directory(fresh)
        if known is not None and id(known) in self._given:
            if is_file:
                self._execute_once(fresh)
            return fresh
        if known is None:
            known = self._nodes[key] = fresh
            if is_file:
                self._execute_once(fresh)
                self.new_files += self.is_leader
            elif isinstance(fresh, _DIRECTORY):
                fresh.collect = Listing(fresh, self)
        self._given.add(id(known))
        return known

    def _execute_once(self, node: Any) -> None:
        # A folder that several arguments name is listed for each: the node that is collected need not be the first one.
        execution = self._executions.setdefault((type(node), node.path), _Execution())
        node.collect = CollectedFile(node, execution, self._timeline, self)


class _Execution:
    """What executing a file came to, for all nodes that stand for it."""

    def __init__(self) -> None:
        self.is_done = False
        #: The collection in which a node has been answered last.
        self.answered_in = -1
        self.failure: BaseException | None = None
        self.traceback: types.TracebackType | None = None
        self.sections: list[tuple[str, str]] = []
        self.written: Texts = (b"", b"")
        self.warnings: list[Any] = []

    @property
    def has_printed(self) -> bool:
        """Whether executing the file printed anything."""
        return any(self.written) or bool(self.sections)

    def repeat_output(self) -> None:
        """Prints and warns once more as the file did."""
        for name, text in self.sections:
            stream = sys.stderr if name.endswith("stderr") else sys.stdout
            stream.write(text)
        for descriptor, written in zip((1, 2), self.written):
            if written:
                flush_standard_streams()
                write_all(descriptor, written)
        recorded_warnings().extend(self.warnings)


class CollectedFile:
    """Stands in for a file node's `collect`: executes the file once, and then repeats what came of it."""

    def __init__(
        self, node: Any, execution: _Execution, timeline: Timeline, cache: NodeCache
    ) -> None:
        self._node = node
        self._plain = node.collect
        self._cache = cache
        self._execution = execution
        self._timeline = timeline
        self._children: list[Any] | None = None

    def __call__(self) -> list[Any]:
        __tracebackhide__ = True
        execution = self._execution
        if execution.answered_in == self._cache.collection:
            # Named twice: as in plain pytest, where the module is loaded by then or fails again.
            return list(self._plain())
        if not execution.is_done:
            return self._collect()
        execution.answered_in = self._cache.collection
        execution.repeat_output()
        if execution.failure is not None:
            # As it was where it happened: raising it has made it longer.
            raise execution.failure.with_traceback(execution.traceback)
        if self._children is None:
            self._children = _kept(self._plain())
        return list(self._children)

    def keep_output(self, sections: list[tuple[str, str]]) -> None:
        """Keeps what executing the file printed: plain pytest shows it where the collection failed."""
        printed = [section for section in sections if section[0].startswith("Captured std")]
        if printed:
            self._execution.sections = printed

    def _collect(self) -> list[Any]:
        __tracebackhide__ = True
        path = str(self._node.path)
        if not self._timeline.wants(path):
            # Left for the leader, or for the trunk to grow into: the run that waits does not ask for this file.
            return []
        execution = self._execution
        self._timeline.reach("testfile", self._node.nodeid, path)
        if path.endswith(".py"):
            self._timeline.refuse_doubtful_bytecode(path)
        log = recorded_warnings()
        before = len(log)
        flush_standard_streams()
        start = self._timeline.preamble.mark()
        execution.answered_in = self._cache.collection
        try:
            with self._timeline.traces.executing(path):
                children = list(self._plain())
        except BaseException as failure:
            execution.failure = failure
            execution.traceback = (
                None if failure.__traceback__ is None else failure.__traceback__.tb_next
            )
            raise
        finally:
            execution.is_done = True
            execution.warnings = log[before:]
            flush_standard_streams()
            execution.written = self._timeline.preamble.between(
                start, self._timeline.preamble.mark()
            )
        self._children = _kept(children)
        return list(self._children)


class _CollectedChild:
    """The same for a class inside a file: its children are part of what the file defined."""

    def __init__(self, node: Any) -> None:
        self._plain = node.collect
        self._children: list[Any] | None = None

    def __call__(self) -> list[Any]:
        __tracebackhide__ = True
        if self._children is None:
            self._children = _kept(self._plain())
        return list(self._children)


def recorded_warnings() -> list[Any]:
    """The list in which pytest's collection gathers warnings just now; an unused one where it gathers none."""
    log = getattr(getattr(warnings, "_showwarnmsg_impl", None), "__self__", None)
    return log if isinstance(log, list) else []


def warned_files(config: Any) -> set[str]:
    """Files whose lines are named by warnings that were recorded while pytest was configured, or are recorded just now."""
    reporter = config.pluginmanager.getplugin("terminalreporter")
    reports = [] if reporter is None else reporter.stats.get("warnings", [])
    places = [getattr(report, "fslocation", None) or ("",) for report in reports]
    return {str(place[0]) for place in places} | {each.filename for each in recorded_warnings()}


def mute_leader_hooks(plugin_manager: Any) -> Any:
    """Lets the hooks of `LEADER_HOOKS` do nothing; returns what puts them back."""
    plain = plugin_manager._inner_hookexec

    def hookexec(name: str, methods: Any, kwargs: Any, firstresult: bool) -> Any:
        if name in LEADER_HOOKS:
            return None if firstresult else []
        return plain(name, methods, kwargs, firstresult)

    plugin_manager._inner_hookexec = hookexec

    def restore() -> None:
        plugin_manager._inner_hookexec = plain

    return restore


def _kept(children: Iterable[Any]) -> list[Any]:
    """These nodes, of which those with children of their own make them once."""
    found = list(children)
    for node in found:
        if isinstance(node, nodes.Collector):
            node.collect = _CollectedChild(node)  # type: ignore[method-assign]
    return found


#: Nodes that list a folder by themselves; until pytest 8 the session does it for all.
_DIRECTORY: tuple[Any, ...] = (nodes.Directory,) if hasattr(nodes, "Directory") else ()


def _is_directory(node: Any) -> bool:
    # Until pytest 8 a package was a kind of module.
    return isinstance(node, pytest.Package)
