"""Calendars are read when they are due; what is known stays while one cannot be read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import responses
from tests.absences.test_ical_absences import ALL_DAY, ics

from atsbridge.absences import (
    AbsenceRefresh,
    CachedCalendar,
    PluginAbsences,
    merge_absences,
    pack_calendars,
    unpack_calendars,
)
from atsbridge.absences.absence_refresh import MAX_READ
from atsbridge.settings import Settings
from atsbridge.settings.settings_loader import load
from atsbridge.timesource import ManualTime
from atsbridge.worktime import Absence

ADDRESS = "https://calendar.example/private-4711/basic.ics"
NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
KIM = f'[people."kim@acme.example"]\nabsence_calendar = "{ADDRESS}"\n'
AWAY = {"kim@acme.example": (Absence(date(2026, 3, 9), date(2026, 3, 10), "away"),)}


@pytest.fixture
def time() -> ManualTime:
    return ManualTime(NOW)


Ask = Callable[..., dict[str, CachedCalendar]]


@pytest.fixture
def ask(tmp_path: Path, time: ManualTime) -> Iterator[Ask]:
    """Refresh with these settings; the result goes through the store's form."""
    known: dict[str, CachedCalendar] = {}
    errors: list[str] = []

    people = {"kim osei": "kim@acme.example"}

    def run(text: str, plugins: tuple[PluginAbsences, ...] = ()) -> dict[str, CachedCalendar]:
        refresh = AbsenceRefresh(_settings(tmp_path, text), time, lambda: dict(people))
        found = refresh.refresh(known, lambda: plugins)
        errors[:] = [f"{one.where}: {one.what}" for one in refresh.errors]
        known.clear()
        known.update(unpack_calendars(pack_calendars(found)))
        assert known == found
        return found

    run.errors = errors  # type: ignore[attr-defined]
    run.people = people  # type: ignore[attr-defined]
    return run


def _settings(folder: Path, text: str) -> Settings:
    (folder / "atsbridge.toml").write_text(text, "utf-8")
    return load(folder / "atsbridge.toml")


def _errors(ask: Ask) -> list[str]:
    return ask.errors  # type: ignore[attr-defined, no-any-return]


@responses.activate
def test_a_calendar_is_read_once_an_hour(ask: Ask, time: ManualTime) -> None:
    """And not decoded again while only its time stamps differ."""
    responses.get(ADDRESS, ics(ALL_DAY), headers={"ETag": '"1"'})
    assert merge_absences(ask(KIM).values()) == AWAY
    time.advance(timedelta(minutes=50))
    ask(KIM)
    assert len(responses.calls) == 1
    time.advance(timedelta(minutes=20))
    assert merge_absences(ask(KIM).values()) == AWAY
    assert len(responses.calls) == 2
    assert responses.calls[1].request.headers["If-None-Match"] == '"1"'


@responses.activate
def test_not_modified_keeps_the_absences(ask: Ask, time: ManualTime) -> None:
    """A server that answers 304 sends no body."""
    responses.get(ADDRESS, ics(ALL_DAY), headers={"ETag": '"1"'})
    ask(KIM)
    responses.replace(responses.GET, ADDRESS, status=304)
    time.advance(timedelta(hours=2))
    found = ask(KIM)
    assert merge_absences(found.values()) == AWAY
    assert _errors(ask) == []


@pytest.mark.parametrize(
    ("status", "body", "message"),
    [
        (500, b"", "fault of its own"),
        (404, b"", "404"),
        (401, b"", "refused the credential"),
        (200, b"<html>log in</html>", "may be a page to log in"),
        (200, ics(ALL_DAY)[:-30], "cut off"),
    ],
)
@responses.activate
def test_what_is_known_stays_while_a_calendar_cannot_be_read(
    status: int, body: bytes, message: str, ask: Ask, time: ManualTime
) -> None:
    """The error names the setting and shows nothing of the address."""
    responses.get(ADDRESS, ics(ALL_DAY))
    ask(KIM)
    responses.replace(responses.GET, ADDRESS, body, status=status)
    time.advance(timedelta(hours=2))
    assert merge_absences(ask(KIM).values()) == AWAY
    (error,) = _errors(ask)
    assert message in error
    assert "kim@acme.example" in error
    assert "4711" not in error
    assert "still count" in error
    responses.replace(responses.GET, ADDRESS, ics())
    time.advance(timedelta(hours=2))
    assert merge_absences(ask(KIM).values()) == {}
    assert _errors(ask) == []


def test_files_and_patterns_are_shared_calendars(ask: Ask, tmp_path: Path) -> None:
    """Events name their people. A missing file is an error, an empty pattern is none."""
    (tmp_path / "calendars").mkdir()
    (tmp_path / "calendars" / "team.ics").write_bytes(ics(f"{ALL_DAY}: Kim Osei"))
    found = ask('[absences]\ncalendars = ["calendars/*.ics", "none/*.ics", "gone.ics"]\n')
    assert merge_absences(found.values()) == AWAY
    (error,) = _errors(ask)
    assert "gone.ics" in error


