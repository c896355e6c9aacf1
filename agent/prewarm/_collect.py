"""Collection that is done once in the trunk and repeated for nothing in every leader.

Runs in trunk and leader. A file's nodes are kept from its first collection; directories are listed again
each time, and pytest's own `perform_collect` runs in each leader, so selection, order and reports are its own.
"""

from __future__ import annotations

import sys
import types
import warnings
from typing import Any

import pytest
from _pytest import nodes

from prewarm._listing import Listing
from prewarm._preamble import Texts, write_all
from prewarm._timeline import Timeline, flush_standard_streams

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
        records = (node.__dict__.get("collect") for node in self._nodes.values())
        return any(isinstance(record, CollectedFile) and record.has_printed for record in records)

    def warned_files(self) -> set[str]:
        """Files whose lines are named by warnings of the collection."""
        records = (node.__dict__.get("collect") for node in self._nodes.values())
        return {
            file
            for record in records
            if isinstance(record, CollectedFile)
            for file in record.warned_files()
        }

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
        if known is not None and id(known) in self._given:
            return fresh
        if known is None:
            known = self._nodes[key] = fresh
            if isinstance(fresh, nodes.File) and not _is_directory(fresh):
                fresh.collect = CollectedFile(fresh, self._timeline, self)  # type: ignore[method-assign]
                self.new_files += self.is_leader
            elif isinstance(fresh, _DIRECTORY):
                fresh.collect = Listing(fresh, self)
        self._given.add(id(known))
        return known


class CollectedFile:
    """Stands in for a file node's `collect`: executes the file once, and then repeats what came of it."""

    def __init__(self, node: Any, timeline: Timeline, cache: NodeCache) -> None:
        self._node = node
        self._plain = node.collect
        self._cache = cache
        self._given_in = -1
        self._timeline = timeline
        self._children: list[Any] | None = None
        self._failure: BaseException | None = None
        self._traceback: types.TracebackType | None = None
        self._sections: list[tuple[str, str]] = []
        self._written: Texts = (b"", b"")
        self._warnings: list[Any] = []

    def __call__(self) -> list[Any]:
        __tracebackhide__ = True
        if self._children is None and self._failure is None:
            return self._collect()
        self._repeat_output()
        if self._failure is not None:
            # As it was where it happened: raising it has made it longer.
            raise self._failure.with_traceback(self._traceback)
        assert self._children is not None
        if self._given_in == self._cache.collection:
            # Named twice: until pytest 8 one node is asked twice, and its tests run twice.
            return list(self._plain())
        self._given_in = self._cache.collection
        return list(self._children)

    @property
    def has_printed(self) -> bool:
        """Whether executing the file printed anything."""
        return any(self._written) or bool(self._sections)

    def warned_files(self) -> set[str]:
        """Files whose lines are named by warnings of the file's execution."""
        return {warning.filename for warning in self._warnings}

    def keep_output(self, sections: list[tuple[str, str]]) -> None:
        """Keeps what executing the file printed: plain pytest shows it where the collection failed."""
        self._sections = [section for section in sections if section[0].startswith("Captured std")]

    def _collect(self) -> list[Any]:
        __tracebackhide__ = True
        path = str(self._node.path)
        if not self._timeline.wants(path):
            # Left for the leader, or for the trunk to grow into: the run that waits does not ask for this file.
            return []
        self._timeline.reach("testfile", self._node.nodeid, path)
        if path.endswith(".py"):
            self._timeline.refuse_doubtful_bytecode(path)
        log = recorded_warnings()
        before = len(log)
        flush_standard_streams()
        start = self._timeline.preamble.mark()
        try:
            with self._timeline.traces.executing(path):
                self._children = list(self._plain())
        except BaseException as failure:
            self._failure = failure
            self._traceback = (
                None if failure.__traceback__ is None else failure.__traceback__.tb_next
            )
            raise
        finally:
            self._warnings = log[before:]
            flush_standard_streams()
            self._written = self._timeline.preamble.between(start, self._timeline.preamble.mark())
        for child in self._children:
            _keep_children(child)
        self._given_in = self._cache.collection
        return list(self._children)

    def _repeat_output(self) -> None:
        for name, text in self._sections:
            stream = sys.stderr if name.endswith("stderr") else sys.stdout
            stream.write(text)
        for descriptor, written in zip((1, 2), self._written):
            if written:
                flush_standard_streams()
                write_all(descriptor, written)
        recorded_warnings().extend(self._warnings)


class _CollectedChild:
    """The same for a class inside a file: its children are part of what the file defined."""

    def __init__(self, node: Any) -> None:
        self._plain = node.collect
        self._children: list[Any] | None = None

    def __call__(self) -> list[Any]:
        __tracebackhide__ = True
        if self._children is None:
            self._children = list(self._plain())
            for child in self._children:
                _keep_children(child)
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


def _keep_children(node: Any) -> None:
    if isinstance(node, nodes.Collector):
        node.collect = _CollectedChild(node)  # type: ignore[method-assign]


#: Nodes that list a folder by themselves; until pytest 8 the session does it for all.
_DIRECTORY: tuple[Any, ...] = (nodes.Directory,) if hasattr(nodes, "Directory") else ()


def _is_directory(node: Any) -> bool:
    # Until pytest 8 a package was a kind of module.
    return isinstance(node, pytest.Package)
