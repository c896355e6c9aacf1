"""What happened to the project's code before the tip: what was executed, what was looked at.

Runs in the trunk until its tip. Replacing the code of a function is only the same as importing it again if nobody has called it or
looked into it; see `_patch.py`. Everything here is noted by audit hooks, and calls by `sys.monitoring` since Python 3.12
(each code object reports its first call and is left alone from then on) or by the interpreter's own counters (`_run_counters.py`).
"""

from __future__ import annotations

import _thread
import importlib.util
import inspect
import os
import sys
import types
from typing import Any, Callable

from prewarm._audit import ignore, listen
from prewarm._run_counters import RunCounters

_abspath = os.path.abspath
_fsdecode = os.fsdecode
_get_ident = _thread.get_ident
_source_from_cache = importlib.util.source_from_cache
#: What tells one live object from all others, as `id` does, which every audit hook in the process is told of.
identity: Callable[[object], int] = object.__hash__

_EVENTS = frozenset(("exec", "object.__getattr__", "open", "sys._getframe"))
#: Who does this can come to know any code or line: nothing is patched then.
_SEES_ALL = frozenset(
    (
        "gc.get_objects",
        "gc.get_referents",
        "gc.get_referrers",
        "sys._current_frames",
        "sys.monitoring.register_callback",
        "sys.setprofile",
        "sys.settrace",
    )
)
#: Whatever is started can call any function, and nobody here sees it.
_STARTS = frozenset(
    ("os.exec", "os.fork", "os.forkpty", "os.posix_spawn", "os.system", "subprocess.Popen")
)
#: Programs that tell something of the machine or of the repository, which installed packages like to ask while importing.
_HARMLESS_PROGRAMS = frozenset(
    "uname ldconfig gcc cc ld objdump file lscpu git hostname getconf locale sysctl nproc id".split()
)
#: Questions for a file that do not tell its time or size.
_ASKS_PRESENCE = frozenset(
    "exists isfile isdir islink lexists ismount samefile realpath _joinrealpath is_file is_dir is_symlink".split()
)
_CODE = types.CodeType
_FUNCTION = inspect.CO_OPTIMIZED | inspect.CO_NEWLOCALS
_OWN_FOLDER = os.path.dirname(os.path.abspath(__file__)) + os.sep
_TOOL = "prewarm"
_HAS_MONITORING = sys.version_info >= (3, 12)

#: Who reads a function's code and takes from it what no patch changes: flags, names and numbers of arguments, the file.
_HARMLESS_READERS = frozenset(
    (
        ("inspect", "_signature_from_function"),
        ("inspect", "_has_code_flag"),
        ("inspect", "getfile"),
        ("pluggy._hooks", "varnames"),
    )
)
#: Of the standard library, these want to know lines of the frames that they ask for; others want names and namespaces.
_LINE_READERS = frozenset(
    "traceback inspect logging warnings pdb bdb trace unittest asyncio".split()
)
_NAMESPACE_READERS = frozenset(
    "collections enum typing abc functools dataclasses types string random threading decimal _pytest pluggy prewarm "
    "importlib _frozen_importlib _frozen_importlib_external typing_extensions pydantic".split()
)
#: What opens a file for others.
_PASSED_ON_BY = frozenset(
    "io tokenize codecs pathlib pathlib._local _frozen_importlib_external".split()
)


