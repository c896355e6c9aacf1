"""Replacing the code of live functions: what is refused and why, and what is right afterwards."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from script import run_script

SHOP = """import functools

RATE = 2


def tax(price):
    return price * RATE


def fee():
    return 5


class Order:
    def __init__(self, price):
        self.price = price

    def total(self):
        return self.price + fee()

    @property
    def half(self):
        return self.price / 2

    @classmethod
    def free(cls):
        return cls(0)


def counted():
    yield 1
    yield 2


def logged(function):
    @functools.wraps(function)
    def call(*args):
        return function(*args)

    return call


@logged
def wrapped():
    return 7


@functools.lru_cache
def cached():
    return 8


def make(step):
    def add(x):
        return x + step

    return add


bound = functools.partial(tax, 3)


async def waits():
    return 9
"""

HEAD = """
import gc, inspect, sys, types, warnings
sys.dont_write_bytecode = True
from prewarm import _patch
from prewarm._code_watch import CodeWatch

path = os.path.abspath("shop.py")
watch = CodeWatch(lambda file: not file.startswith(os.getcwd()))
sys.path.insert(0, os.getcwd())
watch.install()

def write(text):
    watch.stop()
    with open(path, "w") as file:
        file.write(text)
    watch.is_on = True

def edit(*changes):
    watch.stop()
    with open(path) as file:
        text = file.read()
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    write(text)

def patch(*warned):
    try:
        edits = _patch.prove([path], watch, set(warned))
    except _patch.Refused as refused:
        told["class"] = refused.kind
        return str(refused)
    _patch.swap(edits)
    told["class"] = edits[0].comparison.kind
    return "patched"
"""


def run(tmp_path: Path, body: str, text: str = SHOP) -> dict[str, Any]:
    (tmp_path / "shop.py").write_text(text, encoding="utf-8")
    return run_script(HEAD + body, tmp_path)


@pytest.mark.parametrize(
    ("change", "look", "value"),
    [
        (("price * RATE", "price - RATE"), "shop.tax(5)", 3),
        (("price * RATE", "price - RATE"), "shop.bound()", 1),
        (("self.price + fee()", "self.price - fee()"), "shop.Order(7).total()", 2),
        (("self.price / 2", "self.price / 4"), "shop.Order(8).half", 2),
        (("cls(0)", "cls(9)"), "shop.Order.free().price", 9),
        (("return 7", "return 70"), "shop.wrapped()", 70),
        (("return 8", "return 80"), "shop.cached()", 80),
        (("yield 2", "yield 3"), "list(shop.counted())", [1, 3]),
        (("x + step", "x - step"), "shop.make(2)(7)", 5),
    ],
)
def test_a_function_does_what_its_file_says(
    tmp_path: Path, change: tuple[str, str], look: str, value: object
) -> None:
    told = run(
        tmp_path,
        f"""
import shop
edit({change!r})
told["patch"] = patch()
told["value"] = {look}
""",
    )
    assert told == {"patch": "patched", "class": "body", "value": value}


def test_functions_that_a_called_one_has_made(tmp_path: Path) -> None:
    told = run(
        tmp_path,
        """
import shop
adders = [shop.make(1), {"two": [shop.make(2)]}]
class Holder: pass
holder = Holder()
holder.add = shop.make(3)
edit(("x + step", "x * step"))
told["patch"] = patch()
told["values"] = [adders[0](5), adders[1]["two"][0](5), holder.add(5), shop.make(4)(5)]
""",
    )
    assert told == {"patch": "patched", "class": "body", "values": [5, 10, 15, 20]}


def test_functions_in_a_frozen_heap(tmp_path: Path) -> None:
    told = run(
        tmp_path,
        """
