from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shop.db.base import Base
from shop.money import Money

if TYPE_CHECKING:
    from shop.models.order import Order


class Payment(Base):
    __tablename__ = "payments"

    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"), index=True)
    amount: Mapped[Money]
    reference: Mapped[str] = mapped_column(String(60), unique=True)
    captured_at: Mapped[datetime]

    order: Mapped[Order] = relationship(back_populates="payments")


class Refund(Base):
    __tablename__ = "refunds"

    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"), index=True)
    amount: Mapped[Money]
    reason: Mapped[str] = mapped_column(String(200))
    refunded_at: Mapped[datetime]

    order: Mapped[Order] = relationship(back_populates="refunds")
