"""What an edit of a module changes, as the compiled code tells it."""

from __future__ import annotations

import sys
import types

import pytest
from prewarm._patch_rules import compare, compile_as_imported, is_same_constant

SHOP = '''"""The shop."""
LIMIT = 7
WORDS = {"a": 1, "b": (1.0, 0.0)}


def tax(price, rate=2, *rest, key=None, **more) -> int:
    """What the state gets."""
    return price * rate


def outer():
    def inner():
        return 1

    return inner


async def waits():
    return 1


add = lambda x: x + 1
EVENS = [x for x in range(9) if x % 2 == 0]


class Order(list):
    currency = "EUR"

    def total(self):
        return [item.price for item in self if item.price in {1, 2}]

    class Line:
        def price(self):
            return 5
'''


def code_of(text: str) -> types.CodeType:
    code, fault = compile_as_imported(text.encode(), "/shop.py")
    assert code is not None, fault
    return code


def judge(old: str, new: str) -> tuple[str, str]:
    assert old in SHOP
    comparison = compare(code_of(SHOP), code_of(SHOP.replace(old, new, 1)))
    return comparison.kind, comparison.what


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("price * rate", "price / rate", "body of tax()"),
        ("price * rate", "price * rate * LIMIT", "body of tax()"),
        ("    return price * rate", "    x = rate\n    return price * x", "body of tax()"),
        (
            "return 1\n\n    return inner",
            "return 2\n\n    return inner",
            "body of inner() in outer()",
        ),
        ("return inner", "return inner()", "body of outer()"),
        ("return 1\n\n\nadd", "return 2\n\n\nadd", "body of waits()"),
        ("x + 1", "x - 1", "body of <lambda>"),
        ("{1, 2}", "{1, 3}", "body of Order.total()"),
        ("return 5", "return 6", "body of Order.Line.price()"),
        ("return 5", "return 5.0", "body of Order.Line.price()"),
        ("return 5", "return True", "body of Order.Line.price()"),
        ("return 5", "import os\n            return os.getpid()", "body of Order.Line.price()"),
    ],
)
def test_bodies(old: str, new: str, what: str) -> None:
    assert judge(old, new) == ("body", what)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("LIMIT = 7", "# A week.\nLIMIT = 7"),
        ("return price * rate", "return (\n        price * rate\n    )"),
        ("class Order", "\n\n\nclass Order"),
    ],
)
def test_cosmetics(old: str, new: str) -> None:
    assert judge(old, new) == ("cosmetic", "comments only")


def test_an_edit_behind_all_code_changes_nothing() -> None:
    assert compare(code_of(SHOP), code_of(SHOP + "# The end.\n")).kind == "same"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("LIMIT = 7", "LIMIT = 8"),
        ("LIMIT = 7", "LIMIT = 7.0"),
        ("LIMIT = 7", "LIMIT = 7\nMORE = 8"),
        ("0.0", "-0.0"),
        ('"a": 1', '"a": True'),
        ("rate=2", "rate=3"),
        ("key=None", "key=0"),
        ("-> int", "-> str"),
        ("tax(", "duty("),
        ("price, rate=2", "cost, rate=2"),
        ("*rest", "*others"),
        ("*rest, key", "*, key"),
        ("**more", "**most"),
        ("What the state gets.", "What it costs."),
        ("price * rate", "price * (yield rate)"),
        ("async def waits", "def waits"),
        ("def tax", "@staticmethod\ndef tax"),
        ("Order(list)", "Order(dict)"),
        ('"EUR"', '"USD"'),
        ("    def total(self)", "    def other(self):\n        pass\n\n    def total(self)"),
        ("return 5", "return super().price()"),
        ("return 5", "return __class__"),
        ('"""The shop."""', '"""A shop."""'),
        ('"""The shop."""', '"""The shop."""\nfrom __future__ import annotations'),
        ("add = lambda x: x", "add = lambda y: y"),
    ],
)
def test_everything_else_is_structural(old: str, new: str) -> None:
    assert judge(old, new)[0] == "structural"


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("LIMIT = 7", "LIMIT = 8", "constant LIMIT"),
        ("0.0", "-0.0", "constant WORDS"),
        ("rate=2", "rate=3", "signature of tax()"),
        ("price, rate=2", "cost, rate=2", "signature of tax()"),
        ("def tax", "@staticmethod\ndef tax", "signature of tax()"),
        ("Order(list)", "Order(dict)", "class Order"),
        ('"EUR"', '"USD"', "class body of Order"),
        ("return 5", "return super().price()", "class body of Order.Line"),
        ("What the state gets.", "What it costs.", "docstring of tax()"),
        ("LIMIT = 7", "LIMIT = 7\nMORE = 8", "new constant MORE"),
        ("LIMIT = 7", "import json\nLIMIT = 7", "new import of json"),
        ("class Order", "def duty():\n    pass\n\n\nclass Order", "new function duty()"),
        ("LIMIT = 7", "", "constant LIMIT removed"),
        ("LIMIT = 7", "LIMIT = 7\nprint(LIMIT)", "module level"),
    ],
)
def test_words_for_what_is_structural(old: str, new: str, what: str) -> None:
    assert judge(old, new) == ("structural", what)


