"""What a timeline depends on beside its modules: files it opened, folders it listed, variables it read.

Runs in the trunk until its tip; switched off in a leader.
"""

from __future__ import annotations

import hashlib
import os
import sys
import sysconfig
import types
from collections.abc import Iterator
from typing import Any, Callable

from prewarm._audit import ignore, listen
from prewarm._editor_plugins import is_renewed
from prewarm._own_changes import OwnChanges
from prewarm._presence import PresenceWatch, presence
from prewarm._process_inputs import STARTS, inputs_of
from prewarm._sqlite_files import file_of

_abspath = os.path.abspath
_dirname = os.path.dirname
_listdir = os.listdir
_fsencode = os.fsencode
#: Modules of the standard library that open, list and read for others.
_WATCHED_EVENTS = (
    frozenset(
        (
            "open",
            "os.listdir",
            "os.scandir",
            "os.mkdir",
            "os.remove",
            "os.rename",
            "os.rmdir",
            "shutil.rmtree",
            "sqlite3.connect",
        )
    )
    | STARTS
)

#: What these look for is found again in every run, or has nothing to do with the program.
_LOOKS_FOR_ITSELF = (
    "_pytest",
    "pluggy",
    "prewarm",
    "importlib",
    "_frozen_importlib",
    "tempfile",
    "linecache",
    "inspect",
    "traceback",
)

_PASSED_ON_BY = frozenset(
    (
        "os",
        "collections.abc",  # what _collections_abc calls itself
        "shutil",
        "genericpath",
        "posixpath",
        "glob",
        "pathlib",
        "pathlib._local",
        "pathlib._abc",
        "io",
        "codecs",
        "_pyio",
        "tokenize",
    )
)
#: Functions of these that ask whether and as what something is there; all others ask for its size or times.
_ASK_PRESENCE = frozenset(
    (
        "exists lexists isfile isdir islink isjunction ismount realpath _joinrealpath samefile walk fwalk glob iglob rglob "
        "exists is_file is_dir is_symlink is_mount is_junction resolve which makedirs mkdir touch copyfile copymode "
        "copystat copytree move rmtree _samefile"
    ).split()
)
_fsdecode = os.fsdecode
_OWN_FOLDER = os.path.dirname(os.path.abspath(__file__)) + os.sep
_getcwd = os.getcwd

#: Read by pytest to decide how it prints; a leader decides that anew for its requester.
DISPLAY_VARIABLES = frozenset(
    "COLUMNS LINES TERM NO_COLOR FORCE_COLOR PY_COLORS CI BUILD_NUMBER PYTEST_ADDOPTS PYTEST_THEME "
    "PYTEST_THEME_MODE PYTEST_VERSION PYTEST_CURRENT_TEST".split()
)

_ENVIRONMENT_METHODS = ("__getitem__", "__iter__", "__setitem__", "__delitem__")

Note = Callable[[str, str], None]


