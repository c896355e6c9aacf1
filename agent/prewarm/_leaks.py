"""What tests, fixtures and runs begin and do not end: processes, threads, sockets, files, temporary folders, and what they
change of the process: environment, working directory, `sys.path`.

Runs in leader and worker. Python tells of each beginning by an audit event, so a test that begins nothing costs nothing but
a look at two lists.
"""

from __future__ import annotations

import os
import sys
import threading
import weakref
from typing import Any, Callable

import pytest

from prewarm import _leftovers
from prewarm._audit import ignore, listen
from prewarm._host_patches import notice_started_threads
from prewarm._leftovers import Known
from prewarm._origins import Origin, origin_at

_listdir = os.listdir
_readlink = os.readlink
_samefile = os.path.samefile
_lexists = os.path.lexists
_getcwd = os.getcwd
_getpid = os.getpid
_getframe = sys._getframe
_get_ident = threading.get_ident

_STARTS = frozenset(
    "subprocess.Popen os.fork os.forkpty os.posix_spawn os.spawn os.system pty.spawn".split()
)
_FOLDERS = frozenset(("tempfile.mkdtemp", "tempfile.mkstemp"))
_VARIABLES = frozenset(("os.putenv", "os.unsetenv"))
_EVENTS = _STARTS | _FOLDERS | _VARIABLES | frozenset(("open", "socket.__new__", "os.chdir"))

#: A test may open so many files before the first of them are forgotten.
_MOST_FILES = 5_000

#: pytest's own, set and removed in each phase of each test.
_CURRENT_TEST = b"PYTEST_CURRENT_TEST"

#: A thread that is about to end gets so long.
_ENDING_S = 0.1


class Leak:
    """One thing that was begun, and is to be ended."""

    __slots__ = ("is_told", "kind", "known", "origin", "ref", "what")

    def __init__(self, kind: str, what: str, origin: Origin, ref: Any = None) -> None:
        self.kind = kind
        self.what = what
        self.origin = origin
        #: A weak reference to the thing, or what to look for.
        self.ref = ref
        self.known: Known | None = None
        self.is_told = False

    def facts(self) -> tuple[Any, ...]:
        """As a worker tells its leader."""
        known = None if self.known is None else tuple(self.known)
        return (self.kind, self.what, self.origin.owner, self.origin.line, known, self.is_told)


