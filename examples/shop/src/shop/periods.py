"""Months and quarters of the business year, which is the calendar year."""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from shop.errors import InvalidInput


@dataclass(frozen=True, order=True)
class Month:
    year: int
    month: int

    def __post_init__(self) -> None:
        if not 1 <= self.month <= 12:
            raise InvalidInput(f"Expected a month of 1 to 12, got {self.month}.")

    @classmethod
    def of(cls, day: date) -> Month:
        return cls(day.year, day.month)

    @classmethod
    def parse(cls, text: str) -> Month:
        """Reads `2024-03`."""
        year, _, month = text.partition("-")
        if not (year.isdigit() and month.isdigit()):
            raise InvalidInput(f"Expected a month such as 2024-03, got {text!r}.")
        return cls(int(year), int(month))

    def __str__(self) -> str:
        return f"{self.year}-{self.month:02d}"

    @property
    def first_day(self) -> date:
        return date(self.year, self.month, 1)

    @property
    def last_day(self) -> date:
        return date(self.year, self.month, calendar.monthrange(self.year, self.month)[1])

    @property
    def quarter(self) -> int:
        return (self.month + 2) // 3

    def shifted(self, months: int) -> Month:
        years, month = divmod(self.year * 12 + self.month - 1 + months, 12)
        return Month(years, month + 1)


def months_of(year: int) -> list[Month]:
    return [Month(year, month) for month in range(1, 13)]


def months_between(first: Month, last: Month) -> Iterator[Month]:
    """From the first to the last, both included."""
    current = first
    while current <= last:
        yield current
        current = current.shifted(1)


def quarter_label(day: date) -> str:
    return f"{day.year}-Q{Month.of(day).quarter}"
