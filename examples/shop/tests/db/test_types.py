from __future__ import annotations

from datetime import datetime, timedelta, timezone
from decimal import Decimal

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, StatementError

from shop.models import Product
from shop.money import Money
from shop.queries.orders import order_by_number


def test_money_is_kept_as_cents(session, products):
    assert session.scalars(text("SELECT price FROM products ORDER BY price")).all() == [1_000, 3_500]


def test_money_comes_back(session, products):
    session.expire_all()
    assert {product.price for product in products.values()} == {Money(1_000), Money(3_500)}


def test_other_currencies_are_refused(session, products, tea):
    products[tea.sku].price = Money(1_000, "CHF")
    with pytest.raises(StatementError, match="kept in EUR"):
        session.flush()


def test_moments_come_back_in_utc(session, make_order):
    order = make_order()
    order.placed_at = datetime(2024, 7, 1, 1, 30, tzinfo=timezone(timedelta(hours=2)))
    session.commit()
    session.expire_all()
    assert order.placed_at == datetime(2024, 6, 30, 23, 30, tzinfo=timezone.utc)
    assert order.placed_at.tzinfo is timezone.utc


def test_moments_need_a_zone(session, make_order):
    make_order().placed_at = datetime(2024, 7, 1)
    with pytest.raises(StatementError, match="time zone"):
        session.flush()


def test_rates_keep_their_decimals(session, make_order):
    number = make_order().number
    session.expire_all()
    assert [line.tax_percent for line in order_by_number(session, number).lines] == [Decimal(7), Decimal(19)]


@pytest.mark.parametrize(("column", "value"), [("on_hand", -1), ("reserved", 21), ("reserved", -1)])
def test_stock_stays_possible(session, products, tea, column, value):
    setattr(products[tea.sku], column, value)
    with pytest.raises(IntegrityError):
        session.flush()


def test_article_numbers_are_unique(session, products, tea):
    session.add(Product(sku=tea.sku, name="Copy", slug="copy", price=Money(1)))
    with pytest.raises(IntegrityError):
        session.flush()