class CodeWatch:
    """Notes of each file of the project what stands against replacing its code."""

    def __init__(self, is_library: Callable[[str], bool]) -> None:
        self._is_library = is_library
        self._is_project: dict[str, bool] = {}
        #: The module codes that were executed, by file. Held: the codes inside of them are told apart by their identity.
        self.executed: dict[str, list[types.CodeType]] = {}
        #: Code that was looked into, and by whom.
        self._read: dict[int, tuple[types.CodeType, str]] = {}
        #: Files whose text was read as such, or whose line numbers somebody may know, and by whom.
        self.texts_read: dict[str, str] = {}
        self.lines_read: dict[str, str] = {}
        #: Who may have seen everything.
        self.saw_all: str | None = None
        #: Whether other processes were started that may have written anything.
        self.has_started_processes = False
        #: By the identity of the code, which is held.
        self._called: dict[int, types.CodeType] = {}
        #: Module codes of which functions were swapped in.
        self.swapped: list[types.CodeType] = []
        self._tool: int | None = None
        #: The events that make a function tell of itself.
        self.wanted = 0
        #: Whether everything is noted; not any more where a test may have run or something was patched.
        self.is_on = False
        #: Told the file of each module code that is about to run for the first time.
        self.on_first_execution: Callable[[str], None] = lambda _: None
        #: Threads that are in this hook just now: what it does itself is not noted.
        self._busy: set[int] = set()

    def install(self) -> None:
        self.is_on = True
        if _HAS_MONITORING:
            self._take_tool()
        listen(_EVENTS | _SEES_ALL | _STARTS, self._audit)

    def stop(self) -> None:
        """No more notes: what follows is the program's own run."""
        self.is_on = False
        ignore(self._audit)

    def reader_of(self, code: types.CodeType) -> str | None:
        """Who looked into this code."""
        known = self._read.get(identity(code))
        return None if known is None else known[1]

    def was_called(self, code: types.CodeType, counters: RunCounters) -> bool:
        """Whether it was executed, or nobody can tell."""
        if _HAS_MONITORING:
            return not self._is_armed(code) or identity(code) in self._called
        return counters.has_run(code) is not False

    def holds(self, code: types.CodeType) -> bool:
        """Whether it is held here, because it was executed."""
        return identity(code) in self._called

    def called(self) -> list[types.CodeType]:
        """What was executed up to now, as far as Python 3.12 and later tell."""
        return list(self._called.values())

    def has_tool(self) -> bool:
        """Whether our number in `sys.monitoring` is still ours."""
        if self._tool is None:
            return False
        monitoring: Any = sys.monitoring  # type: ignore[attr-defined, unused-ignore]
        return bool(monitoring.get_tool(self._tool) == _TOOL)

    @property
    def tool(self) -> int | None:
        """Our number in `sys.monitoring`, or None where there is none."""
        return self._tool

    def _audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event == "object.__getattr__" and arguments[1] != "__code__":
            return
        thread = _get_ident()
        if thread in self._busy:
            return
        self._busy.add(thread)
        try:
            if event == "exec":
                self._note_execution(arguments[0])
            elif event == "open":
                self._note_text(arguments[0], sys._getframe(2))
            elif event == "sys._getframe":
                self._note_frames(sys._getframe(2))
            elif event == "object.__getattr__":
                self._note_read(arguments[0], sys._getframe(2))
            else:
                frame: Any = sys._getframe(2)
                if frame.f_globals.get("__name__") == "prewarm._frozen_heap":
                    # It stands in for `gc`.
                    frame = frame.f_back
                module = str(frame.f_globals.get("__name__", ""))
                if event in _STARTS and _is_harmless_program(event, arguments):
                    return
                if not module.startswith("prewarm."):
                    self.has_started_processes |= event in _STARTS
                    self.saw_all = f"{module or 'the program'} ({event})"
        finally:
            self._busy.discard(thread)

    def _note_execution(self, code: Any) -> None:
        if type(code) is not _CODE or not self.belongs(code.co_filename):
            return
        executed = self.executed.setdefault(code.co_filename, [])
        # One that was executed twice is never patched.
        if len(executed) < 2:
            executed.append(code)
            if len(executed) == 1:
                self.on_first_execution(code.co_filename)
                if self._tool is not None:
                    self._arm(code)

    def _note_read(self, owner: Any, frame: types.FrameType) -> None:
        code = owner.__code__
        if self.belongs(code.co_filename):
            module = str(frame.f_globals.get("__name__", ""))
            if (module, frame.f_code.co_name) not in _HARMLESS_READERS:
                self._read.setdefault(identity(code), (code, module))

    def _note_frames(self, reader: types.FrameType) -> None:
        """Somebody asked for a frame, from which line numbers can be read of all that it was called by."""
        if reader.f_code.co_name == "currentframe" and reader.f_back is not None:
            # It is `inspect` that asks, on behalf of whoever called it.
            reader = reader.f_back
        module = str(reader.f_globals.get("__name__", ""))
        package = module.partition(".")[0]
        if package in _NAMESPACE_READERS:
            return
        is_library = package not in _LINE_READERS and not self.belongs(reader.f_code.co_filename)
        frame: types.FrameType | None = reader
        while frame is not None:
            is_caller = str(frame.f_globals.get("__name__", "")).partition(".")[0] != package
            if self.belongs(frame.f_code.co_filename):
                self.lines_read.setdefault(frame.f_code.co_filename, module)
            if is_library and is_caller:
                # A library looks for whoever has called it, and no further.
                return
            frame = frame.f_back

    def _note_text(self, path: Any, reader: types.FrameType) -> None:
        try:
            name = _abspath(_fsdecode(path))
        except (TypeError, ValueError, OSError):
            return
        if name.endswith(".pyc"):
            name = _source_of(name)
        elif not name.endswith(".py"):
            return
        if _is_import(reader):
            return
        frame: types.FrameType | None = reader
        while frame is not None and frame.f_globals.get("__name__") in _PASSED_ON_BY:
            frame = frame.f_back
        module = "" if frame is None else str(frame.f_globals.get("__name__", ""))
        self.texts_read.setdefault(name, module)

    def note_stat(self, path: str, asker: types.FrameType) -> None:
        """The program has asked for the status of a file: it may know its time, which an import would give it anew."""
        if path.endswith(".py") and asker.f_code.co_name not in _ASKS_PRESENCE:
            self.texts_read.setdefault(path, str(asker.f_globals.get("__name__", "")))

    def belongs(self, file: str) -> bool:
        known = self._is_project.get(file)
        if known is None:
            known = not (file.startswith(("<", _OWN_FOLDER)) or self._is_library(_abspath(file)))
            self._is_project[file] = known
        return known

    def _take_tool(self) -> None:
        monitoring: Any = sys.monitoring  # type: ignore[attr-defined, unused-ignore]
        free = [tool for tool in (4, 3) if monitoring.get_tool(tool) is None]
        if not free:
            return
        called, disable = self._called, monitoring.DISABLE

        def on_call(code: types.CodeType, offset: int) -> Any:
            called[identity(code)] = code
            return disable

        self._tool = free[0]
        # Only what is resumed ever has the second event, and nobody wants that before the tip.
        self.wanted = monitoring.events.PY_START | monitoring.events.PY_RESUME
        monitoring.use_tool_id(self._tool, _TOOL)
        monitoring.register_callback(self._tool, monitoring.events.PY_START, on_call)

    def _arm(self, module: types.CodeType) -> None:
        monitoring: Any = sys.monitoring  # type: ignore[attr-defined, unused-ignore]
        set_events, tool, wanted = monitoring.set_local_events, self._tool, self.wanted
        for code in functions_in(module):
            set_events(tool, code, wanted)

    def _is_armed(self, code: types.CodeType) -> bool:
        monitoring: Any = sys.monitoring  # type: ignore[attr-defined, unused-ignore]
        return self.has_tool() and bool(
            monitoring.get_local_events(self._tool, code) & monitoring.events.PY_START
        )

    def other_tools(self) -> bool:
        """Whether a debugger, a profiler or coverage watches the program: what they noted has the old lines."""
        if sys.gettrace() is not None or sys.getprofile() is not None:
            return True
        if not _HAS_MONITORING:
            return False
        monitoring: Any = sys.monitoring  # type: ignore[attr-defined, unused-ignore]
        tools = (monitoring.get_tool(each) for each in range(6))
        return any(tool is not None and tool != _TOOL for tool in tools)


