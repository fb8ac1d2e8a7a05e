"""Calendars say when somebody is at work, and refuse what cannot be."""

from __future__ import annotations

from datetime import date

import pytest

from atsbridge.worktime.calendar import Absence, Calendar, parse_day_hours, parse_hours

DAY = ((540, 1080),)
LUNCH = ((540, 750), (810, 1080))
FREE = ()


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("mon-fri 09:00-18:00", (DAY, DAY, DAY, DAY, DAY, FREE, FREE)),
        (
            "Mon-Fri 9:00-12:30 13:30-18:00; sat 10:00-14:00;",
            (LUNCH, LUNCH, LUNCH, LUNCH, LUNCH, ((600, 840),), FREE),
        ),
        ("sun-tue 09:00-18:00", (DAY, DAY, FREE, FREE, FREE, FREE, DAY)),
        ("mon,thu-fri 09:00-18:00", (DAY, FREE, FREE, DAY, DAY, FREE, FREE)),
        ("tue 09:00-12:00 12:00-18:00", (FREE, ((540, 720), (720, 1080)), *(FREE,) * 5)),
        ("sun 00:00-24:00", (FREE, FREE, FREE, FREE, FREE, FREE, ((0, 1440),))),
    ],
)
def test_hours_are_days_and_intervals(text, hours):
    """Ranges, lists, lunch breaks, several groups, weeks that begin on a Sunday."""
    assert parse_hours(text) == hours


EXAMPLE = "such as mon-fri 09:00-12:30 13:30-18:00; sat 10:00-14:00"
DAYS = "write one of mon, tue, wed, thu, fri, sat, sun"
MIDNIGHT = (
    "end before they begin: hours over midnight are two intervals, on two days, such as "
    "mon 22:00-24:00; tue 00:00-06:00"
)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (" ; ", f"there are no office hours: write days and hours, {EXAMPLE}"),
        ("mon-fri", f'"mon-fri" has no hours: write days and hours, {EXAMPLE}'),
        ("mon-friday 09:00-18:00", f'"friday" is not a weekday: {DAYS}'),
        ("mon, tue 09:00-18:00", f'"" is not a weekday: {DAYS}'),
        ("09:00-18:00 mon", f'"09:00" is not a weekday: {DAYS}'),
        ("mon 9-18", '"9-18" is not an interval of hours: write it such as 09:00-12:30'),
        ("mon 09:00-17:60", '"09:00-17:60" is not an interval of hours: minutes end at 59'),
        ("mon 22:00-06:00", f"the hours 22:00-06:00 of mon {MIDNIGHT}"),
        ("mon 09:00-09:00", f"the hours 09:00-09:00 of mon {MIDNIGHT}"),
        ("mon 20:00-25:00", "the hours of mon go beyond 24:00: a day ends there"),
        (
            "mon 09:00-13:00 12:00-18:00",
            "the hours of mon overlap or are out of order: 12:00 comes before 13:00",
        ),
        (
            "mon-fri 09:00-18:00; wed 09:00-12:00",
            "wed is given twice: put all its hours into one group",
        ),
    ],
)
def test_hours_nobody_can_keep_are_refused(text, message):
    """Each mistake gets one sentence that names it and the way out."""
    with pytest.raises(ValueError) as caught:
        parse_hours(text)
    assert str(caught.value) == message


@pytest.mark.parametrize("zone", ["", "Europe", "Europe/Lisboa", "../etc/passwd", "Mars"])
def test_a_zone_that_is_none_is_refused(zone):
    """Whatever the time zone database makes of the name."""
    with pytest.raises(ValueError) as caught:
        Calendar("office", zone, (DAY,) * 7)
    assert str(caught.value).startswith(f'"{zone}" is not a time zone: ')


def test_a_week_of_six_days_is_refused():
    """Hours are held for each of the seven weekdays."""
    with pytest.raises(ValueError) as caught:
        Calendar("office", "UTC", (DAY,) * 6)
    assert str(caught.value) == "hours are given for 6 weekdays instead of 7"


def test_hours_out_of_order_are_refused_however_they_were_made():
    """The table needs sorted intervals, so a calendar checks what it is given."""
    with pytest.raises(ValueError, match=r"^the hours of mon overlap or are out of order: 09:00"):
        Calendar("office", "UTC", ((*reversed(LUNCH),), *(FREE,) * 6))


def test_an_absence_that_ends_before_it_begins_is_refused():
    """Its two dates were mixed up."""
    absence = Absence(date(2026, 3, 9), date(2026, 3, 6), "leave")
    with pytest.raises(ValueError) as caught:
        Calendar("office", "UTC", (DAY,) * 7, {}, (absence,))
    assert str(caught.value) == ("the absence from 2026-03-09 to 2026-03-06 ends before it begins")


@pytest.mark.parametrize(
    ("day", "reason"),
    [
        (date(2026, 4, 2), None),
        (date(2026, 4, 3), "holiday: Good Friday"),
        (date(2026, 4, 4), "weekend"),
        (date(2026, 4, 5), "weekend"),
        (date(2026, 4, 6), "away: parental leave"),
        (date(2026, 4, 7), "away: parental leave"),
        (date(2026, 4, 8), None),
    ],
)
def test_a_closed_day_says_why(day, reason):
    """What holds for everybody comes before what holds for one person."""
    holidays = {date(2026, 4, 3): "Good Friday", date(2026, 4, 5): "Easter Sunday"}
    leave = Absence(date(2026, 4, 3), date(2026, 4, 7), "parental leave")
    hours = parse_hours("mon-fri 09:00-18:00")
    assert Calendar("ana", "Europe/Lisbon", hours, holidays, (leave,)).closed(day) == reason


@pytest.mark.parametrize(
    ("day", "reason"),
    [
        (date(2026, 1, 24), None),
        (date(2026, 1, 25), "weekend"),
        (date(2026, 12, 24), None),
        (date(2026, 12, 31), "away: leave"),
    ],
)
def test_a_day_with_hours_of_its_own_is_worked_unless_one_is_away(day, reason):
    """A Saturday that is worked, a half day that would be a holiday, and leave on one."""
    special = {date(2026, 1, 24): DAY, date(2026, 12, 24): ((540, 780),), date(2026, 12, 31): DAY}
    holidays = {date(2026, 12, 24): "Christmas Eve"}
    leave = Absence(date(2026, 12, 28), date(2026, 12, 31), "leave")
    office = Calendar("o", "UTC", (*(DAY,) * 5, FREE, FREE), holidays, (leave,), special)
    assert office.closed(day) == reason


@pytest.mark.parametrize("text", ["", "nine to one", "13:00-09:00", "09:00-13:00 12:00-18:00"])
def test_hours_of_one_day_that_nobody_can_keep_are_refused(text):
    """As for the hours of a week."""
    with pytest.raises(ValueError, match=r"hours"):
        parse_day_hours(text)


def test_hours_of_one_day_are_intervals():
    """One or several."""
    assert parse_day_hours("09:00-12:30 13:30-18:00") == LUNCH


def test_calendars_that_say_the_same_are_equal():
    """What was counted on one of them does not tell them apart, and they can be keys."""
    one, other = (Calendar("office", "UTC", (DAY,) * 7, {date(2026, 1, 1): "x"}) for _ in range(2))
    one.tables[0] = "something"
    assert one == other
    assert len({one, other}) == 1
