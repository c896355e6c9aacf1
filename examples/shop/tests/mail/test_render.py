from __future__ import annotations

from datetime import date, datetime

import pytest
from jinja2 import UndefinedError

from shop.mail.render import long_date, render, right


@pytest.mark.parametrize(
    ("day", "text"), [(date(2024, 3, 14), "14 March 2024"), (datetime(2023, 12, 1, 8), "1 December 2023")]
)
def test_long_date(day, text):
    assert long_date(day) == text


def test_right():
    assert right(7, 4) == "   7"


def test_a_missing_value_is_an_error():
    with pytest.raises(UndefinedError):
        render("order_confirmation")
