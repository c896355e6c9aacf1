from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

from shop.clock import FixedClock, SystemClock, today
from shop.logs import fields, get_logger


def test_fixed_clock_stands_still(clock):
    assert clock.now() == clock.now()


def test_advance(clock):
    clock.advance(days=18)
    assert today(clock) == date(2024, 4, 1)


def test_fixed_clock_without_zone_is_utc():
    assert FixedClock(datetime(2024, 1, 1)).now().tzinfo is timezone.utc


def test_system_clock_has_a_zone():
    assert SystemClock().now().utcoffset() == timedelta(0)


def test_fields():
    assert fields(order="SO-1", total="19,00 EUR", note="") == "order=SO-1 total='19,00 EUR' note=''"


def test_loggers_share_their_root():
    assert get_logger("checkout").name == "shop.checkout"
