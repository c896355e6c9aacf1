// Edits inside of functions, served by replacing their code: each verdict is compared with a cold run's.
import { expect, test } from "vitest";
import { ColdAndWarm } from "../rig/same-as-cold.ts";

const SHOP = {
  // With it packages are not imported ahead: no second start takes the first one's place in the middle of a test.
  "pytest.ini": "[pytest]\naddopts = -W error\n",
  "shop/__init__.py": "",
  "shop/tax.py": `
import functools

RATE = 2
CALLED = []


def tax(price, rate=RATE):
    """What the state gets."""
    return price * rate


def early():
    return 1


CALLED.append(early())


@functools.lru_cache
def cached(price):
    return tax(price) + 1


def logged(function):
    @functools.wraps(function)
    def call(*args):
        return function(*args)

    return call


@logged
def wrapped(price):
    return price + 10


class Order:
    currency = "EUR"

    def __init__(self, price):
        self.price = price

    @property
    def total(self):
        return self.price + tax(self.price)

    @staticmethod
    def fee():
        return 5


def fails():
    return 1 / 0
`,
  "shop/steps.py": "def numbers():\n    yield 1\n    yield 2\n\n\nSTARTED = numbers()\n",
  "shop/other.py": "from shop.tax import tax\n\nLIMIT = 7\n\n\ndef over(price):\n    return tax(price) > LIMIT\n",
  "test_tax.py": `
import inspect

import pytest

from shop import tax as module
from shop.other import over
from shop.steps import STARTED
from shop.tax import CALLED, Order, cached, early, fails, tax, wrapped


def test_tax():
    assert tax(3) == 6


def test_early():
    assert (early(), CALLED) == (1, [1])


def test_cached():
    assert (cached(2), cached(2)) == (5, 5)


def test_wrapped():
    assert wrapped(1) == 11


def test_numbers():
    assert list(STARTED) == [1, 2]


def test_order():
    assert (Order(1).total, Order.fee(), Order.currency) == (3, 5, "EUR")


def test_over():
    assert over(4)


def test_source():
    assert "return price" in inspect.getsource(tax)
    assert inspect.getsourcelines(Order)[1] == 40
    assert module.fails.__code__.co_firstlineno == 55


def test_fails():
    fails()
`,
} as const;

const TAX = SHOP["shop/tax.py"];

test.each([
  ["a body", "price * rate", "price * rate + 1", "body of tax()"],
  ["a property", "self.price + tax", "self.price - tax", "body of Order.total()"],
  ["a static method", "return 5", "return 6", "body of Order.fee()"],
  ["a decorated function", "price + 10", "price + 11", "body of wrapped()"],
  ["a cached function that was not called", "tax(price) + 1", "tax(price) + 2", "body of cached()"],
  ["a function that calls itself wrong, with more lines", "return 1 / 0", "x = 0\n    return 1 / x", "body of fails()"],
  ["a comment", "RATE = 2", "# Two, for a start.\nRATE = 2", "comments only"],
  ["a line that moves all others", "\n\nRATE", "\n\n\n\n\nRATE", "comments only"],
])("%s is patched, and undone", async (_, from, to, what) => {
  await using twins = new ColdAndWarm(SHOP);
  await twins.same();
  await twins.edit({ "shop/tax.py": TAX.replace(from, to) });
  const { lastRecord } = await twins.prewarm.status();
  expect([lastRecord?.way, lastRecord?.reason]).toEqual(["patched", `shop/tax.py: ${what}`]);
  await twins.edit({ "shop/tax.py": TAX });
});

test.each([
  ["a constant", "RATE = 2", "RATE = 3"],
  ["a default argument", "rate=RATE", "rate=4"],
  ["a signature", "def tax(price, ", "def tax(price, more=0, "],
  ["a docstring", "What the state gets.", "What it costs."],
  ["a class body", '"EUR"', '"USD"'],
  ["a new method", "    @staticmethod", "    def new(self):\n        pass\n\n    @staticmethod"],
  ["a decorator that goes", "@logged\n", ""],
  ["a function that was called while importing", "return 1\n", "return 7\n"],
  ["a decorator that was called while importing", "    @functools.wraps(function)\n", ""],
  ["a use of super()", "self.price = price", "super().__init__()\n        self.price = price"],
  ["a function that becomes a generator", "return price * rate", "yield price * rate"],
])("%s is imported again", async (_, from, to) => {
  await using twins = new ColdAndWarm(SHOP);
  await twins.same();
  await twins.edit({ "shop/tax.py": TAX.replace(from, to) });
  expect(await twins.way()).toBe("resumed");
  await twins.edit({ "shop/tax.py": TAX });
});

test.each([
  ["that waits", (text: string) => text.replace("yield 2", "yield 3")],
  ["whose lines are others", (text: string) => `\n${text}`],
])("a generator %s is made again", async (_, change) => {
  await using twins = new ColdAndWarm(SHOP);
  await twins.same();
  await twins.edit({ "shop/steps.py": change(SHOP["shop/steps.py"]) });
  expect(await twins.way()).toBe("resumed");
});

test("edits one after another, of two files, and of another kind in between", async () => {
  await using twins = new ColdAndWarm(SHOP);
  const other = SHOP["shop/other.py"];
  const ways: unknown[] = [];
  const edit = async (files: Readonly<Record<string, string>>) => {
    await twins.edit(files);
    ways.push(await twins.way());
  };
  await twins.same();
  const first = TAX.replace("price * rate", "price * rate + 1");
  await edit({ "shop/tax.py": first });
  await edit({ "shop/tax.py": first.replace("return 5", "return 8") });
  await edit({ "shop/other.py": other.replace("tax(price) > LIMIT", "tax(price) < LIMIT") });
  // Imported again: what was patched has to come back as it is in the file.
  await edit({ "shop/other.py": other.replace("LIMIT = 7", "LIMIT = 100") });
  await edit({ "shop/tax.py": first.replace("return 5", "return 9") });
  expect(ways).toEqual(["patched", "patched", "patched", "resumed", "patched"]);
  await edit({ "shop/tax.py": "def tax(:\n" });
  await edit({ "shop/tax.py": TAX, "shop/other.py": other });
});
