"""Measure time over several calendars and pauses: when a clock is due, and which time counted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import NamedTuple

from atsbridge.model import Span, SpanKind
from atsbridge.worktime.calendar import Calendar
from atsbridge.worktime.duration import Unit
from atsbridge.worktime.elapsed import counted, instant, moment, reach, threshold
from atsbridge.worktime.wall_clock import DAY, wall

_ZERO = timedelta()
_EPOCH_DAY = date(1970, 1, 1).toordinal()


@dataclass(frozen=True, slots=True)
class CalendarSegment:
    """A calendar that applies from `since` until the next segment; the first also before that."""

    since: datetime
    calendar: Calendar


@dataclass(frozen=True, slots=True)
class Pause:
    """The clock is paused in [start, end), or for ever if `end` is None. `reason`: one word."""

    start: datetime
    end: datetime | None
    reason: str


class _Section(NamedTuple):
    """Time on one calendar that is either paused or not. None for `start` or `end`: unbounded."""

    start: datetime | None
    end: datetime | None
    calendar: Calendar
    paused: str | None


def due(
    unit: Unit,
    start: datetime,
    span: timedelta,
    segments: Sequence[CalendarSegment],
    pauses: Sequence[Pause] = (),
) -> datetime | None:
    """The first instant, in UTC, at which a clock started at `start` has counted `span`.

    A negative span counts back: the last instant from which that much time counts until `start`.
    Pauses may overlap. None if a pause without end begins before the span is reached. ValueError
    if the calendar has no working time, the result is outside the years 1 to 9999, or there is no
    segment.
    """
    if span < _ZERO:
        return _before(unit, start, -span, segments, pauses)
    if not span:
        return moment(instant(start))
    if len(segments) == 1 and not pauses:
        return reach(segments[0].calendar, unit, start, span)
    left = span
    for begin, end, calendar, paused in _cut(start, None, segments, pauses):
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
    segments: Sequence[CalendarSegment],
    pauses: Sequence[Pause] = (),
) -> timedelta:
    """The time a clock started at `start` has counted by `end`; zero if `end` is not later."""
    if end <= start:
        return _ZERO
    return sum(
        (
            counted(calendar, unit, begin, until)
            for begin, until, calendar, paused in _cut(start, end, segments, pauses)
            if paused is None and begin is not None and until is not None
        ),
        _ZERO,
    )


def spans(
    unit: Unit,
    start: datetime,
    end: datetime,
    segments: Sequence[CalendarSegment],
    pauses: Sequence[Pause] = (),
) -> tuple[Span, ...]:
    """The time from `start` to `end` as spans in order, in UTC, each with its count and reason.

    Reasons: "ran", "paused: REASON", "outside hours", and those of `Calendar.closed`. Adjacent
    spans with the same reason are merged, and the counts add up to `elapsed`. A local hour that
    is skipped when clocks go forward is counted in the span in which it ends. This goes day by
    day and is meant for explanations; evaluation uses `due` and `elapsed`.
    """
    found: list[Span] = []
    if end <= start:
        return ()
    for begin, until, calendar, paused in _cut(start, end, segments, pauses):
        if begin is None or until is None:
            continue
        stretches = (
            _stretches(calendar, unit, begin, until)
            if paused is None
            else iter([Span(begin, until, _ZERO, f"paused: {paused}", SpanKind.PAUSED)])
        )
        for span in stretches:
            if found and found[-1].reason == span.reason:
                last = found.pop()
                counts = last.counted + span.counted
                span = Span(last.start, span.end, counts, span.reason, span.kind)
            found.append(span)
    return tuple(found)


def _before(
    unit: Unit,
    event: datetime,
    span: timedelta,
    segments: Sequence[CalendarSegment],
    pauses: Sequence[Pause],
) -> datetime | None:
    if any(pause.end is None and pause.start < event for pause in pauses):
        return None
    left = span
    for begin, end, calendar, paused in reversed(_cut(None, event, segments, pauses)):
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
    segments: Sequence[CalendarSegment],
    pauses: Sequence[Pause],
) -> list[_Section]:
    """Split the time from `start` to `end` wherever a segment or a pause begins or ends."""
    if not segments:
        raise ValueError("a clock needs at least one segment, which names its calendar")
    if len(segments) == 1 and not pauses:
        return [_Section(start, end, segments[0].calendar, None)]
    segments = sorted(segments, key=lambda segment: segment.since)
    edges = {segment.since for segment in segments}
    edges.update(pause.start for pause in pauses)
    edges.update(pause.end for pause in pauses if pause.end is not None)
    inside = (e for e in edges if (start is None or start < e) and (end is None or e < end))
    sections = []
    for begin, until in pairwise([start, *sorted(inside), end]):
        calendar = segments[0].calendar
        paused = None
        if begin is not None:
            for segment in segments:
                if segment.since <= begin:
                    calendar = segment.calendar
            for pause in pauses:
                if pause.start <= begin and (pause.end is None or begin < pause.end):
                    paused = pause.reason
                    break
        sections.append(_Section(begin, until, calendar, paused))
    return sections


def _stretches(calendar: Calendar, unit: Unit, start: datetime, end: datetime) -> Iterator[Span]:
    """Split the time from `start` to `end` on one calendar at midnights and office hours."""
    if unit in (Unit.H, Unit.D):
        yield Span(start, end, counted(calendar, unit, start, end), "ran", SpanKind.RAN)
        return
    place = wall(calendar.zone)
    begin, last = instant(start), instant(end)
    day = place.at(begin) // DAY
    while begin < last:
        for minute, kind, reason in _parts(calendar, unit, date.fromordinal(_EPOCH_DAY + day)):
            edge = min(place.last(day * DAY + minute * 60_000 - 1) + 1, last)
            if edge > begin:
                since, until = moment(begin), moment(edge)
                yield Span(since, until, counted(calendar, unit, since, until), reason, kind)
                begin = edge
        day += 1


def _parts(calendar: Calendar, unit: Unit, day: date) -> Iterator[tuple[int, SpanKind, str]]:
    """The parts of a local day: the minute at which a part ends, its kind and its reason."""
    closed = calendar.closed(day)
    if closed is not None:
        kind = SpanKind.WEEKEND if calendar.is_weekend(day) else SpanKind.CLOSED
        yield 1440, kind, closed
        return
    if unit is Unit.BD:
        yield 1440, SpanKind.RAN, "ran"
        return
    for start, end in calendar.intervals(day):
        yield start, SpanKind.OUTSIDE_HOURS, "outside hours"
        yield end, SpanKind.RAN, "ran"
    yield 1440, SpanKind.OUTSIDE_HOURS, "outside hours"