def functions_in(module: types.CodeType) -> list[types.CodeType]:
    """All functions in a module's code."""
    found = []
    pending = [module]
    while pending:
        code = pending.pop()
        if _CODE in map(type, code.co_consts):
            pending += [each for each in code.co_consts if type(each) is _CODE]
        if code.co_flags & _FUNCTION == _FUNCTION:
            found.append(code)
    return found


def _is_import(reader: types.FrameType) -> bool:
    """Whether a module is being imported, by Python itself or by pytest, and nobody else wants its text."""
    module = str(reader.f_globals.get("__name__", ""))
    if module == "pathlib" or module.startswith("pathlib."):
        return _is_pytest(reader)
    if not module.startswith(("_frozen_importlib", "importlib._bootstrap")):
        return module.startswith("_pytest.assertion")
    frame: types.FrameType | None = reader
    while frame is not None and str(frame.f_globals.get("__name__", "")).startswith(
        ("_frozen_importlib", "importlib._bootstrap")
    ):
        if frame.f_code.co_name == "exec_module":
            return True
        frame = frame.f_back
    return False


def _is_pytest(reader: types.FrameType) -> bool:
    frame: types.FrameType | None = reader
    while frame is not None and str(frame.f_globals.get("__name__", "")).startswith("pathlib"):
        frame = frame.f_back
    return frame is not None and str(frame.f_globals.get("__name__", "")).startswith(
        "_pytest.assertion"
    )


def _is_harmless_program(event: str, arguments: tuple[Any, ...]) -> bool:
    if event not in ("subprocess.Popen", "os.posix_spawn") or not arguments:
        return False
    try:
        name = os.path.basename(_fsdecode(arguments[0]))
    except TypeError:
        return False
    return name in _HARMLESS_PROGRAMS


def _source_of(path: str) -> str:
    try:
        return _source_from_cache(path)
    except ValueError:
        return path
