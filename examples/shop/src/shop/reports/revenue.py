"""Revenue by month, by country and by quarter."""

from __future__ import annotations

import pandas as pd

from shop.periods import months_of


def monthly_revenue(sales: pd.DataFrame, refunds: pd.DataFrame, year: int) -> pd.DataFrame:
    """Twelve rows, quiet months included: orders, gross, refunds and net in cents."""
    months = pd.Index([str(month) for month in months_of(year)], name="month")
    sold = sales.groupby("month")
    table = pd.DataFrame(
        {
            "orders": sold["number"].count().reindex(months),
            "gross": sold["total"].sum().reindex(months),
            "refunds": refunds.groupby("month")["amount"].sum().reindex(months),
        },
        index=months,
    )
    table = table.astype("float64").fillna(0).astype("int64")
    table["net"] = table["gross"] - table["refunds"]
    return table


def running_total(monthly: pd.DataFrame) -> pd.Series:
    return monthly["net"].cumsum().rename("running")


def quarterly_revenue(monthly: pd.DataFrame) -> pd.DataFrame:
    """The sums of three months each, as 2024-Q1 and so on."""
    quarter = [f"{month[:4]}-Q{(int(month[5:]) + 2) // 3}" for month in monthly.index]
    result = monthly.groupby(pd.Index(quarter, name="quarter")).sum()
    return result


def revenue_by_country(sales: pd.DataFrame) -> pd.DataFrame:
    """Orders, total and share in percent with one decimal, the strongest country first."""
    table = sales.groupby("country").agg(orders=("number", "count"), total=("total", "sum"))
    whole = table["total"].sum()
    table["share"] = (table["total"] / whole * 100).round(1) if whole else 0.0
    return table.sort_values(["total", "orders"], ascending=False)


def best_month(monthly: pd.DataFrame) -> str:
    """The month with the highest net revenue; the first of equals."""
    return str(monthly["net"].idxmax())
