"""A clock runs on the calendar of whoever owes, stands still in pauses, and can explain itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atsbridge.worktime.calendar import Absence, Calendar, parse_hours
from atsbridge.worktime.clock import CalendarSegment, Pause, due, elapsed, spans
from atsbridge.worktime.duration import Unit
from atsbridge.worktime.elapsed import counted, threshold

HOUR = timedelta(hours=1)
DAY = 24 * HOUR
LUNCH = parse_hours("mon-fri 09:00-12:30 13:30-18:00")
ANA = Calendar(
    "ana",
    "Europe/Lisbon",
    LUNCH,
    {date(2026, 4, 3): "Good Friday"},
    (Absence(date(2026, 4, 7), date(2026, 4, 8), "training"),),
)
KIM = Calendar("kim", "Asia/Seoul", parse_hours("mon-fri 10:00-19:00"))


def at(text):
    """The instant "04-02 16:00" of 2026, UTC; Lisbon is an hour ahead in April."""
    return datetime.fromisoformat(f"2026-{text}+00:00")


BY_ANA = (CalendarSegment(at("01-01 00:00"), ANA),)


def told(*arguments):
    """Spans as lines of text: from, to, hours counted, reason."""
    return [
        f"{span.start:%m-%d %H:%M} {span.end:%m-%d %H:%M} {span.counted / HOUR:g} {span.reason}"
        for span in spans(*arguments)
    ]


def test_every_day_says_why_it_counted():
    """Holiday, weekend, absence and working days, one line each, cut at local midnight."""
    assert told(Unit.BD, at("04-02 15:00"), at("04-09 15:00"), BY_ANA) == [
        "04-02 15:00 04-02 23:00 8 ran",
        "04-02 23:00 04-03 23:00 0 holiday: Good Friday",
        "04-03 23:00 04-05 23:00 0 weekend",
        "04-05 23:00 04-06 23:00 24 ran",
        "04-06 23:00 04-08 23:00 0 away: training",
        "04-08 23:00 04-09 15:00 16 ran",
    ]


def test_every_office_hour_says_why_it_counted():
    """Nights and lunch are outside hours; a pause is named by its word."""
    pauses = [Pause(at("04-06 14:00"), at("04-06 15:30"), "requisition.on_hold")]
    assert told(Unit.BH, at("04-05 20:00"), at("04-06 21:00"), BY_ANA, pauses) == [
        "04-05 20:00 04-05 23:00 0 weekend",
        "04-05 23:00 04-06 08:00 0 outside hours",
        "04-06 08:00 04-06 11:30 3.5 ran",
        "04-06 11:30 04-06 12:30 0 outside hours",
        "04-06 12:30 04-06 14:00 1.5 ran",
        "04-06 14:00 04-06 15:30 0 paused: requisition.on_hold",
        "04-06 15:30 04-06 17:00 1.5 ran",
        "04-06 17:00 04-06 21:00 0 outside hours",
    ]


def test_every_span_has_a_kind():
    """A holiday and an absence are closed days; a working Saturday is no weekend."""
    found = spans(Unit.BD, at("04-02 15:00"), at("04-09 15:00"), BY_ANA)
    assert [span.kind.value for span in found] == [
        *("ran", "closed", "weekend", "ran", "closed", "ran")
    ]
    pauses = [Pause(at("04-06 14:00"), at("04-06 15:30"), "requisition.on_hold")]
    found = spans(Unit.BH, at("04-06 13:00"), at("04-06 21:00"), BY_ANA, pauses)
    assert [span.kind.value for span in found] == ["ran", "paused", "ran", "outside_hours"]
    extra = replace(ANA, special={date(2026, 4, 4): ((540, 720),)})
    found = spans(
        Unit.BH, at("04-04 08:00"), at("04-04 11:00"), [CalendarSegment(at("01-01 00:00"), extra)]
    )
    assert [span.kind.value for span in found] == ["ran"]


def test_elapsed_time_ran_all_through():
    """Hours and days take no notice of holidays."""
    assert told(Unit.D, at("04-02 15:00"), at("04-09 15:00"), BY_ANA) == [
        "04-02 15:00 04-09 15:00 168 ran"
    ]


@pytest.mark.parametrize(("day", "hours"), [("03-29", 23), ("10-25", 25)])
def test_a_day_on_which_clocks_change_counts_24_hours(day, hours):
    """A skipped hour has passed, a repeated one counts once."""
    everyday = Calendar("x", "Europe/Berlin", parse_hours("mon-sun 00:00-24:00"))
    start = at(f"{day} 00:00") - (HOUR if hours == 23 else 2 * HOUR)
    for unit in (Unit.BD, Unit.BH):
        (span,) = spans(unit, start, start + hours * HOUR, [CalendarSegment(start, everyday)])
        assert (span.counted, span.reason) == (DAY, "ran")


def test_a_hand_over_changes_only_time_to_come():
    """What ran on Ana's calendar stays counted; the rest runs on Kim's, in Seoul."""
    segments = (*BY_ANA, CalendarSegment(at("04-06 10:00"), KIM))
    start = at("04-06 08:00")  # 09:00 in Lisbon: two hours by Ana; it is 19:00 in Seoul then
    assert due(Unit.BH, start, 4 * HOUR, segments) == at("04-07 03:00")
    assert elapsed(Unit.BH, start, at("04-07 03:00"), segments) == 4 * HOUR
    assert due(Unit.BH, start, 4 * HOUR, segments[::-1]) == at("04-07 03:00")
    assert due(Unit.BH, start, 2 * HOUR, segments) == at("04-06 10:00")


def test_the_first_stint_holds_before_it_began():
    """A clock may start before it is known who owed then."""
    late = (CalendarSegment(at("06-01 00:00"), ANA),)
    start = at("04-02 15:00")
    assert due(Unit.BD, start, DAY, late) == due(Unit.BD, start, DAY, BY_ANA)


def test_a_pause_delays_what_is_still_to_come():
    """Overlapping pauses count once, empty ones not at all, and before the start none does."""
    start = at("04-06 08:00")
    pauses = [
        Pause(at("04-06 13:00"), at("04-06 15:00"), "hold"),
        Pause(at("04-06 14:00"), at("04-06 16:00"), "leave"),
        Pause(at("04-06 09:00"), at("04-06 09:00"), "nothing"),
        Pause(at("04-01 09:00"), at("04-02 09:00"), "long ago"),
    ]
    assert due(Unit.H, start, 4 * HOUR, BY_ANA, pauses) == at("04-06 12:00")
    assert due(Unit.H, start, 6 * HOUR, BY_ANA, pauses) == at("04-06 17:00")
    assert elapsed(Unit.H, start, at("04-06 18:00"), BY_ANA, pauses) == 7 * HOUR


def test_what_is_reached_as_a_pause_begins_is_due_then():
    """The count does not wait for the end of the pause."""
    start, hold = at("04-06 08:00"), Pause(at("04-06 12:00"), None, "hold")
    assert due(Unit.H, start, 4 * HOUR, BY_ANA, [hold]) == at("04-06 12:00")
    assert due(Unit.H, start, 4 * HOUR + timedelta(milliseconds=1), BY_ANA, [hold]) is None


@pytest.mark.parametrize("other", [(), (Pause(at("04-06 10:00"), at("04-06 20:00"), "leave"),)])
def test_a_pause_without_end_leaves_it_open(other):
    """Also under a pause that has an end."""
    pauses = (*other, Pause(at("04-06 12:00"), None, "hold"))
    assert due(Unit.BD, at("04-06 08:00"), DAY, BY_ANA, pauses) is None
    assert told(Unit.H, at("04-06 08:00"), at("04-07 08:00"), BY_ANA, pauses[-1:]) == [
        "04-06 08:00 04-06 12:00 4 ran",
        "04-06 12:00 04-07 08:00 0 paused: hold",
    ]


def test_nothing_is_due_at_once_even_while_paused():
    """A count of nothing is reached where it starts, however long the pause has stood."""
    start = at("04-06 08:00")
    for began in (start, start - HOUR):
        assert due(Unit.BD, start, timedelta(), BY_ANA, [Pause(began, None, "hold")]) == start


def test_a_negative_span_counts_back_from_the_event():
    """By the owner's calendar, pauses and hand-overs included: the last start that suffices."""
    event = at("04-06 10:00")  # Monday after Easter, 11:00 in Lisbon
    assert due(Unit.BD, event, -DAY, BY_ANA) == threshold(ANA, Unit.BD, event, DAY)
    assert due(Unit.BD, event, -DAY, BY_ANA) == at("04-02 10:00")
    paused = [Pause(at("04-02 08:00"), at("04-02 12:00"), "hold")]
    assert due(Unit.BD, event, -DAY, BY_ANA, paused) == at("04-02 08:00") - 2 * HOUR
    held = [Pause(at("04-06 08:00"), at("04-06 09:00"), "hold")]
    assert due(Unit.BH, event, -HOUR, BY_ANA, held) == at("04-06 09:00")
    both = (*BY_ANA, CalendarSegment(at("04-06 08:00"), KIM))
    assert due(Unit.BH, event, -4 * HOUR, both) == at("04-02 15:00")


