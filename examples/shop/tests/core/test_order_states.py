from __future__ import annotations

import pytest

from shop.errors import IllegalTransition
from shop.order_states import NEXT_STATES, SALES, OrderState, can_move, is_final, move


@pytest.mark.parametrize(
    "path",
    [
        ["placed", "paid", "shipped", "delivered", "returned"],
        ["placed", "cancelled"],
        ["placed", "paid", "cancelled"],
        ["placed", "paid", "shipped", "returned"],
    ],
    ids="-".join,
)
def test_lives(path):
    state = OrderState(path[0])
    for step in path[1:]:
        state = move(state, OrderState(step))
    assert is_final(state)


@pytest.mark.parametrize(
    ("current", "target"),
    [("placed", "shipped"), ("shipped", "cancelled"), ("cancelled", "paid"), ("paid", "paid")],
)
def test_no_such_step(current, target):
    with pytest.raises(IllegalTransition, match=f"{current} cannot become {target}"):
        move(OrderState(current), OrderState(target))


def test_every_state_has_its_entry():
    assert set(NEXT_STATES) == set(OrderState)


@pytest.mark.parametrize("state", list(OrderState), ids=lambda state: state.value)
def test_no_state_leads_to_itself(state):
    assert not can_move(state, state)


def test_what_was_never_paid_is_no_sale():
    assert OrderState.PLACED not in SALES
    assert OrderState.CANCELLED not in SALES
