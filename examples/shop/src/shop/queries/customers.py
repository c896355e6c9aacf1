from __future__ import annotations

from typing import Optional

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shop.errors import NotFound
from shop.models import Customer, Order


def customer_by_id(session: Session, customer_id: int) -> Customer:
    customer = session.get(Customer, customer_id)
    if customer is None:
        raise NotFound(f"No customer {customer_id}.")
    return customer


def customer_by_email(session: Session, email: str) -> Optional[Customer]:
    return session.scalar(select(Customer).where(Customer.email == email.strip().lower()))


def customers_page(session: Session, page: int, size: int) -> tuple[list[Customer], int]:
    """One page, by name, and how many customers there are."""
    count = session.scalar(select(func.count(Customer.id))) or 0
    query = select(Customer).order_by(Customer.name, Customer.id).offset((page - 1) * size).limit(size)
    return list(session.scalars(query)), count


def order_count(session: Session, customer: Customer) -> int:
    return session.scalar(select(func.count(Order.id)).where(Order.customer_id == customer.id)) or 0
