"""Amounts of money as whole cents: no float ever holds a price."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import total_ordering

from shop.errors import CurrencyMismatch, InvalidInput


@total_ordering
@dataclass(frozen=True)
class Money:
    cents: int
    currency: str = "EUR"

    @classmethod
    def parse(cls, text: str, currency: str = "EUR") -> Money:
        """Reads `12`, `12.5` and `12,50`; more than two decimals are refused."""
        try:
            cents = Decimal(text.strip().replace(",", ".")) * 100
        except InvalidOperation:
            raise InvalidInput(f"Expected an amount such as 12.50, got {text!r}.") from None
        if not cents.is_finite() or cents != cents.to_integral_value():
            raise InvalidInput(f"Expected an amount in whole cents, got {text!r}.")
        return cls(int(cents), currency)

    def __add__(self, other: Money) -> Money:
        return Money(self.cents + self._same(other).cents, self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.cents - self._same(other).cents, self.currency)

    def __mul__(self, count: int) -> Money:
        return Money(self.cents * count, self.currency)

    def __neg__(self) -> Money:
        return Money(-self.cents, self.currency)

    def __lt__(self, other: Money) -> bool:
        return self.cents < self._same(other).cents

    def __bool__(self) -> bool:
        return self.cents != 0

    def __str__(self) -> str:
        sign = "-" if self.cents < 0 else ""
        whole, rest = divmod(abs(self.cents), 100)
        return f"{sign}{whole:,}".replace(",", ".") + f",{rest:02d} {self.currency}"

    def scaled(self, factor: Decimal) -> Money:
        """This amount times a factor, rounded half up to whole cents."""
        cents = (Decimal(self.cents) * factor).quantize(Decimal(1), ROUND_HALF_UP)
        return Money(int(cents), self.currency)

    def percent(self, percent: Decimal | int) -> Money:
        return self.scaled(Decimal(percent) / 100)

    def allocate(self, weights: Sequence[int]) -> list[Money]:
        """Splits into parts in proportion to the weights; the parts add up to this amount to the cent."""
        total = sum(weights)
        if total <= 0 or min(weights) < 0:
            raise InvalidInput("Expected weights that are not negative, with a positive sum.")
        parts = [self.cents * weight // total for weight in weights]
        missing = self.cents - sum(parts)
        by_remainder = sorted(range(len(weights)), key=lambda i: (-(self.cents * weights[i] % total), i))
        for index in by_remainder[:missing]:
            parts[index] += 1
        return [Money(part, self.currency) for part in parts]

    def _same(self, other: Money) -> Money:
        if self.currency != other.currency:
            raise CurrencyMismatch(f"Cannot combine {self.currency} with {other.currency}.")
        return other


ZERO = Money(0)


def total(amounts: Iterable[Money]) -> Money:
    """The sum; zero euros for nothing."""
    result: Money | None = None
    for amount in amounts:
        result = amount if result is None else result + amount
    return ZERO if result is None else result
