"""Compares two versions of a module as this interpreter compiles them: what an edit changes, and which code takes the place of which.

Runs in a patched child and in tests; knows nothing of what is loaded. Replacing code objects can only be the same as importing again if
importing would do the same: the code of the module and of its classes has to be equal when the functions in it and their
line numbers are left aside. Everything that is not proved here is structural.
"""

from __future__ import annotations

import dis
import inspect
import sys
import types
import warnings
from typing import Any, NamedTuple

from prewarm._edit_words import describe_module_edit

_CODE = types.CodeType
_FUNCTION = inspect.CO_OPTIMIZED | inspect.CO_NEWLOCALS
#: Since 3.14 a flag says that the first constant is a docstring.
_HAS_DOCSTRING: int = getattr(inspect, "CO_HAS_DOCSTRING", 0)

#: What has to be equal for two codes to do the same, beside the constants.
_DOES = (
    "co_code",
    "co_names",
    "co_varnames",
    "co_cellvars",
    "co_exceptiontable",
    "co_stacksize",
    "co_nlocals",
)
#: What the world outside of a function knows of it before it is called.
_SHOWS = (
    "co_name",
    "co_qualname",
    "co_flags",
    "co_freevars",
    "co_argcount",
    "co_posonlyargcount",
    "co_kwonlyargcount",
)
#: Part of the function around them for everybody but the interpreter; since Python 3.12 for that too.
_COMPREHENSIONS = frozenset(("<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>"))
_LINES = ("co_firstlineno", "co_linetable" if sys.version_info >= (3, 10) else "co_lnotab")


class Pair(NamedTuple):
    """A code object, and what takes its place."""

    old: types.CodeType
    new: types.CodeType
    #: As a person knows it: "discount()", "Order.total()".
    name: str
    #: Whether it does something else; otherwise only its line numbers, or functions inside it, are others.
    is_changed: bool

    @property
    def is_class(self) -> bool:
        return not self.old.co_flags & _FUNCTION and self.old.co_name != "<module>"

    @property
    def is_moved(self) -> bool:
        """Whether its line numbers are others."""
        return any(getattr(self.old, each) != getattr(self.new, each) for each in _LINES)


class Comparison(NamedTuple):
    """`kind` is same, cosmetic, body, structural or broken; `what` says so in words."""

    kind: str
    what: str
    #: Outer code before inner; the first is the module's own. Empty unless kind is cosmetic or body.
    pairs: tuple[Pair, ...] = ()


def compile_as_imported(content: bytes, path: str) -> tuple[types.CodeType | None, str]:
    """The module's code as an import compiles it; None and the reason where it does not compile in silence."""
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        try:
            code = compile(content, path, "exec", dont_inherit=True, optimize=-1)
        except (SyntaxError, ValueError):
            return None, "does not parse"
        except (RecursionError, MemoryError) as error:
            return None, f"does not compile ({type(error).__name__})"
    if said:
        return None, f"compiles with a {said[0].category.__name__}"
    return code, ""


def compare(old: types.CodeType, new: types.CodeType) -> Comparison:
    """What the edit changes, of one module's code."""
    pairs: list[Pair] = []
    fault = _compare(old, new, "", pairs)
    if fault:
        return Comparison("structural", fault)
    if not pairs:
        return Comparison("same", "")
    changed = list(dict.fromkeys(pair.name for pair in pairs if pair.is_changed))
    if not changed:
        return Comparison("cosmetic", "comments only", tuple(pairs))
    more = f" and {len(changed) - 1} more" if len(changed) > 1 else ""
    return Comparison("body", f"body of {changed[0]}{more}", tuple(pairs))


def _compare(old: types.CodeType, new: types.CodeType, outer: str, pairs: list[Pair]) -> str:
    """Adds the pairs of this code and of what is in it, as far as they differ; returns why they cannot replace each other, or nothing."""
    name = _name_within(outer, old)
    is_function = old.co_flags & _FUNCTION == _FUNCTION
    shows = next((each for each in _SHOWS if _of(old, each) != _of(new, each)), None)
    if shows is not None or _arguments(old) != _arguments(new):
        return f"signature of {name}" if is_function else _describe_outside(name, old, new)
    if _docstring(old) != _docstring(new):
        return f"docstring of {name}"
    inner = _inner_codes(old, new)
    if inner is None and not is_function and name and sys.version_info >= (3, 13):
        inner = _inner_codes_of_class(old, new)
    if inner is not None:
        pair, place = Pair(old, new, name, False), len(pairs)
        for one, other in inner:
            fault = _compare(one, other, name, pairs)
            if fault:
                return fault
        if pair.is_moved or len(pairs) > place:
            pairs.insert(place, pair)
        return ""
    if not is_function:
        return _describe_outside(name, old, new)
    if old.co_name == "__annotate__":
        return f"annotations of {name}"
    pairs.append(Pair(old, new, name, True))
    return ""


