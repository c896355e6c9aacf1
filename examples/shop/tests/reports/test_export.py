from __future__ import annotations

import json

import pytest

from shop.reports.export import as_records, as_text, in_euros, write_csv
from shop.reports.revenue import monthly_revenue


@pytest.fixture
def table(sales, refunds):
    return monthly_revenue(sales, refunds, 2024)


def test_csv(table, tmp_path):
    path = tmp_path / "reports" / "2024.csv"
    write_csv(table, path)
    rows = path.read_text(encoding="utf-8").splitlines()
    assert rows[0] == "month;orders;gross;refunds;net"
    assert rows[2] == "2024-02;0;0,00;10,00;-10,00"


def test_in_euros_leaves_the_original_alone(table):
    assert in_euros(table).loc["2024-01", "gross"] == 80.0
    assert table.loc["2024-01", "gross"] == 8_000


def test_text(table):
    lines = as_text(table).splitlines()
    assert lines[2].split() == ["2024-01", "2", "80,00", "EUR", "0,00", "EUR", "80,00", "EUR"]


def test_records_are_plain(table):
    first = as_records(table)[0]
    assert first == {"month": "2024-01", "orders": 2, "gross": 8_000, "refunds": 0, "net": 8_000}
    assert type(first["gross"]) is int
    json.dumps(as_records(table))
