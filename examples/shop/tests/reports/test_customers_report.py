from __future__ import annotations

import pytest

from shop.reports.customers import cohorts, repeat_rate, top_customers
from shop.reports.frames import sales_frame


def test_top_customers(sales):
    table = top_customers(sales, count=2)
    assert table.index.tolist() == ["anna", "colette"]
    assert table.loc["anna"].tolist() == [2, 14_000]


def test_repeat_rate(sales):
    assert repeat_rate(sales) == pytest.approx(1 / 3)


def test_repeat_rate_of_nobody(sales):
    assert repeat_rate(sales.head(0)) == 0.0


def test_cohorts(sales):
    table = cohorts(sales)
    assert table.index.tolist() == ["2023-11", "2024-01", "2024-03"]
    assert table.loc["2023-11", 0] == 1
    assert table.loc["2023-11", 2] == 1
    assert table.loc["2024-01", 2] == 0


def test_cohorts_of_nobody(sales):
    assert cohorts(sales.head(0)).empty


def test_the_year(year):
    sales = sales_frame(year)
    assert repeat_rate(sales) == 1.0
    assert cohorts(sales)[0].sum() == 4