def _inner_codes(
    old: types.CodeType, new: types.CodeType
) -> list[tuple[types.CodeType, types.CodeType]] | None:
    """The codes inside of both, where both do the same as long as those do; else None."""
    if any(_of(old, each) != _of(new, each) for each in _DOES):
        return None
    if len(old.co_consts) != len(new.co_consts):
        return None
    inner = []
    for one, other in zip(old.co_consts, new.co_consts):
        if type(one) is _CODE and type(other) is _CODE:
            inner.append((one, other))
        elif not is_same_constant(one, other):
            return None
    return inner


def _inner_codes_of_class(
    old: types.CodeType, new: types.CodeType
) -> list[tuple[types.CodeType, types.CodeType]] | None:
    """The same for a class body since 3.13, which stores its own line, and the attributes that methods set in any order."""
    names = ("co_names", "co_varnames", "co_cellvars", "co_exceptiontable")
    if any(_of(old, each) != _of(new, each) for each in names):
        return None
    ours, theirs = _steps(old), _steps(new)
    if len(ours) != len(theirs):
        return None
    inner = []
    for (step, one), (other_step, other) in zip(ours, theirs):
        if step != other_step:
            return None
        if type(one) is _CODE and type(other) is _CODE:
            inner.append((one, other))
        elif not is_same_constant(one, other):
            return None
    return inner


def _steps(code: types.CodeType) -> list[tuple[Any, Any]]:
    """Each instruction, and the constant that it loads: the same constant can have another number."""
    steps: list[tuple[Any, Any]] = []
    for each in dis.get_instructions(code):
        if each.opname == "STORE_NAME" and each.argval == "__firstlineno__":
            steps[-1] = ("its own line", None)
        elif each.opname == "STORE_NAME" and each.argval == "__static_attributes__":
            steps[-1] = ("its attributes", tuple(sorted(steps[-1][1])))
        is_constant = each.opcode in dis.hasconst
        steps.append((each.opname, each.argval) if is_constant else ((each.opname, each.arg), None))
    return steps


def is_same_constant(one: Any, other: Any) -> bool:
    """Whether no program can tell these constants apart: 1 is not True, and 0.0 is not -0.0."""
    kind = type(one)
    if kind is not type(other):
        return False
    if kind in (tuple, frozenset):
        # A set in another order can be gone through in another order.
        return len(one) == len(other) and all(map(is_same_constant, one, other))
    if kind in (float, complex):
        return repr(one) == repr(other)
    if kind in (int, str, bytes, bool, type(None), type(...)):
        return bool(one == other)
    return False


def _of(code: types.CodeType, attribute: str) -> Any:
    return getattr(code, attribute, None)


def _arguments(code: types.CodeType) -> tuple[str, ...]:
    count = code.co_argcount + code.co_kwonlyargcount
    count += bool(code.co_flags & inspect.CO_VARARGS) + bool(code.co_flags & inspect.CO_VARKEYWORDS)
    return code.co_varnames[:count]


def _docstring(code: types.CodeType) -> Any:
    """What the function gets as its docstring; a class or module stores its own by itself."""
    if code.co_flags & _FUNCTION != _FUNCTION or (
        _HAS_DOCSTRING and not code.co_flags & _HAS_DOCSTRING
    ):
        return None
    first = code.co_consts[0] if code.co_consts else None
    return first if type(first) is str else None


def _name_within(outer: str, code: types.CodeType) -> str:
    if code.co_name == "<module>":
        return ""
    own = code.co_name
    if outer and own in _COMPREHENSIONS:
        return outer
    if code.co_flags & _FUNCTION == _FUNCTION and not own.startswith("<"):
        own += "()"
    if not outer:
        return own
    return f"{own} in {outer}" if outer.endswith(")") or own.startswith("<") else f"{outer}.{own}"


def _describe_outside(name: str, old: types.CodeType, new: types.CodeType) -> str:
    return f"class body of {name}" if name else describe_module_edit(old, new)
