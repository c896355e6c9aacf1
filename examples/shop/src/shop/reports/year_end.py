"""The figures that the tax adviser asks for in January."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional

import pandas as pd

from shop.money import Money
from shop.reports.revenue import best_month, monthly_revenue


@dataclass(frozen=True)
class YearEnd:
    year: int
    orders: int
    gross: Money
    refunds: Money
    tax: Money
    best_month: Optional[str]
    growth_percent: Optional[float]

    @property
    def net(self) -> Money:
        return self.gross - self.refunds

    @property
    def average_order(self) -> Money:
        return Money(self.gross.cents // self.orders) if self.orders else Money(0)


def year_end(sales: pd.DataFrame, refunds: pd.DataFrame, year: int) -> YearEnd:
    """Sums of one year; growth is against the year before, None where that had no revenue."""
    monthly = monthly_revenue(sales, refunds, year)
    before = monthly_revenue(sales, refunds, year - 1)
    in_year = sales["month"].astype(str).str.startswith(f"{year}-")
    orders = int(monthly["orders"].sum())
    return YearEnd(
        year=year,
        orders=orders,
        gross=Money(int(monthly["gross"].sum())),
        refunds=Money(int(monthly["refunds"].sum())),
        tax=Money(int(sales.loc[in_year, "tax"].sum())),
        best_month=best_month(monthly) if orders else None,
        growth_percent=_growth(int(monthly["net"].sum()), int(before["net"].sum())),
    )


def _growth(now: int, before: int) -> Optional[float]:
    return None if before == 0 else round((now - before) / before * 100, 1)
