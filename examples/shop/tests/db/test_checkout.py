from __future__ import annotations

import logging

import pytest

from shop.cart import Cart
from shop.coupons import Coupon
from shop.errors import CouponRejected, IllegalTransition, NotFound, OutOfStock, PaymentDeclined
from shop.money import Money
from shop.order_states import OrderState
from shop.services.checkout import cancel, pay, place_order


class TestPlaceOrder:
    def test_reserves_the_stock(self, make_order, products, tea):
        make_order()
        assert products[tea.sku].stock.available == 18
        assert products[tea.sku].on_hand == 20

    def test_keeps_the_price_of_the_day(self, session, make_order, products, tea):
        order = make_order()
        products[tea.sku].price = Money(9_999)
        session.commit()
        assert order.total == Money(6_305)

    def test_out_of_stock_changes_nothing(self, session, customer, products, tea, pot, clock):
        cart = Cart()
        cart.add(tea, 1)
        cart.add(pot, 21)
        with pytest.raises(OutOfStock, match="21 wanted, 20 available"):
            place_order(session, customer, cart, clock)
        assert products[tea.sku].reserved == 0

    def test_coupon(self, session, customer, products, cart, clock):
        order = place_order(session, customer, cart, clock, coupon=Coupon("TEN", percent=10))
        assert order.coupon_code == "TEN"
        assert order.goods == Money(4_950)

    def test_coupon_rejected(self, session, customer, products, cart, clock):
        with pytest.raises(CouponRejected):
            place_order(session, customer, cart, clock, coupon=Coupon("BIG", percent=5, minimum=Money(9_999)))

    def test_product_that_is_gone(self, session, customer, cart, clock):
        with pytest.raises(NotFound):
            place_order(session, customer, cart, clock)

    def test_gift_for_somebody_abroad(self, session, customer, products, cart, clock):
        order = place_order(session, customer, cart, clock, country="AT")
        assert order.country == "AT"
        assert order.total == Money(7_468)


class TestPay:
    def test_books_the_total(self, make_order, gateway):
        order = make_order("paid")
        assert gateway.booked == [(order.number, Money(6_305))]
        assert order.state is OrderState.PAID

    def test_earns_points_for_the_goods(self, make_order, customer):
        make_order("paid")
        assert customer.points == 55

    def test_declined(self, session, make_order, gateway, clock, customer):
        order = make_order()
        gateway.limit = Money(6_304)
        with pytest.raises(PaymentDeclined, match="above the limit"):
            pay(session, order, gateway, clock)
        assert order.state is OrderState.PLACED
        assert customer.points == 0

    def test_only_once(self, session, make_order, gateway, clock):
        order = make_order("paid")
        with pytest.raises(IllegalTransition):
            pay(session, order, gateway, clock)


class TestCancel:
    @pytest.mark.parametrize("state", ["placed", "paid"])
    def test_frees_the_stock(self, session, make_order, products, tea, state):
        order = make_order(state)
        cancel(session, order)
        assert order.state is OrderState.CANCELLED
        assert products[tea.sku].stock.available == 20

    def test_not_after_shipping(self, session, make_order):
        with pytest.raises(IllegalTransition):
            cancel(session, make_order("shipped"))


def test_log(make_order, caplog):
    with caplog.at_level(logging.INFO, logger="shop"):
        make_order("paid")
    assert caplog.messages == [
        "placed order=SO-2024-00001 total='63,05 EUR'",
        "paid order=SO-2024-00001 reference=acc-SO-2024-00001-1",
    ]


def test_risky_orders_are_logged(session, customer, products, cart, clock, caplog):
    customer.email = "x@mailinator.example"
    place_order(session, customer, cart, clock, country="FR")
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "countries differ, throwaway address" in caplog.text
