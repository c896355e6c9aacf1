"""Replaces the code of edited functions where that is provably the same as importing their modules again.

Runs in a fork of a tip into which nothing was patched before. First everything is proved, for all files; only then something is
swapped. One doubt is a refusal with its reason, and the daemon resumes a checkpoint instead.
"""

from __future__ import annotations

import functools
import gc
import importlib.machinery
import linecache
import os
import sys
import sysconfig
import types
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from prewarm._code_watch import CodeWatch
from prewarm._patch_rules import Comparison, Pair, compare, compile_as_imported
from prewarm._run_counters import RunCounters
from prewarm._signature import signature_with

_stat = os.stat
_samefile = os.path.samefile
_basename = os.path.basename
_get_referents = gc.get_referents
_get_referrers = gc.get_referrers
_freeze = gc.freeze
_unfreeze = gc.unfreeze
_getrefcount = sys.getrefcount

_CODE = types.CodeType
_FUNCTION = types.FunctionType
_LOADER = importlib.machinery.SourceFileLoader
_SOURCE_TO_CODE = _LOADER.source_to_code
#: What may stand between a module and its functions; behind anything else the whole heap is searched.
_PASSED_THROUGH = (
    dict,
    list,
    tuple,
    types.CellType,
    types.MappingProxyType,
    staticmethod,
    classmethod,
    property,
    functools.partial,
    functools.cached_property,
    type(functools.lru_cache(len)),
)
_HAS_CLASS_LINES = sys.version_info >= (3, 13)
_MOST_SEARCHED = 20_000


class Refused(Exception):
    """Why an edit is not patched; `kind` and `what` say what it is all the same."""

    def __init__(self, path: str, kind: str, what: str, reason: str) -> None:
        super().__init__(reason)
        self.path = path
        self.kind = kind
        self.what = what

    def facts(self) -> dict[str, str]:
        return {"path": self.path, "class": self.kind, "what": self.what, "reason": str(self)}


class Edit(NamedTuple):
    """One file, proved."""

    path: str
    name: str
    #: As the file was when it was read, in the form of an event of the timeline.
    signature: list[Any]
    comparison: Comparison
    #: The functions that hold each code, by the code's identity.
    holders: dict[int, list[types.FunctionType]]
    #: Classes that get another line, with that line.
    classes: list[tuple[type, int]]

    def facts(self) -> dict[str, Any]:
        """What the daemon is told; `functions` counts those that do something else now."""
        kind, what, pairs = self.comparison
        changed = sum(pair.is_changed for pair in pairs)
        return {"path": self.path, "class": kind, "what": what, "functions": changed}


def prove(paths: Sequence[str], watch: CodeWatch, warned: set[str]) -> list[Edit]:
    """What is to be swapped for each file; raises Refused. `warned` are files to which recorded warnings point."""
    if not watch.is_on:
        raise Refused(
            paths[0], "structural", "edited", "patches are not applied to what was patched"
        )
    # What is looked at from here on is looked at by us.
    watch.stop()
    with RunCounters() as counters:
        return [_prove_file(path, watch, counters, warned) for path in paths]


def swap(edits: Iterable[Edit]) -> None:
    """From here on the functions do what their files say now."""
    for edit in edits:
        for pair in edit.comparison.pairs:
            for function in edit.holders.get(id(pair.old), ()):
                function.__code__ = pair.new
        for cls, line in edit.classes:
            type.__setattr__(cls, "__firstlineno__", line)
        # Whoever asks for the text of a line gets it from the file as it is now.
        if len(linecache.cache.get(edit.path, ())) > 1:
            del linecache.cache[edit.path]


def _prove_file(path: str, watch: CodeWatch, counters: RunCounters, warned: set[str]) -> Edit:
    content, status = _read(path)
    _check_executed_once(path, watch)
    module = _module_of(path)
    new, fault = compile_as_imported(content, path)
    if new is None:
        raise Refused(path, "broken" if fault == "does not parse" else "structural", fault, fault)
    # Not kept in a variable: the references to it are counted later on.
    comparison = compare(watch.executed[path][0], new)
    kind, what = comparison.kind, comparison.what
    if kind == "structural":
        raise Refused(path, kind, what, what)
    fault = _why_not_live(path, comparison, watch, counters, warned)
    if fault:
        raise Refused(path, kind, what, fault)
    holders, fault = _find_holders(module, comparison.pairs, watch)
    if fault:
        raise Refused(path, kind, what, fault)
    classes = _find_classes(module, comparison.pairs)
    if classes is None:
        raise Refused(path, kind, what, "a class whose line changes cannot be found")
    return Edit(
        path, module.__name__, signature_with(status, content), comparison, holders, classes
    )


