"""Who buys, and who comes back."""

from __future__ import annotations

import pandas as pd


def top_customers(sales: pd.DataFrame, count: int = 10) -> pd.DataFrame:
    """Orders and revenue less refunds by customer, the best first."""
    kept = sales.assign(kept=sales["total"] - sales["refunded"])
    table = kept.groupby("customer").agg(orders=("number", "count"), revenue=("kept", "sum"))
    return table.sort_values("revenue", ascending=False, kind="stable").head(count)


def repeat_rate(sales: pd.DataFrame) -> float:
    """The share of customers with more than one order, 0 to 1."""
    orders = sales.groupby("customer")["number"].count()
    return float((orders > 1).mean()) if len(orders) else 0.0


def cohorts(sales: pd.DataFrame) -> pd.DataFrame:
    """Rows: the month of the first order. Columns: months since then. Cells: customers who bought."""
    if sales.empty:
        return pd.DataFrame()
    number = sales["month"].str[:4].astype(int) * 12 + sales["month"].str[5:].astype(int)
    first = number.groupby(sales["customer"]).transform("min")
    table = sales.assign(age=number - first, since=first)
    table["cohort"] = [f"{(n - 1) // 12}-{(n - 1) % 12 + 1:02d}" for n in table["since"]]
    grid = table.groupby(["cohort", "age"])["customer"].nunique().unstack(fill_value=0)
    return grid.astype("int64")
