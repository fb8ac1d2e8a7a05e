"""A clock over hand-overs and pauses: when it is due, and why each stretch counted or did not.

Which events start, pause and stop a clock, and their order, is the rules' work.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import NamedTuple

from atsbridge.model import Span
from atsbridge.worktime.calendar import Calendar
from atsbridge.worktime.duration import Unit
from atsbridge.worktime.elapsed import counted, instant, moment, reach, threshold
from atsbridge.worktime.wall_clock import DAY, wall

_ZERO = timedelta()
_EPOCH_DAY = date(1970, 1, 1).toordinal()


@dataclass(frozen=True, slots=True)
class Stint:
    """From `since` on this calendar counts, until the next stint. The first holds before, too."""

    since: datetime
    calendar: Calendar


@dataclass(frozen=True, slots=True)
class Pause:
    """The clock stands still in [start, end), or from `start` on for good; `reason` is a word."""

    start: datetime
    end: datetime | None
    reason: str


class _Section(NamedTuple):
    """A stretch with one calendar, paused all through or not at all. None: without end."""

    start: datetime | None
    end: datetime | None
    calendar: Calendar
    paused: str | None


def due(
    unit: Unit,
    start: datetime,
    span: timedelta,
    stints: Sequence[Stint],
    pauses: Sequence[Pause] = (),
) -> datetime | None:
    """The first instant, in UTC, at which a clock started at `start` has counted `span`.

    A negative span counts back: the last instant from which as much is counted by the event at
    `start`. A pause may overlap others; one without end that comes before the span is reached
    gives None. ValueError where nothing ever counts, beyond the years 1 to 9999, and without a
    stint.
    """
    if span < _ZERO:
        return _before(unit, start, -span, stints, pauses)
    if not span:
        return moment(instant(start))
    left = span
    for begin, end, calendar, paused in _cut(start, None, stints, pauses):
        if paused is not None or begin is None:
            continue
        if end is None:
            return reach(calendar, unit, begin, left)
        here = counted(calendar, unit, begin, end)
        if here >= left:
            return reach(calendar, unit, begin, left)
        left -= here
    return None


def elapsed(
    unit: Unit,
    start: datetime,
    end: datetime,
    stints: Sequence[Stint],
    pauses: Sequence[Pause] = (),
) -> timedelta:
    """What a clock started at `start` has counted by `end`; nothing if `end` is not later."""
    if end <= start:
        return _ZERO
    return sum(
        (
            counted(calendar, unit, begin, until)
            for begin, until, calendar, paused in _cut(start, end, stints, pauses)
            if paused is None and begin is not None and until is not None
        ),
        _ZERO,
    )


def spans(
    unit: Unit,
    start: datetime,
    end: datetime,
    stints: Sequence[Stint],
    pauses: Sequence[Pause] = (),
) -> tuple[Span, ...]:
    """Every stretch from `start` to `end` in order, in UTC, with its count and why it counted.

    Reasons: "ran", "paused: WORD", "outside hours", and those of `Calendar.closed`. Neighbours
    with one reason are one Span, and the counts add up to `elapsed`. A local hour skipped by
    the clocks is counted in the Span in or with which it ends. This walks day by day and is
    meant for people to read; to judge, `due` and `elapsed` are enough.
    """
    found: list[Span] = []
    if end <= start:
        return ()
    for begin, until, calendar, paused in _cut(start, end, stints, pauses):
        if begin is None or until is None:
            continue
        stretches = (
            _stretches(calendar, unit, begin, until)
            if paused is None
            else iter([Span(begin, until, _ZERO, f"paused: {paused}")])
        )
        for span in stretches:
            if found and found[-1].reason == span.reason:
                last = found.pop()
                span = Span(last.start, span.end, last.counted + span.counted, span.reason)
            found.append(span)
    return tuple(found)


def _before(
    unit: Unit,
    event: datetime,
    span: timedelta,
    stints: Sequence[Stint],
    pauses: Sequence[Pause],
) -> datetime | None:
    if any(pause.end is None and pause.start < event for pause in pauses):
        return None
    left = span
    for begin, end, calendar, paused in reversed(_cut(None, event, stints, pauses)):
        if paused is not None or end is None:
            continue
        if begin is None:
            return threshold(calendar, unit, end, left)
        here = counted(calendar, unit, begin, end)
        if here >= left:
            return threshold(calendar, unit, end, left)
        left -= here
    return None


def _cut(
    start: datetime | None,
    end: datetime | None,
    stints: Sequence[Stint],
    pauses: Sequence[Pause],
) -> list[_Section]:
    """The time from `start` to `end`, cut wherever a stint or a pause begins or ends."""
    if not stints:
        raise ValueError("a clock needs at least one stint: nobody's calendar is known")
    if len(stints) == 1 and not pauses:
        return [_Section(start, end, stints[0].calendar, None)]
    stints = sorted(stints, key=lambda stint: stint.since)
    edges = {stint.since for stint in stints}
    edges.update(pause.start for pause in pauses)
    edges.update(pause.end for pause in pauses if pause.end is not None)
    inside = (e for e in edges if (start is None or start < e) and (end is None or e < end))
    sections = []
    for begin, until in pairwise([start, *sorted(inside), end]):
        calendar = stints[0].calendar
        paused = None
        if begin is not None:
            for stint in stints:
                if stint.since <= begin:
                    calendar = stint.calendar
            for pause in pauses:
                if pause.start <= begin and (pause.end is None or begin < pause.end):
                    paused = pause.reason
                    break
        sections.append(_Section(begin, until, calendar, paused))
    return sections


def _stretches(calendar: Calendar, unit: Unit, start: datetime, end: datetime) -> Iterator[Span]:
    """The time from `start` to `end` on one calendar, cut at midnights and office hours."""
    if unit in (Unit.H, Unit.D):
        yield Span(start, end, counted(calendar, unit, start, end), "ran")
        return
    place = wall(calendar.zone)
    begin, last = instant(start), instant(end)
    day = place.at(begin) // DAY
    while begin < last:
        for minute, reason in _parts(calendar, unit, date.fromordinal(_EPOCH_DAY + day)):
            edge = min(place.last(day * DAY + minute * 60_000 - 1) + 1, last)
            if edge > begin:
                since, until = moment(begin), moment(edge)
                yield Span(since, until, counted(calendar, unit, since, until), reason)
                begin = edge
        day += 1


def _parts(calendar: Calendar, unit: Unit, day: date) -> Iterator[tuple[int, str]]:
    """What a local day consists of: the minute up to which, and why it counts or does not."""
    closed = calendar.closed(day)
    if closed is not None or unit is Unit.BD:
        yield 1440, closed or "ran"
        return
    for start, end in calendar.intervals(day):
        yield start, "outside hours"
        yield end, "ran"
    yield 1440, "outside hours"
