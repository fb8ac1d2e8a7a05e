"""A time of the week in the settings, such as "mon 09:30"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_FORM = re.compile(r"([a-z]{3,9})\s+([01]?\d|2[0-3]):([0-5]\d)", re.ASCII)
_EXAMPLE = 'write a day and a time in quotes, such as "mon 09:30"; "" for never'


@dataclass(frozen=True, slots=True)
class WeekTime:
    """A day of the week (0 is Monday) and a local time."""

    day: int
    at: time

    def instant(self, monday: date, zone: str) -> datetime:
        """The instant, in UTC, in the week that begins on that Monday."""
        local = datetime.combine(monday + timedelta(days=self.day), self.at, ZoneInfo(zone))
        return local.astimezone(UTC)


def _parse(value: Any) -> Any:
    """ "mon 09:30" -> WeekTime; "" -> None."""
    if value is None or isinstance(value, WeekTime):
        return value
    text = value.strip().lower() if isinstance(value, str) else None
    if text == "":
        return None
    match = _FORM.fullmatch(text) if text else None
    day = next((n for n, name in enumerate(_DAYS) if match and match[1].startswith(name)), None)
    if match is None or day is None:
        raise ValueError(_EXAMPLE)
    return WeekTime(day, time(int(match[2]), int(match[3])))


TimeOfWeek = Annotated[WeekTime | None, BeforeValidator(_parse)]
