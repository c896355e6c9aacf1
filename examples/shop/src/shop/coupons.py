"""Coupons: a percentage or an amount off the goods, within dates and above a minimum."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from shop.errors import CouponRejected, InvalidInput
from shop.money import ZERO, Money


@dataclass(frozen=True)
class Coupon:
    code: str
    percent: int = 0
    amount: Money = ZERO
    minimum: Money = ZERO
    starts: date | None = None
    ends: date | None = None

    def __post_init__(self) -> None:
        if bool(self.percent) == bool(self.amount):
            raise InvalidInput(f"Coupon {self.code}: expected either a percentage or an amount.")
        if not 0 <= self.percent <= 100:
            raise InvalidInput(f"Coupon {self.code}: expected 0 to 100 percent, got {self.percent}.")

    def check(self, goods: Money, on: date) -> None:
        """Raises CouponRejected with the reason when the coupon does not hold."""
        if self.starts is not None and on < self.starts:
            raise CouponRejected(f"{self.code} is valid from {self.starts}.")
        if self.ends is not None and on > self.ends:
            raise CouponRejected(f"{self.code} ended on {self.ends}.")
        if goods < self.minimum:
            raise CouponRejected(f"{self.code} needs goods for {self.minimum}, the cart has {goods}.")

    def value(self, goods: Money) -> Money:
        """What comes off: never more than the goods cost."""
        off = goods.percent(self.percent) if self.percent else self.amount
        return min(off, goods)


def best(coupons: Iterable[Coupon], goods: Money, on: date) -> Coupon | None:
    """The valid coupon that saves most; the first of equals."""
    valid = [coupon for coupon in coupons if _holds(coupon, goods, on)]
    return max(valid, key=lambda coupon: coupon.value(goods), default=None)


def _holds(coupon: Coupon, goods: Money, on: date) -> bool:
    try:
        coupon.check(goods, on)
    except CouponRejected:
        return False
    return True