import shop
class Holder: pass
holder = Holder()
holder.add = shop.make(3)
gc.collect()
gc.freeze()
before = gc.get_freeze_count()
watch.saw_all = None
edit(("x + step", "x * step"))
told["patch"] = patch()
told["value"] = holder.add(5)
told["frozen"] = gc.get_freeze_count() >= before - 100
""",
    )
    assert told == {"patch": "patched", "class": "body", "value": 15, "frozen": True}


#: What the program did before the edit, the edit, and why it is refused; without the first, each edit is patched.
REFUSALS = [
    ("shop.tax(1)", ("price * RATE", "price - RATE"), "tax() was called before the first test"),
    ("shop.cached()", ("return 8", "return 80"), "cached() was called before the first test"),
    ("next(shop.counted())", ("yield 2", "yield 3"), "counted() was called"),
    (
        "thread = threading.Thread(target=shop.fee); thread.start(); thread.join()",
        ("return 5", "return 6"),
        "fee() was called before the first test",
    ),
    ("kept = shop.counted()", ("yield 2", "yield 3"), "something else than a function holds"),
    ("kept = shop.counted()", ("RATE = 2", "\nRATE = 2"), "something else than a function holds"),
    ("kept = next(shop.counted())", ("yield 2", "yield 3"), "counted() was called"),
    (
        "kept = shop.tax.__code__",
        ("price * RATE", "price - RATE"),
        "__main__ has looked into the code of tax()",
    ),
    (
        "shop.tax.__code__",
        ("price * RATE", "price - RATE"),
        "__main__ has looked into the code of tax()",
    ),
    ("shop.tax.__code__", ("RATE = 2", "\nRATE = 2"), "__main__ has looked into the code of tax()"),
    ("inspect.getsource(shop.tax)", ("return 5", "return 6"), "linecache has read its text"),
    ("open(path).read()", ("return 5", "return 6"), "__main__ has read its text"),
    ("shop.__loader__.get_source('shop')", ("return 5", "return 6"), "has read its text"),
    ("shop.__loader__.get_code('shop')", ("return 5", "return 6"), "has read its text"),
    ("importlib.reload(shop)", ("return 5", "return 6"), "it was more than once executed"),
    (
        "exec(compile(SHOP, path, 'exec'), {})",
        ("return 5", "return 6"),
        "it was more than once executed",
    ),
    (
        "del sys.modules['shop']",
        ("return 5", "return 6"),
        "its module is not the one in sys.modules",
    ),
    ("sys.settrace(None)", ("return 5", "return 6"), "(sys.settrace) may have seen or called it"),
    (
        "sys.setprofile(None)",
        ("return 5", "return 6"),
        "(sys.setprofile) may have seen or called it",
    ),
    ("gc.get_objects()", ("return 5", "return 6"), "(gc.get_objects) may have seen or called it"),
    (
        "gc.get_referents(shop)",
        ("return 5", "return 6"),
        "(gc.get_referents) may have seen or called it",
    ),
    (
        "sys._current_frames()",
        ("return 5", "return 6"),
        "(sys._current_frames) may have seen or called it",
    ),
    (
        "gc.get_referrers(shop)",
        ("return 5", "return 6"),
        "(gc.get_referrers) may have seen or called it",
    ),
    (
        "subprocess.run([sys.executable, '-c', '0'], check=True)",
        ("return 5", "return 6"),
        "may have seen or called it",
    ),
    ("os.system('true')", ("return 5", "return 6"), "(os.system) may have seen or called it"),
    (
        "os.waitpid(os.posix_spawn('/bin/true', ['true'], {}), 0)",
        ("return 5", "return 6"),
        "(os.posix_spawn) may have seen or called it",
    ),
    (
        "child = os.fork(); os.waitpid(child, 0) if child else os._exit(0)",
        ("return 5", "return 6"),
        "(os.fork) may have seen or called it",
    ),
    ("kept = shop.waits()", ("return 9", "return 90"), "something else than a function holds"),
    (
        "sys.modules['again'] = types.ModuleType('again'); sys.modules['again'].__file__ = path",
        ("return 5", "return 6"),
        "its module is not the one in sys.modules",
    ),
    (
        "threading.settrace_now = sys.settrace(lambda *_: None)",
        ("return 5", "return 6"),
        "may have seen",
    ),
]


@pytest.mark.parametrize(("before", "change", "reason"), REFUSALS)
def test_what_the_program_did_is_refused(
    tmp_path: Path, before: str, change: tuple[str, str], reason: str
) -> None:
    body = """
import importlib, subprocess, threading
SHOP = open(path).read()
watch.texts_read.clear()
import shop
{before}
edit({change!r})
told["patch"] = patch()
"""
    told = run(tmp_path, body.format(before=before, change=change))
    assert reason in told["patch"]
    without = run(tmp_path, body.format(before="", change=change))
    assert without["patch"] == "patched"


@pytest.mark.parametrize(
    "before",
    [
        "inspect.signature(shop.tax)",
        "inspect.isgeneratorfunction(shop.tax)",
        "inspect.iscoroutinefunction(shop.tax)",
        "inspect.getfile(shop.tax)",
        "os.path.exists(path)",
        "os.path.realpath(path)",
        "help",
        "__import__('subprocess').run(['uname'])",
        "__import__('collections').namedtuple('Pair', 'a b')",
        "__import__('shop')",
    ],
)
def test_what_looks_at_nothing_that_a_patch_changes(tmp_path: Path, before: str) -> None:
    told = run(
        tmp_path,
        f"""
