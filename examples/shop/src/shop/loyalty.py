"""Points for regular customers: one for each euro, more in the higher tiers."""

from __future__ import annotations

from decimal import Decimal
from enum import Enum

from shop.errors import InvalidInput
from shop.money import Money

POINT_VALUE = Money(2)
MIN_REDEEM = 100


class Tier(Enum):
    """A name, the points it takes, and the factor on points earned."""

    LEAF = ("leaf", 0, Decimal("1"))
    BUD = ("bud", 500, Decimal("1.25"))
    BLOSSOM = ("blossom", 2_000, Decimal("1.5"))

    def __init__(self, label: str, threshold: int, factor: Decimal) -> None:
        self.label = label
        self.threshold = threshold
        self.factor = factor


def tier_for(lifetime_points: int) -> Tier:
    return max((tier for tier in Tier if lifetime_points >= tier.threshold), key=lambda tier: tier.threshold)


def points_for(paid: Money, tier: Tier) -> int:
    """Whole points only: cents that do not make a euro earn nothing."""
    return int(paid.cents // 100 * tier.factor)


def redeem(balance: int, points: int) -> tuple[int, Money]:
    """The balance that is left and what the points are worth."""
    if points < MIN_REDEEM or points > balance:
        raise InvalidInput(f"Expected {MIN_REDEEM} to {balance} points, got {points}.")
    return balance - points, POINT_VALUE * points
