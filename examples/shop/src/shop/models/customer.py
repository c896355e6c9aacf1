from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Optional

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from shop.db.base import Base
from shop.errors import InvalidInput
from shop.loyalty import Tier, tier_for

if TYPE_CHECKING:
    from shop.models.order import Order


class Customer(Base):
    __tablename__ = "customers"

    email: Mapped[str] = mapped_column(String(200), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    country: Mapped[str] = mapped_column(String(2))
    vat_id: Mapped[Optional[str]] = mapped_column(String(20))
    points: Mapped[int] = mapped_column(default=0)
    lifetime_points: Mapped[int] = mapped_column(default=0)
    joined_at: Mapped[datetime]

    orders: Mapped[list[Order]] = relationship(back_populates="customer", order_by="Order.placed_at")

    @property
    def tier(self) -> Tier:
        return tier_for(self.lifetime_points)

    def earn(self, points: int) -> None:
        self.points += points
        self.lifetime_points += points

    @validates("email")
    def _check_email(self, _key: str, email: str) -> str:
        name, at, domain = email.strip().lower().partition("@")
        if not (name and at and "." in domain):
            raise InvalidInput(f"{email!r} is no e-mail address.")
        return f"{name}@{domain}"
