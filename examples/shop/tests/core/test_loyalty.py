from __future__ import annotations

import pytest

from shop.errors import InvalidInput
from shop.loyalty import Tier, points_for, redeem, tier_for
from shop.money import Money


@pytest.mark.parametrize(
    ("points", "tier"),
    [(0, Tier.LEAF), (499, Tier.LEAF), (500, Tier.BUD), (2_000, Tier.BLOSSOM), (9_999, Tier.BLOSSOM)],
)
def test_tier_for(points, tier):
    assert tier_for(points) is tier


@pytest.mark.parametrize(("tier", "points"), [(Tier.LEAF, 19), (Tier.BUD, 23), (Tier.BLOSSOM, 28)])
def test_points_for(tier, points):
    assert points_for(Money(1_999), tier) == points


def test_redeem():
    assert redeem(250, 200) == (50, Money(400))


@pytest.mark.parametrize(("balance", "points"), [(250, 99), (250, 251), (50, 100)])
def test_redeem_refuses(balance, points):
    with pytest.raises(InvalidInput):
        redeem(balance, points)