def test_a_calendar_that_is_no_longer_configured_is_forgotten(ask: Ask, tmp_path: Path) -> None:
    """With everything that it said."""
    (tmp_path / "kim.ics").write_bytes(ics(ALL_DAY))
    text = '[people."kim@acme.example"]\nabsence_calendar = "kim.ics"\n'
    assert merge_absences(ask(text).values()) == AWAY
    assert ask("") == {"plugin:": CachedCalendar(NOW, NOW)}


def test_a_run_reads_a_bounded_number_of_calendars(ask: Ask, tmp_path: Path) -> None:
    """The others follow in the next run."""
    for number in range(MAX_READ + 20):
        (tmp_path / f"{number}.ics").write_bytes(ics())
    text = '[absences]\ncalendars = ["*.ics"]\n'
    assert sum(one.tried is not None for one in ask(text).values()) == MAX_READ + 1
    assert sum(one.tried is not None for one in ask(text).values()) == MAX_READ + 21


def test_plugins_are_asked_as_often_as_a_calendar(ask: Ask, time: ManualTime) -> None:
    """Of one that no longer answers the last absences count for a week."""
    rows = {"Kim@acme.example": [(date(2026, 3, 9), date(2026, 3, 10))]}
    plugin = PluginAbsences("leave", rows)
    assert merge_absences(ask("", (plugin,)).values()) == AWAY
    time.advance(timedelta(minutes=30))
    assert merge_absences(ask("", (PluginAbsences("leave", {}),)).values()) == AWAY
    time.advance(timedelta(days=2))
    assert merge_absences(ask("").values()) == AWAY
    time.advance(timedelta(days=6))
    assert merge_absences(ask("").values()) == {}


def test_a_clock_that_went_back_makes_a_calendar_due(
    ask: Ask, time: ManualTime, tmp_path: Path
) -> None:
    """It would otherwise not be read until the clock has caught up."""
    (tmp_path / "kim.ics").write_bytes(ics())
    text = '[people."kim@acme.example"]\nabsence_calendar = "kim.ics"\n'
    ask(text)
    (tmp_path / "kim.ics").write_bytes(ics(ALL_DAY))
    time.advance(-timedelta(days=3))
    assert merge_absences(ask(text).values()) == AWAY


def test_no_text_of_an_event_is_kept(ask: Ask, tmp_path: Path) -> None:
    """Only addresses of people and days."""
    (tmp_path / "kim.ics").write_bytes(ics(f"{ALL_DAY}\nLOCATION:Clinic\nDESCRIPTION:Secret"))
    kept = pack_calendars(ask('[people."kim@acme.example"]\nabsence_calendar = "kim.ics"\n'))
    for text in (b"Private", b"Clinic", b"Secret", b"kim.ics"):
        assert text not in kept
    assert unpack_calendars(b'{"version": 99, "calendars": {}}') == {}
    assert unpack_calendars(b"broken") == {}


SHARED = '[absences]\ncalendars = ["team.ics"]\n'


def test_a_shared_calendar_is_read_again_once_its_people_are_known(
    ask: Ask, time: ManualTime, tmp_path: Path
) -> None:
    """`doctor` reads it before the first sync; whoever joins later has their days off, too."""
    people: dict[str, str] = ask.people  # type: ignore[attr-defined]
    known = dict(people)
    people.clear()
    (tmp_path / "team.ics").write_bytes(ics(ALL_DAY.replace("Private", "Kim Osei: vacation")))
    assert merge_absences(ask(SHARED).values()) == {}
    people.update(known)
    assert merge_absences(ask(SHARED).values()) == AWAY
    people["kim osei"] = "kim.osei@acme.example"
    time.advance(timedelta(hours=2))
    assert merge_absences(ask(SHARED).values()).keys() == {"kim.osei@acme.example"}


def test_a_calendar_is_read_again_after_its_settings_changed(
    ask: Ask, time: ManualTime, tmp_path: Path
) -> None:
    (tmp_path / "team.ics").write_bytes(ics(ALL_DAY.replace("Private", "Kim Osei: vacation")))
    assert merge_absences(ask(SHARED).values()) == AWAY
    time.advance(timedelta(hours=2))
    assert merge_absences(ask(SHARED + 'events = "out of office"\n').values()) == {}


def test_a_file_that_was_corrected_is_read_at_once(ask: Ask, tmp_path: Path) -> None:
    """Whoever corrects it looks with `doctor` whether that helped."""
    (tmp_path / "team.ics").write_bytes(b"<html>")
    ask(SHARED)
    assert _errors(ask)
    (tmp_path / "team.ics").write_bytes(ics(ALL_DAY.replace("Private", "Kim Osei: vacation")))
    assert merge_absences(ask(SHARED).values()) == AWAY
    assert _errors(ask) == []
