from __future__ import annotations

from typing import Optional

from sqlalchemy.orm import Session

from shop.clock import Clock
from shop.errors import InvalidInput
from shop.loyalty import redeem
from shop.models import Customer
from shop.money import Money
from shop.queries.customers import customer_by_email
from shop.tax import rates_of


def register(
    session: Session, clock: Clock, *, email: str, name: str, country: str, vat_id: Optional[str] = None
) -> Customer:
    """A new customer; an address that is known is refused."""
    if not name.strip():
        raise InvalidInput("A customer needs a name.")
    if customer_by_email(session, email) is not None:
        raise InvalidInput(f"{email} is registered already.")
    customer = Customer(
        email=email,
        name=name.strip(),
        country=rates_of(country).code,
        vat_id=vat_id,
        points=0,
        lifetime_points=0,
        joined_at=clock.now(),
    )
    session.add(customer)
    session.flush()
    return customer


def redeem_points(customer: Customer, points: int) -> Money:
    """Takes the points off the balance and returns what they are worth; the tier stays."""
    customer.points, value = redeem(customer.points, points)
    return value
