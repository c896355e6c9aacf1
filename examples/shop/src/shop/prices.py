"""What a line of a cart costs before tax."""

from __future__ import annotations

from shop.errors import InvalidInput
from shop.money import Money

# From this quantity of one article on, that many percent off; largest first.
QUANTITY_BREAKS = ((50, 15), (20, 10), (10, 5))


def discount_percent(quantity: int) -> int:
    """The percentage that the quantity earns: 0 below the first break."""
    for minimum, percent in QUANTITY_BREAKS:
        if quantity >= minimum:
            return percent
    return 0


def discount(unit_price: Money, quantity: int) -> Money:
    """What is taken off a line of `quantity` pieces."""
    percent = discount_percent(quantity)
    return (unit_price * quantity).percent(percent)


def line_total(unit_price: Money, quantity: int) -> Money:
    """The price of a line after its quantity discount, before tax."""
    if quantity < 1:
        raise InvalidInput(f"Expected a quantity of at least 1, got {quantity}.")
    return unit_price * quantity - discount(unit_price, quantity)


def pieces_to_next_break(quantity: int) -> int | None:
    """How many pieces more earn a better discount; None at the best one."""
    better = [minimum for minimum, _ in QUANTITY_BREAKS if minimum > quantity]
    return min(better) - quantity if better else None
