from __future__ import annotations

import pytest

from shop.cart import MAX_QUANTITY, Cart
from shop.errors import InvalidInput, NotFound
from shop.money import Money


def test_total(cart):
    assert cart.goods == Money(5_500)


def test_pieces_and_weight(cart):
    assert cart.pieces == 3
    assert cart.grams == 1_400


def test_empty():
    assert len(Cart()) == 0
    assert Cart().goods == Money(0)


class TestAdd:
    def test_same_article_twice_is_one_line(self, cart, tea):
        cart.add(tea, 3)
        assert len(cart) == 2
        assert cart.pieces == 6

    def test_earns_the_quantity_discount(self, cart, tea):
        line = cart.add(tea, 8)
        assert line.full_price == Money(10_000)
        assert line.discount == Money(500)
        assert line.total == Money(9_500)

    @pytest.mark.parametrize("quantity", [0, -1, MAX_QUANTITY + 1])
    def test_refuses(self, cart, pot, quantity):
        with pytest.raises(InvalidInput):
            cart.add(pot, quantity)

    def test_refused_pieces_leave_the_cart_as_it_was(self, cart, tea):
        with pytest.raises(InvalidInput):
            cart.add(tea, MAX_QUANTITY - 1)
        assert cart.pieces == 3


class TestChange:
    def test_sets_the_quantity(self, cart, tea):
        cart.change(tea.sku, 5)
        assert cart.pieces == 6

    def test_zero_takes_it_out(self, cart, tea):
        cart.change(tea.sku, 0)
        assert [line.article.name for line in cart] == ["Glass Teapot"]

    def test_remove(self, cart, tea, pot):
        cart.remove(tea.sku)
        cart.remove(pot.sku)
        assert len(cart) == 0

    def test_unknown(self, cart):
        with pytest.raises(NotFound, match="CUP-0001-9"):
            cart.change("CUP-0001-9", 1)


def test_merge(cart, tea):
    visitor = Cart()
    visitor.add(tea, 4)
    cart.merge(visitor)
    assert [line.quantity for line in cart] == [6, 1]


def test_order_of_lines_is_kept(cart, tea):
    cart.add(tea)
    assert [line.article.sku[:3] for line in cart] == ["TEA", "POT"]
