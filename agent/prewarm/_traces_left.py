"""What importing a file may leave behind in others, as its text shows: registered handlers, subclasses, changed attributes.

Runs in the source reader. Whoever imports what a file has left something in can see that file, though it never imports it. A
statement is harmless only where it is known to be: definitions, constants, and calls of a short list.
"""

from __future__ import annotations

import ast
import builtins
import hashlib
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from prewarm._references import imported

#: Decorators, callables and base classes that keep nothing of what they are given, by the last part of their name.
_HARMLESS = frozenset(
    (
        # decorators
        "property staticmethod classmethod abstractmethod overload override final wraps contextmanager asynccontextmanager "
        "dataclass lru_cache cache cached_property total_ordering fixture setter getter deleter runtime_checkable unique "
        "parametrize skip skipif xfail usefixtures filterwarnings given settings example skipIf skipUnless expectedFailure "
        # constructors and pure functions
        "dict list set frozenset tuple range len sorted reversed min max sum str int float bool bytes bytearray complex zip map filter "
        "enumerate object type isinstance issubclass hasattr getattr repr round abs ord chr iter next slice any all divmod pow hash id "
        "Decimal Fraction Path PurePath PurePosixPath date datetime time timedelta timezone namedtuple NamedTuple TypedDict TypeVar "
        "ParamSpec NewType cast field getLogger Lock RLock local ContextVar Counter defaultdict deque OrderedDict ChainMap "
        "MappingProxyType partial itemgetter attrgetter methodcaller join split rsplit splitlines format strip lstrip rstrip lower upper "
        "title replace encode decode startswith endswith items keys values get copy count index resolve absolute joinpath with_suffix "
        "with_name relative_to dirname basename abspath realpath exists is_file is_dir param auto uuid4 UUID compile dedent "
        "fromisoformat strftime isoformat print read_text read_bytes load loads safe_load SimpleNamespace Enum IntEnum StrEnum Flag IntFlag "
        # base classes
        "Protocol ABC ABCMeta EnumMeta Generic TestCase IsolatedAsyncioTestCase Mapping MutableMapping Sequence MutableSequence Iterable "
        "Iterator Callable Hashable Sized Container Collection Awaitable BaseModel"
    ).split()
) | {
    name
    for name, value in vars(builtins).items()
    if isinstance(value, type) and issubclass(value, BaseException)
}
#: Modules of the standard library in which nothing is left, and those that the whole program shares.
_PURE = frozenset(
    (
        "__future__ abc collections contextlib dataclasses datetime decimal enum fractions functools hashlib itertools json math numbers "
        "operator pathlib re statistics string textwrap time types typing typing_extensions uuid"
    ).split()
)
_SHARED = frozenset(
    (
        "sys os logging warnings signal atexit locale gettext random threading unittest builtins codecs copyreg mimetypes socket gc "
        "faulthandler site importlib multiprocessing asyncio sqlite3 sysconfig tempfile pytest _pytest"
    ).split()
)
_ACTING = frozenset("setattr delattr exec eval open input __import__ globals vars".split())
_WORKS_ON_OWN = frozenset(
    "append add update extend insert setdefault remove discard pop clear sort".split()
)
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_DEFINITIONS = (*_FUNCTIONS, ast.ClassDef)


class Left(NamedTuple):
    #: A hash of the statements that may leave something, and of all that they use of this file; empty where there is none.
    digest: str
    #: The modules in which they may leave it; `*` for anywhere.
    places: list[str]
    #: The first of them in words, or empty.
    reason: str


