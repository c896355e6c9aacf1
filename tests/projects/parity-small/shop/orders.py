from dataclasses import dataclass, field

from shop.catalog import price_of
from shop.pricing.rules import discount, is_large

LIMIT = 4
_journal = []


@dataclass
class Order:
    customer: str
    lines: list = field(default_factory=list)

    def add(self, name, count=1):
        if len(self.lines) >= LIMIT:
            raise OverflowError("too many lines")
        self.lines.append((name, count))
        _journal.append((self.customer, name))
        return self

    def total(self):
        total = sum(price_of(name) * count for name, count in self.lines)
        return discount(total) if is_large(total) else total


def journal():
    return tuple(_journal)
