"""Reports as files and as text."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import pandas as pd

from shop.money import Money

AMOUNT_COLUMNS = frozenset({"gross", "refunds", "net", "total", "revenue", "tax", "goods"})


def write_csv(table: pd.DataFrame, path: Path) -> None:
    """Semicolons and a decimal comma, which is what the bookkeeper's spreadsheet reads."""
    path.parent.mkdir(parents=True, exist_ok=True)
    in_euros(table).to_csv(path, sep=";", decimal=",", float_format="%.2f", encoding="utf-8")


def in_euros(table: pd.DataFrame, columns: Collection[str] = AMOUNT_COLUMNS) -> pd.DataFrame:
    """A copy with its columns of cents turned into euros."""
    result = table.copy()
    for column in result.columns:
        if column in columns:
            result[column] = result[column] / 100
    return result


def as_text(table: pd.DataFrame) -> str:
    """A table for the terminal; amounts with their currency."""
    shown = table.copy().astype(object)
    for column in table.columns:
        if column in AMOUNT_COLUMNS:
            shown[column] = [str(Money(int(cents))) for cents in table[column]]
    return str(shown.to_string())


def as_records(table: pd.DataFrame) -> list[dict[str, object]]:
    """Rows for JSON, with Python's own numbers; the index is the first field."""
    return [
        {str(name): _plain(value) for name, value in row.items()}
        for row in table.reset_index().to_dict("records")
    ]


def _plain(value: object) -> object:
    item = getattr(value, "item", None)
    return item() if callable(item) else value
