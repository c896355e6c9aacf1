"""What lies on the shelves and what it is worth."""

from __future__ import annotations

import pandas as pd

from shop.money import Money
from shop.stock import StockLevel, reorder_quantity


def stock_value(stock: pd.DataFrame) -> Money:
    """Everything on hand at list prices."""
    return Money(int((stock["on_hand"] * stock["price"]).sum()))


def sold_per_week(lines: pd.DataFrame, weeks: int) -> pd.Series:
    """Pieces by article number, returns taken off."""
    pieces = (lines["quantity"] - lines["returned"]).groupby(lines["sku"]).sum()
    return (pieces / weeks).rename("per_week")


def slow_movers(stock: pd.DataFrame, lines: pd.DataFrame, weeks: int, below: float = 0.5) -> list[str]:
    """Articles that lie on the shelf and sell fewer than `below` pieces a week, the slowest first."""
    rate = sold_per_week(lines, weeks).reindex(stock["sku"]).fillna(0.0)
    slow = rate[(rate < below) & (stock.set_index("sku")["on_hand"] > 0)]
    return [str(sku) for sku in slow.sort_values(kind="stable").index]


def reorder_list(stock: pd.DataFrame, lines: pd.DataFrame, weeks: int) -> dict[str, int]:
    """How many pieces to order of each article that runs low."""
    rate = sold_per_week(lines, weeks)
    wanted = {}
    for row in stock.itertuples():
        level = StockLevel(row.sku, row.on_hand, row.reserved, row.reorder_at)
        pieces = reorder_quantity(level, float(rate.get(row.sku, 0.0)))
        if pieces:
            wanted[row.sku] = pieces
    return wanted