def left_behind(tree: ast.Module) -> Left:
    """What importing this file may leave in others."""
    own = _Names(tree.body)
    doubtful = [(statement, list(own.doubts(statement))) for statement in tree.body]
    doubtful = [(statement, doubts) for statement, doubts in doubtful if doubts]
    if not doubtful:
        return Left("", [], "")
    taken = [statement for statement, _ in doubtful]
    # Not the doubtful parts alone: what is left has been made of the others.
    wanted = set().union(*map(_loaded, taken))
    rest = [statement for statement in tree.body if statement not in taken]
    while True:
        used = [statement for statement in rest if wanted & set(_bound(statement))]
        if not used:
            break
        rest = [statement for statement in rest if statement not in used]
        taken += used
        for statement in used:
            if not isinstance(statement, (ast.Import, ast.ImportFrom)):
                wanted |= _loaded(statement)
    text = "\n".join(sorted(map(ast.dump, taken)))
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return Left(digest, sorted(own.places(wanted)), f"line {doubtful[0][0].lineno}")


class _Names:
    """The names that a file binds at its top, and what they stand for."""

    def __init__(self, body: list[ast.stmt]) -> None:
        self._imports: dict[str, set[str]] = {}
        self._bound = {name for statement in body for name in _bound(statement)}
        self._has_star = False
        for statement in body:
            for node in ast.walk(statement):
                if isinstance(node, (ast.Import, ast.ImportFrom)):
                    self._note_import(node)
        self._own = self._bound - self._imports.keys()
        #: Names of functions, classes and containers that were made in this file.
        self._made = {node.name for node in body if isinstance(node, _DEFINITIONS)}
        for node in body:
            if isinstance(node, (ast.Assign, ast.AnnAssign)) and _is_made_here(node.value):
                self._made.update(_bound(node))
        classes = [node for node in body if isinstance(node, ast.ClassDef)]
        self._plain_classes: set[str] = set()
        for each in classes:
            if all(map(self._is_plain_base, each.bases)) and not each.keywords:
                self._plain_classes.add(each.name)

    def places(self, names: Iterable[str]) -> set[str]:
        """The modules from which these names come, those left out that keep nothing."""
        places: set[str] = set()
        for name in names:
            for module in self._imports.get(name, ()):
                top = module.split(".")[0]
                if top in _SHARED:
                    places.add("*")
                elif top not in _PURE:
                    places.add(module)
            if name not in self._bound and (name in _ACTING or not hasattr(builtins, name)):
                places.add("*")
        return places

    def doubts(self, node: ast.AST) -> Iterator[ast.AST]:
        """The parts of a statement that may leave something anywhere but in its own module."""
        if isinstance(node, ast.Lambda) or _is_for_scripts(node):
            return
        if isinstance(node, _FUNCTIONS):
            yield from (
                each for each in node.decorator_list if not self._is_harmless_decorator(each)
            )
            for default in (*node.args.defaults, *node.args.kw_defaults):
                if default is not None:
                    yield from self.doubts(default)
            return
        if isinstance(node, ast.ClassDef):
            bases = [*node.bases, *(each.value for each in node.keywords)]
            yield from (each for each in bases if not self._is_plain_base(each))
            yield from (
                each for each in node.decorator_list if not self._is_harmless_decorator(each)
            )
            for each in node.body:
                yield from self.doubts(each)
            return
        if isinstance(node, ast.Call) and not self._is_harmless_call(node):
            yield node
            return
        if isinstance(
            node, (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Delete, ast.For, ast.NamedExpr)
        ):
            targets = getattr(node, "targets", None) or [node.target]  # type: ignore[union-attr]
            yield from (each for each in targets if not self._is_own_target(each))
        for child in ast.iter_child_nodes(node):
            yield from self.doubts(child)

    def _note_import(self, node: ast.Import | ast.ImportFrom) -> None:
        for alias in node.names:
            if alias.name == "*":
                self._has_star = True
                continue
            name = alias.asname or alias.name.split(".")[0]
            single = (
                ast.Import([alias])
                if isinstance(node, ast.Import)
                else ast.ImportFrom(node.module, [alias], node.level)
            )
            self._imports.setdefault(name, set()).update(imported(single))

    def _is_harmless_decorator(self, node: ast.AST) -> bool:
        call = node.func if isinstance(node, ast.Call) else node
        is_mark = isinstance(call, ast.Attribute) and _dotted(call).startswith(
            ("pytest.mark.", "mark.")
        )
        is_patch = any(part in ("patch", "mock") for part in _dotted(call).split("."))
        if not (is_mark or is_patch or _last(call) in _HARMLESS):
            return False
        return not isinstance(node, ast.Call) or all(
            not any(self.doubts(each))
            for each in (*node.args, *(each.value for each in node.keywords))
        )

    def _is_harmless_call(self, node: ast.Call) -> bool:
        name = _last(node.func)
        if isinstance(node.func, ast.Name):
            # A name of the short list that this file has bound itself can be anything.
            is_ours = any(place.startswith(".") for place in self._imports.get(name, ()))
            return name in _HARMLESS and name not in self._own and not is_ours
        if isinstance(node.func, ast.Attribute):
            if _dotted(node.func).startswith(("pytest.mark.", "mark.")):
                return True
            root = _root(node.func)
            if name in _WORKS_ON_OWN and root in self._made:
                return True
            return name in _HARMLESS
        return False

    def _is_plain_base(self, node: ast.AST) -> bool:
        if isinstance(node, ast.Subscript):
            return self._is_plain_base(node.value)
        name = _last(node)
        if isinstance(node, ast.Constant):
            return True
        if isinstance(node, ast.Name) and name in self._own:
            return name in self._plain_classes
        return name in _HARMLESS

    def _is_own_target(self, node: ast.AST) -> bool:
        if isinstance(node, ast.Name):
            return True
        if isinstance(node, (ast.Tuple, ast.List)):
            return all(map(self._is_own_target, node.elts))
        if isinstance(node, ast.Starred):
            return self._is_own_target(node.value)
        return _root(node) in self._made


