"""Numbers of invoices and orders: a prefix, the year and a running number without gaps."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from shop.errors import InvalidInput

_PATTERN = re.compile(r"([A-Z]{2})-(\d{4})-(\d{5,})")


@dataclass(frozen=True, order=True)
class DocumentNumber:
    prefix: str
    year: int
    running: int

    @classmethod
    def parse(cls, text: str) -> DocumentNumber:
        match = _PATTERN.fullmatch(text)
        if match is None:
            raise InvalidInput(f"Expected a number such as SO-2024-00017, got {text!r}.")
        return cls(match[1], int(match[2]), int(match[3]))

    def __str__(self) -> str:
        return f"{self.prefix}-{self.year}-{self.running:05d}"


def next_number(prefix: str, year: int, last: str | None) -> DocumentNumber:
    """The number after `last`; counting starts anew each year."""
    if last is None:
        return DocumentNumber(prefix, year, 1)
    previous = DocumentNumber.parse(last)
    if previous.year != year:
        return DocumentNumber(prefix, year, 1)
    return DocumentNumber(prefix, year, previous.running + 1)


def gaps(numbers: Iterable[str]) -> list[str]:
    """The numbers that an auditor would miss, in order."""
    series: dict[tuple[str, int], set[int]] = {}
    for text in numbers:
        number = DocumentNumber.parse(text)
        series.setdefault((number.prefix, number.year), set()).add(number.running)
    missing = [
        DocumentNumber(prefix, year, running)
        for (prefix, year), used in series.items()
        for running in range(1, max(used))
        if running not in used
    ]
    return [str(number) for number in sorted(missing)]
