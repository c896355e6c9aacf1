"""Data to try the shop with: a small assortment, four customers, a year of orders. The same every time."""

from __future__ import annotations

from datetime import datetime, timezone

from sqlalchemy.orm import Session

from shop.cart import Article, Cart
from shop.clock import FixedClock
from shop.models import Customer, Product
from shop.money import Money
from shop.queries.products import active_products
from shop.services.accounts import register
from shop.services.checkout import pay, place_order
from shop.services.payments import Gateway, InvoiceGateway
from shop.services.returns import refund_order
from shop.services.warehouse import receive, ship, update_catalogue
from shop.sku import make_sku
from shop.tax import TaxClass

ASSORTMENT = (
    ("TEA", 1, "Assam Breakfast 250 g", 890, 280, TaxClass.REDUCED),
    ("TEA", 2, "Earl Grey 250 g", 950, 280, TaxClass.REDUCED),
    ("TEA", 3, "Sencha 100 g", 1_290, 120, TaxClass.REDUCED),
    ("TEA", 4, "Darjeeling First Flush 100 g", 1_890, 120, TaxClass.REDUCED),
    ("POT", 1, "Glass Teapot 1.2 l", 3_490, 900, TaxClass.STANDARD),
    ("POT", 2, "Cast Iron Teapot 0.8 l", 5_900, 1_800, TaxClass.STANDARD),
    ("CUP", 1, "Porcelain Cup", 1_150, 250, TaxClass.STANDARD),
    ("GFT", 1, "Gift Voucher", 2_500, 0, TaxClass.ZERO),
)

PEOPLE = (
    ("anna@example.org", "Anna Berg", "DE", None),
    ("bruno@example.org", "Bruno Keller", "AT", None),
    ("cafe@example.org", "Café Colette", "FR", "FR40303265045"),
    ("dora@example.org", "Dora Lind", "SE", None),
)


def seed(session: Session, year: int, per_month: int = 2) -> int:
    """Fills an empty database and returns the number of orders."""
    clock = FixedClock(datetime(year, 1, 2, 9, tzinfo=timezone.utc))
    gateway = InvoiceGateway()
    products = _fill_shelves(session, clock)
    customers = [
        register(session, clock, email=email, name=name, country=country, vat_id=vat_id)
        for email, name, country, vat_id in PEOPLE
    ]
    count = 0
    for month in range(1, 13):
        for _ in range(per_month):
            clock = FixedClock(datetime(year, month, 3 + count % 25, 10, tzinfo=timezone.utc))
            _one_order(session, customers[count % len(customers)], products, count, clock, gateway)
            count += 1
    return count


def _fill_shelves(session: Session, clock: FixedClock) -> list[Product]:
    articles = [
        Article(make_sku(group, number), name, Money(cents), grams, tax_class)
        for group, number, name, cents, grams, tax_class in ASSORTMENT
    ]
    update_catalogue(session, articles)
    products = active_products(session)
    for product in products:
        receive(session, product, 500, clock)
    return products


def _one_order(
    session: Session,
    customer: Customer,
    products: list[Product],
    count: int,
    clock: FixedClock,
    gateway: Gateway,
) -> None:
    cart = Cart()
    for offset in range(1 + count % 3):
        product = products[(count + offset * 3) % len(products)]
        cart.add(product.as_article(), 1 + (count * 5 + offset) % 12)
    order = place_order(session, customer, cart, clock)
    pay(session, order, gateway, clock)
    clock.advance(days=1)
    ship(session, order, clock)
    if count % 7 == 3:
        clock.advance(days=3)
        refund_order(session, order, {order.lines[0].sku: 1}, gateway, clock, reason="did not like it")
