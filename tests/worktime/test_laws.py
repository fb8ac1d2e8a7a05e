"""The laws of counted time, to the millisecond, and what is refused."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from atsbridge.worktime.calendar import Absence, Calendar, parse_hours
from atsbridge.worktime.clock import CalendarSegment, due
from atsbridge.worktime.duration import Unit
from atsbridge.worktime.elapsed import counted, reach, threshold

NONE = timedelta()
TICK = timedelta(milliseconds=1)
HOURS = ("mon-fri 09:00-18:00", "sun-thu 00:00-02:30 22:15-24:00", "wed 11:00-11:01")
ZONES = (
    "UTC",
    "Europe/Lisbon",
    "America/St_Johns",
    "America/Los_Angeles",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "Pacific/Chatham",
    "Africa/Casablanca",
)
CALENDARS = [
    Calendar(
        f"{zone} {hours}",
        zone,
        parse_hours(hours),
        {date(2026, 3, 29): "Sunday", date(2026, 10, 28): "Wednesday"},
        (Absence(date(2026, 10, 24), date(2026, 11, 2), "leave"),),
    )
    for zone in ZONES
    for hours in HOURS
]
calendars = st.sampled_from(CALENDARS)
units = st.sampled_from(Unit)
instants = st.integers(0, 3 * 366 * 86_400_000).map(
    lambda ms: datetime(2025, 1, 1, tzinfo=UTC) + ms * TICK
)
amounts = st.integers(1, 40 * 86_400_000).map(lambda ms: ms * TICK)


@given(calendars, units, st.lists(instants, min_size=3, max_size=3))
def test_counted_time_adds_up_and_never_shrinks(calendar, unit, three):
    """What is counted to a point in between and on from it is the whole."""
    first, middle, last = sorted(three)
    whole = counted(calendar, unit, first, last)
    before, after = counted(calendar, unit, first, middle), counted(calendar, unit, middle, last)
    assert before >= NONE <= after
    assert before + after == whole
    assert counted(calendar, unit, last, first) == NONE


@given(calendars, instants, instants)
def test_office_hours_are_part_of_working_days(calendar, one, other):
    """No calendar counts more office hours than working days."""
    start, end = sorted((one, other))
    assert counted(calendar, Unit.BH, start, end) <= counted(calendar, Unit.BD, start, end)


@given(calendars, units, instants, amounts)
def test_due_is_the_first_instant_that_reaches_the_count(calendar, unit, start, span):
    """A millisecond earlier it is not reached."""
    at = reach(calendar, unit, start, span)
    assert counted(calendar, unit, start, at) >= span
    assert counted(calendar, unit, start, at - TICK) < span


@given(calendars, units, instants, amounts)
def test_a_threshold_is_the_last_start_that_is_counted_in_full(calendar, unit, end, span):
    """A millisecond later it is too late."""
    at = threshold(calendar, unit, end, span)
    assert counted(calendar, unit, at, end) >= span
    assert counted(calendar, unit, at + TICK, end) < span


@given(calendars, units, instants, instants, amounts)
def test_due_and_threshold_answer_the_same_question(calendar, unit, start, now, span):
    """It is due by now exactly if it started by the threshold: what SQL compares is the truth."""
    by_now = reach(calendar, unit, start, span) <= now
    assert by_now == (start <= threshold(calendar, unit, now, span))


@given(calendars, units, instants, amounts, amounts)
def test_reaching_a_part_first_is_no_detour(calendar, unit, start, part, rest):
    """Save where the clocks skip past the part: then the rest counts from after the skip."""
    half_way = reach(calendar, unit, start, part)
    assume(counted(calendar, unit, start, half_way) == part)
    assert reach(calendar, unit, half_way, rest) == reach(calendar, unit, start, part + rest)


@given(calendars, instants, amounts)
def test_instants_in_any_zone_are_the_same_instants(calendar, start, span):
    """What comes out is in UTC, whatever zone went in."""
    east = start.astimezone(timezone(timedelta(hours=9, minutes=30)))
    found = reach(calendar, Unit.BH, east, span)
    assert found == reach(calendar, Unit.BH, start, span)
    assert found.tzinfo is UTC


@pytest.mark.parametrize("unit", Unit)
def test_instants_are_cut_to_milliseconds_and_spans_rounded_up(unit):
    """A due instant is never early, and the store's milliseconds hold it."""
    office, micro = CALENDARS[0], timedelta(microseconds=1)
    noon = datetime(2026, 3, 4, 12, tzinfo=UTC)
    assert counted(office, unit, noon + 999 * micro, noon + TICK) == TICK
    assert reach(office, unit, noon + 999 * micro, micro) == noon + TICK
    assert threshold(office, unit, noon + 999 * micro, micro) == noon - TICK