class Leaks:
    """Notes what begins in this process, and forgets it when it has ended."""

    def __init__(
        self,
        config: Any,
        is_library: Callable[[str], bool],
        own_children: set[int],
        is_strict: bool,
    ) -> None:
        self._config = config
        self._root = str(config.rootpath)
        self._is_library = is_library
        #: Processes of ours among the children.
        self._own_children = own_children
        #: Whether a leak is an error of the test.
        self.is_strict = is_strict
        #: Whether this process runs the tests itself.
        self.runs_tests = True
        #: Whether the program has started a process.
        self.has_started = False
        #: The test that runs, by its node id.
        self._test = ""
        self._is_paused = False
        self._begun: list[Leak] = []
        self._files: list[tuple[str, Origin]] = []
        self._seen_children: set[Known] = set()
        self._threads: weakref.WeakKeyDictionary[Any, Origin] = weakref.WeakKeyDictionary()
        self._descriptors: set[str] = set()
        self._environment: dict[Any, Any] = {}
        self._folder = ""
        self._last_folder = ""
        self._path: list[str] = []
        self._last_path: list[str] | None = None
        self._processes_made = "count(1)"

    def begin(self) -> None:
        """From here on: what is there already is nobody's leak."""
        self._begun = []
        self._files = []
        # One of them belonged to the listing.
        self._descriptors = {each for each in _descriptors() if _link(each)}
        self._environment = dict(os.environ._data)  # type: ignore[attr-defined]
        self._folder = _folder()
        self._path = list(sys.path)
        self._last_path = None
        self._runs_processes()
        self._seen_children = set(_leftovers.children_of(_getpid()))
        ignore(self._audit)
        listen(_EVENTS, self._audit)
        notice_started_threads(self._thread_starts)

    def take_all(self) -> list[Leak]:
        """At the end: what is still there."""
        if not self._folder:
            return []
        ignore(self._audit)
        notice_started_threads(None)
        self._look(is_last=True)
        return self._begun

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_runtestloop(self) -> Any:
        self.begin()
        yield
        # pytest itself goes back when its session ends, and takes off the path what its configuration has put there.
        self._last_folder = _folder()
        self._last_path = list(sys.path)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self._test = nodeid

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_logfinish(self) -> None:
        if not self.runs_tests:
            return
        if self._begun or self._files or sys.path != self._path or self._runs_processes():
            self._look()

    def left_by_test(self, is_last: bool) -> list[Leak]:
        """What the test that ends just now has left, and with the last one all that is left."""
        self._look(is_last=True)
        left = [
            leak
            for leak in self._begun
            if (is_last or not leak.origin.is_wide) and not leak.is_told
        ]
        for leak in left:
            leak.is_told = True
        return left

    def _audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event in _VARIABLES and arguments[0] == _CURRENT_TEST:
            return
        if self._is_paused:
            return
        if event == "open":
            path = arguments[0]
            if isinstance(path, int) or str(path).endswith((".py", ".pyc")):
                return
        # The caller of this is the hook, and of that whoever has raised the event.
        origin = self._origin(_getframe(2))
        if origin is None:
            return
        if event == "open":
            self._files.append((os.fsdecode(arguments[0]), origin))
            if len(self._files) > _MOST_FILES:
                del self._files[: _MOST_FILES // 2]
        elif event == "socket.__new__":
            self._begun.append(Leak("socket", "", origin, weakref.ref(arguments[0])))
        elif event in _STARTS:
            self.has_started = True
            self._begun.append(Leak("process", "", origin))
        elif event in _FOLDERS:
            self._begun.append(Leak("temporary", os.fsdecode(arguments[0]), origin))
        elif event in _VARIABLES:
            self._begun.append(Leak("variable", os.fsdecode(arguments[0]), origin))
        else:
            self._begun.append(Leak("folder", "", origin))

    def _thread_starts(self, thread: threading.Thread, frame: Any) -> None:
        origin = self._origin(frame)
        if origin is not None:
            self._threads[thread] = origin
            self._begun.append(Leak("thread", thread.name, origin, weakref.ref(thread)))

    def _origin(self, frame: Any) -> Origin | None:
        origin = origin_at(frame, self._test, self._root, self._is_library)
        thread = threading._active.get(_get_ident())  # type: ignore[attr-defined]
        started = None if thread is None else self._threads.get(thread)
        if started is None:
            return origin
        # What a server's thread begins is the server's, whatever test runs at that time.
        return started if origin is None else started._replace(line=origin.line or started.line)

    def _look(self, is_last: bool = False) -> None:
        self._is_paused = True
        try:
            if is_last and (self._files or any(leak.kind == "socket" for leak in self._begun)):
                # What is only part of a cycle is closed by this.
                _collect()
            self._take_files()
            self._take_children()
            is_other = self._path_now() != self._path
            if is_other and not any(leak.kind == "sys.path" for leak in self._begun):
                self._begun.append(Leak("sys.path", "", Origin(self._test, "", False)))
            seen: set[tuple[str, str]] = set()
            self._begun = [leak for leak in self._begun if self._is_left(leak, is_last, seen)]
        finally:
            self._is_paused = False

    def _is_left(self, leak: Leak, is_last: bool, seen: set[tuple[str, str]]) -> bool:
        """Whether it has not ended yet; gives it a name."""
        kind = leak.kind
        if kind == "process":
            return leak.known is not None and _leftovers.is_alive(leak.known)
        if kind == "thread":
            thread = leak.ref()
            if thread is not None and is_last and thread is not threading.current_thread():
                thread.join(_ENDING_S)
            if thread is None or not thread.is_alive():
                return False
            leak.what = thread.name
            return True
        if kind == "socket":
            return _describe_socket(leak)
        if kind == "file":
            return _link(leak.ref) == leak.what
        if kind == "temporary":
            return _lexists(leak.what) and not self._is_pytests(leak.what)
        if kind == "variable":
            leak.ref = os.fsencode(leak.what)
            now: Any = os.environ._data  # type: ignore[attr-defined]
            is_left = now.get(leak.ref) != self._environment.get(leak.ref)
        elif kind == "folder":
            leak.what = self._last_folder or _folder()
            is_left = leak.what != self._folder
        else:
            leak.what = ", ".join(each for each in self._path_now() if each not in self._path)
            is_left = self._path_now() != self._path
        # Several have changed it: the first one counts.
        is_new = (kind, leak.what) not in seen
        seen.add((kind, leak.what))
        return is_left and is_new

    def _path_now(self) -> list[str]:
        return sys.path if self._last_path is None else self._last_path

    def _is_pytests(self, path: str) -> bool:
        """Whether it lies in pytest's own temporary folder, which pytest removes some day."""
        factory = getattr(self._config, "_tmp_path_factory", None)
        base = None if factory is None else factory._basetemp
        return base is not None and os.path.realpath(path).startswith(f"{base}{os.sep}")

    def _take_files(self) -> None:
        """Which of the files that were opened have a descriptor."""
        if not self._files:
            return
        files, self._files = self._files, []
        taken = {leak.ref for leak in self._begun if leak.kind == "file"}
        for descriptor in _descriptors():
            if descriptor in self._descriptors or descriptor in taken:
                continue
            target = _link(descriptor)
            for path, origin in reversed(files):
                if target.startswith("/") and _is_same(path, target):
                    self._begun.append(Leak("file", target, origin, descriptor))
                    break

    def _take_children(self) -> None:
        """Which children are those that were started."""
        waiting = [leak for leak in self._begun if leak.kind == "process" and leak.known is None]
        if not waiting and not self._runs_processes():
            return
        children = [
            known
            for known in _leftovers.children_of(_getpid())
            if known not in self._seen_children and known.pid not in self._own_children
        ]
        self._seen_children.update(children)
        for index, known in enumerate(children):
            self.has_started = True
            origin = waiting[min(index, len(waiting) - 1)].origin if waiting else None
            leak = Leak(
                "process", _leftovers.command_of(known.pid), origin or Origin(self._test, "", False)
            )
            leak.known = known
            self._begun.append(leak)

    def _runs_processes(self) -> bool:
        """Whether `multiprocessing` has made a process since the last look: not every one has an event."""
        module = sys.modules.get("multiprocessing.process")
        if module is None:
            return False
        made = repr(getattr(module, "_process_counter", None))
        is_new, self._processes_made = made != self._processes_made, made
        return is_new


class StrictLeaks:
    """A plugin for `--leaks fail`: what a test leaves behind is an error of its tear-down."""

    def __init__(self, leaks: Leaks) -> None:
        self._leaks = leaks
        self._has_failed = False

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_runtest_teardown(self, nextitem: Any) -> Any:
        outcome = yield
        # A failure keeps its frames, and what they hold.
        if self._leaks.runs_tests and not self._has_failed and outcome.excinfo is None:
            left = self._leaks.left_by_test(nextitem is None)
            if left:
                error = LeakError("\n".join(["left behind:", *map(_line, left)]))
                if not hasattr(outcome, "force_exception"):
                    raise error
                outcome.force_exception(error)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: Any) -> None:
        self._has_failed = report.failed or (self._has_failed and report.when != "setup")


class LeakError(Exception):
    """A test has left something behind."""

    __module__ = "prewarm"
    __tracebackhide__ = True


def _line(leak: Leak) -> str:
    return f"  {leak.kind} {leak.what}, begun by {leak.origin.owner} {leak.origin.line}".rstrip()


def _describe_socket(leak: Leak) -> bool:
    socket = leak.ref()
    if socket is None or socket.fileno() == -1:
        return False
    try:
        leak.what = f"{socket.getsockname() or ''}"
    except OSError:
        leak.what = ""
    return True


def _collect() -> None:
    from prewarm._frozen_heap import collect

    collect()


def _descriptors() -> list[str]:
    try:
        return _listdir("/proc/self/fd")
    except OSError:
        return []


def _link(descriptor: str) -> str:
    try:
        return _readlink(f"/proc/self/fd/{descriptor}")
    except OSError:
        return ""


def _is_same(path: str, other: str) -> bool:
    try:
        return _samefile(path, other)
    except (OSError, ValueError):
        return False


def _folder() -> str:
    try:
        return _getcwd()
    except OSError:
        return "?"
