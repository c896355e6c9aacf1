"""What executing one test file or conftest leaves behind for all others.

Runs in the trunk, and is asked in the leader. A trunk has often loaded more files than a run asks for; where one that a
cold run would not execute has left something behind that the others can see, the trunk must not serve that run.
"""

from __future__ import annotations

import contextlib
import fnmatch
import os
import re
import sys
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

_listdir = os.listdir
_isfile = os.path.isfile
_dirname = os.path.dirname

_IMPORTS_CONFTEST = re.compile(rb"^\s*(?:from|import)\s+(?:\w+\s*,\s*)*conftest\b", re.MULTILINE)


class FileRules(NamedTuple):
    """How pytest tells test files, and the folders that it does not go into: its `python_files` and `norecursedirs`."""

    files: list[str]
    left_out: list[str]


class Traces:
    """Of each executed file: the variables that it set, and the folders that came onto `sys.path` with it."""

    def __init__(self) -> None:
        self._variables: dict[str, str] = {}
        self._folders: dict[str, set[str]] = {}
        self._executed: dict[str, str] = {}
        self._packages: dict[str, str] = {}
        self._first_path: list[str] | None = None
        #: Paths that were collected, in their order; those of them that were collected as a whole.
        self._asked: list[str] = []
        self._covered: list[str] = []
        #: Test files that were there when all was collected, and that pytest has passed over.
        self._passed_over: set[str] = set()
        self._ambiguous: str | None = None
        self._helpers: dict[str, str] = {}
        self._by_name: str | None = None
        #: Whether something was collected since the last look around.
        self._is_to_look_around = False
        #: How many conftests share the name `conftest`.
        self._conftests = 0

    @contextlib.contextmanager
    def executing(self, path: str) -> Iterator[None]:
        """Around the execution of a test file or conftest."""
        before = list(sys.path)
        if self._first_path is None:
            self._first_path = before
        try:
            yield
        finally:
            root = self._package_root(path)
            self._executed[path] = root
            for folder in {root, *sys.path} - set(before) | ({root} & self._folders.keys()):
                if folder in sys.path and folder not in self._first_path:
                    self._folders.setdefault(folder, set()).add(path)

    def wrote_variable(self, name: str) -> None:
        """A variable of the environment was set or removed: by whichever module is being executed."""
        frame: Any = sys._getframe(3)
        while frame is not None and frame.f_code.co_name != "<module>":
            frame = frame.f_back
        if frame is not None:
            self._variables[frame.f_code.co_filename] = name

    def collected(self, args: Iterable[str], rules: FileRules) -> None:
        """All that these arguments name is collected."""
        paths = list(map(_path_of, args))
        self._asked += paths
        for place, path in enumerate(paths):
            others = paths[:place] + paths[place + 1 :]
            # Until pytest 9 a folder that is named beside something in it is not collected as a whole.
            if not any(_is_below(each, path) or _is_below(path, each) for each in others):
                self._covered.append(path)
                self._passed_over.update(self._not_executed(path, rules))
        self._is_to_look_around = True

    def covers(self, args: Iterable[str]) -> bool:
        """Whether all that these arguments name is collected."""
        return all(
            any(_is_below(path, each) for each in self._covered) for path in map(_path_of, args)
        )

    def check(self, files: list[str], conftests: set[str], rules: FileRules, root: str) -> str:
        """Why this process must not serve a run of these paths; empty where it may.

        `conftests` are those that a cold run would load, `root` is pytest's own. Takes folders off `sys.path` that a cold run would
        not have there.
        """
        if files == self._asked:
            return self._why_not_new(files, rules)
        self.look_around()
        foreign = {
            path
            for path in self._executed
            if path not in conftests and not any(_is_below(path, each) for each in files)
        }
        for path in sorted(foreign & self._variables.keys()):
            return f"{path}, which is not asked for, sets {self._variables[path]}"
        for path in self._executed:
            if not _is_below(path, root) and not path.endswith(os.sep + "conftest.py"):
                return f"the ids of {path} depend on the arguments"
        # Which of several files a name stands for is decided by the order in which they come.
        if self._ambiguous is not None:
            return f"module {self._ambiguous} is in several folders"
        if self._by_name is not None:
            return f"{self._by_name} imports a conftest by its name, and there are several"
        for folder, origins in self._folders.items():
            if origins <= foreign:
                if folder in self._helpers:
                    return (
                        f"module {self._helpers[folder]} is found by files that are not asked for"
                    )
                sys.path[:] = [each for each in sys.path if each != folder]
        return self._why_not_new(files, rules)

    def look_around(self) -> None:
        """Looks for names that stand for several files, and for modules beside the test files.

        Every loaded module is looked at, so it is left for when a run asks for other files, or nobody waits.
        """
        if not self._is_to_look_around:
            return
        self._is_to_look_around = False
        names: set[str] = set()
        for folder in self._folders:
            here = _module_names(folder)
            for name in sorted(here & names & sys.modules.keys()):
                self._ambiguous = name
            names |= here
        self._helpers = {}
        for name, module in list(sys.modules.items()):
            file = getattr(module, "__file__", None)
            if "." in name or not isinstance(file, str) or file in self._executed:
                continue
            folder = _dirname(_dirname(file)) if hasattr(module, "__path__") else _dirname(file)
            if folder in self._folders:
                self._helpers[folder] = name
        conftests = [path for path in self._executed if os.path.basename(path) == "conftest.py"]
        self._conftests = sum(_dirname(path) == self._executed[path] for path in conftests)
        if self._conftests > 1:
            self._by_name = next(filter(_imports_conftest, sorted(self._executed)), None)

    def _why_not_new(self, files: list[str], rules: FileRules) -> str:
        """A file that is still to be collected can have the name of a module that another file has brought."""
        for path in files:
            seen: set[str] = set()
            # What is passed over below one folder may be collected below another.
            passed_over = self._passed_over if path in self._covered else ()
            for file in self._not_executed(path, rules):
                if file in passed_over:
                    continue
                if self._conftests > 1 and _imports_conftest(file):
                    return f"{file} imports a conftest by its name, and there are several"
                root = self._package_root(file)
                if root in seen:
                    continue
                seen.add(root)
                for name in _module_names(root) & sys.modules.keys():
                    there = getattr(sys.modules[name], "__file__", None)
                    if there is not None and not _is_below(there, root):
                        return f"module {name} was loaded from {there}"
        return ""

    def _not_executed(self, path: str, rules: FileRules) -> Iterator[str]:
        return (file for file in _test_files(path, rules) if file not in self._executed)

    def _package_root(self, path: str) -> str:
        folder = _dirname(path)
        root = self._packages.get(folder)
        if root is None:
            root = folder
            while _isfile(os.path.join(root, "__init__.py")) and root != _dirname(root):
                root = _dirname(root)
            self._packages[folder] = root
        return root


