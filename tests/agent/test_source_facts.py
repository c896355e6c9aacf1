"""What the text of a source file says: what it compiles to, refers to, leaves behind and keeps."""

from __future__ import annotations

import ast
import os
from pathlib import Path
from typing import Any

import pytest
from prewarm._fingerprint import fingerprint
from prewarm._keepers import keepers
from prewarm._references import References, references
from prewarm._source_reader import examine, read
from prewarm._traces_left import Left, left_behind


def prints(text: str) -> tuple[str, dict[str, str]]:
    return fingerprint(compile(text, "/p/x.py", "exec"))


def refers(text: str) -> References:
    return references(ast.parse(text))


def left(text: str) -> Left:
    return left_behind(ast.parse(text))


def kept(text: str) -> list[str]:
    return keepers(ast.parse(text))


BASE = "def f(a, b=1):\n    return a + b\nclass C:\n    def m(self):\n        return 1\n"


@pytest.mark.parametrize(
    ("text", "is_module_same", "changed"),
    [
        ("# moved\n\n" + BASE, True, []),
        (BASE.replace("a + b", "a - b"), True, ["f"]),
        (BASE.replace("return 1", "return 2"), True, ["C.m"]),
        (BASE.replace("b=1", "b=2"), False, []),
        (BASE.replace("(a, b=1)", "(a, c=1, b=1)"), False, ["f"]),
        (BASE.replace("    return a", '    "new"\n    return a'), False, ["f"]),
        (BASE.replace("    def m", "    x = 1\n    def m"), False, []),
        (BASE + "Y = 1\n", False, []),
    ],
)
def test_bodies_are_told_apart_from_what_an_import_does(
    text: str, is_module_same: bool, changed: list[str]
) -> None:
    module, functions = prints(BASE)
    other_module, others = prints(text)
    assert (module == other_module) == is_module_same
    assert [name for name in functions if functions[name] != others[name]] == changed


def test_functions_within_functions_and_of_one_name() -> None:
    text = "def outer():\n    def inner():\n        return 1\n    return [x for x in inner()]\n"
    _, functions = prints(text)
    assert set(functions) == {"outer", "outer.<locals>.inner"} or set(functions) == {
        "outer",
        "outer.inner",
    }
    twice = "if X:\n    def f():\n        return 1\nelse:\n    def f():\n        return {}\n"
    assert prints(twice.format(2))[1]["f"] != prints(twice.format(3))[1]["f"]


@pytest.mark.parametrize(
    ("text", "imports"),
    [
        ("import a.b", ["a.b"]),
        ("from a import b", ["a", "a.b"]),
        ("def f():\n    from . import b", [".", ".b"]),
        ("from ..a import *", ["..a"]),
        ('def f():\n    """\n    >>> from a import b\n    >>> b\n    1\n    """', ["a", "a.b"]),
    ],
)
def test_imports_anywhere_in_the_text(text: str, imports: list[str]) -> None:
    assert refers(text).imports == imports
    assert refers(text).dynamic == ""


@pytest.mark.parametrize(
    ("text", "strings"),
    [
        ('patch("a.b.c")', ["a.b.c"]),
        ('X = "a.b:c"', ["a.b.c"]),
        ('X = "a sentence. of words"', []),
        ('importlib.import_module("plain")', ["plain"]),
        ('pytest_plugins = ["one", "two"]', ["one", "two"]),
    ],
)
def test_names_in_strings(text: str, strings: list[str]) -> None:
    assert refers(text).strings == strings


@pytest.mark.parametrize(
    "text",
    [
        "importlib.import_module(name)",
        "exec(text)",
        "from importlib import import_module as get\nget('a')",
        "sys.modules[name]",
        "from sys import modules",
        "Base.__subclasses__()",
        'def f():\n    """\n    >>> (\n    1\n    """',
    ],
)
def test_what_cannot_be_read_off_refers_to_anything(text: str) -> None:
    assert refers(text).dynamic != ""


def test_a_module_that_looks_itself_up_refers_to_nothing_else() -> None:
    assert refers("import sys\nME = sys.modules[__name__]").dynamic == ""


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("from a import base\nclass C(base.Base):\n    pass", ["a", "a.base"]),
        ("from a import register\n@register\ndef f():\n    pass", ["a", "a.register"]),
        ("import a\na.X = 1", ["a"]),
        ("import os\nos.environ['A'] = '1'", ["*"]),
        ("import a\nfor each in a.ALL:\n    a.take(each)", ["a"]),
    ],
)
def test_what_an_import_leaves_elsewhere(text: str, places: list[str]) -> None:
    assert left(text).digest != ""
    assert left(text).places == places


@pytest.mark.parametrize(
    "text",
    [
        "import functools\n@functools.lru_cache\ndef f():\n    return 1",
        "X = []\nX.append(1)",
        "import pytest\n@pytest.mark.skip\ndef test():\n    pass",
        "from dataclasses import dataclass\n@dataclass\nclass C:\n    x: int = 1",
        "if __name__ == '__main__':\n    import a\n    a.main()",
    ],
)
def test_what_leaves_nothing(text: str) -> None:
    assert left(text) == Left("", [], "")


LEAVES = (
    "from a import base\nPRICE = {}\nclass C(base.B):\n    def price(self):\n        return PRICE\n"
)
SETS = "import a\nLIMIT = {}\na.limit = LIMIT\n"


@pytest.mark.parametrize("text", [LEAVES, SETS])
def test_what_is_left_is_made_of_what_it_uses(text: str) -> None:
    assert left(text.format(1)).digest != left(text.format(2)).digest
    assert left(text.format(1)).digest == left(text.format(1) + "OTHER = 1\n").digest


@pytest.mark.parametrize(
    "body",
    [
        "global X\n    X = 1",
        "CACHE[a] = 1",
        "CACHE.update(a)",
        "a.x = 1",
        "setattr(a, 'x', 1)",
        "exec(a, CACHE)",
        "heapq.heappush(HEAP, a)",
        "f.seen = a",
    ],
)
def test_functions_that_keep_something(body: str) -> None:
    assert kept(f"def f(a):\n    {body}\n") == ["f"]


@pytest.mark.parametrize(
    "text",
    [
        "def f(a):\n    found = []\n    found.append(a)\n    return found",
        "class C:\n    def __init__(self, a):\n        self.a = a",
        "@property\ndef f(a):\n    return a",
        "def f(a):\n    x = {}\n    x[1] = a\n    return x",
    ],
)
def test_functions_that_keep_nothing(text: str) -> None:
    assert kept(text) == []


def test_an_unknown_decorator_may_keep_what_a_function_returns() -> None:
    assert kept(
        "@memoize\ndef f():\n    return 1\nclass C:\n    @cached\n    def m(self): ..."
    ) == [
        "C.m",
        "f",
    ]


def test_a_file_is_read_with_its_version(tmp_path: Path) -> None:
    path = tmp_path / "x.py"
    path.write_text("import a\ndef f():\n    return 1\n")
    status = os.stat(path)
    told = read(str(path))
    version = f"{status.st_mtime_ns} {status.st_size} {status.st_ino} {status.st_ctime_ns}"
    assert told["version"] == version
    assert (list(told["functions"]), told["imports"]) == (["f"], ["a"])


def test_what_is_no_module_has_nothing(tmp_path: Path) -> None:
    assert read(str(tmp_path / "none.py"))["version"] == "nothing"
    broken: dict[str, Any] = examine(b"def f(:\n", "/p/x.py")
    assert (broken["module"], broken["functions"]) == (None, {})
    assert examine(b"x = '\x00'", "/p/x.py")["module"] is None