import shop
{before}
edit(("price * RATE", "price - RATE"), ("RATE = 2", "\\n\\nRATE = 2"))
told["patch"] = patch()
""",
    )
    assert told == {"patch": "patched", "class": "body"}


@pytest.mark.parametrize(
    ("change", "kind", "reason"),
    [
        (("RATE = 2", "RATE = 3"), "structural", "constant RATE"),
        (("return 5", "return 5 is 5"), "structural", "compiles with a SyntaxWarning"),
        (("return 5", "return ("), "broken", "does not parse"),
    ],
)
def test_what_the_edit_is(tmp_path: Path, change: tuple[str, str], kind: str, reason: str) -> None:
    told = run(tmp_path, f"import shop\nedit({change!r})\ntold['patch'] = patch()\n")
    assert told == {"patch": reason, "class": kind}


LINES = [
    (
        "import traceback; HERE = [line for _, line in traceback.walk_stack(None)]",
        "traceback may have read line numbers",
    ),
    (
        "import inspect; HERE = inspect.currentframe().f_lineno",
        "shop may have read line numbers",
    ),
    ("import sys; HERE = sys._getframe().f_lineno", "shop may have read line numbers"),
    ("import logging; logging.warning('x')", "logging may have read line numbers"),
]


@pytest.mark.parametrize(("line", "reason"), LINES)
def test_lines_that_are_known_elsewhere_must_not_move(
    tmp_path: Path, line: str, reason: str
) -> None:
    text = f"{SHOP}\n{line}\n"
    moved = run(tmp_path, "import shop\nedit(('RATE', '\\nRATE'))\ntold['p'] = patch()\n", text)
    assert reason in moved["p"]
    still = run(
        tmp_path, "import shop\nedit(('return 5', 'return 6'))\ntold['p'] = patch()\n", text
    )
    # The code of the module itself was looked at only where it asked for its frame by itself.
    assert still["p"] == "patched"


def test_a_line_that_a_warning_names_must_not_move(tmp_path: Path) -> None:
    body = "import shop\nedit((%r, %r))\ntold['p'] = patch(path)\n"
    assert run(tmp_path, body % ("RATE", "\nRATE"))["p"] == "a warning names one of its lines"
    assert run(tmp_path, body % ("return 5", "return 6"))["p"] == "patched"


def test_a_traceback_that_is_kept_holds_the_lines(tmp_path: Path) -> None:
    text = SHOP + "\ntry:\n    1 / 0\nexcept ZeroDivisionError as error:\n    FAULT = error\n"
    told = run(tmp_path, "import shop\nedit(('RATE', '\\nRATE'))\ntold['p'] = patch()\n", text)
    assert "something else than a function holds the code of the module" in told["p"]


def test_another_loader_is_refused(tmp_path: Path) -> None:
    told = run(
        tmp_path,
        """
from importlib.machinery import SourceFileLoader
import importlib.util
class Loader(SourceFileLoader):
    pass
spec = importlib.util.spec_from_file_location("shop", path, loader=Loader("shop", path))
shop = sys.modules["shop"] = importlib.util.module_from_spec(spec)
spec.loader.exec_module(shop)
edit(("return 5", "return 6"))
told["p"] = patch()
""",
    )
    assert told["p"] == "it is loaded by Loader"


def test_a_loader_that_compiles_in_its_own_way_is_refused(tmp_path: Path) -> None:
    told = run(
        tmp_path,
        """
from importlib.machinery import SourceFileLoader
SourceFileLoader.source_to_code = lambda self, data, path, **more: compile(data, path, "exec")
import shop
edit(("return 5", "return 6"))
told["p"] = patch()
""",
    )
    assert told["p"] == "it is loaded by SourceFileLoader"


def test_what_was_not_executed_is_refused(tmp_path: Path) -> None:
    told = run(tmp_path, "edit(('return 5', 'return 6'))\ntold['p'] = patch()\n")
    assert told["p"] == "it was not executed under this path"


@pytest.mark.parametrize(
    "tool",
    [
        "sys.settrace(lambda *_: None)",
        "sys.setprofile(lambda *_: None)",
        "sys.monitoring.use_tool_id(1, 'coverage')"
        if sys.version_info >= (3, 12)
        else "sys.settrace(lambda *_: None)",
    ],
)
def test_a_tool_that_was_there_before_us_is_refused(tmp_path: Path, tool: str) -> None:
    (tmp_path / "shop.py").write_text(SHOP, encoding="utf-8")
    body = "import shop\nedit(('return 5', 'return 6'))\ntold['p'] = patch()\n"
    told = run_script(f"{tool}\n{HEAD}{body}", tmp_path)
    assert told["p"] == "coverage, a profiler or a debugger follows the program"
    assert run(tmp_path, body)["p"] == "patched"


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("os.path.getmtime(path)", "genericpath has read its text"),
        ("os.stat(path).st_size", "__main__ has read its text"),
        ("os.path.exists(path)", "patched"),
    ],
)
def test_a_time_that_somebody_knows_is_refused(tmp_path: Path, question: str, answer: str) -> None:
    told = run(
        tmp_path,
        f"""
