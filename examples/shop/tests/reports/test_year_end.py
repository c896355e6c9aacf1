from __future__ import annotations

import pytest

from shop.money import Money
from shop.reports.frames import refunds_frame, sales_frame
from shop.reports.year_end import year_end


def test_year_end(sales, refunds):
    figures = year_end(sales, refunds, 2024)
    assert figures.orders == 3
    assert figures.gross == Money(15_000)
    assert figures.net == Money(14_000)
    assert figures.tax == Money(1_500)
    assert figures.best_month == "2024-01"


def test_average_order(sales, refunds):
    assert year_end(sales, refunds, 2024).average_order == Money(5_000)


@pytest.mark.parametrize(("year", "growth"), [(2024, 40.0), (2023, None), (2025, -100.0)])
def test_growth(sales, refunds, year, growth):
    assert year_end(sales, refunds, year).growth_percent == growth


def test_quiet_year(sales, refunds):
    figures = year_end(sales, refunds, 2020)
    assert figures.best_month is None
    assert figures.average_order == Money(0)


def test_the_year(year):
    figures = year_end(sales_frame(year), refunds_frame(year), 2024)
    assert figures.orders == 24
    assert figures.net == figures.gross - figures.refunds
    assert figures.refunds > Money(0)
