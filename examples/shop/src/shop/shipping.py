"""What a parcel costs: a zone by country, a tariff by weight, free above a threshold."""

from __future__ import annotations

from enum import Enum

from shop.errors import InvalidInput
from shop.money import ZERO, Money


class Zone(Enum):
    HOME = "home"
    NEAR = "near"
    FAR = "far"


NEAR_COUNTRIES = frozenset({"AT", "BE", "CH", "DK", "FR", "NL", "PL"})
MAX_GRAMS = 30_000

# Up to that weight in grams, that price in cents.
TARIFFS = {
    Zone.HOME: ((2_000, 490), (5_000, 690), (10_000, 990), (MAX_GRAMS, 1_690)),
    Zone.NEAR: ((2_000, 890), (5_000, 1_290), (10_000, 1_890), (MAX_GRAMS, 3_490)),
    Zone.FAR: ((2_000, 1_390), (5_000, 1_990), (10_000, 2_990), (MAX_GRAMS, 4_990)),
}
FREE_FROM = {Zone.HOME: Money(5_000), Zone.NEAR: Money(10_000)}


def zone_of(country: str, home: str) -> Zone:
    if country == home:
        return Zone.HOME
    return Zone.NEAR if country in NEAR_COUNTRIES else Zone.FAR


def shipping_cost(grams: int, goods: Money, country: str, home: str) -> Money:
    """The price of the parcel before tax; nothing for an empty one."""
    if grams <= 0:
        return ZERO
    if grams > MAX_GRAMS:
        raise InvalidInput(f"A parcel holds up to {MAX_GRAMS} g, this one has {grams} g.")
    zone = zone_of(country, home)
    free_from = FREE_FROM.get(zone)
    if free_from is not None and goods >= free_from:
        return ZERO
    return next(Money(cents) for limit, cents in TARIFFS[zone] if grams <= limit)
