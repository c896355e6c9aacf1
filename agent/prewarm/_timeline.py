"""The timeline of one pytest process, and the checkpoints inside it.

Runs in the trunk. A finder in front of `sys.meta_path` sees every import just before it happens; a
cut forks there: the parent parks and becomes a checkpoint, the child carries on as the trunk.
Resuming a checkpoint forks another child, which imports what comes next from the files as they are then.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.machinery
import importlib.util
import os
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Callable, NoReturn

from prewarm._bytecode import refuse_doubtful_bytecode
from prewarm._code_watch import CodeWatch
from prewarm._environment import replace_environment
from prewarm._finder import Finder
from prewarm._frozen_heap import FrozenHeap
from prewarm._left_files import LeftFiles
from prewarm._observe import Observer, library_folders, listing_digest
from prewarm._preamble import Preamble, flush_standard_streams
from prewarm._presence import presence
from prewarm._process import Message, Process
from prewarm._shared_connections import SharedConnections
from prewarm._signature import NO_FILE, signature_of
from prewarm._sqlite_files import database_content
from prewarm._thread_origin import ThreadOrigin, is_another_alive
from prewarm._traces import FileRules, Traces, in_both
from prewarm._used import Used, signature_now

_unlink = os.unlink
_perf_counter = time.perf_counter
_abspath = os.path.abspath
_isdir = os.path.isdir

#: Events are sent in batches of this many, so that a frame stays small, or after so many milliseconds.
BATCH = 500
BATCH_MS = 250


class Timeline:
    """What this process has done since its start, and where it may be cut.

    An event is `[kind, name, path, at_ms, mtime_ns, size, inode, ctime_ns]`, and for a young file its hash; kind is one of module, library, rewritten,
    missing, search, conftest, testfile, open, database, list, presence, env, patched, changed, left. The name of a file that was opened is the module that did it. Its index is its place in the timeline, counted from the start.
    """

    def __init__(self, process: Process, preamble: Preamble, start: Message) -> None:
        self.process = process
        self.preamble = preamble
        self._libraries = library_folders()
        self._cuts: Message = start["cuts"]
        self._edited: Sequence[str] = start["edited"]
        self._index = 0
        self._pending: list[list[Any]] = []
        self._started = _perf_counter()
        self._was_cut_at_application = False
        self._finder = Finder(self)
        ignored = (*self._libraries, "/proc/", "/sys/", "/dev/", start["stateFolder"] + os.sep)
        #: What single files have left behind.
        self.traces = Traces()
        self._observer = Observer(self._note_observed, ignored)
        self._observer.own.place = lambda: self._index
        self._observer.on_written = self.traces.wrote_variable
        self._used = Used(self._may_have_changed)
        self._observer.on_used_again = self._use_again
        self._left = LeftFiles()
        self.is_recording = True
        self.heap = FrozenHeap()
        self._connections = SharedConnections()
        #: What happens to the project's code: an edited function may be replaced only if nobody has called it.
        self.code_watch = CodeWatch(self.is_library)
        self.code_watch.on_first_execution = self._used.executed
        self._observer.on_stat = self.code_watch.note_stat
        #: Installed modules whose import has begun; some of them fail, and whoever wants them does without.
        self.libraries: set[str] = set()
        #: True while a leader without a run goes through the motions: nothing new may be executed.
        self.is_rehearsing = False
        #: Paths and ids to collect from here on, or None for all.
        self.wanted: list[str] | None = None
        #: Whether this process leads one run itself, and no fork of its tip.
        self.leads = False
        #: What a child does that was forked ahead, before its order comes.
        self.on_ready: Callable[[Message], None] = lambda _: None
        #: Why no checkpoint was possible since some point, or None.
        self.obstacle: str | None = None
        self.thread_origin = ThreadOrigin(self.is_library)
        self._searched: set[str] = set()

    def install(self) -> None:
        """Begins to watch imports, files and the environment."""
        self.heap.watch()
        sys.meta_path.insert(0, self._finder)
        self._observer.install()
        self.code_watch.install()

    def stop(self) -> None:
        """Leaves no trace: what follows is the program's own run."""
        self.is_recording = False
        self._observer.stop()
        self.code_watch.stop()
        if self._finder in sys.meta_path:
            sys.meta_path.remove(self._finder)

    def note(self, kind: str, name: str, path: str | None = None) -> None:
        """Adds an event; a path is recorded with the signature that it has now."""
        if path is None:
            signature = NO_FILE
        else:
            with self.unobserved():
                signature = signature_of(path)
            self._used.note_file(kind, path, signature)
        self._add([kind, name, path, self.now_ms(), *signature])

    def note_patched(self, name: str, path: str, signature: list[Any]) -> None:
        """Adds that a module is now as its file was with this signature."""
        self._add(["patched", name, path, self.now_ms(), *signature])

    def now_ms(self) -> float:
        """Milliseconds of this timeline, the time in which it was parked left out."""
        return round((_perf_counter() - self._started) * 1000, 3)

    def _add(self, event: list[Any]) -> None:
        self._pending.append(event)
        self._index += 1
        if len(self._pending) >= BATCH or event[3] - self._pending[0][3] >= BATCH_MS:
            self.flush()

    def flush(self) -> None:
        """Sends the events that the daemon has not seen."""
        if self._pending:
            for event in self._pending:
                if event[0] == "presence" and presence(event[1]) != event[6]:
                    # What the program itself has made or removed in the meantime is no change.
                    event[6] = "changing" if self._may_have_changed(event[1]) else event[6]
            first = self._index - len(self._pending)
            self.process.channel.send({"type": "timeline", "first": first, "events": self._pending})
            self._pending = []

    def _may_have_changed(self, path: str) -> bool:
        return self.code_watch.has_started_processes or self._observer.own.has_changed(path)

    def tell_end(self) -> None:
        """This segment ends here: tells it, and what was not the same all the while."""
        with self.unobserved():
            changed = self._used.changed(listing_digest)
            left = list(self._left.news(self._observer.own.made, self._observer.own.databases))
        for path in changed:
            self._add(["changed", path, None, self.now_ms(), "0", 0, "0", "0"])
        for kind, path, signature in left:
            self._add(["left", kind, path, self.now_ms(), *signature])
        self.flush()

    def _begin_segment(self) -> None:
        """Another process goes on: it notes by itself what it uses."""
        self._observer.forget_uses()
        for path in self._used.begin(sys._getframe()):
            self.note("open", "", path)

    def _use_again(self, kind: str, name: str) -> None:
        with self.unobserved():
            self._used.look_again(kind, name, listing_digest)

    def reach(self, kind: str, name: str, path: str) -> None:
        """Called just before something of the project is executed: cuts here if it was asked for."""
        if self.is_recording:
            if self._wants_cut(kind, path):
                self.cut(kind, name, path)
            self.note(kind, name, path)

    def reach_library(self, name: str, origin: str | None, is_rewritten: bool) -> None:
        """Called just before something installed is imported; pytest rewrites the modules of plugins."""
        if self.is_recording:
            kind = "rewritten" if is_rewritten else "library"
            self.libraries.add(name)
            self._add([kind, name, origin, self.now_ms(), "0", 0, "0", "0"])

    def search(self, folders: Iterable[Any]) -> None:
        """Notes where an import looks, beside installed packages: what appears there later could be found first."""
        for folder in folders:
            if type(folder) is not str or folder in self._searched:
                continue
            self._searched.add(folder)
            absolute = _abspath(folder)
            if self.is_library(absolute + os.sep):
                continue
            if _isdir(absolute):
                self._add(["search", absolute, None, self.now_ms(), "0", 0, "0", "0"])
            else:
                self.note("open", absolute, absolute)

    def note_presences(self, paths: Iterable[str]) -> None:
        """Notes whether something is there: folders that a namespace package consists of, a conftest that is looked for."""
        for path in paths:
            absolute = _abspath(path)
            if not self.is_library(absolute + os.sep):
                self._note_observed("presence", absolute)

    def made_paths(self) -> list[list[Any]]:
        """`[path, index]` of every file and folder that the timeline has made and has not removed itself.

        What is not there any more was removed by somebody else, a run that ends just now.
        """
        return [[path, index] for path, index in self._observer.own.made.items()]

    @property
    def removed_of_others(self) -> set[str]:
        """What the timeline has removed, or tried to, and has not made itself."""
        return self._observer.own.removed_of_others

    @property
    def written_variables(self) -> set[str]:
        """Environment variables that the timeline has set or removed, pytest's own left out."""
        return {name for name in self._observer.written if not name.startswith("PYTEST_")}

    @property
    def variables_read_by_libraries(self) -> set[str]:
        return self._observer.read_by_libraries

    def wants(self, path: str) -> bool:
        """Whether a test file is to be executed now: not in a rehearsal, nor in a trunk that was resumed for other files."""
        if self.is_rehearsing:
            return False
        if self.wanted is None or not self.is_recording:
            return True
        wanted = (os.path.abspath(argument.split("::")[0]) for argument in self.wanted)
        return any(path == each or path.startswith(each + os.sep) for each in wanted)

    def has_collected(self, args: Sequence[str], rules: FileRules) -> None:
        """The trunk has collected what these arguments name, as far as it is wanted."""
        with self.unobserved():
            common = args if self.wanted is None else in_both(args, self.wanted)
            self.traces.collected(common, rules)

    def is_library(self, path: str) -> bool:
        return path.startswith(self._libraries)

    def take_environment(self, wanted: dict[str, str]) -> None:
        """Sets a requester's environment, and keeps what the timeline itself has set and removed."""
        with self.unobserved():
            replace_environment(wanted, self._observer.written)

    @property
    def index(self) -> int:
        """How many events there are so far."""
        return self._index

    def cut(self, kind: str, name: str, path: str | None) -> None:
        """Leaves a checkpoint here and goes on in a child; returns in every child that starts here."""
        if not self.may_fork():
            return
        self.tell_end()
        child = self.process.next_child_id()
        at = {"kind": kind, "name": name, "path": path, "index": self._index, "atMs": self.now_ms()}
        self.process.channel.send({"type": "parked", "at": at, "child": child})
        flush_standard_streams()
        self.heap.freeze()
        try:
            is_child = self.process.fork(child, "trunk") == 0
        except OSError as error:
            self.process.channel.send({"type": "unparked", "child": child, "reason": str(error)})
            return
        if is_child:
            self.preamble.fork_to(child)
            self._begin_segment()
            return
        self.wait_for("resume")

    def wait_for(self, *forking: str) -> Message:
        """Parks this process. Returns in a child, with the message that made the daemon ask for it."""
        parked_at = _perf_counter()
        while True:
            message = self.process.receive()
            if message is None or message["type"] == "exit":
                self._give_up()
            elif message["type"] == "reap":
                self.process.reap(message["pid"])
            elif message["type"] in (*forking, "ready"):
                role = "leader" if message["type"] in ("run", "spare") else "trunk"
                self.process.reap()  # Leaders of earlier runs have ended: nobody else collects them.
                flush_standard_streams()
                try:
                    is_child = self.process.fork(message["id"], role) == 0
                except OSError as error:
                    failed = {"type": "unparked", "child": message["id"], "reason": str(error)}
                    self.process.channel.send(failed)
                    continue
                if is_child:
                    if role == "trunk":
                        self.preamble.fork_to(message["id"])
                    if message["type"] == "ready":
                        message = self._wait_ahead(message, forking)
                    self._started += _perf_counter() - parked_at
                    if role == "trunk":
                        self._begin_segment()
                        if message["type"] != "patch":
                            self._carry_on(message)
                    return message

    def _wait_ahead(self, ready: Message, wanted: Sequence[str]) -> Message:
        """In a child that was forked before anybody needed it: waits for the order that it is for."""
        self.on_ready(ready)
        while True:
            message = self.process.receive()
            if message is None or message["type"] == "exit":
                self._give_up()
            elif message["type"] in wanted:
                return message

    def _give_up(self) -> NoReturn:
        self.preamble.discard()
        self.process.leave()
        raise AssertionError("unreachable")

    def may_fork(self) -> bool:
        """Whether no Python thread but this one lives, and no client shares a connection; otherwise notes who stands in the way."""
        if is_another_alive():
            reason = self.thread_origin.line or "another thread is running"
        else:
            with self.unobserved():
                reason = self._connections.obstacle(
                    self.process.state_folder, self.process.around_forks.declared
                )
        if reason and self.obstacle is None:
            self.obstacle = reason
        return not reason

    def _carry_on(self, message: Message) -> None:
        self._cuts = message["cuts"]
        self._edited = message["edited"]
        self.wanted = message["args"]
        self.leads = message["leads"]
        self.take_environment(message["env"])
        importlib.invalidate_caches()

    def _wants_cut(self, kind: str, path: str) -> bool:
        cuts = self._cuts
        if path in cuts["files"]:
            return True
        if kind == "conftest":
            return bool(cuts["conftests"])
        if kind == "module" and cuts["firstModule"] and not self._was_cut_at_application:
            self._was_cut_at_application = True
            return True
        if kind == "testfile" and cuts["firstTest"]:
            self._cuts = {**cuts, "firstTest": False}
            return True
        return False

    def _note_observed(self, kind: str, name: str) -> None:
        if kind == "list":
            with self.unobserved():
                before = signature_now(name)
                digest = listing_digest(name)
            self._used.note_listing(name, before, digest)
            self._add([kind, name, None, self.now_ms(), "0", 0, digest, "0"])
        elif kind == "presence":
            found = presence(name)
            self._used.note_presence(name, found)
            self._add([kind, name, None, self.now_ms(), "0", 0, found, "0"])
        elif kind == "database":
            with self.unobserved():
                content = database_content(name)
            self._add([kind, self._observer.reader(), name, self.now_ms(), "0", 0, content, "0"])
        elif kind == "env":
            self.note(kind, name)
        else:
            self.note(kind, self._observer.reader(), name)

    def refuse_doubtful_bytecode(self, path: str) -> None:
        """Called just before a file is executed: its cached bytecode may stem from another version of it."""
        refuse_doubtful_bytecode(path, path in self._edited)

    def find(self, finders: Sequence[Any], name: str, path: Any, target: Any) -> Any:
        """Asks other finders, without taking their listings of folders for the program's."""
        with self.unobserved():
            for finder in finders:
                find_spec = getattr(finder, "find_spec", None)
                spec = None if find_spec is None else find_spec(name, path, target)
                if spec is not None:
                    return spec
            return None

    @contextlib.contextmanager
    def unobserved(self) -> Iterator[None]:
        """What is asked in here are questions of ours, not the program's."""
        paused, self._observer.is_paused = self._observer.is_paused, True
        try:
            yield
        finally:
            self._observer.is_paused = paused