from prewarm._observe import Observer
import shop
observer = Observer(lambda *_: None, ())
observer.on_stat = watch.note_stat
observer.install()
{question}
observer.stop()
edit(("return 5", "return 6"))
told["p"] = patch()
""",
    )
    assert told["p"] == answer


def test_a_file_that_is_gone_or_being_written_is_refused(tmp_path: Path) -> None:
    gone = run(tmp_path, "import shop\nos.remove(path)\ntold['p'] = patch()\n")
    assert "No such file" in gone["p"]
    growing = run(
        tmp_path,
        """
import shop
edit(("return 5", "return 6"))
def grow(event, arguments):
    if event == "open" and arguments[0] == path and arguments[1] is not None:
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND)
        os.write(descriptor, b"# One more line.\\n")
        os.close(descriptor)
sys.addaudithook(grow)
told["p"] = patch()
""",
    )
    assert growing["p"] == "it changed while it was read"


def test_a_class_that_is_gone_cannot_get_its_new_line(tmp_path: Path) -> None:
    told = run(
        tmp_path,
        """
import shop
del shop.Order
gc.collect()
edit(("RATE = 2", "\\n\\nRATE = 2"))
told["p"] = patch()
""",
    )
    # Before Python 3.13 classes have none.
    is_wanted = sys.version_info >= (3, 13)
    reason = "a class whose line changes cannot be found"
    assert told["p"] == (reason if is_wanted else "patched")


def test_the_same_file_under_two_names(tmp_path: Path) -> None:
    (tmp_path / "links").mkdir()
    (tmp_path / "links" / "shop.py").symlink_to(tmp_path / "shop.py")
    told = run(
        tmp_path,
        """
import shop
sys.path.insert(0, os.path.abspath("links"))
del sys.modules["shop"]
import shop as other
sys.modules["shop"] = shop
edit(("return 5", "return 6"))
told["p"] = patch()
""",
    )
    assert told["p"] == "it was more than once executed under this path"


def test_a_patched_process_is_not_patched_again(tmp_path: Path) -> None:
    told = run(
        tmp_path,
        """
import shop
edit(("return 5", "return 6"))
told["first"] = patch()
watch.stop()
with open(path, "w") as file:
    file.write("def fee():\\n    return 7\\n")
told["second"] = patch()
told["value"] = shop.fee()
""",
    )
    assert told["first"] == "patched"
    assert told["second"] == "patches are not applied to what was patched"
    assert told["value"] == 6


def test_nothing_is_swapped_where_one_of_two_files_is_refused(tmp_path: Path) -> None:
    (tmp_path / "other.py").write_text("LIMIT = 1\n", encoding="utf-8")
    told = run(
        tmp_path,
        """
import shop, other
edit(("return 5", "return 6"))
watch.stop()
with open("other.py", "w") as file:
    file.write("LIMIT = 2\\n")
watch.is_on = True
try:
    _patch.prove([path, os.path.abspath("other.py")], watch, set())
except _patch.Refused as refused:
    told["refused"] = [os.path.basename(refused.path), str(refused)]
told["value"] = shop.fee()
""",
    )
    assert told == {"refused": ["other.py", "constant LIMIT"], "value": 5}


def test_lines_and_texts_are_those_of_the_file(tmp_path: Path) -> None:
    told = run(
        tmp_path,
        """
import linecache, traceback
import shop
edit(("RATE = 2", "# One.\\n# Two.\\nRATE = 2"), ("self.price + fee()", "self.price + missing"))
told["patch"] = patch()
try:
    shop.Order(1).total()
except NameError as error:
    entry = traceback.extract_tb(error.__traceback__)[-1]
    told["entry"] = [entry.lineno, entry.line]
told["first"] = [each.__code__.co_firstlineno for each in (shop.tax, shop.make, shop.make(1))]
told["class"] = inspect.getsourcelines(shop.Order)[1]
told["source"] = inspect.getsource(shop.Order.free).split()[-1]
""",
    )
    assert told["patch"] == "patched"
    assert told["entry"] == [21, "return self.price + missing"]
    assert told["first"] == [8, 55, 56]
    assert told["class"] == 16
    assert told["source"] == "cls(0)"


def test_a_class_knows_its_new_line(tmp_path: Path) -> None:
    # Since Python 3.13.
    told = run(
        tmp_path,
        """
import shop
told["before"] = getattr(shop.Order, "__firstlineno__", 14)
edit(("RATE = 2", "\\n\\nRATE = 2"))
told["patch"] = patch()
told["after"] = getattr(shop.Order, "__firstlineno__", 16)
""",
    )
    assert told == {"patch": "patched", "class": "cosmetic", "before": 14, "after": 16}
