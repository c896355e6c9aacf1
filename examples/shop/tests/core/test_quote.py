from __future__ import annotations

from datetime import date

import pytest

from shop.cart import Cart
from shop.coupons import Coupon
from shop.errors import CouponRejected, InvalidInput
from shop.money import Money, total
from shop.quote import quote

TODAY = date(2024, 3, 14)


def priced(cart, country="DE", **options):
    return quote(cart, country=country, home="DE", on=TODAY, **options)


def test_at_home_above_the_threshold(cart):
    result = priced(cart)
    assert result.goods == Money(5_500)
    assert result.shipping == Money(0)
    assert result.tax == Money(140 + 665)
    assert result.total == Money(6_305)


def test_shipping_is_taxed(cart, pot):
    cart.remove(pot.sku)
    result = priced(cart)
    assert result.shipping == Money(490)
    assert result.shipping_tax == Money(93)
    assert result.total == Money(2_000 + 140 + 490 + 93)


@pytest.mark.parametrize(
    ("country", "cents"), [("DE", 6_305), ("AT", 7_468), ("FR", 7_378), ("SE", 8_353), ("CH", 6_390)]
)
def test_total_by_country(cart, country, cents):
    assert priced(cart, country).total == Money(cents)


def test_business_abroad_pays_no_tax(cart):
    result = priced(cart, "FR", vat_id="FR40303265045")
    assert result.tax == Money(0)


class TestCoupon:
    def test_comes_off_before_tax(self, cart):
        result = priced(cart, coupon=Coupon("TEN", percent=10))
        assert result.goods == Money(4_950)
        assert result.discount == Money(550)

    def test_can_cost_the_free_shipping(self, cart):
        assert priced(cart, coupon=Coupon("TEN", percent=10)).shipping == Money(490)

    @pytest.mark.parametrize("cents", [1, 333, 1_000, 5_499])
    def test_shares_add_up(self, cart, cents):
        result = priced(cart, coupon=Coupon("ANY", amount=Money(cents)))
        assert total(line.coupon_share for line in result.lines) == Money(cents)

    def test_rejected(self, cart):
        with pytest.raises(CouponRejected):
            priced(cart, coupon=Coupon("BIG", percent=5, minimum=Money(9_000)))

    def test_adds_to_the_quantity_discount(self, tea):
        cart = Cart()
        cart.add(tea, 10)
        result = priced(cart, coupon=Coupon("TEN", percent=10))
        assert result.discount == Money(500 + 950)


def test_empty_cart():
    with pytest.raises(InvalidInput, match="empty"):
        priced(Cart())
