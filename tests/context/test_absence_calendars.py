"""Absences from calendars count like those of the settings, in clocks, doctor and runs."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from tests.context.test_calendars import TOML, Shelf, settings

from atsbridge.context.calendars import Calendars
from atsbridge.model import User
from atsbridge.worktime import Absence

MARCH = (Absence(date(2026, 3, 12), date(2026, 3, 17), "away"),)


def made(folder: Path, known: dict[str, tuple[Absence, ...]]) -> Calendars:
    calendars = Calendars(settings(folder, TOML), Shelf(), (2026,), lambda *_: {}, known)
    calendars.settle(
        [
            User(account="a", id="1", email="Ana@acme.example"),
            User(account="a", id="3", email="lee@acme.example"),
        ],
        [],
    )
    return calendars


def test_known_absences_join_those_of_the_settings(tmp_path: Path) -> None:
    """Overlapping ones become one; nobody else is concerned, and the digest changes."""
    calendars = made(tmp_path, {"ana@acme.example": MARCH, "lee@acme.example": MARCH})
    assert calendars.of("1", "office").closed(date(2026, 3, 12)) == "away: away"
    assert calendars.of("3", "office").closed(date(2026, 3, 16)) == "away: parental leave"
    assert calendars.of(None, "office").closed(date(2026, 3, 12)) is None
    assert calendars.digest() != made(tmp_path, {"ana@acme.example": MARCH}).digest()


EVENT = """BEGIN:VCALENDAR
BEGIN:VEVENT
UID:1
DTSTART;VALUE=DATE:{day}
ATTENDEE:mailto:{email}
SUMMARY:A private matter
END:VEVENT
END:VCALENDAR
"""


@pytest.fixture(scope="module")
def lived(new_world: Callable[..., Any]) -> Iterator[Any]:
    """A run over a company with a shared calendar, which then breaks and recovers."""
    world = new_world(60)
    world.configure(lambda text: f'{text}\n[absences]\ncalendars = ["team.ics"]\nevery = "1m"\n')
    world.call("sync")
    with sqlite3.connect(world.store) as store:
        (email,) = store.execute("SELECT email FROM users WHERE active AND email > ''").fetchone()
    good = EVENT.format(day=f"{world.now:%Y%m%d}", email=email)
    outcomes = []
    for text in (good, "<html>log in</html>", "<html>log in</html>", good):
        (world.folder / "team.ics").write_text(text, "utf-8")
        world.standing.advance(world.now + timedelta(minutes=10))
        outcomes.append(world.tick())
    doctor = json.loads(world.call("doctor", "--json").out)["sections"]["atsbridge"]
    yield SimpleNamespace(world=world, outcomes=outcomes, doctor=doctor, email=email)
    world.close()


def test_a_broken_calendar_is_reported_once_and_when_it_recovers(lived: Any) -> None:
    """It does not fail the run, and no line shows what is in it."""
    lines = [outcome.out + outcome.err for outcome in lived.outcomes]
    assert ["absences.calendars" in text for text in lines] == [False, True, False, True]
    assert "may be a page to log in" in lines[1]
    assert "recovered" in lines[3]
    codes = [outcome.code for outcome in lived.outcomes]
    assert set(codes) <= {0, 3}, (codes, lines)
    assert "private" not in "".join(lines).lower()


def test_doctor_counts_the_people_whose_absences_are_known(lived: Any) -> None:
    """And the store keeps days only."""
    (line,) = [one for one in lived.doctor if one["what"] == "absence calendars"]
    assert line["good"]
    assert line["detail"] == "absences of 1 person are known"
    with sqlite3.connect(lived.world.store) as store:
        dump = "\n".join(store.iterdump())
    assert "A private matter" not in dump