def in_both(args: Iterable[str], wanted: Iterable[str]) -> list[str]:
    """What all that some arguments name has in common with all that others name; the order is that of the latter."""
    paths = [_path_of(each) for each in args]
    found: list[str] = []
    for each in map(_path_of, wanted):
        if any(_is_below(each, path) for path in paths):
            found.append(each)
        else:
            found += [path for path in paths if _is_below(path, each)]
    return found


def _path_of(argument: str) -> str:
    return os.path.abspath(argument.split("::")[0])


def _is_below(path: str, other: str) -> bool:
    return path == other or path.startswith(other.rstrip(os.sep) + os.sep)


def _module_names(folder: str) -> set[str]:
    try:
        entries = _listdir(folder)
    except OSError:
        return set()
    files = {name[: -len(".py")] for name in entries if name.endswith(".py")}
    folders = {name for name in entries if _isfile(os.path.join(folder, name, "__init__.py"))}
    return (files | folders) - {"conftest", "__init__", "setup"}


def _imports_conftest(path: str) -> bool:
    try:
        with open(path, "rb") as file:
            return _IMPORTS_CONFTEST.search(file.read()) is not None
    except OSError:
        return False


def _test_files(path: str, rules: FileRules) -> Iterator[str]:
    if _isfile(path):
        yield path
    # A pattern with a folder in it may match anywhere: whatever has its last part could be meant.
    patterns = [pattern.rsplit("/", 1)[-1] for pattern in rules.files]
    for folder, folders, names in os.walk(path):
        folders[:] = [name for name in folders if _is_gone_into(folder, name, rules.left_out)]
        for name in names:
            if name.endswith(".py") and any(fnmatch.fnmatch(name, pattern) for pattern in patterns):
                yield os.path.join(folder, name)


def _is_gone_into(folder: str, name: str, left_out: list[str]) -> bool:
    if name == "__pycache__" or any(fnmatch.fnmatch(name, pattern) for pattern in left_out):
        return False
    return not _isfile(os.path.join(folder, name, "pyvenv.cfg"))
