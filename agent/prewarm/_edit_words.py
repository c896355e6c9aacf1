"""What an edit outside of functions changes, in words. Runs in a patched child; what it says decides nothing."""

from __future__ import annotations

import dis
import types

_CODE = types.CodeType
_STORES = frozenset(("STORE_NAME", "STORE_GLOBAL"))


def describe_module_edit(old: types.CodeType, new: types.CodeType) -> str:
    """The first name of the module whose making differs: "constant RATE", "new function tax()", "import of json"."""
    ours, theirs = _statements(old), _statements(new)
    known, wanted = {name for name, _ in ours}, {name for name, _ in theirs}
    for name, steps in theirs:
        if name not in known:
            return f"new {_kind(name, steps)}"
    for name, steps in ours:
        if name not in wanted:
            return f"{_kind(name, steps)} removed"
    for (name, steps), (_, others) in zip(ours, theirs):
        if steps != others:
            kind = _kind(name, others)
            return f"signature of {name}()" if kind.startswith("function") else kind
    return "module level"


def _statements(code: types.CodeType) -> list[tuple[str, tuple[tuple[str, str], ...]]]:
    """The names that the module stores, each with the instructions that lead to it."""
    found = []
    steps: list[tuple[str, str]] = []
    for each in dis.get_instructions(code):
        value = each.argval
        is_code = type(value) is _CODE
        steps.append((each.opname, f"code {value.co_name}" if is_code else repr(value)))
        if each.opname in _STORES:
            found.append((str(value), tuple(steps)))
            steps = []
    return found


def _kind(name: str, steps: tuple[tuple[str, str], ...]) -> str:
    operations = {operation for operation, _ in steps}
    if "IMPORT_NAME" in operations or "IMPORT_FROM" in operations:
        return f"import of {name}"
    if "LOAD_BUILD_CLASS" in operations:
        return f"class {name}"
    if any(value == f"code {name}" for _, value in steps):
        return f"function {name}()"
    # What ends one import comes before the next statement.
    if any(operation == "POP_TOP" for operation, _ in steps[1:]):
        return "module level"
    return f"constant {name}"
