from __future__ import annotations

import pytest

from shop.errors import NotFound
from shop.order_states import OrderState
from shop.queries.customers import customer_by_email, customer_by_id, customers_page, order_count
from shop.queries.orders import next_order_number, order_by_number, orders_page, unpaid_since
from shop.queries.products import low_stock, product_by_sku, products_by_sku, search_products
from shop.services.accounts import register


def test_order_by_number(session, make_order):
    order = make_order()
    assert order_by_number(session, order.number) is order


@pytest.mark.parametrize(
    ("find", "key"),
    [(order_by_number, "SO-2024-00001"), (product_by_sku, "TEA-0001-9"), (customer_by_id, 7)],
)
def test_not_found(session, find, key):
    with pytest.raises(NotFound, match=str(key)):
        find(session, key)


def test_products_by_sku_names_what_is_missing(session, products, tea):
    with pytest.raises(NotFound, match="CUP-0001-9"):
        products_by_sku(session, [tea.sku, "CUP-0001-9"])


def test_numbers_count_up(session, make_order):
    assert [make_order().number for _ in range(3)] == ["SO-2024-00001", "SO-2024-00002", "SO-2024-00003"]


def test_numbers_start_anew_each_year(session, make_order):
    make_order()
    assert next_order_number(session, 2025) == "SO-2025-00001"


def test_numbers_grow_beyond_five_digits(session, make_order):
    make_order().number = "SO-2024-99999"
    make_order().number = "SO-2024-100000"
    assert next_order_number(session, 2024) == "SO-2024-100001"


def test_orders_page_is_newest_first(session, make_order, clock):
    numbers = []
    for _ in range(3):
        numbers.append(make_order().number)
        clock.advance(hours=1)
    orders, count = orders_page(session, page=1, size=2)
    assert count == 3
    assert [order.number for order in orders] == numbers[:0:-1]


def test_orders_page_by_state(session, make_order):
    make_order()
    paid = make_order("paid")
    assert orders_page(session, 1, 10, OrderState.PAID) == ([paid], 1)


def test_unpaid_since(session, make_order, clock):
    late = make_order()
    make_order("paid")
    clock.advance(days=8)
    make_order()
    assert unpaid_since(session, clock.now()) == [late]


def test_customers_page_is_by_name(session, customer, clock):
    register(session, clock, email="zoe@example.org", name="Zoe", country="FR")
    register(session, clock, email="alf@example.org", name="Alf", country="SE")
    found, count = customers_page(session, page=1, size=2)
    assert [each.name for each in found] == ["Alf", "Anna Berg"]
    assert count == 3


def test_customer_by_email_ignores_case(session, customer):
    assert customer_by_email(session, "ANNA@example.org") is customer


def test_order_count(session, customer, make_order):
    make_order()
    assert order_count(session, customer) == 1


def test_low_stock_is_emptiest_first(session, products, tea, pot):
    products[tea.sku].on_hand = 4
    products[pot.sku].on_hand = 2
    assert [product.sku for product in low_stock(session)] == [pot.sku, tea.sku]


def test_what_is_not_sold_any_more_is_not_low(session, products, tea):
    products[tea.sku].on_hand = 0
    products[tea.sku].active = False
    assert low_stock(session) == []


@pytest.mark.parametrize(("text", "found"), [("glass", ["POT"]), ("tea", ["TEA", "POT"]), ("cup", [])])
def test_search(session, products, text, found):
    assert [product.sku[:3] for product in search_products(session, text)] == found
