"""Absences that an ATS tells: each user is asked once a day, spread over it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from tests.context.test_calendars import Shelf

from atsbridge.context import ats_absences
from atsbridge.context.ats_absences import MAX_ASKED, add_ats_absences
from atsbridge.context.run_state import RunState
from atsbridge.errors import DeniedError, FatalError, SourceError
from atsbridge.model import User
from atsbridge.timesource import ManualTime
from atsbridge.worktime import Absence

NOW = datetime(2026, 3, 9, 8, tzinfo=UTC)
Days = Sequence[tuple[date, date]]


class Source:
    """An ATS with pauses. `asked`: the users it was asked for, in order."""

    def __init__(self, absences: Mapping[str, Days] | None = None) -> None:
        self.absences = dict(absences or {})
        self.asked: list[str] = []
        self.error: Exception | None = None

    def read_absences(self, user: str) -> Days:
        self.asked.append(user)
        if self.error is not None:
            raise self.error
        return self.absences.get(user, ())


class Plain:
    """A connector that knows no absences."""


Made = Callable[..., Any]


@pytest.fixture
def made() -> Made:
    """A context with that connector and so many users, on a clock of its own."""

    def make(connector: Any, users: int = 3) -> Any:
        people = {
            f"u{n}": User(account="acme", id=f"u{n}", email=f"u{n}@acme.example", active=True)
            for n in range(users)
        }
        return SimpleNamespace(
            connector=connector,
            users=people,
            run_state=RunState(Shelf(), "acme"),
            fetch_time=ManualTime(NOW),
        )

    return make


def refresh_ats_absences(context: Any) -> SourceError | None:
    now = context.fetch_time.now()
    return ats_absences.refresh_ats_absences(
        context.connector, lambda: context.users, context.run_state, now
    )


def spans(first: date, last: date) -> tuple[Absence, ...]:
    return (Absence(first, last, "away"),)


def test_what_the_ats_tells_joins_what_is_known(made: Made) -> None:
    """Over by yesterday does not count; overlapping ones become one."""
    march = (date(2026, 3, 9), date(2026, 3, 13))
    source = Source({"u1": [march, (date(2026, 1, 2), date(2026, 1, 9))]})
    context = made(source)
    assert refresh_ats_absences(context) is None
    assert sorted(source.asked) == ["u0", "u1", "u2"]
    known = {"u1@acme.example": spans(date(2026, 3, 12), date(2026, 3, 17))}
    assert add_ats_absences(known, context.run_state) == {
        "u1@acme.example": spans(date(2026, 3, 9), date(2026, 3, 17))
    }


def test_everybody_is_asked_once_a_day(made: Made) -> None:
    """A quiet day in runs of an hour: as many requests as users, never all at once."""
    source = Source()
    context = made(source, users=24)
    refresh_ats_absences(context)
    source.asked.clear()
    at_once = []
    for _ in range(24):
        context.fetch_time.advance(timedelta(hours=1))
        before = len(source.asked)
        refresh_ats_absences(context)
        at_once.append(len(source.asked) - before)
    assert sorted(source.asked) == sorted(context.users)
    assert max(at_once) < 8


def test_an_absence_that_was_taken_back_ends(made: Made) -> None:
    """The next answer of the ATS for this user counts."""
    source = Source({"u1": [(date(2026, 3, 9), date(2026, 3, 13))]})
    context = made(source)
    refresh_ats_absences(context)
    source.absences.clear()
    context.fetch_time.advance(timedelta(days=1))
    refresh_ats_absences(context)
    assert add_ats_absences({}, context.run_state) == {}


def test_a_first_run_of_a_large_company_does_not_wait(made: Made) -> None:
    """The others follow in the next runs."""
    source = Source()
    context = made(source, users=MAX_ASKED + 20)
    refresh_ats_absences(context)
    assert len(source.asked) == MAX_ASKED
    refresh_ats_absences(context)
    assert sorted(source.asked) == sorted(context.users)


def test_a_refusal_ends_it_and_keeps_what_is_known(made: Made) -> None:
    """The error is returned, and the next run asks for those who were not asked."""
    source = Source({"u1": [(date(2026, 3, 9), date(2026, 3, 13))]})
    context = made(source)
    refresh_ats_absences(context)
    source.asked.clear()
    source.error = DeniedError("does not allow this (403)")
    context.fetch_time.advance(timedelta(days=1))
    assert refresh_ats_absences(context) is source.error
    assert len(source.asked) == 1
    assert add_ats_absences({}, context.run_state)
    source.error = None
    assert refresh_ats_absences(context) is None
    assert sorted(set(source.asked)) == ["u0", "u1", "u2"]


def test_a_user_that_the_ats_does_not_know_is_not_away(made: Made) -> None:
    """A user who was just deleted stops nobody else's absences."""
    source = Source()
    source.error = FatalError("not found (404)")
    source.error.status = 404
    context = made(source)
    assert refresh_ats_absences(context) is None
    assert len(source.asked) == 3


def test_a_connector_without_absences_costs_nothing(made: Made) -> None:
    """Nothing is asked and nothing is stored."""
    context = made(Plain())
    assert refresh_ats_absences(context) is None
    assert context.run_state.store == {}


def test_a_clock_that_went_back_asks_nobody_twice(made: Made) -> None:
    """And goes on with the next moment."""
    source = Source()
    context = made(source)
    refresh_ats_absences(context)
    source.asked.clear()
    context.fetch_time = ManualTime(NOW - timedelta(hours=2))
    assert refresh_ats_absences(context) is None
    assert source.asked == []
