from __future__ import annotations

import pytest

from shop.reports.frames import refunds_frame, sales_frame
from shop.reports.revenue import (
    best_month,
    monthly_revenue,
    quarterly_revenue,
    revenue_by_country,
    running_total,
)


@pytest.fixture
def monthly(sales, refunds):
    return monthly_revenue(sales, refunds, 2024)


@pytest.mark.parametrize(
    ("month", "row"),
    [
        ("2024-01", [2, 8_000, 0, 8_000]),
        ("2024-02", [0, 0, 1_000, -1_000]),
        ("2024-03", [1, 7_000, 0, 7_000]),
        ("2024-12", [0, 0, 0, 0]),
    ],
)
def test_month(monthly, month, row):
    assert monthly.loc[month].tolist() == row


def test_twelve_months_of_whole_cents(monthly):
    assert len(monthly) == 12
    assert set(monthly.dtypes.astype(str)) == {"int64"}


def test_year_without_orders(sales, refunds):
    assert monthly_revenue(sales, refunds, 2020).to_numpy().sum() == 0


def test_running_total(monthly):
    assert running_total(monthly).tolist()[:3] == [8_000, 7_000, 14_000]
    assert running_total(monthly).iloc[-1] == 14_000


def test_quarters(monthly):
    table = quarterly_revenue(monthly)
    assert table.index.tolist() == ["2024-Q1", "2024-Q2", "2024-Q3", "2024-Q4"]
    assert table.loc["2024-Q1", "net"] == 14_000


def test_countries(sales):
    table = revenue_by_country(sales)
    assert table.index.tolist() == ["DE", "FR", "AT"]
    assert table["share"].tolist() == [60.0, 28.0, 12.0]


def test_no_countries(sales):
    assert revenue_by_country(sales.head(0)).empty


def test_best_month(monthly):
    assert best_month(monthly) == "2024-01"


def test_the_year_adds_up(year):
    sales = sales_frame(year)
    table = monthly_revenue(sales, refunds_frame(year), 2024)
    assert table["orders"].sum() == 24
    assert table["net"].sum() == (sales["total"] - sales["refunded"]).sum()
    assert (table["orders"] == 2).all()