def _read(path: str) -> tuple[bytes, os.stat_result]:
    try:
        before = _stat(path)
        with open(path, "rb") as file:
            content = file.read()
        after = _stat(path)
    except OSError as error:
        raise Refused(path, "structural", "cannot be read", str(error)) from None
    if _version(before) != _version(after):
        raise Refused(path, "structural", "is being written", "it changed while it was read")
    return content, after


def _version(status: os.stat_result) -> tuple[int, ...]:
    return status.st_mtime_ns, status.st_size, status.st_ino, status.st_ctime_ns


def _check_executed_once(path: str, watch: CodeWatch) -> None:
    executed = watch.executed.get(path, [])
    name = _basename(path)
    alike = [each for each in watch.executed if each.endswith(name) and each != path]
    others = [each for each in alike if _is_same_file(each, path)]
    if len(executed) != 1 or others:
        count = "not" if not executed else "more than once"
        raise Refused(path, "structural", "edited", f"it was {count} executed under this path")


def _module_of(path: str) -> types.ModuleType:
    found = [
        module
        for module in list(sys.modules.values())
        if type(module) is types.ModuleType and module.__dict__.get("__file__") == path
    ]
    if len({id(module) for module in found}) != 1:
        raise Refused(path, "structural", "edited", "its module is not the one in sys.modules")
    [module] = found[:1]
    loader = getattr(module.__dict__.get("__spec__"), "loader", None)
    if type(loader) is not _LOADER or _LOADER.source_to_code is not _SOURCE_TO_CODE:
        raise Refused(path, "structural", "edited", f"it is loaded by {type(loader).__name__}")
    return module


def _why_not_live(
    path: str,
    comparison: Comparison,
    watch: CodeWatch,
    counters: RunCounters,
    warned: set[str],
) -> str:
    """What has happened before the tip that another code would have changed."""
    if getattr(sys.implementation, "name", "") != "cpython" or sysconfig.get_config_var(
        "Py_GIL_DISABLED"
    ):
        return "this interpreter does not tell who holds an object"
    if watch.saw_all is not None:
        return f"{watch.saw_all} may have seen or called it"
    if watch.other_tools():
        return "coverage, a profiler or a debugger follows the program"
    for pair in comparison.pairs:
        reader = watch.reader_of(pair.old)
        if reader is not None:
            return f"{reader} has looked into the code of {pair.name}"
        if pair.is_changed and watch.was_called(pair.old, counters):
            return f"{pair.name} was called before the first test"
    for text, reader in watch.texts_read.items():
        if _is_same_file(text, path):
            return f"{reader} has read its text"
    if any(pair.is_moved for pair in comparison.pairs):
        if path in watch.lines_read:
            return f"{watch.lines_read[path]} may have read line numbers of it"
        if path in warned:
            return "a warning names one of its lines"
    return ""


def _find_holders(
    module: types.ModuleType, pairs: tuple[Pair, ...], watch: CodeWatch
) -> tuple[dict[int, list[types.FunctionType]], str]:
    """All functions that hold these codes; or why they are not all that holds them."""
    inside = _references_inside(pairs)
    for pair in pairs:
        inside[id(pair.old)] += watch.holds(pair.old)
    wanted = {id(pair.old) for pair in pairs}
    holders: dict[int, list[types.FunctionType]] = {each: [] for each in wanted}
    _search_module(module, holders)
    missing = [pair for pair in pairs if _is_held_elsewhere(pair, inside, holders)]
    if missing:
        _search_heap([pair.old for pair in missing], holders)
        missing = [pair for pair in missing if _is_held_elsewhere(pair, inside, holders)]
    if not missing:
        return holders, ""
    name = missing[0].name or "the module"
    return holders, f"something else than a function holds the code of {name}"


