"""Which other files a source file refers to, as its text says it: imports anywhere in it, and names in strings.

Runs in the source reader. The text and not the event is read, because a module that somebody else has loaded is imported
without an event; import statements inside of functions count like all others. What cannot be read off is `dynamic`.
"""

from __future__ import annotations

import ast
import doctest
import re
from collections.abc import Iterator
from typing import NamedTuple

_DOTTED = re.compile(r"[A-Za-z_]\w*(?:[.:][A-Za-z_]\w*)+")
_NAME = re.compile(r"[A-Za-z_]\w*")

#: These import what a constant string names; with anything else nobody can tell what.
_IMPORTERS = frozenset(("import_module", "__import__", "importorskip", "resolve_name"))
_BY_NAME = frozenset(("exec", "eval", "compile"))
#: These come to modules in ways that the text does not tell.
_DYNAMIC = frozenset(
    (
        "import_module resolve_name exec_module load_module spec_from_file_location find_spec find_loader run_path run_module "
        "walk_packages iter_modules entry_points iter_entry_points load_entry_point get_objects get_referrers __subclasses__"
    ).split()
)
MOST_STRINGS = 5_000


class References(NamedTuple):
    #: Modules, absolute or with leading dots. `from a import b` names both `a` and `a.b`.
    imports: list[str]
    #: Strings that could name a module or something in it.
    strings: list[str]
    #: Why it may refer to any other file, or empty.
    dynamic: str


def references(tree: ast.Module) -> References:
    """All that the text of one file refers to."""
    imports: set[str] = set()
    strings: set[str] = set()
    dynamic = ""
    told: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            imports.update(imported(node))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            if len(node.value) < 300 and _DOTTED.fullmatch(node.value):
                strings.add(node.value.replace(":", "."))
            elif ">>>" in node.value:
                examples = _in_examples(node.value)
                imports.update(examples.imports)
                strings.update(examples.strings)
                dynamic = dynamic or examples.dynamic
        elif isinstance(node, ast.Call) and _last_name(node.func) in _IMPORTERS:
            argument = node.args[0] if node.args else None
            if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                told.add(id(node.func))
                strings.add(argument.value.lstrip("."))
        elif isinstance(node, ast.Assign) and _assigns(node, "pytest_plugins"):
            strings.update(_words(node.value))
    for node in ast.walk(tree):
        if isinstance(node, ast.Subscript) and _last_name(node.slice) == "__name__":
            # A module that looks itself up.
            told.add(id(node.value))
    for node in ast.walk(tree):
        if not dynamic and id(node) not in told:
            dynamic = _why_dynamic(node)
    if len(strings) > MOST_STRINGS:
        dynamic = dynamic or "has too many strings to look at"
        strings.clear()
    return References(sorted(imports), sorted(strings), dynamic)


def _in_examples(text: str) -> References:
    """What the examples of a doctest refer to."""
    try:
        source = "".join(each.source for each in doctest.DocTestParser().get_examples(text))
        return references(ast.parse(source))
    except (SyntaxError, ValueError, RecursionError):
        return References([], [], "has examples that cannot be read")


def imported(node: ast.Import | ast.ImportFrom) -> Iterator[str]:
    """The modules that one statement may load."""
    if isinstance(node, ast.Import):
        for alias in node.names:
            yield alias.name
        return
    base = "." * node.level + (node.module or "")
    yield base
    for alias in node.names:
        if alias.name != "*":
            yield f"{base}{alias.name}" if base.endswith(".") else f"{base}.{alias.name}"


def _why_dynamic(node: ast.AST) -> str:
    if isinstance(node, ast.Name) and node.id in _DYNAMIC | _IMPORTERS | _BY_NAME:
        return f"line {node.lineno}: {node.id}()"
    if isinstance(node, ast.Attribute) and node.attr in _DYNAMIC | _IMPORTERS:
        return f"line {node.lineno}: {node.attr}()"
    if isinstance(node, ast.ImportFrom):
        for alias in node.names:
            if alias.name in _DYNAMIC | _IMPORTERS and alias.asname is not None:
                return f"line {node.lineno}: {alias.name}()"
        if node.module == "sys" and any(alias.name == "modules" for alias in node.names):
            return f"line {node.lineno}: sys.modules"
    is_modules = isinstance(node, ast.Attribute) and node.attr == "modules"
    if is_modules and isinstance(node.value, ast.Name) and node.value.id == "sys":  # type: ignore[attr-defined]
        return f"line {node.lineno}: sys.modules"  # type: ignore[attr-defined]
    return ""


def _last_name(node: ast.AST) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _assigns(node: ast.Assign, name: str) -> bool:
    return any(isinstance(target, ast.Name) and target.id == name for target in node.targets)


def _words(node: ast.AST) -> Iterator[str]:
    for each in ast.walk(node):
        if isinstance(each, ast.Constant) and isinstance(each.value, str):
            yield each.value
