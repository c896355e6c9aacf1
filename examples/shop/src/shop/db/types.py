"""Column types: money as whole cents, moments in UTC, decimals as text."""

from __future__ import annotations

from datetime import datetime, timezone
from decimal import Decimal
from typing import Any, Optional

from sqlalchemy import DateTime, Integer, String
from sqlalchemy.types import TypeDecorator

from shop.money import Money


class MoneyType(TypeDecorator[Money]):
    """Euros as an integer number of cents."""

    impl = Integer
    cache_ok = True

    def process_bind_param(self, value: Optional[Money], dialect: Any) -> Optional[int]:
        if value is None:
            return None
        if value.currency != "EUR":
            raise ValueError(f"The books are kept in EUR, got {value}.")
        return value.cents

    def process_result_value(self, value: Optional[int], dialect: Any) -> Optional[Money]:
        return None if value is None else Money(value)


class UtcDateTime(TypeDecorator[datetime]):
    """Moments with a time zone; SQLite keeps none, so UTC is put back when reading."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: Optional[datetime], dialect: Any) -> Optional[datetime]:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"Expected a moment with a time zone, got {value}.")
        return value.astimezone(timezone.utc).replace(tzinfo=None)

    def process_result_value(self, value: Optional[datetime], dialect: Any) -> Optional[datetime]:
        return None if value is None else value.replace(tzinfo=timezone.utc)


class PercentType(TypeDecorator[Decimal]):
    """A rate in percent, as text: SQLite has no decimals."""

    impl = String(8)
    cache_ok = True

    def process_bind_param(self, value: Optional[Decimal], dialect: Any) -> Optional[str]:
        return None if value is None else str(value)

    def process_result_value(self, value: Optional[str], dialect: Any) -> Optional[Decimal]:
        return None if value is None else Decimal(value)
