"""Instants and counts as a colleague would say them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from atsbridge.presentation.formatting import (
    count,
    lower_first,
    moment,
    ordinal,
    since,
    together,
)

NOW = datetime(2026, 3, 9, 16, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "zone", "shown"),
    [
        ("2026-03-09T16:00", "Europe/Lisbon", "Mon 9 Mar, 16:00"),
        ("2026-03-09T16:00", "Asia/Dubai", "Mon 9 Mar, 20:00"),
        ("2026-03-09T23:30", "Asia/Tokyo", "Tue 10 Mar, 08:30"),
        ("2025-12-31T12:00", "UTC", "Wed 31 Dec 2025, 12:00"),
    ],
)
def test_an_instant_is_told_in_the_readers_zone(at: str, zone: str, shown: str) -> None:
    """Day, date and time there; the year only where it is not this one."""
    assert moment(datetime.fromisoformat(at).replace(tzinfo=UTC), zone, NOW) == shown


@pytest.mark.parametrize(
    ("zone", "shown"),
    [
        ("UTC", "Mon 9 Mar, 16:05 UTC"),
        ("Europe/Berlin", "Mon 9 Mar, 17:05 CET"),
        ("Asia/Dubai", "Mon 9 Mar, 20:05 UTC+04"),
        ("Asia/Kathmandu", "Mon 9 Mar, 21:50 UTC+05:45"),
    ],
)
def test_readers_in_several_zones_see_which_is_meant(zone: str, shown: str) -> None:
    """The zone's own short name, else its distance from UTC."""
    assert moment(NOW, zone, NOW, name_zone=True) == shown


@pytest.mark.parametrize(
    ("day", "shown"),
    [(9, "Monday"), (8, "Sunday"), (3, "Tuesday"), (2, "Mon 2 Mar"), (10, "Tue 10 Mar")],
)
def test_since_is_a_weekday_within_the_week(day: int, shown: str) -> None:
    """Never "today" or "yesterday": a message is read later than it is written."""
    assert since(datetime(2026, 3, day, 12, tzinfo=UTC), "UTC", NOW) == shown


def test_a_sentence_goes_on_in_small_letters_but_keeps_its_names() -> None:
    """CV stays CV."""
    assert lower_first("Interview feedback") == "interview feedback"
    assert lower_first("CV review is late") == "CV review is late"


def test_one_is_not_many() -> None:
    """Words agree with their numbers."""
    assert (count(1, "case"), count(2, "case")) == ("1 case", "2 cases")
    assert count(12000, "promise is", "promises are") == "12,000 promises are"


def test_names_are_joined_as_in_a_sentence() -> None:
    """Nobody, one, two, three."""
    assert [together(names) for names in ([], ["Ana"], ["Ana", "Ben"], ["Ana", "Ben", "Cleo"])] == [
        "", "Ana", "Ana and Ben", "Ana, Ben and Cleo",
    ]  # fmt: skip


def test_reminders_are_counted_in_order() -> None:
    """In letters to the fifth, then in figures."""
    assert [ordinal(n) for n in (1, 2, 5, 6, 11, 12, 21, 22, 33, 111)] == [
        "First", "Second", "Fifth", "6th", "11th", "12th", "21st", "22nd", "33rd", "111th",
    ]  # fmt: skip
