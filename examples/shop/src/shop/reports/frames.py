"""The data that all reports start from. Amounts are whole cents, months are text such as 2024-03."""

from __future__ import annotations

import pandas as pd
from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from shop.models import Order, Product, Refund
from shop.order_states import SALES

SALE_COLUMNS = (
    "number", "placed_at", "month", "customer", "country", "goods", "shipping", "tax", "total", "refunded",
)  # fmt: skip
LINE_COLUMNS = (
    "number", "month", "country", "sku", "name", "quantity", "returned", "net", "tax_percent", "tax",
)  # fmt: skip
STOCK_COLUMNS = ("sku", "name", "on_hand", "reserved", "available", "reorder_at", "price")


def sales_frame(session: Session) -> pd.DataFrame:
    """One row an order that counts as a sale, in the order of their dates."""
    rows = [
        {
            "number": order.number,
            "placed_at": order.placed_at.replace(tzinfo=None),
            "month": f"{order.placed_at:%Y-%m}",
            "customer": order.customer.email,
            "country": order.country,
            "goods": order.goods.cents,
            "shipping": order.shipping.cents,
            "tax": order.tax.cents,
            "total": order.total.cents,
            "refunded": order.refunded.cents,
        }
        for order in _sales(session)
    ]
    return pd.DataFrame(rows, columns=list(SALE_COLUMNS))


def lines_frame(session: Session) -> pd.DataFrame:
    """One row a line of an order that counts as a sale."""
    rows = [
        {
            "number": order.number,
            "month": f"{order.placed_at:%Y-%m}",
            "country": order.country,
            "sku": line.sku,
            "name": line.name,
            "quantity": line.quantity,
            "returned": line.returned,
            "net": line.net.cents,
            "tax_percent": str(line.tax_percent),
            "tax": line.tax.cents,
        }
        for order in _sales(session)
        for line in order.lines
    ]
    return pd.DataFrame(rows, columns=list(LINE_COLUMNS))


def refunds_frame(session: Session) -> pd.DataFrame:
    """One row a refund, in the month in which the money went back."""
    rows = [
        {"month": f"{refund.refunded_at:%Y-%m}", "amount": refund.amount.cents, "reason": refund.reason}
        for refund in session.scalars(select(Refund).order_by(Refund.refunded_at, Refund.id))
    ]
    return pd.DataFrame(rows, columns=["month", "amount", "reason"])


def stock_frame(session: Session) -> pd.DataFrame:
    """One row an active product."""
    rows = [
        {
            "sku": product.sku,
            "name": product.name,
            "on_hand": product.on_hand,
            "reserved": product.reserved,
            "available": product.stock.available,
            "reorder_at": product.reorder_at,
            "price": product.price.cents,
        }
        for product in session.scalars(select(Product).where(Product.active).order_by(Product.sku))
    ]
    return pd.DataFrame(rows, columns=list(STOCK_COLUMNS))


def _sales(session: Session) -> list[Order]:
    query = (
        select(Order)
        .where(Order.state.in_(SALES))
        .options(selectinload(Order.lines), selectinload(Order.refunds), selectinload(Order.customer))
        .order_by(Order.placed_at, Order.id)
    )
    return list(session.scalars(query))
