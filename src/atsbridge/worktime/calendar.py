"""A calendar: office hours, holidays and absences of a person or an office, in one time zone."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from typing import Any, TypeAlias

from atsbridge.worktime.time_zones import known, parse_zone

Intervals: TypeAlias = tuple[tuple[int, int], ...]  # of one day, minutes since midnight
Hours: TypeAlias = tuple[Intervals, ...]  # mon..sun

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_INTERVAL = re.compile(r"([0-9]{1,2}):([0-9]{2})-([0-9]{1,2}):([0-9]{2})")
_EXAMPLE = "such as mon-fri 09:00-12:30 13:30-18:00; sat 10:00-14:00"


@dataclass(frozen=True, slots=True)
class Absence:
    """Days off of one person, both ends included, in their own zone."""

    first: date
    last: date
    reason: str


@dataclass(frozen=True, slots=True)
class Calendar:
    """Working time of a person or an office.

    `zone`: an IANA name. `hours`: for each weekday (mon..sun) the office hours as sorted, disjoint
    pairs of minutes since local midnight. A working day is a weekday with hours that is neither a
    holiday nor part of an absence. ValueError, with a sentence for people, for values that are not
    possible. `tables`: a cache for `elapsed`.
    """

    key: str
    zone: str
    hours: Hours
    holidays: Mapping[date, str] = field(default_factory=dict, hash=False)
    absences: tuple[Absence, ...] = ()
    special: Mapping[date, Intervals] = field(default_factory=dict, hash=False)
    tables: list[Any] = field(
        default_factory=lambda: [None, None], init=False, repr=False, compare=False
    )

    def __post_init__(self) -> None:
        if not known(self.zone):
            raise ValueError(f'"{self.zone}" is not a time zone: write {parse_zone(self.zone)}')
        if len(self.hours) != len(WEEKDAYS):
            raise ValueError(f"hours are given for {len(self.hours)} weekdays instead of 7")
        for day, intervals in zip(WEEKDAYS, self.hours, strict=True):
            _check(day, intervals)
        for special, intervals in self.special.items():
            _check(special.isoformat(), intervals)
        for absence in self.absences:
            if absence.last < absence.first:
                raise ValueError(
                    f"the absence from {absence.first} to {absence.last} ends before it begins"
                )

    def closed(self, day: date) -> str | None:
        """Why nobody works on that local day; None for a working day.

        What holds for everybody comes first: "weekend", "holiday: NAME", "away: REASON".
        """
        if self.is_weekend(day):
            return "weekend"
        if day not in self.special and day in self.holidays:
            return f"holiday: {self.holidays[day]}"
        for absence in self.absences:
            if absence.first <= day <= absence.last:
                return f"away: {absence.reason}"
        return None

    def is_weekend(self, day: date) -> bool:
        """Whether that local day never has office hours; a day with special hours is none."""
        return day not in self.special and not self.hours[day.weekday()]

    def intervals(self, day: date) -> Intervals:
        """The office hours of that local day, whether it is closed or not."""
        return self.special.get(day, self.hours[day.weekday()])


def parse_hours(text: str) -> Hours:
    """Office hours written as days and intervals, groups parted by semicolons.

    Days are mon..sun, ranges (sun-thu goes round the end of the week) and lists with commas;
    local time, 24:00 is the end of a day. ValueError, as a plain sentence, for anything else.
    """
    week: dict[str, Intervals] = {}
    for group in filter(None, (part.split() for part in text.lower().split(";"))):
        days = _days(group[0])
        intervals = tuple(_interval(each) for each in group[1:])
        if not intervals:
            raise ValueError(f'"{group[0]}" has no hours: write days and hours, {_EXAMPLE}')
        for day in days:
            if day in week:
                raise ValueError(f"{day} is given twice: put all its hours into one group")
            _check(day, intervals)
            week[day] = intervals
    if not week:
        raise ValueError(f"there are no office hours: write days and hours, {_EXAMPLE}")
    return tuple(week.get(day, ()) for day in WEEKDAYS)


def parse_day_hours(text: str) -> Intervals:
    """The office hours of one day: "09:00-13:00", or several intervals with spaces between.

    ValueError, as a plain sentence, for anything else.
    """
    intervals = tuple(_interval(each) for each in text.split())
    if not intervals:
        raise ValueError("there are no hours: write them such as 09:00-13:00")
    _check("the day", intervals)
    return intervals


def _days(text: str) -> list[str]:
    days: list[str] = []
    for part in text.split(","):
        first, dash, last = part.partition("-")
        for day in (first, last) if dash else (first,):
            if day not in WEEKDAYS:
                raise ValueError(f'"{day}" is not a weekday: write one of {", ".join(WEEKDAYS)}')
        begin = WEEKDAYS.index(first)
        length = (WEEKDAYS.index(last) - begin) % 7 if dash else 0
        days += [WEEKDAYS[(begin + step) % 7] for step in range(length + 1)]
    return days


def _interval(text: str) -> tuple[int, int]:
    match = _INTERVAL.fullmatch(text)
    if match is None:
        raise ValueError(f'"{text}" is not an interval of hours: write it such as 09:00-12:30')
    hour, minute, end_hour, end_minute = map(int, match.groups())
    if minute > 59 or end_minute > 59:
        raise ValueError(f'"{text}" is not an interval of hours: minutes end at 59')
    return hour * 60 + minute, end_hour * 60 + end_minute


def _check(day: str, intervals: Intervals) -> None:
    for start, end in intervals:
        if end > 1440:
            raise ValueError(f"the hours of {day} go beyond 24:00: a day ends there")
        if not 0 <= start < end:
            raise ValueError(
                f"the hours {_time(start)}-{_time(end)} of {day} end before they begin: hours "
                "over midnight are two intervals, on two days, such as "
                "mon 22:00-24:00; tue 00:00-06:00"
            )
    for (_, end), (start, _) in pairwise(intervals):
        if start < end:
            raise ValueError(
                f"the hours of {day} overlap or are out of order: "
                f"{_time(start)} comes before {_time(end)}"
            )


def _time(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"
