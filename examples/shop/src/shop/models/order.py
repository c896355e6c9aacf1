from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Optional

from sqlalchemy import Enum, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shop.db.base import Base, PercentType
from shop.money import Money, total
from shop.order_states import OrderState, is_final, move
from shop.refunds import SoldLine, is_within_window

if TYPE_CHECKING:
    from shop.models.customer import Customer
    from shop.models.payment import Payment, Refund
    from shop.models.product import Product


class Order(Base):
    __tablename__ = "orders"

    number_prefix = "SO"
    refund_window_days = 30

    number: Mapped[str] = mapped_column(String(20), unique=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"), index=True)
    state: Mapped[OrderState] = mapped_column(Enum(OrderState, native_enum=False), default=OrderState.PLACED)
    placed_at: Mapped[datetime] = mapped_column(index=True)
    shipped_at: Mapped[Optional[datetime]]
    country: Mapped[str] = mapped_column(String(2))
    coupon_code: Mapped[Optional[str]] = mapped_column(String(40))
    shipping: Mapped[Money]
    shipping_tax: Mapped[Money]

    customer: Mapped[Customer] = relationship(back_populates="orders")
    lines: Mapped[list[OrderLine]] = relationship(back_populates="order", cascade="all, delete-orphan")
    payments: Mapped[list[Payment]] = relationship(back_populates="order")
    refunds: Mapped[list[Refund]] = relationship(back_populates="order")

    @property
    def goods(self) -> Money:
        return total(line.net for line in self.lines)

    @property
    def tax(self) -> Money:
        return total(line.tax for line in self.lines) + self.shipping_tax

    @property
    def total(self) -> Money:
        return self.goods + self.shipping + self.tax

    @property
    def paid(self) -> Money:
        return total(payment.amount for payment in self.payments)

    @property
    def refunded(self) -> Money:
        return total(refund.amount for refund in self.refunds)

    @property
    def is_closed(self) -> bool:
        return is_final(self.state)

    def move_to(self, state: OrderState) -> None:
        """Raises IllegalTransition where the life of an order has no such step."""
        self.state = move(self.state, state)

    def can_be_returned(self, on: date) -> bool:
        if self.shipped_at is None or self.is_closed:
            return False
        return is_within_window(self.shipped_at.date(), on, self.refund_window_days)

    def line_of(self, sku: str) -> Optional[OrderLine]:
        return next((line for line in self.lines if line.sku == sku), None)


class OrderLine(Base):
    """A line as it was sold: later changes of the product leave it alone."""

    __tablename__ = "order_lines"

    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"), index=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"), index=True)
    sku: Mapped[str] = mapped_column(String(10))
    name: Mapped[str] = mapped_column(String(200))
    quantity: Mapped[int]
    returned: Mapped[int] = mapped_column(default=0)
    unit_price: Mapped[Money]
    discount: Mapped[Money]
    tax_percent: Mapped[Decimal] = mapped_column(PercentType)
    tax: Mapped[Money]

    order: Mapped[Order] = relationship(back_populates="lines")
    product: Mapped[Product] = relationship()

    @property
    def net(self) -> Money:
        return self.unit_price * self.quantity - self.discount

    def as_sold(self) -> SoldLine:
        return SoldLine(self.sku, self.quantity, self.net, self.tax, self.returned)
