"""Goods in and goods out."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shop.cart import Article
from shop.clock import Clock
from shop.logs import fields, get_logger
from shop.models import Order, Product, StockMove
from shop.order_states import OrderState
from shop.slugs import unique_slug

log = get_logger("warehouse")


def receive(session: Session, product: Product, pieces: int, clock: Clock) -> None:
    product.stock = product.stock.receive(pieces)
    session.add(StockMove(product=product, delta=pieces, reason="received", moved_at=clock.now()))


def ship(session: Session, order: Order, clock: Clock) -> None:
    """Takes the reserved pieces of a paid order off the shelf."""
    order.move_to(OrderState.SHIPPED)
    order.shipped_at = clock.now()
    for line in order.lines:
        line.product.stock = line.product.stock.ship(line.quantity)
        session.add(
            StockMove(product=line.product, delta=-line.quantity, reason=order.number, moved_at=clock.now())
        )
        if line.product.stock.is_low:
            log.warning("low stock %s", fields(sku=line.sku, available=line.product.stock.available))
    session.flush()


def shelf_difference(session: Session, product: Product) -> int:
    """Pieces on the shelf that no stock move explains; anything but 0 calls for a count."""
    moved = session.scalar(select(func.sum(StockMove.delta)).where(StockMove.product_id == product.id))
    return product.on_hand - (moved or 0)


def update_catalogue(session: Session, articles: list[Article]) -> tuple[int, int]:
    """Adds new articles and brings known ones up to date: how many were added and how many changed."""
    known = {product.sku: product for product in session.scalars(select(Product))}
    slugs = {product.slug for product in known.values()}
    added = changed = 0
    for article in articles:
        product = known.get(article.sku)
        if product is None:
            slug = unique_slug(article.name, slugs)
            slugs.add(slug)
            session.add(
                Product(
                    sku=article.sku,
                    name=article.name,
                    slug=slug,
                    price=article.price,
                    grams=article.grams,
                    tax_class=article.tax_class,
                )
            )
            added += 1
        elif product.as_article() != article:
            product.name = article.name
            product.price = article.price
            product.grams = article.grams
            product.tax_class = article.tax_class
            changed += 1
    session.flush()
    return added, changed