def _is_made_here(node: ast.AST | None) -> bool:
    """Whether nobody else can hold this value yet."""
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Name) and node.func.id in _HARMLESS
    return isinstance(node, (ast.Dict, ast.List, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp))


def _bound(statement: ast.stmt) -> Iterator[str]:
    """The names that a statement at the top of a file binds there."""
    if isinstance(statement, _DEFINITIONS):
        yield statement.name
        return
    for node in _outside_of_functions(statement):
        if isinstance(node, ast.Name) and isinstance(node.ctx, (ast.Store, ast.Del)):
            yield node.id
        elif isinstance(node, _DEFINITIONS):
            yield node.name
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            yield from ((alias.asname or alias.name).split(".")[0] for alias in node.names)


def _outside_of_functions(node: ast.AST) -> Iterator[ast.AST]:
    yield node
    if not isinstance(node, (*_DEFINITIONS, ast.Lambda)):
        for child in ast.iter_child_nodes(node):
            yield from _outside_of_functions(child)


def _is_for_scripts(node: ast.AST) -> bool:
    """`if __name__ == "__main__"` is never true in an import."""
    return isinstance(node, ast.If) and "__name__" in _loaded(node.test) and not node.orelse


def _loaded(node: ast.AST) -> set[str]:
    """The names that this code has from outside of its functions."""
    if isinstance(node, (*_FUNCTIONS, ast.Lambda)):
        inner = set().union(*map(_loaded, ast.iter_child_nodes(node)))
        return (
            inner
            - {each.arg for each in ast.walk(node.args) if isinstance(each, ast.arg)}
            - _stored(node)
        )
    own = {node.id} if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) else set()
    return own.union(*map(_loaded, ast.iter_child_nodes(node)))


def _stored(function: ast.AST) -> set[str]:
    declared = {
        name for each in ast.walk(function) if isinstance(each, ast.Global) for name in each.names
    }
    names = {
        each.id
        for each in ast.walk(function)
        if isinstance(each, ast.Name) and not isinstance(each.ctx, ast.Load)
    }
    return names - declared


def _last(node: ast.AST) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _root(node: ast.AST) -> str:
    while isinstance(node, (ast.Attribute, ast.Subscript, ast.Starred)):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _dotted(node: ast.AST) -> str:
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""