class Observer:
    """Reports each file, folder and variable once, as `note(kind, name)`."""

    def __init__(self, note: Note, ignored_folders: tuple[str, ...]) -> None:
        self._note: Note | None = note
        self._ignored = ignored_folders
        self._seen: set[tuple[str, str]] = set()
        #: Variables that the timeline has set or removed: a requester's values for them do not count.
        self.written: set[str] = set()
        self.own = OwnChanges(ignored_folders)
        #: Told of each further use of a file, folder or presence that was noted.
        self.on_used_again: Callable[[str, str], None] | None = None
        #: Told the name of each variable as it is set or removed.
        self.on_written: Callable[[str], None] | None = None
        #: Variables that installed packages have read.
        self.read_by_libraries: set[str] = set()
        #: Told the path of each file whose status the program asks for, and who asks.
        self.on_stat: Callable[[str, types.FrameType], None] | None = None
        self._presence = PresenceWatch(self._looked_at)
        self._folder = _getcwd() + os.sep
        #: True while our own finder works: its listings are the import system's, not the program's.
        self.is_paused = False

    def install(self) -> None:
        listen(_WATCHED_EVENTS, self._audit)
        self._watch_environment()
        self._presence.watch()

    def forget_uses(self) -> None:
        """What is used from here on is noted anew."""
        self._seen = {each for each in self._seen if each[0] == "env"}

    def stop(self) -> None:
        """No more notes; the environment is as Python made it."""
        self._note = None
        ignore(self._audit)
        self._restore_environment()
        self._presence.restore()

    def _audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self._note is None or self.is_paused:
            return
        if _is_asked_by_pytest(event):
            return
        if event in STARTS:
            self._note_inputs(event, arguments)
            return
        if event == "os.mkdir":
            # Told before it is tried.
            self.own.note_folder(arguments[0], presence(arguments[0]) == "nothing")
            return
        if event == "sqlite3.connect":
            database = file_of(arguments[0])
            if database is not None:
                self._note_database(database)
            return
        if event in ("os.remove", "os.rename", "os.rmdir", "shutil.rmtree"):
            self.own.note_removed(arguments[0])
            if event == "os.rename":
                self.own.note_made(arguments[1])
            return
        if event == "open":
            path, mode, flags = arguments
            if isinstance(path, int):
                return
            is_written = set(mode or "") & set("wxa+")
            if is_written or (isinstance(flags, int) and flags & os.O_CREAT):
                self.own.note_made(path)
            if (mode is not None and "r" not in mode) or (
                mode is None and isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR)
            ):
                return
            self._note_path("open", path)
        else:
            path = arguments[0]
            if not isinstance(path, int):
                self._note_path("list", "." if path is None else path)

    def _note_inputs(self, event: str, arguments: tuple[Any, ...]) -> None:
        self.is_paused = True
        try:
            found = list(inputs_of(event, arguments))
        finally:
            self.is_paused = False
        for kind, path in found:
            self._note_path(kind, path)

    def _note_path(self, kind: str, path: Any) -> None:
        try:
            name = _abspath(_fsdecode(path))
        except (TypeError, ValueError, OSError):
            return
        # `pkgutil` lists every folder beside a module, and Python adds to this one when it likes.
        if name.endswith((".pyc", os.sep + "__pycache__")) or name.startswith(self._ignored):
            return
        self._note_once(kind, name)

    def _note_database(self, path: Any) -> None:
        """Whoever connects reads what is there, and may write to it."""
        try:
            name = _abspath(_fsdecode(path))
        except (TypeError, ValueError, OSError):
            return
        if not self.own.is_own(name):
            self._note_path("database", name)
        self.own.databases.add(name)
        self.own.note_made(name)

    def _looked_at(self, path: Any, has_times: bool) -> None:
        """The program asked whether something is there. An installed package's question counts for the project alone."""
        if self._note is None or self.is_paused or isinstance(path, int):
            return
        frame: Any = sys._getframe(2)
        asks_presence = not has_times
        while frame.f_back is not None and frame.f_globals.get("__name__") in _PASSED_ON_BY:
            asks_presence = asks_presence or frame.f_code.co_name in _ASK_PRESENCE
            frame = frame.f_back
        if str(frame.f_globals.get("__name__", "")).startswith(_LOOKS_FOR_ITSELF):
            return
        try:
            name = _abspath(_fsdecode(path))
        except (TypeError, ValueError, OSError):
            return
        if self.on_stat is not None:
            self.on_stat(name, sys._getframe(2))
        is_of_library = frame.f_code.co_filename.startswith(self._ignored)
        if name.startswith(self._ignored) or (is_of_library and not name.startswith(self._folder)):
            return
        is_content = not (asks_presence or is_of_library or name in self.own.made)
        # Whoever asks for a size or a time of change depends on more than that the file is there.
        kind = "open" if is_content and presence(name) == "file" else "presence"
        self._note_once(kind, name)

    def _note_once(self, kind: str, name: str) -> None:
        if self._note is None or self.is_paused:
            return
        if (kind, name) in self._seen:
            if kind != "env" and self.on_used_again is not None:
                self.on_used_again(kind, name)
            return
        self._seen.add((kind, name))
        self._note(kind, name)

    def reader(self) -> str:
        """The module of the project that does what is being noted just now, or an empty text."""
        frame: Any = sys._getframe(1)
        while frame is not None:
            file = frame.f_code.co_filename
            if not file.startswith(("<", _OWN_FOLDER, *self._ignored)):
                return str(frame.f_globals.get("__name__", ""))
            frame = frame.f_back
        return ""

    def _watch_environment(self) -> None:
        cls: Any = type(os.environ)
        self._plain_environment = {name: getattr(cls, name) for name in _ENVIRONMENT_METHODS}
        plain = dict(self._plain_environment)
        observer = self

        def getitem(self: Any, key: Any) -> Any:
            if not (key in DISPLAY_VARIABLES and _is_read_by_pytest()):
                observer._read(_fsdecode(key), sys._getframe(1))
            return plain["__getitem__"](self, key)

        def iterate(self: Any) -> Iterator[Any]:
            observer._note_once("env", "*")
            return plain["__iter__"](self)  # type: ignore[no-any-return]

        def setitem(self: Any, key: Any, value: Any) -> None:
            plain["__setitem__"](self, key, value)
            observer._wrote(key)

        def delitem(self: Any, key: Any) -> None:
            plain["__delitem__"](self, key)
            observer._wrote(key)

        for name, method in zip(_ENVIRONMENT_METHODS, (getitem, iterate, setitem, delitem)):
            setattr(cls, name, method)

    def _read(self, name: str, frame: Any) -> None:
        if self._note is None or self.is_paused:
            return
        while frame.f_back is not None and frame.f_globals.get("__name__") in _PASSED_ON_BY:
            frame = frame.f_back
        if is_renewed(name, str(frame.f_globals.get("__name__", ""))):
            return
        if frame.f_code.co_filename.startswith(self._ignored):
            self.read_by_libraries.add(name)
        self._note_once("env", name)

    def _wrote(self, key: Any) -> None:
        if self._note is not None and not self.is_paused:
            name = _fsdecode(key)
            self.written.add(name)
            if self.on_written is not None:
                self.on_written(name)

    def _restore_environment(self) -> None:
        for name, method in self._plain_environment.items():
            setattr(type(os.environ), name, method)


