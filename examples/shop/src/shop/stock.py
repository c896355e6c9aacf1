"""The stock of one article: what lies on the shelf, and what of it is promised to orders."""

from __future__ import annotations

from dataclasses import dataclass, replace

from shop.errors import InvalidInput, OutOfStock


@dataclass(frozen=True)
class StockLevel:
    sku: str
    on_hand: int = 0
    reserved: int = 0
    reorder_at: int = 5

    @property
    def available(self) -> int:
        return self.on_hand - self.reserved

    @property
    def is_low(self) -> bool:
        return self.available <= self.reorder_at

    def receive(self, pieces: int) -> StockLevel:
        return replace(self, on_hand=self.on_hand + _positive(pieces))

    def reserve(self, pieces: int) -> StockLevel:
        if _positive(pieces) > self.available:
            raise OutOfStock(self.sku, pieces, self.available)
        return replace(self, reserved=self.reserved + pieces)

    def release(self, pieces: int) -> StockLevel:
        if _positive(pieces) > self.reserved:
            raise InvalidInput(f"{self.sku}: {self.reserved} reserved, {pieces} to release.")
        return replace(self, reserved=self.reserved - pieces)

    def ship(self, pieces: int) -> StockLevel:
        """Takes reserved pieces off the shelf."""
        released = self.release(pieces)
        return replace(released, on_hand=self.on_hand - pieces)


def reorder_quantity(level: StockLevel, sold_per_week: float, weeks: int = 6) -> int:
    """How much to order so that the stock lasts for `weeks`; nothing while it is not low."""
    if not level.is_low:
        return 0
    wanted = round(sold_per_week * weeks) + level.reorder_at
    return max(0, wanted - level.available)


def _positive(pieces: int) -> int:
    if pieces < 1:
        raise InvalidInput(f"Expected at least 1 piece, got {pieces}.")
    return pieces