def _references_inside(pairs: tuple[Pair, ...]) -> dict[int, int]:
    """How often the codes themselves hold each of these codes; the module's own is held by the list of what was executed."""
    counts = {id(pairs[0].old): 1} if pairs else {}
    pending = [pairs[0].old] if pairs else []
    while pending:
        for each in pending.pop().co_consts:
            if type(each) is _CODE:
                counts[id(each)] = counts.get(id(each), 0) + 1
                pending.append(each)
    return counts


def _is_held_elsewhere(
    pair: Pair, inside: dict[int, int], holders: dict[int, list[types.FunctionType]]
) -> bool:
    known = inside[id(pair.old)] + len(holders[id(pair.old)])
    return _references(pair) - _OVERHEAD != known


def _references(pair: Pair) -> int:
    return _getrefcount(pair.old)


def _measure_overhead() -> int:
    """What counting itself adds: a code that is held by one other and by one function, in a pair like all others."""
    space: dict[str, Any] = {}
    outer = compile("def probe(): pass\n", "<prewarm>", "exec")
    exec(outer, space)
    pair = Pair(space["probe"].__code__, outer, "", False)
    return _references(pair) - 2


_OVERHEAD = _measure_overhead()


def _search_module(module: types.ModuleType, holders: dict[int, list[types.FunctionType]]) -> None:
    """Looks where functions usually are: in the module, its classes, decorators and closures."""
    pending: list[Any] = [module.__dict__]
    seen: set[int] = set()
    name = module.__dict__.get("__name__")
    while pending and len(seen) < _MOST_SEARCHED:
        thing = pending.pop()
        if id(thing) in seen:
            continue
        seen.add(id(thing))
        kind = type(thing)
        if kind is _FUNCTION:
            _add_holder(thing, holders)
            if thing.__globals__ is not module.__dict__:
                seen.add(id(thing.__globals__))
        elif isinstance(thing, type):
            if type.__dict__["__dict__"].__get__(thing).get("__module__") != name:
                continue
        elif kind not in _PASSED_THROUGH:
            continue
        pending += [each for each in _get_referents(thing) if type(each) is not types.ModuleType]


def _search_heap(codes: list[types.CodeType], holders: dict[int, list[types.FunctionType]]) -> None:
    """Looks everywhere. The heap is frozen at a tip, and frozen objects have no referrers."""
    known = {id(each) for functions in holders.values() for each in functions}
    _unfreeze()
    try:
        for each in _get_referrers(*codes):
            if type(each) is _FUNCTION and id(each) not in known:
                known.add(id(each))
                _add_holder(each, holders)
    finally:
        _freeze()


def _add_holder(function: types.FunctionType, holders: dict[int, list[types.FunctionType]]) -> None:
    found = holders.get(id(function.__code__))
    if found is not None:
        found.append(function)


def _find_classes(
    module: types.ModuleType, pairs: tuple[Pair, ...]
) -> list[tuple[type, int]] | None:
    """Since Python 3.13 a class knows its line: those that get another one. None where one of them is not found."""
    if not _HAS_CLASS_LINES:
        return []
    moved = {
        (pair.old.co_name, pair.old.co_firstlineno): pair.new.co_firstlineno
        for pair in pairs
        if pair.is_class and pair.old.co_firstlineno != pair.new.co_firstlineno
    }
    if not moved:
        return []
    found: list[tuple[type, int]] = []
    names = set()
    for cls in _all_classes():
        space = type.__dict__["__dict__"].__get__(cls)
        key = (cls.__name__, space.get("__firstlineno__"))
        if key in moved and space.get("__module__") == module.__name__:
            found.append((cls, moved[key]))
            names.add(key)
    return found if names == moved.keys() else None


def _all_classes() -> list[type]:
    seen: dict[int, type] = {id(object): object}
    pending: list[type] = [object]
    while pending:
        subclasses: list[type] = type.__subclasses__(pending.pop())
        for each in subclasses:
            if id(each) not in seen:
                seen[id(each)] = each
                pending.append(each)
    return list(seen.values())


def _is_same_file(one: str, other: str) -> bool:
    if one == other:
        return True
    if _basename(one) != _basename(other):
        return False
    try:
        return _samefile(one, other)
    except OSError:
        return False
