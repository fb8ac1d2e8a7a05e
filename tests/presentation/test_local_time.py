"""One instant reads the same wherever a reader meets it, and says a time that they are at work."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from atsbridge.cases.recipients import Directory
from atsbridge.model.notice import Destination
from atsbridge.presentation.local_time import Reader
from atsbridge.worktime.calendar import Calendar, parse_hours

NOW = datetime(2026, 3, 4, 9, tzinfo=UTC)
HOURS = parse_hours("mon-fri 09:00-18:00")
ZONES = {"mara": "Europe/Berlin", "nora": "America/New_York"}
OPS = Destination("slack", "channel", "#ops")


def reader(person: str | None, owed_by: str | None = None, *, now: datetime = NOW) -> Reader:
    """Whoever reads: a person by their id, or a channel."""
    people = Directory(
        users={},
        teams={},
        ops=OPS,
        sinks=("slack",),
        zones=ZONES,
        office=lambda user: Calendar("office", ZONES[user or ""], HOURS),
    )
    kind = "person" if person else "channel"
    return Reader(people, Destination("slack", kind, "x", person), now, owed_by)


NIGHT = datetime(2026, 3, 6, 5, 55, tzinfo=UTC)  # 06:55 in Berlin, 00:55 in New York


@pytest.mark.parametrize(
    ("person", "owed_by", "moment", "due"),
    [
        ("mara", "nora", "Fri 6 Mar, 06:55", "Thu 5 Mar, 18:00"),
        ("nora", "mara", "Fri 6 Mar, 00:55", "Thu 5 Mar, 18:00"),
        ("olaf", "mara", "Fri 6 Mar, 06:55 CET", "Thu 5 Mar, 18:00 CET"),
        (None, "mara", "Fri 6 Mar, 06:55 CET", "Thu 5 Mar, 18:00 CET"),
        ("olaf", None, "Fri 6 Mar, 05:55 UTC", "Fri 6 Mar, 05:55 UTC"),
        (None, None, "Fri 6 Mar, 05:55 UTC", "Fri 6 Mar, 05:55 UTC"),
    ],
    ids=["own zone", "own zone, far", "of who owes", "channel", "unknown", "channel, unknown"],
)
def test_an_instant_names_its_zone_unless_it_is_the_readers_own(
    person: str | None, owed_by: str | None, moment: str, due: str
) -> None:
    """And due in the night is due by the end of the office day before it."""
    assert reader(person, owed_by).moment(NIGHT) == moment
    assert reader(person, owed_by).due(NIGHT) == due


@pytest.mark.parametrize(
    ("due", "started", "now", "said"),
    [
        ("2026-03-05T15:00", None, None, "Thu 5 Mar, 16:00"),
        ("2026-03-05T17:00", None, None, "Thu 5 Mar, 18:00"),
        ("2026-03-07T10:00", None, None, "Fri 6 Mar, 18:00"),
        ("2026-03-09T07:30", None, None, "Fri 6 Mar, 18:00"),
        ("2026-03-05T20:00", "2026-03-05T18:30", None, "Thu 5 Mar, 21:00"),
        ("2026-03-04T20:00", None, "2026-03-04T18:00", "Wed 4 Mar, 21:00"),
        ("2026-03-04T20:00", None, "2026-03-05T08:00", "Wed 4 Mar, 18:00"),
    ],
    ids=[
        "in office hours",
        "at their end",
        "weekend",
        "before they begin",
        "began after them",
        "they are over",
        "it is over",
    ],
)
def test_a_due_instant_is_put_as_the_end_of_the_office_hours_before_it(
    due: str, started: str | None, now: str | None, said: str
) -> None:
    """Where these are still to come; never before the start."""
    at = datetime.fromisoformat(due).replace(tzinfo=UTC)
    begun = datetime.fromisoformat(started).replace(tzinfo=UTC) if started else None
    present = datetime.fromisoformat(now).replace(tzinfo=UTC) if now else NOW
    assert reader("mara", now=present).due(at, begun) == said


@pytest.mark.parametrize(
    ("person", "status"),
    [("mara", "due Thu 5 Mar, 18:00"), ("olaf", "due tomorrow 18:00 CET")],
)
def test_a_status_puts_the_night_and_the_zone_as_the_instant_does(person: str, status: str) -> None:
    """The end of the office day before it; the zone where it may not be the reader's."""
    now = NOW if person == "olaf" else NOW - timedelta(days=1)
    assert reader(person, "mara", now=now).due_status(NIGHT, None, is_late=False) == status


@pytest.mark.parametrize(
    ("days", "shown"),
    [
        (0, "today"),
        (1, "tomorrow"),
        (2, "on Friday"),
        (6, "on Tuesday"),
        (7, "on Wed 11 Mar"),
    ],
)
def test_a_day_to_come_is_a_weekday_within_the_week(days: int, shown: str) -> None:
    """Then the date."""
    assert reader("mara").coming(NOW + timedelta(days=days)) == shown


@pytest.mark.parametrize(
    ("days", "shown"),
    [(0, "Wed 10:00"), (6, "Thu 10:00"), (7, "Wed 25 Feb, 10:00"), (-1, "Thu 5 Mar, 10:00")],
)
def test_a_recent_instant_is_a_weekday_and_a_time(days: int, shown: str) -> None:
    """Within the last six days; else with its date."""
    assert reader("mara").recently(NOW - timedelta(days=days)) == shown
