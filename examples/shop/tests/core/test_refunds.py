from __future__ import annotations

from datetime import date

import pytest

from shop.errors import RefundRefused
from shop.money import Money, total
from shop.refunds import SoldLine, is_within_window, refund_for, restocking_fee


@pytest.fixture
def line() -> SoldLine:
    return SoldLine("TEA-0001-9", quantity=3, net=Money(1_000), tax=Money(70))


def test_refund_full(line):
    assert refund_for(line, 3, days=5) == Money(1_070)


def test_refund_partial(line):
    assert refund_for(line, 1, days=5) == Money(357)


def test_pieces_one_by_one_add_up(line):
    steps = [SoldLine(line.sku, line.quantity, line.net, line.tax, returned) for returned in range(3)]
    assert total(step.share(1) for step in steps) == Money(1_070)


@pytest.mark.parametrize(
    ("days", "opened", "cents"), [(0, False, 1_070), (14, False, 1_070), (15, False, 963), (2, True, 856)]
)
def test_fee(line, days, opened, cents):
    assert refund_for(line, 3, days, opened) == Money(cents)


@pytest.mark.parametrize(("pieces", "returned"), [(0, 0), (4, 0), (2, 2)])
def test_refuses(pieces, returned):
    line = SoldLine("TEA-0001-9", 3, Money(1_000), Money(70), returned)
    with pytest.raises(RefundRefused, match="TEA-0001-9"):
        refund_for(line, pieces, days=1)


@pytest.mark.parametrize(("day", "expected"), [(14, True), (13, True), (15, False)])
def test_window(day, expected):
    assert is_within_window(date(2024, 2, 13), date(2024, 3, day), window_days=30) is expected


def test_no_fee_for_nothing():
    assert restocking_fee(Money(0), days=100, opened=True) == Money(0)
