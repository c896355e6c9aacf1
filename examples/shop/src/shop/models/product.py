from __future__ import annotations

from sqlalchemy import CheckConstraint, Enum, String
from sqlalchemy.orm import Mapped, mapped_column

from shop.cart import Article
from shop.db.base import Base
from shop.money import Money
from shop.stock import StockLevel
from shop.tax import TaxClass


class Product(Base):
    __tablename__ = "products"
    __table_args__ = (
        CheckConstraint("on_hand >= 0", name="on_hand_not_negative"),
        CheckConstraint("reserved BETWEEN 0 AND on_hand", name="reserved_on_hand"),
    )

    sku: Mapped[str] = mapped_column(String(10), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    price: Mapped[Money]
    grams: Mapped[int] = mapped_column(default=0)
    tax_class: Mapped[TaxClass] = mapped_column(Enum(TaxClass, native_enum=False), default=TaxClass.STANDARD)
    on_hand: Mapped[int] = mapped_column(default=0)
    reserved: Mapped[int] = mapped_column(default=0)
    reorder_at: Mapped[int] = mapped_column(default=5)
    active: Mapped[bool] = mapped_column(default=True)

    @property
    def stock(self) -> StockLevel:
        return StockLevel(self.sku, self.on_hand, self.reserved, self.reorder_at)

    @stock.setter
    def stock(self, level: StockLevel) -> None:
        self.on_hand = level.on_hand
        self.reserved = level.reserved

    def as_article(self) -> Article:
        return Article(self.sku, self.name, self.price, self.grams, self.tax_class)
