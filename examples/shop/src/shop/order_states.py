"""The life of an order.

placed ── paid ── shipped ── delivered
   └──────┴─ cancelled  └───────┴─ returned
"""

from __future__ import annotations

from enum import Enum

from shop.errors import IllegalTransition


class OrderState(str, Enum):
    PLACED = "placed"
    PAID = "paid"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"
    RETURNED = "returned"


NEXT_STATES: dict[OrderState, frozenset[OrderState]] = {
    OrderState.PLACED: frozenset({OrderState.PAID, OrderState.CANCELLED}),
    OrderState.PAID: frozenset({OrderState.SHIPPED, OrderState.CANCELLED}),
    OrderState.SHIPPED: frozenset({OrderState.DELIVERED, OrderState.RETURNED}),
    OrderState.DELIVERED: frozenset({OrderState.RETURNED}),
    OrderState.CANCELLED: frozenset(),
    OrderState.RETURNED: frozenset(),
}

# An order in one of these counts as a sale in the reports.
SALES = frozenset({OrderState.PAID, OrderState.SHIPPED, OrderState.DELIVERED, OrderState.RETURNED})


def can_move(current: OrderState, target: OrderState) -> bool:
    return target in NEXT_STATES[current]


def move(current: OrderState, target: OrderState) -> OrderState:
    if not can_move(current, target):
        raise IllegalTransition(f"An order that is {current.value} cannot become {target.value}.")
    return target


def is_final(state: OrderState) -> bool:
    return not NEXT_STATES[state]
