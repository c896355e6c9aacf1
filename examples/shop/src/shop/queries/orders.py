from __future__ import annotations

from datetime import datetime, timedelta
from typing import Optional

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from shop.errors import NotFound
from shop.invoices import next_number
from shop.models import Order
from shop.order_states import OrderState


def order_by_number(session: Session, number: str) -> Order:
    order = session.scalar(select(Order).where(Order.number == number))
    if order is None:
        raise NotFound(f"No order {number}.")
    return order


def orders_page(
    session: Session, page: int, size: int, state: Optional[OrderState] = None
) -> tuple[list[Order], int]:
    """One page, the newest first, and how many orders there are."""
    query = select(Order)
    if state is not None:
        query = query.where(Order.state == state)
    count = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    query = query.order_by(Order.placed_at.desc(), Order.id.desc())
    query = query.options(selectinload(Order.lines)).offset((page - 1) * size).limit(size)
    return list(session.scalars(query)), count


def next_order_number(session: Session, year: int) -> str:
    prefix = f"{Order.number_prefix}-{year}-"
    last = session.scalar(
        select(Order.number)
        .where(Order.number.startswith(prefix))
        .order_by(func.length(Order.number).desc(), Order.number.desc())
        .limit(1)
    )
    return str(next_number(Order.number_prefix, year, last))


def unpaid_since(session: Session, now: datetime, days: int = 7) -> list[Order]:
    """Orders that wait for their payment for longer than `days`, the oldest first."""
    limit = now - timedelta(days=days)
    query = select(Order).where(Order.state == OrderState.PLACED, Order.placed_at < limit)
    return list(session.scalars(query.order_by(Order.placed_at)))
