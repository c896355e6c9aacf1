"""Which files and folders a test opens, which modules it loads, and whether it starts other processes.

Runs in a leader and its workers, in watch mode only.
"""

from __future__ import annotations

import os
import sys
from typing import Any, Callable

from prewarm._audit import listen
from prewarm._observe import asking_module
from prewarm._sqlite_files import file_of

_abspath = os.path.abspath
_dirname = os.path.dirname
_fsdecode = os.fsdecode
_stat = os.stat

#: What a child process executes and opens is not seen.
_STARTS = frozenset(
    "subprocess.Popen os.system os.exec os.fork os.forkpty os.posix_spawn os.spawn os.startfile pty.spawn".split()
)
_LINKS = frozenset(("os.link", "os.symlink"))
_MAKES = _LINKS | {"os.rename"}
_REMOVES = frozenset(("os.remove", "os.rmdir"))
_LISTS = frozenset(("os.listdir", "os.scandir", "glob.glob"))
_EVENTS = frozenset("open import exec os.mkdir sqlite3.connect os.truncate".split()) | (
    _STARTS | _MAKES | _LISTS
)
_NOT_FILES = ("/proc/", "/sys/", "/dev/")


class Opened:
    """Collects until it is taken."""

    def __init__(self, is_library: Callable[[str], bool], own_folders: tuple[str, ...]) -> None:
        self._is_library = is_library
        self._own = (*_NOT_FILES, *own_folders)
        self._versions: dict[str, str] = {}
        #: What tests of this run have made or written anew: what they find in it is their own doing.
        self._made: set[str] = set()
        #: What was there before them and was written to: whoever reads it finds both.
        self._changed: set[str] = set()
        self._folders: set[str] = set()
        self._removed: set[str] = set()
        self._always = ""
        self._has_imported = False
        self._modules: set[str] = set()
        #: How many files of others have lines in Python's cache.
        self._lines_kept = 0
        #: As `multiprocessing` counts them.
        self._processes_made = "count(1)"

    def begin(self) -> None:
        self._modules = set(sys.modules)
        self._runs_processes()
        listen(_EVENTS, self._audit)

    def take(self) -> tuple[dict[str, str], set[str], str]:
        """Path and version of each file that was read, paths of the modules that were loaded, why it always has to run."""
        if self._runs_processes():
            self._always = "starts another process"
        if not (self._versions or self._has_imported or self._always):
            return {}, set(), ""
        versions = {path: self._final(path, version) for path, version in self._versions.items()}
        loaded = self._newly_loaded() if self._has_imported else set()
        always = self._always
        self._versions, self._always, self._has_imported = {}, "", False
        return versions, loaded, always

    def made_below(self, folder: str) -> set[str]:
        """All that was made, written or removed in a folder, but not what lies in a folder that was made."""
        above = folder + os.sep
        paths = self._made | self._changed | self._folders | self._removed
        return {
            path
            for path in paths
            if path.startswith(above) and not self._is_in_made_folder(_dirname(path))
        }

    def _runs_processes(self) -> bool:
        """Whether `multiprocessing` has made a process since the last look, or one of its processes lives: no event tells that."""
        module = sys.modules.get("multiprocessing.process")
        if module is None:
            return False
        made = repr(getattr(module, "_process_counter", None))
        is_new, self._processes_made = made != self._processes_made, made
        return is_new or bool(getattr(module, "_children", ()))

    def _final(self, path: str, version: str) -> str:
        # What it has written itself counts as it left it.
        return version_of(path) if path in self._made or path in self._changed else version

    def _newly_loaded(self) -> set[str]:
        loaded = set()
        for name in sys.modules.keys() - self._modules:
            self._modules.add(name)
            file = getattr(sys.modules.get(name), "__file__", None)
            if isinstance(file, str) and not self._is_library(file):
                loaded.add(file)
        return loaded

    def forget_lines(self) -> None:
        """Whoever looks at the text of a file is to open it, though another test has looked at it before."""
        cache = getattr(sys.modules.get("linecache"), "cache", {})
        if len(cache) == self._lines_kept:
            return
        for name in [each for each in cache if each.startswith(os.sep)]:
            if not self._is_library(name):
                cache.pop(name, None)
        self._lines_kept = len(cache)

    def _audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            self._note_open(*arguments)
        elif event in ("import", "exec"):
            # `importlib.import_module` raises no event of its own, only the execution of the module does.
            self._has_imported = True
        elif event in _STARTS:
            self._always = "starts another process"
        elif event in _LISTS:
            path = arguments[0]
            if not isinstance(path, int) and not asking_module(3).startswith(
                (*_LOOKS_ITSELF, *_IMPORT_SYSTEM, "importlib.metadata")
            ):
                self._note(path if path is not None else ".")
        elif event == "os.mkdir":
            # Many ask for a folder that is there already.
            if version_of(arguments[0]) == "nothing":
                self._note_made(arguments[0], self._folders)
        elif event in _LINKS and not asking_module(3).startswith(_LOOKS_ITSELF):
            self._note_link(arguments[0], arguments[1], event == "os.symlink")
        elif event in _MAKES:
            self._note_made(arguments[1])
            self._note_made(arguments[1], self._folders)
            if event == "os.rename":
                self._note_made(arguments[0], self._removed)
        elif event in _REMOVES:
            if arguments[1] == -1:
                self._note_made(arguments[0], self._removed)
        elif event == "sqlite3.connect":
            database = file_of(arguments[0])
            if database is not None:
                self._note(database)
                self._note_changed(database)
        elif event == "os.truncate":
            self._note_changed(arguments[0])

    def _note_open(self, path: Any, mode: Any, flags: Any) -> None:
        if isinstance(path, int):
            return
        asker = asking_module(4)
        if asker.startswith(_LOOKS_ITSELF):
            return
        if asker.startswith(_IMPORT_SYSTEM) and _is_code(path):
            return
        is_written = bool(set(mode or "") & set("wxa+"))
        if not is_written and isinstance(flags, int):
            is_written = bool(flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))
        if is_written:
            is_read = "+" in (mode or "") or (
                mode is None and isinstance(flags, int) and flags & os.O_RDWR
            )
            if is_read:
                self._note(path)
            is_anew = bool(set(mode or "") & set("wx")) or (
                isinstance(flags, int) and flags & (os.O_TRUNC | os.O_EXCL)
            )
            if is_anew:
                self._note_made(path)
            else:
                self._note_changed(path)
        else:
            self._note(path)

    def note(self, path: str) -> None:
        """As if it were opened just now."""
        self._note(path)

    def _note(self, path: Any) -> None:
        name = _name_of(path)
        if name is None or name in self._versions or name.endswith(".pyc"):
            return
        if name.startswith(self._own) or self._is_library(name) or self._is_made(name):
            return
        self._versions[name] = version_of(name)

    def _note_made(self, path: Any, among: set[str] | None = None) -> None:
        name = _name_of(path)
        if name is not None:
            (self._made if among is None else among).add(name)

    def _note_changed(self, path: Any) -> None:
        """It is written to as it is, or made where nothing was."""
        self._note_made(path, self._made if version_of(path) == "nothing" else self._changed)

    def _note_link(self, target: Any, path: Any, is_symbolic: bool) -> None:
        """What is found behind it is what was there before, under another name."""
        name, link = _name_of(target), _name_of(path)
        if name is None or link is None:
            return
        if is_symbolic:
            name = os.path.normpath(os.path.join(_dirname(link), _fsdecode(target)))
        self._note(name)
        self._made.add(link)
        if not self._is_made(name) and os.path.isdir(name):
            self._always = "reads files through a link to their folder"

    def _is_made(self, name: str) -> bool:
        """Whether this run has made it, or a folder above it."""
        return name in self._made or self._is_in_made_folder(name)

    def _is_in_made_folder(self, name: str) -> bool:
        while name not in self._folders:
            above = _dirname(name)
            if above == name:
                return False
            name = above
        return True


#: What these open is not the test's doing, or is known from elsewhere.
_LOOKS_ITSELF = ("_pytest", "pluggy", "prewarm")
#: A module that is loaded is known from elsewhere; the same code reads data that lies in a package.
_IMPORT_SYSTEM = ("importlib._bootstrap", "_frozen_importlib")


def _is_code(path: Any) -> bool:
    name = _name_of(path)
    return name is None or name.endswith((".py", ".pyc", ".so", ".pyd"))


def _name_of(path: Any) -> str | None:
    try:
        return _abspath(_fsdecode(path))
    except (TypeError, ValueError, OSError):
        return None


def version_of(path: Any) -> str:
    """What tells one content of a file from the next, as `src/daemon/watching/world.ts` says it."""
    try:
        status = _stat(path)
    except (OSError, TypeError, ValueError):
        return "nothing"
    return f"{status.st_mtime_ns} {status.st_size} {status.st_ino} {status.st_ctime_ns}"
