"""Fixtures for all tests.

Those for the database import it on use, so that tests/core runs with the standard library and pytest alone.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from typing import TYPE_CHECKING

# Before the application is imported: its settings are read once.
os.environ["SHOP_ENV"] = "test"
os.environ["SHOP_ADMIN_TOKEN"] = "first-flush"
for name in ("SHOP_DATABASE_URL", "SHOP_HOME_COUNTRY", "SHOP_PAGE_SIZE", "SHOP_MAIL_SENDER"):
    os.environ.pop(name, None)

import pytest

from shop.cart import Article, Cart
from shop.clock import FixedClock
from shop.money import Money
from shop.sku import make_sku
from shop.tax import TaxClass

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine
    from sqlalchemy.orm import Session, sessionmaker

    from shop.models import Customer, Order, Product
    from shop.services.payments import InvoiceGateway


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(datetime(2024, 3, 14, 12, 0, tzinfo=timezone.utc))


@pytest.fixture
def tea() -> Article:
    return Article(make_sku("TEA", 1), "Assam Breakfast", Money(1_000), 250, TaxClass.REDUCED)


@pytest.fixture
def pot() -> Article:
    return Article(make_sku("POT", 1), "Glass Teapot", Money(3_500), 900)


@pytest.fixture
def cart(tea: Article, pot: Article) -> Cart:
    """Two packets of tea and a pot: 55,00 EUR."""
    cart = Cart()
    cart.add(tea, 2)
    cart.add(pot)
    return cart


@pytest.fixture(scope="session")
def engine() -> Iterator[Engine]:
    from shop.db.engine import create_tables, make_engine

    engine = make_engine("sqlite://")
    create_tables(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    """What a test writes is rolled back, also what it commits."""
    with engine.connect() as connection:
        transaction = connection.begin()
        yield connection
        transaction.rollback()


@pytest.fixture
def sessions(connection: Connection) -> sessionmaker[Session]:
    from sqlalchemy.orm import sessionmaker

    return sessionmaker(connection, expire_on_commit=False, join_transaction_mode="create_savepoint")


@pytest.fixture
def session(sessions: sessionmaker[Session]) -> Iterator[Session]:
    with sessions() as session:
        yield session


@pytest.fixture
def gateway() -> InvoiceGateway:
    from shop.services.payments import InvoiceGateway

    return InvoiceGateway()


@pytest.fixture
def customer(session: Session, clock: FixedClock) -> Customer:
    from shop.services.accounts import register

    customer = register(session, clock, email="anna@example.org", name="Anna Berg", country="DE")
    session.commit()
    return customer


@pytest.fixture
def products(session: Session, clock: FixedClock, tea: Article, pot: Article) -> dict[str, Product]:
    """Twenty of each on the shelf."""
    from shop.queries.products import products_by_sku
    from shop.services.warehouse import receive, update_catalogue

    update_catalogue(session, [tea, pot])
    products = products_by_sku(session, [tea.sku, pot.sku])
    for product in products.values():
        receive(session, product, 20, clock)
    session.commit()
    return products


@pytest.fixture
def make_order(
    session: Session,
    customer: Customer,
    products: dict[str, Product],
    cart: Cart,
    gateway: InvoiceGateway,
    clock: FixedClock,
) -> Callable[..., Order]:
    """Orders of the usual cart, brought to the wanted state: placed, paid or shipped."""
    from shop.services.checkout import pay, place_order
    from shop.services.warehouse import ship

    def make(state: str = "placed", of: Cart = cart, by: Customer = customer) -> Order:
        order = place_order(session, by, of, clock)
        if state in ("paid", "shipped"):
            pay(session, order, gateway, clock)
        if state == "shipped":
            ship(session, order, clock)
        session.commit()
        return order

    return make
