from __future__ import annotations

import pytest

from shop.errors import InvalidInput
from shop.money import Money
from shop.shipping import TARIFFS, Zone, shipping_cost, zone_of


@pytest.mark.parametrize(
    ("country", "zone"), [("DE", Zone.HOME), ("AT", Zone.NEAR), ("CH", Zone.NEAR), ("ES", Zone.FAR)]
)
def test_zone_of(country, zone):
    assert zone_of(country, home="DE") is zone


@pytest.mark.parametrize(
    ("grams", "country", "cents"),
    [
        (1, "DE", 490),
        (2_000, "DE", 490),
        (2_001, "DE", 690),
        (30_000, "DE", 1_690),
        (500, "FR", 890),
        (9_999, "FR", 1_890),
        (500, "IT", 1_390),
    ],
)
def test_tariff(grams, country, cents):
    assert shipping_cost(grams, Money(1_000), country, "DE") == Money(cents)


@pytest.mark.parametrize(
    ("goods", "country", "free"),
    [(5_000, "DE", True), (5_000, "AT", False), (10_000, "AT", True), (99_999, "IT", False)],
)
def test_free_from(goods, country, free):
    assert (shipping_cost(500, Money(goods), country, "DE") == Money(0)) is free


def test_vouchers_weigh_nothing():
    assert shipping_cost(0, Money(100), "SE", "DE") == Money(0)


def test_too_heavy():
    with pytest.raises(InvalidInput, match="30001 g"):
        shipping_cost(30_001, Money(100), "DE", "DE")


@pytest.mark.parametrize("zone", list(Zone))
def test_heavier_costs_more(zone):
    assert list(TARIFFS[zone]) == sorted(TARIFFS[zone])
