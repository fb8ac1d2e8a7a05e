"""When an office opens next and when it was open last, in its own zone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from atsbridge.worktime.calendar import Absence, Calendar, parse_hours
from atsbridge.worktime.office_hours import last_open, next_open

LISBON = Calendar("office", "Europe/Lisbon", parse_hours("mon-fri 09:00-18:00"))
FOUNDERS = date(2026, 3, 10)
CLOSED = replace(LISBON, holidays={FOUNDERS: "Founders"})
NEVER = replace(LISBON, absences=(Absence(date(2025, 1, 1), date(2027, 1, 1), "leave"),))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "opens", "calendar"),
    [
        ("2026-03-09T08:59", "2026-03-09T09:00", LISBON),
        ("2026-03-09T09:00", "2026-03-09T09:00", LISBON),
        ("2026-03-09T17:59", "2026-03-09T17:59", LISBON),
        ("2026-03-09T18:00", "2026-03-10T09:00", LISBON),
        ("2026-03-09T18:00", "2026-03-11T09:00", CLOSED),
        ("2026-03-13T20:00", "2026-03-16T09:00", LISBON),  # a Friday evening
        ("2026-03-27T18:30", "2026-03-30T08:00", LISBON),  # summer time began in between
        ("2026-03-27T18:30", "2026-03-27T18:30", NEVER),
    ],
)
def test_the_office_opens_next(now: str, opens: str, calendar: Calendar) -> None:
    """Over nights, weekends, holidays and the change of the clocks."""
    assert next_open(calendar, at(now)) == at(opens)


@pytest.mark.parametrize(
    ("now", "ended", "calendar"),
    [
        ("2026-03-09T09:00", "2026-03-09T09:00", LISBON),
        ("2026-03-09T18:00", "2026-03-09T18:00", LISBON),
        ("2026-03-09T18:01", "2026-03-09T18:00", LISBON),
        ("2026-03-10T04:26", "2026-03-09T18:00", LISBON),
        ("2026-03-11T04:26", "2026-03-09T18:00", CLOSED),
        ("2026-03-30T07:59", "2026-03-27T18:00", LISBON),
        ("2026-03-30T07:59", "2026-03-30T07:59", NEVER),
        (
            "2026-03-09T12:59",
            "2026-03-09T12:30",
            replace(LISBON, hours=parse_hours("mon 09:00-12:30 13:30-18:00")),
        ),
        (
            "2026-03-10T04:26",
            "2026-03-09T13:00",
            replace(LISBON, special={date(2026, 3, 9): ((540, 780),)}),
        ),
    ],
)
def test_the_office_was_open_last(now: str, ended: str, calendar: Calendar) -> None:
    """Within office hours the instant itself; a half day ends when it ends."""
    assert last_open(calendar, at(now)) == at(ended)