def test_counting_back_through_a_pause_without_end_cannot_be_said():
    """A pause that begins after the event does not matter."""
    event = at("04-06 10:00")
    assert due(Unit.BD, event, -DAY, BY_ANA, [Pause(at("04-01 08:00"), None, "hold")]) is None
    assert due(Unit.BD, event, -DAY, BY_ANA, [Pause(event, None, "hold")]) == at("04-02 10:00")


def test_a_pause_that_begins_as_the_time_ends_is_not_shown():
    """Nor is one that ended as it began: a stretch without length explains nothing."""
    start, end = at("04-06 08:00"), at("04-06 10:00")
    pauses = [Pause(end, None, "hold"), Pause(start - HOUR, start, "leave")]
    assert told(Unit.H, start, end, BY_ANA, pauses) == ["04-06 08:00 04-06 10:00 2 ran"]


def test_office_hours_that_begin_at_midnight_count_from_midnight():
    """The night before ends there, to the minute."""
    shifts = Calendar("x", "UTC", parse_hours("mon 09:00-18:00; tue 00:00-02:30"))
    segments = [CalendarSegment(at("04-06 00:00"), shifts)]
    assert told(Unit.BH, at("04-06 17:00"), at("04-07 03:00"), segments) == [
        "04-06 17:00 04-06 18:00 1 ran",
        "04-06 18:00 04-07 00:00 0 outside hours",
        "04-07 00:00 04-07 02:30 2.5 ran",
        "04-07 02:30 04-07 03:00 0 outside hours",
    ]


