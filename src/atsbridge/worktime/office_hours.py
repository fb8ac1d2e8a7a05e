"""The next and the last instant, in UTC, at which an office is open."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from atsbridge.worktime.calendar import Calendar

_DAY = timedelta(days=1)
_HORIZON = 60  # days searched; a calendar that is closed for longer is treated as always closed


def next_open(calendar: Calendar, at: datetime) -> datetime:
    """`at` within office hours, else when they next begin; `at` if they never do."""
    zone = ZoneInfo(calendar.zone)
    day = at.astimezone(zone).date()
    for _ in range(_HORIZON):
        if calendar.closed(day) is None:
            for start, end in calendar.intervals(day):
                if at < minute_of(day, end, zone):
                    return max(at, minute_of(day, start, zone))
        day += _DAY
    return at


def last_open(calendar: Calendar, at: datetime) -> datetime:
    """`at` within office hours, their first and last instant included, else when they last ended;
    `at` if they never did."""
    zone = ZoneInfo(calendar.zone)
    day = at.astimezone(zone).date()
    for _ in range(_HORIZON):
        if calendar.closed(day) is None:
            for start, end in reversed(calendar.intervals(day)):
                if at >= minute_of(day, start, zone):
                    return min(at, minute_of(day, end, zone))
        day -= _DAY
    return at


@lru_cache(maxsize=4096)
def minute_of(day: date, minutes: int, zone: ZoneInfo) -> datetime:
    """The local minute of a day as an instant in UTC; 1440 is the midnight that ends it."""
    midnight = datetime.combine(day + timedelta(days=minutes // 1440), time(), zone)
    return midnight.replace(hour=minutes % 1440 // 60, minute=minutes % 60).astimezone(UTC)
