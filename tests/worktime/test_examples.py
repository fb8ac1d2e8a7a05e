"""The examples of docs/worktime.md are what the code does."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from atsbridge.worktime.calendar import Calendar, parse_hours
from atsbridge.worktime.clock import CalendarSegment, Pause, due
from atsbridge.worktime.duration import Duration
from atsbridge.worktime.elapsed import reach

PAGE = Path(__file__).parents[2] / "docs" / "worktime.md"
OFFICE = parse_hours("mon-fri 09:00-18:00")
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def rows(*columns):
    """The rows of the page's table that has exactly these columns."""
    tables = re.findall(r"(?:^\|.*\|\n)+", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    for table in tables:
        head, _, *body = (
            tuple(cell.strip(" `") for cell in line.strip("|").split("|"))
            for line in table.splitlines()
        )
        if head == columns:
            return body
    raise AssertionError(f"no table with the columns {columns}")


def in_week(text):
    """The instant of "Fri 16:00" in the week of 2 March 2026."""
    day, hour = text.split()
    return datetime.fromisoformat(f"2026-03-{2 + DAYS.index(day):02} {hour}+00:00")


def after(start, text):
    """The first "Mon 10:00" after "Fri 16:00"."""
    at = in_week(text)
    return at if at > in_week(start) else at + timedelta(days=7)


def day_and_hour(at):
    """The other way round."""
    return f"{DAYS[at.weekday()]} {at:%H:%M}"


@pytest.mark.parametrize("row", rows("start", "+ `24h", "+ `1bd", "+ `24bh", "+ `4bh"))
def test_the_units_side_by_side(row):
    """A start with each unit on a nine-hour office is due as the table says."""
    start, *expected = row
    start, _, note = start.partition(", ")
    assert note in ("", "Fri a holiday")
    holidays = {date(2026, 3, 6): "Founders' Day"} if note else {}
    office = Calendar("office", "UTC", OFFICE, holidays)
    amounts = [Duration.parse(text) for text in ("24h", "1bd", "24bh", "4bh")]
    found = [reach(office, each.unit, in_week(start), each.span) for each in amounts]
    assert [day_and_hour(at) for at in found] == expected


@pytest.mark.parametrize("row", rows("hours", "start", "amount", "due"))
def test_the_ways_to_write_hours(row):
    """Lunch breaks, Saturdays, weeks from Sunday and part-time count as the table says."""
    hours, start, text, expected = row
    amount = Duration.parse(text)
    office = Calendar("office", "UTC", parse_hours(hours))
    assert day_and_hour(reach(office, amount.unit, in_week(start), amount.span)) == expected


@pytest.mark.parametrize("row", rows("zone", "start", "amount", "due"))
def test_the_days_on_which_clocks_change(row):
    """Working days keep the hour on the wall; elapsed hours do not."""
    name, start, text, expected = row
    zone, amount = ZoneInfo(name), Duration.parse(text)
    begin = datetime.fromisoformat(start).replace(tzinfo=zone).astimezone(UTC)
    found = reach(Calendar("office", name, OFFICE), amount.unit, begin, amount.span)
    assert f"{found.astimezone(zone):%Y-%m-%d %H:%M}" == expected


@pytest.mark.parametrize("row", rows("start", "amount", "pause", "due"))
def test_pauses_shares_and_steps(row):
    """Pauses delay, shares and later steps run on the same clock, negative steps count back."""
    start, text, pause, expected = row
    segments = [CalendarSegment(in_week("Mon 00:00"), Calendar("office", "UTC", OFFICE))]
    pauses = []
    if pause:
        begin, end = re.fullmatch(r"(.*?)(?: on| to (.*))", pause).groups()
        pauses = [Pause(after(start, begin), after(start, end) if end else None, "hold")]
    share, _, rest = text.rpartition("% of ")
    first, _, then = rest.partition(", then ")
    amount = Duration.parse(first)
    span = amount.span * int(share or 100) / 100
    found = due(amount.unit, in_week(start), span, segments, pauses)
    if then:
        later_step = Duration.parse(then)
        found = due(later_step.unit, found, later_step.span, segments, pauses)
    assert (day_and_hour(found) if found else "open") == expected