def library_folders() -> tuple[str, ...]:
    """Folders of Python itself and of installed packages, each with a separator at its end.

    What lies there changes by installing, never by editing.
    """
    import site

    folders = {sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    folders.update(getattr(site, "getsitepackages", list)())
    folders.add(site.getusersitepackages())
    found = {folder for folder in folders if folder}
    found |= {os.path.realpath(folder) for folder in found}
    return tuple(sorted(folder.rstrip(os.sep) + os.sep for folder in found))


def listing_digest(directory: str) -> str:
    """A digest of the names in a folder that matter, as `src/watch/file-states.ts` makes it; empty where there is none."""
    try:
        names = _listdir(directory)
    except OSError:
        return "nothing"
    kept = sorted(
        _fsencode(name) for name in names if not name.startswith(".") and name != "__pycache__"
    )
    return hashlib.sha1(b"\0".join(kept)).hexdigest()


def _is_read_by_pytest() -> bool:
    return asking_module(3).startswith("_pytest")


def _is_asked_by_pytest(event: str) -> bool:
    """Whether pytest itself lists folders to collect, which every leader repeats, or reads its own cache.

    The import system lists folders too: what it looks for there is recorded by name.
    """
    module = asking_module(4)
    if event == "open":
        return module == "_pytest.cacheprovider"
    return module.startswith(("_pytest", "_frozen_importlib", "importlib._bootstrap"))


def asking_module(depth: int) -> str:
    frame = sys._getframe(depth)
    while frame.f_back is not None and frame.f_globals.get("__name__") in _PASSED_ON_BY:
        frame = frame.f_back
    return str(frame.f_globals.get("__name__", ""))
