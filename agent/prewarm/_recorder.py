"""What each test of a watched run depends on: functions, files, modules, and whether that can be told at all.

Runs in a leader and in its workers, in watch mode only. A plugin beside pytest's own. What a fixture of a wider scope than one
test does is owned by the fixture, and counts for every test that uses it in this process.
"""

from __future__ import annotations

import _thread
import contextlib
from collections.abc import Iterator
from typing import Any, Callable

import pytest

from prewarm._code_watch import CodeWatch
from prewarm._doings import Doings, SharedKey
from prewarm._executed import Executed
from prewarm._opened import Opened, version_of
from prewarm._process import Process
from prewarm._wire import ChannelClosed

_thread_count = _thread._count

#: More than this of one kind is not told: the test then runs after every edit.
MOST_OF_A_KIND = 20_000
#: A frame holds that many ids or names.
BATCH = 5_000
#: So many tests at least have to come before functions that were held for them are told one by one again.
_SMALLEST_GROUP = 8


class Recorder:
    """Tells the daemon of each test what it depends on, and lets it choose among the collected tests."""

    def __init__(
        self, process: Process, watch: CodeWatch, opened: Opened, is_asking: bool = True
    ) -> None:
        self._process = process
        #: Whether the daemon of this process chooses: for the leader of a node, home does.
        self._is_asking = is_asking
        self._opened = opened
        self._names: dict[str, int] = {}
        self._untold: list[str] = []
        self._executed = Executed(watch, self._number)
        self._item: Any = None
        #: Those that go on: the test, and in it the fixtures that are being set up or torn down.
        self._open: list[Doings] = []
        self._owners: dict[int, Doings] = {}
        #: The tests that were told with an owner, by that.
        self._users: dict[int, list[str]] = {}
        #: What was told to have run outside of tests; None before the first word.
        self._outside: set[int] | None = None
        #: Functions that count as executed by every test for now, as the daemon knows it, and the tests since.
        self._held: set[int] = set()
        self._group = ""
        self._group_size = 0
        self._has_told = True
        self._queue_message: Callable[[dict[str, Any]], None] = process.channel.queue
        #: In a worker: tells the leader that a test has used a fixture which all workers share.
        self._tell_use: Callable[[str, list[SharedKey]], None] | None = None
        #: In their leader: which fixtures were set up for what is shared, and what was done when that happened last.
        self._shares: dict[SharedKey, list[Doings]] = {}
        self._done_last = Doings()
        #: Whether all that was done for this run is told when it ends: not where a worker was lost.
        self.is_whole = True

    def begin(self) -> None:
        """Begins to note; what happens before the first test belongs to none."""
        self._opened.begin()
        self._executed.begin()

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_finish(self, session: Any) -> None:
        """After everybody has sorted and deselected: keeps what the daemon chooses, without a word to anybody."""
        if not self._is_asking or self._is_chosen_by_pytest(session.config) or not session.items:
            return
        ids = [item.nodeid for item in session.items]
        for first in range(0, len(ids), BATCH):
            is_last = first + BATCH >= len(ids)
            self._queue({"type": "choosing", "ids": ids[first : first + BATCH], "isLast": is_last})
        self._pass_on(self._process.channel.flush)
        while self._has_told:
            order = self._process.receive()
            if order is None or order["type"] == "exit":
                self._process.leave()
                return
            if order["type"] == "select":
                if order["places"] is not None:
                    items = session.items
                    session.items[:] = [
                        items[each] for each in order["places"] if each < len(items)
                    ]
                return

    def _is_chosen_by_pytest(self, config: Any) -> bool:
        """Whether pytest itself chooses by earlier outcomes, or runs nothing."""
        names = ("lf", "failedfirst", "newfirst", "stepwise", "collectonly")
        return any(getattr(config.option, name, False) for name in names)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: Any) -> None:
        self._item = item

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logstart(self) -> None:
        if self._item is None or self._open:
            return
        self._take_outside()
        file = self._item.nodeid.partition("::")[0]
        if file != self._group:
            if self._group_size >= _SMALLEST_GROUP:
                self._release()
                self._group_size = 0
            self._group = file
        self._group_size += 1
        self._opened.forget_lines()
        self._open = [Doings()]

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        if self._item is None or not self._open:
            return
        doings = self._open[0]
        functions, held = self._executed.take_test()
        doings.functions = doings.functions | functions if doings.functions else functions
        doings.add_opened(*self._opened.take())
        self._open = []
        if self._owners:
            for definition in _fixtures_of(self._item):
                owner = self._owners.get(id(definition))
                if owner is not None:
                    doings.add(owner)
                    self._users.setdefault(id(owner), []).append(nodeid)
            if doings.shared and self._tell_use is not None:
                self._tell_use(nodeid, sorted(doings.shared))
        self._item = None
        if _thread_count() > 0:
            doings.gap = doings.gap or "threads run on after it"
        self._tell(nodeid, doings)
        if held:
            self._held |= held
            self._queue({"type": "held", "functions": _ranges(held)})

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_fixture_setup(self, fixturedef: Any, request: Any) -> Iterator[None]:
        if fixturedef.scope == "function" or not self._open:
            yield
            return
        owner = Doings()
        self._owners[id(fixturedef)] = owner
        before = set(_used_by(request))
        # Finalizers run in the reverse order: these two stand around all that the fixture tears down.
        fixturedef.addfinalizer(lambda: self._end(owner))
        self._enter(owner)
        yield
        self._leave(owner)
        for each in set(_used_by(request)) - before:
            other = self._owners.get(id(each))
            if other is not None and other is not owner:
                owner.add(other)
        for name in getattr(fixturedef, "argnames", ()):
            for each in _named(request, name):
                if id(each) in self._owners:
                    owner.add(self._owners[id(each)])
        fixturedef.addfinalizer(lambda: self._enter(owner))

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: Any) -> None:
        self.look()
        if self.is_whole:
            self.end(session)
        self._pass_on(self._process.channel.flush)

    def look(self) -> None:
        """Tells what ran since the last time, where no test runs: in a leader beside its workers."""
        self._take_outside()

    def end(self, session: Any) -> None:
        """Everything is torn down: tells the rest."""
        self.look()
        made = sorted(self._opened.made_below(str(session.config.rootpath)))
        self._queue({"type": "recorded", "made": made[:MOST_OF_A_KIND]})

    def become_worker(
        self,
        tell: Callable[[dict[str, Any]], None],
        tell_use: Callable[[str, list[SharedKey]], None],
    ) -> None:
        """In a fork that runs tests from here on: its names, and what it has told, are its own."""
        self._queue_message, self._tell_use = tell, tell_use
        self._names, self._untold, self._outside = {}, [], None
        self._executed.forget_numbers()
        self._owners, self._users, self._shares = {}, {}, {}

    @contextlib.contextmanager
    def sharing(self) -> Iterator[None]:
        """In a leader, while it sets up or tears down what its workers share: for that it is as if a test ran."""
        self._take_outside()
        done = Doings()
        self._open = [done]
        try:
            yield
        finally:
            done.add(self._take())
            self._open = []
            if not self._executed.is_known or _thread_count() > 0:
                done.gap = "not all that a shared fixture does is seen"
            self._done_last = done

    def shared_facts(self, key: SharedKey, item: Any) -> tuple[Any, ...]:
        """What `take_shared` takes in another process: of a fixture that was set up just now, for this item."""
        owners = [self._owners[id(each)] for each in _fixtures_of(item) if id(each) in self._owners]
        self._shares[key] = owners
        doings = self._done_last
        for each in owners:
            doings.add(each)
        doings.shared = {key}
        return doings.facts(list(self._names).__getitem__)

    def take_shared(self, facts: tuple[Any, ...]) -> None:
        """In a worker, while it sets up a fixture: its leader has done this for it."""
        if self._open:
            self._open[-1].add(Doings.of(facts, self._number))

    def is_used_by(self, nodeid: str, keys: list[SharedKey]) -> None:
        """In a leader: a test has used what is shared, and gets what that does at its end."""
        for key in keys:
            for owner in self._shares[key]:
                self._users.setdefault(id(owner), []).append(nodeid)

    def note_file(self, path: str) -> None:
        """What is going on depends on this file, whoever has opened it."""
        self._opened.note(path)

    def _enter(self, owner: Doings) -> None:
        if self._open:
            self._open[-1].add(self._take())
            self._release()
            self._open.append(owner)

    def _leave(self, owner: Doings) -> None:
        if owner not in self._open[1:]:
            return
        while self._open[-1] is not owner:
            self._open.pop()
        self._open.pop()
        owner.add(self._take())
        self._open[-1].add(owner)

    def _end(self, owner: Doings) -> None:
        """A fixture is torn down: those of its users that were told before get what it did since."""
        self._leave(owner)
        users = self._users.pop(id(owner), [])
        functions = _ranges(owner.functions)
        opened = [self._number(f"{path}\n{version}") for path, version in owner.opened.items()]
        self._tell_names()
        for first in range(0, len(users), BATCH):
            self._queue(
                {
                    "type": "owned",
                    "ids": users[first : first + BATCH],
                    "functions": functions,
                    "opened": opened,
                    "always": owner.always,
                }
            )

    def _release(self) -> None:
        """What is executed from here on is told by itself again: it can belong to others than the tests of this file."""
        if self._held or self._executed.is_holding:
            held = self._executed.release()
            if self._open:
                self._open[-1].functions |= held
            self._held = set()
            self._queue({"type": "released"})

    def _take(self) -> Doings:
        """What was done since the last time."""
        doings = Doings()
        doings.functions = self._executed.take()
        doings.opened, doings.loaded, doings.always = self._opened.take()
        return doings

    def _tell(self, nodeid: str, doings: Doings) -> None:
        opened = [self._number(f"{path}\n{version}") for path, version in doings.opened.items()]
        loaded = [self._number(f"{path}\n{version_of(path)}") for path in sorted(doings.loaded)]
        if max(len(opened), len(loaded), len(doings.functions)) > MOST_OF_A_KIND:
            opened, loaded, doings.gap = [], [], "too much to tell"
            doings.always = doings.always or "does too much to be told"
        self._tell_names()
        if doings.loaded:
            # What an import executes is done for all who come to that module later.
            self._tell_outside(doings.functions | self._held)
        known = _ranges(doings.functions) if self._executed.is_known and not doings.gap else None
        self._queue(
            {
                "type": "depends",
                "id": nodeid,
                "functions": known,
                "opened": opened,
                "loaded": loaded,
                "always": doings.always,
            }
        )

    def _tell_outside(self, functions: set[int]) -> None:
        """What ran outside of tests: while the program was loaded, in hooks, between tests."""
        if not self._executed.is_known:
            return
        if self._outside is None:
            self._outside = set()
        elif functions <= self._outside:
            return
        self._tell_names()
        self._queue({"type": "ran-outside", "functions": _ranges(functions - self._outside)})
        self._outside |= functions

    def _take_outside(self) -> None:
        """What was done since the last test, or before the first. What was opened there is nobody's."""
        self._opened.take()
        self._tell_outside(self._executed.take_outside())
        if self._held and not self._executed.is_holding:
            self._held = set()
            self._queue({"type": "released"})

    def _number(self, name: str) -> int:
        number = self._names.get(name)
        if number is None:
            number = self._names[name] = len(self._names)
            self._untold.append(name)
        return number

    def _tell_names(self) -> None:
        while self._untold:
            names, self._untold = self._untold[:BATCH], self._untold[BATCH:]
            self._queue({"type": "names", "names": names})

    def _queue(self, message: dict[str, Any]) -> None:
        """Tells it with the outcome of the test that ends: one write for all of them."""
        self._pass_on(lambda: self._queue_message(message))

    def _pass_on(self, action: Callable[[], None]) -> None:
        if not self._has_told:
            return
        try:
            action()
        except (ChannelClosed, OSError):
            # The daemon has gone: the death pipe ends this process.
            self._has_told = False


def _ranges(numbers: set[int]) -> list[int]:
    """Start and length of each run of numbers: functions that are first executed together often are again."""
    ranges: list[int] = []
    for number in sorted(numbers):
        if ranges and ranges[-2] + ranges[-1] == number:
            ranges[-1] += 1
        else:
            ranges += [number, 1]
    return ranges


def _fixtures_of(item: Any) -> Iterator[Any]:
    """All definitions that a test has used: those it names, and those that were asked for on the way."""
    info = getattr(item, "_fixtureinfo", None)
    for definitions in getattr(info, "name2fixturedefs", {}).values():
        yield from definitions
    yield from _used_by(getattr(item, "_request", None))


def _used_by(request: Any) -> Iterator[Any]:
    yield from getattr(request, "_fixture_defs", {}).values()


def _named(request: Any, name: str) -> Iterator[Any]:
    used = getattr(request, "_fixture_defs", {})
    if name in used:
        yield used[name]