def test_a_comprehension_of_the_module_has_run_while_importing() -> None:
    kind, what = judge("x % 2", "x % 3")
    # Until Python 3.11 it is a function of its own; that it was called is found out where it lives.
    if sys.version_info < (3, 12):
        assert (kind, what) == ("body", "body of <listcomp>")
    else:
        assert kind == "structural"


def test_attributes_that_methods_set_are_stored_in_their_class_since_3_13() -> None:
    text = SHOP.replace("return [item", "self.sum = 0\n        return [item")
    comparison = compare(code_of(SHOP), code_of(text))
    if sys.version_info < (3, 13):
        assert (comparison.kind, comparison.what) == ("body", "body of Order.total()")
    else:
        assert (comparison.kind, comparison.what) == ("structural", "class body of Order")


def test_only_what_differs_is_replaced() -> None:
    comparison = compare(code_of(SHOP), code_of(SHOP.replace("return 5", "return 6")))
    assert [(pair.name, pair.is_changed) for pair in comparison.pairs] == [
        ("", False),
        ("Order", False),
        ("Order.Line", False),
        ("Order.Line.price()", True),
    ]


def test_lines_of_everything_behind_are_replaced() -> None:
    text = SHOP.replace("return price * rate", "return (\n        price * rate\n    )")
    names = [pair.name for pair in compare(code_of(SHOP), code_of(text)).pairs]
    assert names[:2] == ["", "tax()"]
    assert {"outer()", "inner() in outer()", "Order", "Order.total()"} <= set(names)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("def tax(:\n", "does not parse"),
        ("x = 'é'\n", "does not parse"),
        ("return 1\n", "does not parse"),
        ("x = 1\0", "does not parse"),
        ("x = 1 is 1\n", "compiles with a SyntaxWarning"),
    ],
)
def test_what_does_not_compile_in_silence(text: str, fault: str) -> None:
    assert compile_as_imported(text.encode("latin-1"), "/shop.py") == (None, fault)


def test_a_source_says_its_encoding() -> None:
    content = "# coding: latin-1\nX = 'é'\n".encode("latin-1")
    code, _ = compile_as_imported(content, "/shop.py")
    assert code is not None
    assert "é" in code.co_consts


def test_constants_that_are_equal_and_not_the_same() -> None:
    different = [1, True, 1.0, 0.0, -0.0, "1", b"1", (1,), (True,), frozenset((1,)), None, ..., 1j]
    same = [(a, b) for a in different for b in different if is_same_constant(a, b)]
    assert [(repr(a), repr(b)) for a, b in same] == [(repr(each), repr(each)) for each in different]
    assert is_same_constant(float("nan"), float("nan"))
