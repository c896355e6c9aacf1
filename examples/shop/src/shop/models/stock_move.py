from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shop.db.base import Base

if TYPE_CHECKING:
    from shop.models.product import Product


class StockMove(Base):
    """Pieces that came (positive) or went (negative); their sum is what lies on the shelf."""

    __tablename__ = "stock_moves"

    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"), index=True)
    delta: Mapped[int]
    reason: Mapped[str] = mapped_column(String(60))
    moved_at: Mapped[datetime]

    product: Mapped[Product] = relationship()
