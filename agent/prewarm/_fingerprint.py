"""What a source file compiles to, in hashes: one for all that importing it executes, and one for each function body.

Runs in the source reader. Line numbers, comments and formatting do not count. What the world outside of a function can
see of it before it is called (its arguments, flags and docstring) belongs to the code around it.
"""

from __future__ import annotations

import dis
import hashlib
import inspect
import sys
import types
from typing import Any

_CODE = types.CodeType
_FUNCTION = inspect.CO_OPTIMIZED | inspect.CO_NEWLOCALS
#: Since 3.14 a flag says that the first constant is a docstring.
_HAS_DOCSTRING: int = getattr(inspect, "CO_HAS_DOCSTRING", 0)
#: These run as part of the function around them, or are asked for what it shows.
_PARTS = ("<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>", "__annotate__")
_IS_CLASS_NUMBERED = sys.version_info >= (3, 13)


def fingerprint(module: types.CodeType) -> tuple[str, dict[str, str]]:
    """The hash of the module level, and that of each function by its qualified name.

    Functions of one name have one hash: which of them ran is not told apart.
    """
    functions: dict[str, list[str]] = {}
    outside = _digest(module, "", functions)
    return outside, {name: _hash("\n".join(found)) for name, found in functions.items()}


def _digest(code: types.CodeType, outer: str, functions: dict[str, list[str]]) -> str:
    """Hashes what this code does; functions inside of it are added by themselves, and count here as they show."""

    def shown(constant: Any) -> Any:
        if type(constant) is _CODE:
            return _inner(constant, outer, functions)
        if type(constant) is frozenset:
            return "frozenset", sorted(map(repr, constant))
        return type(constant).__name__, repr(constant)

    does: Any
    if _IS_CLASS_NUMBERED and _is_class(code):
        does = _steps(code, shown)
    else:
        does = (code.co_code, [shown(each) for each in code.co_consts])
    table = getattr(code, "co_exceptiontable", b"")
    names = (code.co_names, code.co_varnames, code.co_cellvars, code.co_freevars)
    return _hash(repr((names, code.co_stacksize, table, does)))


def _inner(code: types.CodeType, outer: str, functions: dict[str, list[str]]) -> Any:
    name = _qualified(code, outer)
    if _is_class(code):
        return "class", code.co_name, _digest(code, name, functions)
    if code.co_name in _PARTS:
        return "part", code.co_name, code.co_flags, _digest(code, outer, functions)
    functions.setdefault(name, []).append(_digest(code, name, functions))
    return (
        "function",
        code.co_name,
        code.co_flags,
        code.co_freevars,
        _arguments(code),
        _docstring(code),
    )


def _qualified(code: types.CodeType, outer: str) -> str:
    known: str | None = getattr(code, "co_qualname", None)
    if known is not None:
        return known
    return f"{outer}.{code.co_name}" if outer else code.co_name


def _is_class(code: types.CodeType) -> bool:
    return code.co_flags & _FUNCTION != _FUNCTION


def _arguments(code: types.CodeType) -> tuple[Any, ...]:
    counts = (code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount)
    count = code.co_argcount + code.co_kwonlyargcount
    count += bool(code.co_flags & inspect.CO_VARARGS) + bool(code.co_flags & inspect.CO_VARKEYWORDS)
    return counts, code.co_varnames[:count]


def _docstring(code: types.CodeType) -> str | None:
    if _HAS_DOCSTRING and not code.co_flags & _HAS_DOCSTRING:
        return None
    first = code.co_consts[0] if code.co_consts else None
    return first if type(first) is str else None


def _steps(code: types.CodeType, shown: Any) -> list[Any]:
    """Since 3.13 a class stores its own line, and the attributes that its methods set in any order."""
    steps: list[Any] = []
    for each in dis.get_instructions(code):
        if each.opname == "STORE_NAME" and each.argval == "__firstlineno__":
            steps[-1] = "its own line"
        elif each.opname == "STORE_NAME" and each.argval == "__static_attributes__":
            steps[-1] = "its attributes"
        if each.opcode in dis.hasconst or each.opname == "LOAD_SMALL_INT":
            steps.append(("constant", shown(each.argval)))
        else:
            steps.append((each.opname, each.arg))
    return steps


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
