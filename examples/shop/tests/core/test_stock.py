from __future__ import annotations

import pytest

from shop.errors import InvalidInput, OutOfStock
from shop.stock import StockLevel, reorder_quantity


@pytest.fixture
def level() -> StockLevel:
    return StockLevel("TEA-0001-9", on_hand=10, reserved=3)


def test_available(level):
    assert level.available == 7


def test_reserve(level):
    assert level.reserve(7).available == 0


def test_reserve_too_much(level):
    with pytest.raises(OutOfStock, match="8 wanted, 7 available") as caught:
        level.reserve(8)
    assert (caught.value.wanted, caught.value.available) == (8, 7)


def test_release(level):
    assert level.release(3).available == 10


def test_release_more_than_reserved(level):
    with pytest.raises(InvalidInput):
        level.release(4)


def test_ship_takes_reserved_pieces(level):
    shipped = level.ship(2)
    assert (shipped.on_hand, shipped.reserved, shipped.available) == (8, 1, 7)


def test_receive(level):
    assert level.receive(5).available == 12


def test_levels_are_not_changed_in_place(level):
    level.reserve(1)
    assert level.reserved == 3


@pytest.mark.parametrize("action", ["receive", "reserve", "release", "ship"])
@pytest.mark.parametrize("pieces", [0, -2])
def test_every_action_needs_pieces(level, action, pieces):
    with pytest.raises(InvalidInput):
        getattr(level, action)(pieces)


@pytest.mark.parametrize(("on_hand", "low"), [(5, True), (6, False), (0, True)])
def test_is_low(on_hand, low):
    assert StockLevel("X", on_hand=on_hand).is_low is low


@pytest.mark.parametrize(
    ("on_hand", "per_week", "wanted"), [(4, 3.0, 19), (6, 3.0, 0), (5, 0.0, 0), (0, 0.5, 8)]
)
def test_reorder_quantity(on_hand, per_week, wanted):
    assert reorder_quantity(StockLevel("X", on_hand=on_hand), per_week) == wanted
