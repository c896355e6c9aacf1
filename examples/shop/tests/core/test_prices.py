from __future__ import annotations

import pytest

from shop import prices
from shop.errors import InvalidInput
from shop.money import Money
from shop.prices import discount, discount_percent, line_total, pieces_to_next_break


@pytest.mark.parametrize(
    ("quantity", "percent"), [(1, 0), (9, 0), (10, 5), (19, 5), (20, 10), (49, 10), (50, 15), (1000, 15)]
)
def test_discount_percent(quantity, percent):
    assert discount_percent(quantity) == percent


@pytest.mark.parametrize(("quantity", "cents"), [(1, 0), (10, 500), (20, 2_000), (50, 7_500)])
def test_discount(quantity, cents):
    assert discount(Money(1_000), quantity) == Money(cents)


def test_discount_is_rounded_once_for_the_line():
    assert discount(Money(99), 11) == Money(54)


def test_line_total():
    assert line_total(Money(1_000), 12) == Money(11_400)


def test_line_total_is_full_price_below_the_first_break():
    assert line_total(Money(1_000), 3) == Money(3_000)


@pytest.mark.parametrize("quantity", [0, -1])
def test_line_total_refuses(quantity):
    with pytest.raises(InvalidInput, match="at least 1"):
        line_total(Money(1_000), quantity)


@pytest.mark.parametrize(("quantity", "missing"), [(1, 9), (10, 10), (49, 1), (50, None)])
def test_pieces_to_next_break(quantity, missing):
    assert pieces_to_next_break(quantity) == missing


def test_breaks_can_be_changed(monkeypatch):
    monkeypatch.setattr(prices, "QUANTITY_BREAKS", ((2, 50),))
    assert discount(Money(100), 2) == Money(100)


def test_a_line_always_costs_something():
    assert all(line_total(Money(1), quantity) > Money(0) for quantity in range(1, 100))


@pytest.mark.xfail(reason="a break holds for the whole line: 20 pieces cost less than 19")
def test_one_piece_more_never_costs_less():
    totals = [line_total(Money(1_000), quantity) for quantity in range(1, 60)]
    assert totals == sorted(totals)
