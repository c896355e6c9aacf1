from __future__ import annotations

from datetime import date

import pytest

from shop.coupons import Coupon, best
from shop.errors import CouponRejected, InvalidInput
from shop.money import Money

TODAY = date(2024, 3, 14)


def test_percent():
    assert Coupon("SPRING", percent=20).value(Money(5_000)) == Money(1_000)


def test_amount_never_exceeds_the_goods():
    assert Coupon("TENNER", amount=Money(1_000)).value(Money(800)) == Money(800)


@pytest.mark.parametrize(
    "values", [{}, {"percent": 10, "amount": Money(1)}, {"percent": 101}, {"percent": -5}]
)
def test_refuses_nonsense(values):
    with pytest.raises(InvalidInput):
        Coupon("ODD", **values)


@pytest.mark.parametrize(
    ("coupon", "reason"),
    [
        (Coupon("A", percent=5, starts=date(2024, 3, 15)), "valid from 2024-03-15"),
        (Coupon("B", percent=5, ends=date(2024, 3, 13)), "ended on 2024-03-13"),
        (Coupon("C", percent=5, minimum=Money(5_001)), "needs goods"),
    ],
    ids=["early", "late", "small"],
)
def test_check_gives_the_reason(coupon, reason):
    with pytest.raises(CouponRejected, match=reason):
        coupon.check(Money(5_000), TODAY)


def test_first_and_last_day_count():
    Coupon("DAY", percent=5, starts=TODAY, ends=TODAY).check(Money(1), TODAY)


def test_best_saves_most():
    small, large = Coupon("S", percent=5), Coupon("L", amount=Money(400))
    assert best([small, large], Money(5_000), TODAY) is large
    assert best([small, large], Money(50_000), TODAY) is small


def test_best_leaves_out_what_does_not_hold():
    assert best([Coupon("OLD", percent=50, ends=date(2023, 1, 1))], Money(1), TODAY) is None
