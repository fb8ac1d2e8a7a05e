"""Reminders change what the reminded person does, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest

from atsbridge.model.record import Key
from atsbridge.sandbox.company.fake_company import START, Company

from .conftest import at_work, rows

DAY = timedelta(days=1)


def late(company: Company) -> Iterator[tuple[str, str, str]]:
    """(seat, user, scorecard) of those whose scorecard is not there."""
    for seat in rows(company, "seat"):
        interview: Any = company.records("interview")[seat.interview]
        if interview.status == "awaiting_feedback" and seat.feedback_required:
            card: Any = company.records("scorecard")[seat.scorecard]
            if card.submitted_at is None:
                yield seat.id, seat.user, card.id


@dataclass(frozen=True)
class Reminded:
    """A company in which some were reminded, its twin in which nobody was, and what came of it."""

    now: datetime
    nudged: Company
    left: Company
    promised: dict[str, tuple[str, datetime]]  # scorecard -> who, when they will submit it


@pytest.fixture(scope="module")
def reminded() -> Reminded:
    """The first seed with whom somebody is late on Wednesday at 14:00 and heeds a reminder."""
    now = START + timedelta(days=2, hours=6)
    for seed in range(1, 20):
        nudged = Company(seed)
        nudged.advance(now)
        promised = {
            card: (user, at)
            for seat, user, card in late(nudged)
            if (at := nudged.nudge(user, Key("acme", "seat", seat), now)) is not None
        }
        if promised:
            return Reminded(now, nudged, Company(seed), promised)
    raise AssertionError("in none of these companies does anybody heed a reminder")


def test_a_reminder_brings_the_scorecard(reminded: Reminded) -> None:
    """Who heeds it submits at the instant that nudge() told, in working hours, and sooner."""
    for company in (reminded.nudged, reminded.left):
        company.advance(reminded.now + 2 * DAY)
    assert reminded.promised
    for card, (user, at) in reminded.promised.items():
        reminded.nudged.advance(at)
        reminded.left.advance(at)
        with_it: Any = reminded.nudged.records("scorecard")[card]
        without: Any = reminded.left.records("scorecard")[card]
        assert with_it.submitted_at == at
        assert at_work(reminded.nudged.person(user), at)
        assert without.submitted_at is None or without.submitted_at > at


def test_a_reminder_changes_nobody_elses_luck(reminded: Reminded) -> None:
    """The other applications go on as they would have."""
    until = reminded.now + 2 * DAY
    cards: Any = reminded.nudged.records("scorecard")
    spared = {cards[card].application for card in reminded.promised}
    feedback = []
    for company in (reminded.nudged, reminded.left):
        company.advance(until)
        feedback.append(
            {
                (row.application, row.author, row.submitted_at, row.recommendation)
                for row in rows(company, "scorecard")
                if row.application not in spared and row.created_at <= until
                if row.submitted_at and row.submitted_at <= until
            }
        )
    assert feedback[0] == feedback[1]
    assert len(feedback[0]) > 100


def test_a_reminder_of_nothing_does_nothing(lived: Company) -> None:
    """Unknown people, unknown subjects, and people who owe nothing there: None."""
    someone = lived.people[0].id
    ended = next(row.id for row in rows(lived, "application") if row.status == "rejected")
    assert lived.nudge("nobody", Key("acme", "application", ended), lived.now) is None
    assert lived.nudge(someone, Key("acme", "application", "none"), lived.now) is None
    assert lived.nudge(someone, Key("acme", "application", ended), lived.now) is None
