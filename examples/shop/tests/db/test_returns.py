from __future__ import annotations

import pytest

from shop.errors import RefundRefused
from shop.money import Money
from shop.order_states import OrderState
from shop.services.returns import refund_order


@pytest.fixture
def order(make_order):
    return make_order("shipped")


@pytest.fixture
def refund(session, order, gateway, clock):
    def refund(pieces, **options):
        return refund_order(session, order, pieces, gateway, clock, reason="too strong", **options)

    return refund


def test_refund_full(refund, order, tea, pot):
    assert refund({tea.sku: 2, pot.sku: 1}).amount == Money(6_305)
    assert order.state is OrderState.RETURNED


def test_refund_partial(refund, order, tea):
    assert refund({tea.sku: 1}).amount == Money(1_070)
    assert order.state is OrderState.SHIPPED
    assert order.line_of(tea.sku).returned == 1


def test_refund_in_steps(refund, order, tea, pot):
    for pieces in ({tea.sku: 1}, {pot.sku: 1}, {tea.sku: 1}):
        refund(pieces)
    assert order.refunded == order.total
    assert order.is_closed


def test_the_gateway_books_it(refund, gateway, tea):
    refund({tea.sku: 1})
    assert gateway.balance == Money(6_305 - 1_070)


def test_sealed_goods_return_to_the_shelf(refund, products, tea):
    refund({tea.sku: 2})
    assert products[tea.sku].on_hand == 20


def test_opened_goods_do_not(refund, products, tea):
    assert refund({tea.sku: 2}, opened=True).amount == Money(1_712)
    assert products[tea.sku].on_hand == 18


@pytest.mark.parametrize(("days", "cents"), [(14, 1_070), (15, 963), (30, 963)])
def test_late_returns_cost_a_fee(refund, clock, tea, days, cents):
    clock.advance(days=days)
    assert refund({tea.sku: 1}).amount == Money(cents)


def test_too_late(refund, clock, tea):
    clock.advance(days=31)
    with pytest.raises(RefundRefused, match="no longer"):
        refund({tea.sku: 1})


@pytest.mark.parametrize(
    ("pieces", "reason"),
    [
        ({}, "Nothing"),
        ({"CUP-0001-9": 1}, "no line"),
        ({"TEA-0001-9": 3}, "2 can still"),
        ({"TEA-0001-9": 0}, "at least 1"),
    ],
)
def test_refused(refund, gateway, pieces, reason):
    with pytest.raises(RefundRefused, match=reason):
        refund(pieces)
    assert len(gateway.booked) == 1


def test_not_shipped(session, make_order, gateway, clock, tea):
    with pytest.raises(RefundRefused, match="not shipped"):
        refund_order(session, make_order("paid"), {tea.sku: 1}, gateway, clock, reason="changed my mind")
