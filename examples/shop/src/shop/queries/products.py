from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.errors import NotFound
from shop.models import Product
from shop.search import Index


def product_by_sku(session: Session, sku: str) -> Product:
    product = session.scalar(select(Product).where(Product.sku == sku))
    if product is None:
        raise NotFound(f"No product {sku}.")
    return product


def products_by_sku(session: Session, skus: Iterable[str]) -> dict[str, Product]:
    """All of them by article number; raises for the first that does not exist."""
    wanted = list(skus)
    found = {
        product.sku: product for product in session.scalars(select(Product).where(Product.sku.in_(wanted)))
    }
    for sku in wanted:
        if sku not in found:
            raise NotFound(f"No product {sku}.")
    return found


def active_products(session: Session) -> list[Product]:
    return list(session.scalars(select(Product).where(Product.active).order_by(Product.name)))


def low_stock(session: Session) -> list[Product]:
    """Active products at or below their reorder level, the emptiest first."""
    available = Product.on_hand - Product.reserved
    query = select(Product).where(Product.active, available <= Product.reorder_at)
    return list(session.scalars(query.order_by(available, Product.sku)))


def search_products(session: Session, text: str) -> list[Product]:
    products = {product.sku: product for product in active_products(session)}
    index = Index((sku, f"{product.name} {sku}") for sku, product in products.items())
    return [products[sku] for sku in index.find(text)]
