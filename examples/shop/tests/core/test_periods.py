from __future__ import annotations

from datetime import date

import pytest

from shop.errors import InvalidInput
from shop.periods import Month, months_between, months_of, quarter_label


def test_there_and_back():
    assert str(Month.parse("2024-03")) == "2024-03"


@pytest.mark.parametrize("text", ["", "2024", "2024-13", "2024-0", "March 2024"])
def test_refuses(text):
    with pytest.raises(InvalidInput):
        Month.parse(text)


@pytest.mark.parametrize(("year", "last"), [(2023, 28), (2024, 29), (2000, 29), (2100, 28)])
def test_last_day_of_february(year, last):
    assert Month(year, 2).last_day == date(year, 2, last)


@pytest.mark.parametrize(
    ("months", "expected"),
    [(0, "2024-03"), (9, "2024-12"), (10, "2025-01"), (-3, "2023-12"), (-27, "2021-12")],
)
def test_shifted(months, expected):
    assert str(Month(2024, 3).shifted(months)) == expected


def test_months_of():
    months = months_of(2024)
    assert len(months) == 12
    assert months[0].first_day == date(2024, 1, 1)


def test_months_between_includes_both():
    between = months_between(Month(2023, 11), Month(2024, 2))
    assert [str(month) for month in between] == ["2023-11", "2023-12", "2024-01", "2024-02"]


@pytest.mark.parametrize(
    ("month", "label"), [(1, "2024-Q1"), (3, "2024-Q1"), (4, "2024-Q2"), (12, "2024-Q4")]
)
def test_quarter_label(month, label):
    assert quarter_label(date(2024, month, 15)) == label
