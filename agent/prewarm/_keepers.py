"""Functions that may keep what they were given or came to beyond a call: caches of every kind.

Runs in the source reader. A test that finds a kept result does not execute the functions behind it, so its own record lacks
them. A function is no keeper only where its text shows that all it writes to are objects that it made itself.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_TRANSPARENT = frozenset(
    (
        "property staticmethod classmethod abstractmethod overload override final wraps contextmanager asynccontextmanager fixture "
        "setter getter deleter usefixtures parametrize skip skipif xfail filterwarnings given settings example skipIf skipUnless "
        "expectedFailure no_type_check"
    ).split()
)
_MUTATORS = frozenset(
    (
        "append appendleft add update extend extendleft insert setdefault remove discard pop popitem popleft clear sort reverse "
        "put put_nowait push register subscribe connect __setitem__ __setattr__ __delitem__ set store save cache_clear"
    ).split()
)
#: Functions that change what they are given.
_FILLERS = frozenset(
    "setattr delattr globals vars exec heappush heappushpop heapreplace insort insort_left insort_right".split()
)
_BUILDERS = frozenset("__init__ __new__ __post_init__ __set_name__ __init_subclass__".split())


def keepers(tree: ast.Module) -> list[str]:
    """The qualified names of the functions that may keep something."""
    return sorted({name for name, node in _functions(tree, "") if _may_keep(node)})


def _functions(node: ast.AST, outer: str) -> Iterator[tuple[str, ast.AST]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, (*_FUNCTIONS, ast.Lambda)):
            name = outer + getattr(child, "name", "<lambda>")
            yield name, child
            yield from _functions(child, f"{name}.<locals>.")
        elif isinstance(child, ast.ClassDef):
            yield from _functions(child, f"{outer}{child.name}.")
        else:
            yield from _functions(child, outer)


def _may_keep(function: ast.AST) -> bool:
    decorators = getattr(function, "decorator_list", [])
    if not all(map(_is_transparent, decorators)):
        return True
    body = list(_own_nodes(function))
    own = _made_here(body)
    if getattr(function, "name", "") in _BUILDERS:
        # What is being built is nobody else's yet.
        own |= {each.arg for each in function.args.args[:1]}  # type: ignore[attr-defined]
    return any(_writes_elsewhere(node, own) for node in body)


def _is_transparent(node: ast.AST) -> bool:
    call = node.func if isinstance(node, ast.Call) else node
    parts = ast.dump(call)
    if "id='patch'" in parts or "attr='patch'" in parts or "attr='mark'" in parts:
        return True
    return (
        call.attr if isinstance(call, ast.Attribute) else getattr(call, "id", "")
    ) in _TRANSPARENT


def _own_nodes(function: ast.AST) -> Iterator[ast.AST]:
    """What the function itself executes, without the functions in it."""
    for child in ast.iter_child_nodes(function):
        if not isinstance(child, (*_FUNCTIONS, ast.Lambda)):
            yield child
            yield from _own_nodes(child)


def _made_here(body: list[ast.AST]) -> set[str]:
    """Local names that stand for nothing but objects which this function has made."""
    made: set[str] = set()
    others: set[str] = set()
    for node in body:
        if isinstance(node, (ast.Assign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in targets:
                names = {each.id for each in ast.walk(target) if _is_stored(each)}  # type: ignore[attr-defined]
                is_new = isinstance(target, ast.Name) and _is_new(node.value)
                (made if is_new else others).update(names)
        elif isinstance(node, (ast.Global, ast.Nonlocal)):
            others.update(node.names)
    assigned = {
        id(each)
        for node in body
        if isinstance(node, (ast.Assign, ast.AnnAssign))
        for each in ast.walk(node)
    }
    others |= {node.id for node in body if _is_stored(node) and id(node) not in assigned}  # type: ignore[attr-defined]
    return made - others


def _is_stored(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)


def _is_new(node: ast.AST | None) -> bool:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        name = node.func.id
        return name[:1].isupper() or name in (
            "dict",
            "list",
            "set",
            "defaultdict",
            "deque",
            "bytearray",
            "sorted",
        )
    new = (
        ast.Dict,
        ast.List,
        ast.Set,
        ast.ListComp,
        ast.DictComp,
        ast.SetComp,
        ast.Constant,
        ast.JoinedStr,
    )
    return isinstance(node, new)


def _writes_elsewhere(node: ast.AST, own: set[str]) -> bool:
    if isinstance(node, (ast.Global, ast.Nonlocal)):
        return True
    if isinstance(node, (ast.Attribute, ast.Subscript)) and not isinstance(node.ctx, ast.Load):
        return _root(node) not in own
    if isinstance(node, ast.Call):
        if isinstance(node.func, ast.Attribute) and node.func.attr in _MUTATORS:
            return _root(node.func.value) not in own
        return _last_name(node.func) in _FILLERS
    return False


def _last_name(node: ast.AST) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def _root(node: ast.AST) -> str:
    while isinstance(node, (ast.Attribute, ast.Subscript, ast.Starred)):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""
