from __future__ import annotations

from dataclasses import replace

import pytest

from shop.errors import IllegalTransition, InvalidInput
from shop.money import Money
from shop.queries.products import product_by_sku
from shop.services.accounts import redeem_points, register
from shop.services.warehouse import receive, shelf_difference, ship, update_catalogue


def test_receive(session, products, tea, clock):
    receive(session, products[tea.sku], 30, clock)
    assert products[tea.sku].on_hand == 50


def test_ship(session, make_order, products, tea, clock):
    order = make_order("shipped")
    assert order.shipped_at == clock.now()
    assert (products[tea.sku].on_hand, products[tea.sku].reserved) == (18, 0)


def test_ship_needs_payment(session, make_order, clock):
    with pytest.raises(IllegalTransition):
        ship(session, make_order(), clock)


def test_low_stock_is_logged(session, make_order, products, pot, clock, caplog):
    products[pot.sku].reorder_at = 19
    ship(session, make_order("paid"), clock)
    assert f"low stock sku={pot.sku} available=19" in caplog.text


def test_moves_explain_the_shelf(session, make_order, products):
    make_order("shipped")
    assert [shelf_difference(session, product) for product in products.values()] == [0, 0]


def test_theft_shows(session, products, tea):
    products[tea.sku].on_hand -= 2
    assert shelf_difference(session, products[tea.sku]) == -2


class TestCatalogue:
    def test_unchanged(self, session, products, tea, pot):
        assert update_catalogue(session, [tea, pot]) == (0, 0)

    def test_new_price(self, session, products, tea):
        assert update_catalogue(session, [replace(tea, price=Money(1_100))]) == (0, 1)
        assert product_by_sku(session, tea.sku).price == Money(1_100)

    def test_slug_of_a_namesake(self, session, products, tea):
        assert update_catalogue(session, [replace(tea, sku="TEA-0002-6")]) == (1, 0)
        assert product_by_sku(session, "TEA-0002-6").slug == "assam-breakfast-2"

    def test_stock_is_left_alone(self, session, products, tea):
        update_catalogue(session, [replace(tea, name="Assam")])
        assert products[tea.sku].on_hand == 20


class TestAccounts:
    def test_register(self, customer, clock):
        assert (customer.points, customer.joined_at) == (0, clock.now())

    @pytest.mark.parametrize(
        ("change", "reason"),
        [
            ({"email": "ANNA@example.org"}, "registered already"),
            ({"name": "  "}, "needs a name"),
            ({"country": "XX"}, "country"),
        ],
    )
    def test_refused(self, session, customer, clock, change, reason):
        values = {"email": "new@example.org", "name": "New", "country": "DE", **change}
        with pytest.raises(InvalidInput, match=reason):
            register(session, clock, **values)

    def test_redeem(self, customer):
        customer.earn(150)
        assert redeem_points(customer, 100) == Money(200)
        assert (customer.points, customer.lifetime_points) == (50, 150)
