from __future__ import annotations

from decimal import Decimal

import pytest

from shop.errors import CurrencyMismatch, InvalidInput
from shop.money import ZERO, Money, total


@pytest.mark.parametrize(
    ("text", "cents"), [("12", 1200), ("12.5", 1250), ("12,50", 1250), (" 0.01 ", 1), ("-3", -300)]
)
def test_parse(text, cents):
    assert Money.parse(text) == Money(cents)


@pytest.mark.parametrize("text", ["", "twelve", "1.005", "1.2.3", "NaN", "Infinity"])
def test_parse_refuses(text):
    with pytest.raises(InvalidInput):
        Money.parse(text)


@pytest.mark.parametrize(
    ("cents", "text"),
    [(0, "0,00 EUR"), (5, "0,05 EUR"), (-1250, "-12,50 EUR"), (123456789, "1.234.567,89 EUR")],
)
def test_str(cents, text):
    assert str(Money(cents)) == text


def test_arithmetic():
    assert Money(100) + Money(50) - Money(30) * 2 == Money(90)
    assert -Money(5) < ZERO


def test_currencies_do_not_mix():
    with pytest.raises(CurrencyMismatch, match="EUR with CHF"):
        Money(1) + Money(1, "CHF")


def test_currencies_do_not_compare():
    with pytest.raises(CurrencyMismatch):
        assert Money(1) < Money(2, "CHF")


@pytest.mark.parametrize(
    ("cents", "factor", "expected"), [(10, "0.25", 3), (10, "0.24", 2), (-10, "0.25", -3)]
)
def test_scaled_rounds_half_away_from_zero(cents, factor, expected):
    assert Money(cents).scaled(Decimal(factor)) == Money(expected)


class TestAllocate:
    def test_loses_no_cent(self):
        parts = Money(100).allocate([1, 1, 1])
        assert parts == [Money(34), Money(33), Money(33)]

    def test_largest_remainder_gets_the_cent(self):
        assert Money(10).allocate([1, 5]) == [Money(2), Money(8)]

    def test_weight_of_zero_gets_nothing(self):
        assert Money(99).allocate([0, 3]) == [ZERO, Money(99)]

    @pytest.mark.parametrize("weights", [[], [0, 0], [-1, 2]])
    def test_refuses(self, weights):
        with pytest.raises((InvalidInput, ValueError)):
            Money(1).allocate(weights)


def test_total():
    assert total([Money(1), Money(2)]) == Money(3)
    assert total([]) == ZERO
