from __future__ import annotations

import pandas as pd
import pytest

from shop.money import Money
from shop.reports.frames import STOCK_COLUMNS, lines_frame, stock_frame
from shop.reports.inventory import reorder_list, slow_movers, sold_per_week, stock_value
from shop.reports.vat import foreign_vat, vat_return


@pytest.fixture
def stock() -> pd.DataFrame:
    rows = [
        ("CUP-0001-9", "Cup", 10, 0, 10, 5, 1_150),
        ("POT-0001-4", "Pot", 2, 0, 2, 5, 3_500),
        ("TEA-0001-9", "Assam", 3, 1, 2, 5, 1_000),
    ]
    return pd.DataFrame(rows, columns=list(STOCK_COLUMNS))


def test_stock_value(stock):
    assert stock_value(stock) == Money(11_500 + 7_000 + 3_000)


def test_sold_per_week_takes_returns_off(lines):
    assert sold_per_week(lines, weeks=4).to_dict() == {"POT-0001-4": 0.5, "TEA-0001-9": 3.0}


@pytest.mark.parametrize(
    ("below", "found"), [(0.5, ["CUP-0001-9"]), (1.0, ["CUP-0001-9", "POT-0001-4"]), (0.0, [])]
)
def test_slow_movers(stock, lines, below, found):
    assert slow_movers(stock, lines, weeks=4, below=below) == found


def test_reorder_list(stock, lines):
    assert reorder_list(stock, lines, weeks=4) == {"POT-0001-4": 6, "TEA-0001-9": 21}


@pytest.mark.parametrize(
    ("quarter", "rows"),
    [
        ("2024-Q1", {("AT", "10"): 900, ("AT", "20"): 700, ("DE", "7"): 280}),
        ("2024-Q2", {("DE", "19"): 665}),
        ("2024-Q3", {}),
    ],
)
def test_vat_return(lines, quarter, rows):
    assert vat_return(lines, quarter)["tax"].to_dict() == rows


def test_foreign_vat(lines):
    assert foreign_vat(vat_return(lines, "2024-Q1"), home="DE") == 1_600


def test_the_year(year):
    quarters = [vat_return(lines_frame(year), f"2024-Q{number}") for number in (1, 2, 3, 4)]
    assert sum(int(table["tax"].sum()) for table in quarters) == lines_frame(year)["tax"].sum()
    assert stock_value(stock_frame(year)) > Money(0)
