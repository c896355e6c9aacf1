"""The payment provider behind a small interface."""

from __future__ import annotations

from typing import Protocol

from shop.errors import PaymentDeclined
from shop.money import Money


class Gateway(Protocol):
    def charge(self, amount: Money, reference: str) -> str:
        """Takes the money and returns the provider's id; raises PaymentDeclined."""

    def refund(self, amount: Money, reference: str) -> str:
        """Gives money back and returns the provider's id."""


class InvoiceGateway:
    """Payment on account: every customer may owe up to a limit; the bookkeeper follows up on paper."""

    def __init__(self, limit: Money = Money(200_000)) -> None:  # noqa: B008  (immutable)
        self.limit = limit
        self.booked: list[tuple[str, Money]] = []

    def charge(self, amount: Money, reference: str) -> str:
        if amount > self.limit:
            raise PaymentDeclined(f"{amount} is above the limit of {self.limit}.")
        return self._book(reference, amount)

    def refund(self, amount: Money, reference: str) -> str:
        return self._book(reference, -amount)

    @property
    def balance(self) -> Money:
        return sum((amount for _, amount in self.booked), Money(0))

    def _book(self, reference: str, amount: Money) -> str:
        self.booked.append((reference, amount))
        return f"acc-{reference}-{len(self.booked)}"
