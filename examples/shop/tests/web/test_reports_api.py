from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def orders(make_order):
    return [make_order("shipped"), make_order("paid"), make_order()]


def test_revenue(admin):
    _, body = admin("GET", "/reports/revenue")
    assert body["year"] == 2024
    assert body["months"][2] == {
        "month": "2024-03",
        "orders": 2,
        "gross": 12_610,
        "refunds": 0,
        "net": 12_610,
    }


def test_revenue_of_another_year(admin):
    _, body = admin("GET", "/reports/revenue?year=2023")
    assert {month["orders"] for month in body["months"]} == {0}


def test_year_end_is_of_last_year(admin, clock):
    clock.advance(days=300)
    _, body = admin("GET", "/reports/year-end")
    assert (body["year"], body["orders"], body["gross"]) == (2024, 2, 12_610)
    assert (body["best_month"], body["growth_percent"]) == ("2024-03", None)


def test_customers(admin):
    _, body = admin("GET", "/reports/customers")
    assert body == {
        "top": [{"customer": "anna@example.org", "orders": 2, "revenue": 12_610}],
        "repeat_rate": 1.0,
    }


def test_stock_value(admin):
    assert admin("GET", "/reports/stock-value") == (200, {"cents": 18 * 1_000 + 19 * 3_500})


def test_bad_year(admin):
    assert admin("GET", "/reports/revenue?year=last")[0] == 422
