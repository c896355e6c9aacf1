from __future__ import annotations

from datetime import timedelta

import pytest

from shop.errors import IllegalTransition, InvalidInput
from shop.loyalty import Tier
from shop.models import Customer, Order
from shop.money import Money
from shop.order_states import OrderState


class TestOrder:
    def test_sums(self, make_order):
        order = make_order()
        assert order.goods == Money(5_500)
        assert order.tax == Money(805)
        assert order.total == Money(6_305)

    def test_paid(self, make_order):
        assert make_order().paid == Money(0)
        assert make_order("paid").paid == Money(6_305)

    def test_refund_window(self):
        assert Order.refund_window_days == 30

    @pytest.mark.parametrize(("days", "expected"), [(0, True), (30, True), (31, False)])
    def test_can_be_returned(self, make_order, clock, days, expected):
        order = make_order("shipped")
        on = (clock.now() + timedelta(days=days)).date()
        assert order.can_be_returned(on) is expected

    def test_cannot_be_returned_before_it_was_shipped(self, make_order, clock):
        assert not make_order("paid").can_be_returned(clock.now().date())

    def test_a_shorter_window(self, make_order, clock, monkeypatch):
        monkeypatch.setattr(Order, "refund_window_days", 14)
        order = make_order("shipped")
        assert not order.can_be_returned((clock.now() + timedelta(days=15)).date())

    def test_move_to(self, make_order):
        order = make_order()
        with pytest.raises(IllegalTransition):
            order.move_to(OrderState.DELIVERED)
        assert order.state is OrderState.PLACED

    def test_line_of(self, make_order, tea):
        order = make_order()
        assert order.line_of(tea.sku).quantity == 2
        assert order.line_of("CUP-0001-9") is None

    def test_repr(self, make_order):
        order = make_order()
        assert repr(order) == f"<Order {order.id}>"


class TestCustomer:
    def test_address_is_tidied(self):
        assert Customer(email=" Anna@Example.ORG ").email == "anna@example.org"

    @pytest.mark.parametrize("email", ["", "anna", "anna@", "@example.org", "anna@localhost"])
    def test_address_is_checked(self, email):
        with pytest.raises(InvalidInput):
            Customer(email=email)

    def test_points_spent_do_not_cost_the_tier(self, customer):
        customer.earn(600)
        customer.points -= 500
        assert customer.tier is Tier.BUD

    def test_orders_come_by_date(self, session, make_order, customer, clock):
        first = make_order()
        clock.advance(days=1)
        second = make_order()
        session.expire_all()
        assert customer.orders == [first, second]


def test_product_as_article(products, tea):
    assert products[tea.sku].as_article() == tea


def test_product_stock(products, tea):
    product = products[tea.sku]
    product.stock = product.stock.reserve(5)
    assert (product.on_hand, product.reserved) == (20, 5)
