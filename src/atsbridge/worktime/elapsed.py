"""Count the time between two instants on one calendar, and find the instant of a given count.

Instants have a time zone and are cut to whole milliseconds, as in the store. Spans are rounded up
to whole milliseconds.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import TypeAlias

from atsbridge.worktime.calendar import Calendar, Hours
from atsbridge.worktime.duration import Unit
from atsbridge.worktime.wall_clock import DAY, Wall, wall

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ORDINAL = _EPOCH.toordinal()
_MILLISECOND = timedelta(milliseconds=1)
_ZERO = timedelta()
_WEEK = 7 * DAY
_MONDAY = 3 * DAY  # 1 January 1970 was a Thursday
_FOREVER = 10**18
# Wall times from where to where, and the intervals in it that count.
Stretch: TypeAlias = tuple[int, int, list[tuple[int, int]]]
_BD, _BH = Unit.BD, Unit.BH  # an enum's members are slow to look up


def counted(calendar: Calendar, unit: Unit, start: datetime, end: datetime) -> timedelta:
    """The time in this unit from `start` to `end`; zero if `end` is not later.

    The count never falls as `end` grows, and it is additive: counted(a, b) + counted(b, c) ==
    counted(a, c). In `bd` and `bh`, a local hour that is repeated when clocks go back counts once;
    a skipped hour counts at the instant it is skipped.
    """
    if end <= start:
        return _ZERO
    if unit is _BD:
        table = calendar.tables[0] or _table(calendar, unit)
    elif unit is _BH:
        table = calendar.tables[1] or _table(calendar, unit)
    else:
        return (instant(end) - instant(start)) * _MILLISECOND
    return (table.at(instant(end)) - table.at(instant(start))) * _MILLISECOND


def reach(calendar: Calendar, unit: Unit, start: datetime, span: timedelta) -> datetime:
    """The first instant, in UTC, at which the count from `start` reaches `span`: the due instant.

    A span of zero gives `start`. ValueError if the calendar has no working time, if the result is
    after the year 9999, and for a negative span (use `threshold`).
    """
    wanted = _whole(span)
    if not wanted or (unit is not _BD and unit is not _BH):
        return moment(instant(start) + wanted)
    table = calendar.tables[unit is _BH] or _table(calendar, unit)
    return moment(table.last(table.at(instant(start)) + wanted - 1) + 1)


def threshold(calendar: Calendar, unit: Unit, end: datetime, span: timedelta) -> datetime:
    """The last start, in UTC, from which `span` has been counted by `end`.

    For a positive span, `counted(start, end) >= span` is equivalent to
    `start <= threshold(end, span)`. A span of zero gives `end`. ValueError as for `reach`, and if
    the result is before the year 1.
    """
    wanted = _whole(span)
    if not wanted or (unit is not _BD and unit is not _BH):
        return moment(instant(end) - wanted)
    table = _table(calendar, unit)
    return moment(table.last(table.at(instant(end)) - wanted))


def instant(at: datetime) -> int:
    """Whole milliseconds since 1970, UTC; a fraction is cut off."""
    since = at - _EPOCH
    return since.days * DAY + since.seconds * 1000 + since.microseconds // 1000


def moment(milliseconds: int) -> datetime:
    """The instant of milliseconds since 1970, in UTC. ValueError outside the years 1 to 9999."""
    try:
        return _EPOCH + milliseconds * _MILLISECOND
    except OverflowError:
        raise ValueError("this much working time goes beyond the years 1 to 9999") from None


class Week:
    """The count of a calendar without exceptions, in milliseconds of local time since 1970."""

    def __init__(self, intervals: list[tuple[int, int]]) -> None:
        self.starts: list[int] = []
        self.sums: list[int] = []
        self.ends: list[int] = []  # the sum at the end of each interval
        self.total = 0
        for start, end in intervals:
            self.starts.append(start)
            self.sums.append(self.total)
            self.total += end - start
            self.ends.append(self.total)

    def at(self, shown: int) -> int:
        """The count from the week of 1970 to this wall time."""
        week, rest = divmod(shown + _MONDAY, _WEEK)
        index = bisect_right(self.starts, rest) - 1
        if index < 0:
            return week * self.total
        here = self.sums[index] + rest - self.starts[index]
        if here > self.ends[index]:
            here = self.ends[index]
        return week * self.total + here

    def last(self, count: int) -> int:
        """The last wall time at which the count is at most `count`."""
        if not self.total:
            raise ValueError("this calendar has no office hours, so no time counts on it")
        week, rest = divmod(count, self.total)
        index = bisect_right(self.sums, rest) - 1
        return week * _WEEK - _MONDAY + self.starts[index] + rest - self.sums[index]


class Table:
    """The running count of one calendar in one unit.

    `edges` split local time into sections. In a section with a rate of 0 or 1, the count is
    `reached` (the count at its edge) plus rate times the time since the edge. In a section without
    a rate, it is the regular week's count less `lost`, the closed time so far.
    """

    def __init__(self, place: Wall, week: Week, stretches: Iterable[Stretch]) -> None:
        self.wall = place
        self.week = week
        self.edges = [-_FOREVER]
        self.reached = [-_FOREVER]
        self.lost = [0]
        self.rates: list[int | None] = [None]
        # The last answer: the steps of a rule are counted from the same instant, one by one.
        self._asked = _FOREVER, 0
        for start, end, open_ in stretches:
            at, count = start, self._at(start)
            for begin, until in open_:
                self._cut(at, count, 0)
                self._cut(begin, count, 1)
                at, count = until, count + until - begin
            self._cut(at, count, 0)
            self._cut(end, count, None)

    def at(self, now: int) -> int:
        """The count up to an instant. Only the difference of two counts is meaningful."""
        asked, count = self._asked
        if now != asked:
            count = self._at(self.wall.at(now))
            self._asked = now, count
        return count

    def last(self, count: int) -> int:
        """The last instant at which the count is at most `count`.

        One millisecond later is the first instant at which it is more.
        """
        index = bisect_right(self.reached, count) - 1
        if self.rates[index] is None:
            return self.wall.last(self.week.last(count + self.lost[index]))
        return self.wall.last(self.edges[index] + count - self.reached[index])

    def _at(self, shown: int) -> int:
        index = bisect_right(self.edges, shown) - 1
        rate = self.rates[index]
        if rate is None:
            return self.week.at(shown) - self.lost[index]
        return self.reached[index] + rate * (shown - self.edges[index])

    def _cut(self, at: int, count: int, rate: int | None) -> None:
        """Begin a section at this wall time. `rate`: 0 or 1, None for the regular week."""
        self.edges.append(at)
        self.reached.append(count)
        self.rates.append(rate)
        self.lost.append(self.week.at(at) - count if rate is None else 0)


def _table(calendar: Calendar, unit: Unit) -> Table:
    """The table of a calendar; it is made once and cached in the calendar."""
    slot = 1 if unit is _BH else 0
    known: Table | None = calendar.tables[slot]
    if known is None:
        week = _week(calendar.hours, unit is _BH)
        known = Table(wall(calendar.zone), week, _stretches(calendar, unit))
        calendar.tables[slot] = known
    return known


def _whole(span: timedelta) -> int:
    """A span in milliseconds, rounded up."""
    if span < _ZERO:
        raise ValueError("the span is negative: count back from an event with `threshold`")
    return -(-span // _MILLISECOND)


@lru_cache(maxsize=1000)
def _week(hours: Hours, office_hours: bool) -> Week:
    """The regular week: intervals that count, in milliseconds since Monday 00:00."""
    return Week(
        [
            (day * DAY + start * 60_000, day * DAY + end * 60_000)
            for day, intervals in enumerate(hours)
            for start, end in (intervals if office_hours else intervals and ((0, 1440),))
        ]
    )


def _stretches(calendar: Calendar, unit: Unit) -> Iterator[Stretch]:
    """Exceptions to the regular week: days off, and days with special hours.

    Yields (start, end, intervals that count between them) in wall time, in order, disjoint.
    """
    away = [(_midnight(one.first), _midnight(one.last) + DAY) for one in calendar.absences]
    own = {
        _midnight(day): intervals
        for day, intervals in calendar.special.items()
        if not any(start <= _midnight(day) < end for start, end in away)
    }
    off = {_midnight(day) for day in calendar.holidays} - own.keys()
    found: list[Stretch] = [(start, end, []) for start, end in _merged(off, away)]
    for start, intervals in own.items():
        whole = intervals and ((0, 1440),) if unit is _BD else intervals
        counts = [(start + begin * 60_000, start + end * 60_000) for begin, end in whole]
        found.append((start, start + DAY, counts))
    yield from sorted(found)


def _merged(off: Iterable[int], away: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Merge days off (given by their midnights) and absences into disjoint intervals, in order."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted([*((day, day + DAY) for day in off), *away]):
        if merged and start <= merged[-1][1]:
            start, end = merged[-1][0], max(end, merged.pop()[1])
        merged.append((start, end))
    return merged


def _midnight(day: date) -> int:
    return (day.toordinal() - _ORDINAL) * DAY
