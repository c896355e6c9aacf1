"""How much money goes back for returned goods."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from shop.errors import RefundRefused
from shop.money import ZERO, Money


@dataclass(frozen=True)
class SoldLine:
    """A line of an order as it was paid: net and tax for all of its pieces."""

    sku: str
    quantity: int
    net: Money
    tax: Money
    returned: int = 0

    @property
    def returnable(self) -> int:
        return self.quantity - self.returned

    def share(self, pieces: int) -> Money:
        """The gross value of some pieces; all shares of a line add up to what was paid."""
        paid = self.net + self.tax
        before = paid.scaled(_fraction(self.returned, self.quantity))
        after = paid.scaled(_fraction(self.returned + pieces, self.quantity))
        return after - before


def is_within_window(shipped: date, on: date, window_days: int) -> bool:
    return (on - shipped).days <= window_days


def restocking_fee(value: Money, days: int, opened: bool = False) -> Money:
    """Nothing within two weeks for sealed goods; then, or once opened, a share stays with the shop."""
    if opened:
        return value.percent(20)
    return value.percent(10) if days > 14 else ZERO


def refund_for(line: SoldLine, pieces: int, days: int, opened: bool = False) -> Money:
    """What the customer gets back for returning some pieces of a line."""
    if pieces < 1:
        raise RefundRefused(f"{line.sku}: expected at least 1 piece to return, got {pieces}.")
    if pieces > line.returnable:
        raise RefundRefused(f"{line.sku}: {line.returnable} can still be returned, got {pieces}.")
    value = line.share(pieces)
    return value - restocking_fee(value, days, opened)


def _fraction(part: int, whole: int) -> Decimal:
    return Decimal(part) / Decimal(whole)
