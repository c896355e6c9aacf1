"""The time of day as a dependency, so that refund windows and reports can be tested on any date."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from typing import Protocol


class Clock(Protocol):
    def now(self) -> datetime: ...


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(timezone.utc)


class FixedClock:
    """Stands still until it is advanced."""

    def __init__(self, moment: datetime) -> None:
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=timezone.utc)
        self._moment = moment

    def now(self) -> datetime:
        return self._moment

    def advance(self, **step: float) -> None:
        self._moment += timedelta(**step)


def today(clock: Clock) -> date:
    """The calendar day in UTC."""
    return clock.now().date()