@pytest.mark.parametrize("unit", Unit)
def test_no_span_is_reached_at_once(unit):
    """Also at a moment that does not count."""
    sunday = datetime(2026, 3, 8, 3, tzinfo=UTC)
    assert reach(CALENDARS[0], unit, sunday, NONE) == sunday
    assert threshold(CALENDARS[0], unit, sunday, NONE) == sunday


@pytest.mark.parametrize("unit", [Unit.BD, Unit.BH])
@pytest.mark.parametrize("ask", [reach, threshold])
def test_a_calendar_on_which_nothing_counts_is_said_to_be_one(ask, unit):
    """Instead of a search without end."""
    nobody = Calendar("nobody", "UTC", ((),) * 7)
    now = datetime(2026, 3, 8, tzinfo=UTC)
    assert counted(nobody, unit, now, now + timedelta(days=900)) == NONE
    with pytest.raises(ValueError) as caught:
        ask(nobody, unit, now, TICK)
    assert str(caught.value) == "this calendar has no office hours, so no time counts on it"


@pytest.mark.parametrize("ask", [reach, threshold])
def test_a_negative_span_is_refused(ask):
    """Counting back from an event is asked for by name."""
    with pytest.raises(ValueError) as caught:
        ask(CALENDARS[0], Unit.BD, datetime(2026, 3, 8, tzinfo=UTC), -TICK)
    assert str(caught.value) == "the span is negative: count back from an event with `threshold`"


def test_somebody_away_for_good_never_gets_to_it():
    """An absence up to the last date there is leads out of the calendar, not into a loop."""
    gone = Absence(date(2026, 1, 1), date.max, "left")
    calendar = Calendar("gone", "UTC", CALENDARS[0].hours, {}, (gone,))
    start = datetime(2026, 3, 6, tzinfo=UTC)
    assert counted(calendar, Unit.BD, start, datetime(2099, 1, 1, tzinfo=UTC)) == NONE
    with pytest.raises(ValueError) as caught:
        reach(calendar, Unit.BD, start, TICK)
    assert str(caught.value) == "this much working time goes beyond the years 1 to 9999"


@pytest.mark.parametrize("calendar", CALENDARS, ids=lambda calendar: calendar.key)
def test_absurd_dates_are_counted_at_once(calendar):
    """From the first instant of datetime to its last, in every zone."""
    first, last = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
    today = datetime(2026, 3, 6, tzinfo=UTC)
    ages = counted(calendar, Unit.BD, first, last)
    assert timedelta(days=360_000) < ages < timedelta(days=2_700_000)
    parts = counted(calendar, Unit.BD, first, today) + counted(calendar, Unit.BD, today, last)
    assert parts == ages


def test_a_naive_instant_is_refused():
    """It names no instant."""
    with pytest.raises(TypeError, match="offset-naive and offset-aware"):
        reach(CALENDARS[0], Unit.H, datetime(2026, 3, 6), TICK)  # noqa: DTZ001


def test_a_clock_needs_somebody():
    """Without a segment there is no calendar to count on."""
    segment = CalendarSegment(datetime(2026, 3, 6, tzinfo=UTC), CALENDARS[0])
    assert due(Unit.H, segment.since, TICK, [segment]) == segment.since + TICK
    with pytest.raises(ValueError) as caught:
        due(Unit.H, segment.since, TICK, [])
    assert str(caught.value) == "a clock needs at least one segment, which names its calendar"