def test_nothing_runs_backwards():
    """A clock asked for before it started has no spans and counted nothing."""
    start = at("04-06 08:00")
    assert spans(Unit.BD, start, start - HOUR, BY_ANA) == ()
    assert elapsed(Unit.BD, start, start - HOUR, BY_ANA) == timedelta()


minutes = st.integers(0, 60 * 24 * 60).map(
    lambda n: datetime(2026, 3, 10, tzinfo=UTC) + n * timedelta(minutes=1)
)
pauses = st.builds(Pause, minutes, st.none() | minutes, st.sampled_from(("hold", "leave")))
segments = st.lists(
    st.builds(CalendarSegment, minutes, st.sampled_from((ANA, KIM))), min_size=1, max_size=3
)


@given(st.sampled_from(Unit), minutes, minutes, segments, st.lists(pauses, max_size=3))
def test_spans_cover_the_time_and_add_up(unit, one, other, segments, pauses):
    """In order, without a gap, no two neighbors with one reason; the counts are the whole."""
    start, end = sorted((one, other))
    found = spans(unit, start, end, segments, pauses)
    if start == end:
        assert found == ()
        return
    edges = [start, *(span.end for span in found)]
    assert [span.start for span in found] == edges[:-1]
    assert edges[-1] == end
    reasons = [span.reason for span in found]
    assert all(reason != after for reason, after in pairwise(reasons))
    assert all(span.counted == timedelta() for span in found if span.reason != "ran")
    total = sum((span.counted for span in found), timedelta())
    assert total == elapsed(unit, start, end, segments, pauses)


@given(
    st.sampled_from(Unit), minutes, st.integers(1, 10**9), segments, st.lists(pauses, max_size=3)
)
def test_due_is_when_that_much_has_elapsed(unit, start, milliseconds, segments, pauses):
    """And not a millisecond before."""
    span, tick = timedelta(milliseconds=milliseconds), timedelta(milliseconds=1)
    found = due(unit, start, span, segments, pauses)
    if found is None:
        assert elapsed(unit, start, start + timedelta(days=99), segments, pauses) < span
    else:
        assert elapsed(unit, start, found, segments, pauses) >= span
        assert elapsed(unit, start, found - tick, segments, pauses) < span


@given(
    st.sampled_from(Unit), minutes, st.integers(1, 10**9), segments, st.lists(pauses, max_size=3)
)
def test_counting_back_finds_the_last_start_that_suffices(unit, event, ms, segments, pauses):
    """A millisecond later is too late."""
    span, tick = timedelta(milliseconds=ms), timedelta(milliseconds=1)
    found = due(unit, event, -span, segments, pauses)
    if found is None:
        assert any(pause.end is None and pause.start < event for pause in pauses)
    else:
        assert elapsed(unit, found, event, segments, pauses) >= span
        assert elapsed(unit, found + tick, event, segments, pauses) < span


@given(st.sampled_from(Unit), minutes, minutes)
def test_one_owner_without_pauses_is_plain_counting(unit, one, other):
    """The clock adds nothing of its own."""
    start, end = sorted((one, other))
    assert elapsed(unit, start, end, BY_ANA) == counted(ANA, unit, start, end)
