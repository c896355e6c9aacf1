"""Every place where we change the host (pytest, the standard library), each with its reason.

Applied in the trunk; `undo` gives the host back before the first test runs in a leader.
"""

from __future__ import annotations

import _thread
import contextlib
import os
import random
import sys
import threading
from collections.abc import Iterator
from typing import Any, Callable

from prewarm._timeline import Timeline

_undo: list[tuple[Any, str, Any]] = []


def undo() -> None:
    """Puts back what was there. Patches of pytest's collection stay: leaders collect with them."""
    while _undo:
        owner, name, original = _undo.pop()
        setattr(owner, name, original)


class NewConftest(Exception):
    """A rehearsal has come to a conftest that is not loaded: the run that follows may be another one, or come when it is gone."""


@contextlib.contextmanager
def keeping_conftests(plugin_manager: Any) -> Iterator[None]:
    """pytest remembers of each folder which conftests count for it, and that there are none: what it learns in here is forgotten."""
    known = dict(plugin_manager._dirpath2confmods)
    try:
        yield
    finally:
        plugin_manager._dirpath2confmods.clear()
        plugin_manager._dirpath2confmods.update(known)


def add_plugin(plugin: object, on_start: Callable[[], None] | None = None) -> None:
    """pytest has no way in for a plugin object when it is started by its console script. `on_start` is called as pytest begins."""
    import _pytest.config as config

    plain = config._prepareconfig

    def prepare(args: Any = None, plugins: Any = None, **more: Any) -> Any:
        # Once: a test that runs pytest inside pytest gets the plain one.
        config._prepareconfig = plain
        if on_start is not None:
            on_start()
        return plain(args, [*(plugins or ()), plugin], **more)

    config._prepareconfig = prepare


def cut_before_conftests(timeline: Timeline) -> None:
    """A conftest is imported by path, and prepend mode calls each of them `conftest`: the finder cannot tell them apart."""
    from _pytest.config import PytestPluginManager

    plain = PytestPluginManager._importconftest

    def import_conftest(self: Any, conftestpath: Any, *args: Any, **kwargs: Any) -> Any:
        path = str(conftestpath)
        if timeline.is_rehearsing and self.get_plugin(path) is None:
            raise NewConftest(path)
        # pytest asks twice for the first one; only the first time executes it.
        if timeline.is_recording and self.get_plugin(path) is None:
            timeline.reach("conftest", path, path)
            timeline.refuse_doubtful_bytecode(path)
            with timeline.traces.executing(path):
                return plain(self, conftestpath, *args, **kwargs)
        return plain(self, conftestpath, *args, **kwargs)

    PytestPluginManager._importconftest = import_conftest  # type: ignore[method-assign]


def note_searched_folders(timeline: Timeline) -> None:
    """pytest asks the file system for conftests in a way that no audit event tells, and remembers the answer."""
    from _pytest.config import PytestPluginManager

    plain = PytestPluginManager.__init__

    def init(self: Any) -> None:
        plain(self)
        self._dirpath2confmods = _SearchedFolders(timeline)

    PytestPluginManager.__init__ = init  # type: ignore[method-assign]


class _SearchedFolders(dict[Any, Any]):
    """Where pytest has looked for conftests, each folder once: one that appears in any of them later counts for what follows."""

    def __init__(self, timeline: Timeline) -> None:
        super().__init__()
        self._timeline = timeline

    def __setitem__(self, folder: Any, conftests: Any) -> None:
        super().__setitem__(folder, conftests)
        timeline = self._timeline
        if timeline.is_recording and not timeline.is_rehearsing:
            path = os.path.join(str(folder), "conftest.py")
            with timeline.unobserved():
                is_there = os.path.isfile(path)
            if not is_there:
                timeline.note_presences([path])


def collect_through(perform_collect: Callable[..., Any]) -> None:
    """Collection is where a trunk ends and where each leader starts; there is no hook around exactly this call."""
    from _pytest.main import Session

    plain = Session.perform_collect

    def perform(self: Any, args: Any = None, genitems: bool = True) -> Any:
        return perform_collect(plain, self, args, genitems)

    Session.perform_collect = perform  # type: ignore[method-assign]


def around_debugger(
    stops: Callable[[], None], prompts: Callable[[Any, bool], None], prompted: Callable[[Any], None]
) -> None:
    """pytest's hook for this comes when the debugger has been announced and has taken its streams.

    A debugger that a test makes itself (`pdb.Pdb().set_trace()`, `pdb.post_mortem()`, `ipdb`) comes by none of pytest's hooks.
    Around its prompt it sets itself up and forgets: what wraps the prompt itself is seen in tracebacks.
    """
    import pdb

    from _pytest.debugging import pytestPDB

    host: Any = pytestPDB
    plain = host._init_pdb.__func__
    debugger: Any = pdb.Pdb
    plain_setup = debugger.setup
    plain_forget = debugger.forget
    setting_up: list[Any] = []

    def init_pdb(cls: Any, *args: Any, **kwargs: Any) -> Any:
        stops()
        return plain(cls, *args, **kwargs)

    def setup(self: Any, frame: Any, *args: Any, **kwargs: Any) -> Any:
        # There is no frame where an exception is looked at: one prompt, and nothing goes on behind it.
        prompts(self, frame is None)
        setting_up.append(self)
        try:
            return plain_setup(self, frame, *args, **kwargs)
        finally:
            setting_up.pop()

    def forget(self: Any) -> None:
        plain_forget(self)
        if self not in setting_up:
            prompted(self)

    host._init_pdb = classmethod(init_pdb)
    debugger.setup = setup
    debugger.forget = forget


def notice_random_seed(timeline: Timeline) -> None:
    """Python seeds `random` anew after a fork, also where the program has seeded it."""
    for name in ("seed", "setstate"):
        plain = getattr(random, name)

        def seeded(*args: Any, _plain: Any = plain, **kwargs: Any) -> Any:
            timeline.process.keep_random_state()
            return _plain(*args, **kwargs)

        _replace(random, name, seeded)


def notice_threads(timeline: Timeline) -> None:
    """A thread does not survive a fork: the line that starts it is where checkpoints end."""
    plain = threading.Thread.start

    def start(self: Any, *args: Any, **kwargs: Any) -> Any:
        timeline.thread_origin.starts_at(sys._getframe(1))
        return plain(self, *args, **kwargs)

    _replace(threading.Thread, "start", start)
    plain_start = _thread.start_new_thread

    def start_new_thread(*args: Any, **kwargs: Any) -> int:
        timeline.thread_origin.starts_at(sys._getframe(1))
        return plain_start(*args, **kwargs)

    # `threading` has its own reference: only who calls this directly comes here.
    _replace(_thread, "start_new_thread", start_new_thread)


def notice_started_threads(listener: Callable[[threading.Thread, Any], None] | None) -> None:
    """Calls `listener(thread, frame)` when a thread starts, in a leader and its workers; None ends that.

    Python has an event for that from version 3.12 on. Before a thread runs, `threading` puts it into a table of its own: this
    is another table of that kind, and `Thread.start` stays what it is.
    """
    plain = dict(threading._limbo)  # type: ignore[attr-defined]

    class Limbo(dict):  # type: ignore[type-arg]
        def __setitem__(self, thread: Any, value: Any) -> None:
            assert listener is not None
            super().__setitem__(thread, value)
            listener(thread, sys._getframe(1))

    threading._limbo = plain if listener is None else Limbo(plain)  # type: ignore[attr-defined]


def _replace(owner: Any, name: str, replacement: Any) -> None:
    _undo.append((owner, name, getattr(owner, name)))
    setattr(owner, name, replacement)
