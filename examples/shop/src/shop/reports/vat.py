"""Value added tax by country and rate, as the one-stop shop return wants it."""

from __future__ import annotations

from datetime import date

import pandas as pd

from shop.periods import quarter_label


def vat_return(lines: pd.DataFrame, quarter: str) -> pd.DataFrame:
    """Net and tax of the goods sold in a quarter such as 2024-Q2, by country and rate."""
    chosen = lines[lines["month"].map(_quarter_of) == quarter]
    table = chosen.groupby(["country", "tax_percent"])[["net", "tax"]].sum()
    return table.sort_index()


def foreign_vat(table: pd.DataFrame, home: str) -> int:
    """The tax in cents that is owed to other countries."""
    abroad = table.index.get_level_values("country") != home
    return int(table.loc[abroad, "tax"].sum())


def _quarter_of(month: str) -> str:
    return quarter_label(date(int(month[:4]), int(month[5:]), 1))
