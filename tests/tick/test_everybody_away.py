"""A company on leave together: reminders wait for the first who is back, and ops are told once."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

PACK = """
version: 1
defaults: {owner: recruiting_ops, status: live}
rules:
  - id: feedback-in-hours
    kind: sla
    title: Feedback
    why: The candidate waits.
    each: interview.seat
    where: {seat.feedback_required: true}
    clock: {start: interview.ends_at, stop: seat.scorecard.submitted_at, owed_by: seat.user}
    target: 2h
    steps: [{at: due, to: requisition.recruiter}]
    message: "Feedback was due {clock.due}."
"""
EVENT = """BEGIN:VEVENT
UID:{number}
DTSTART;VALUE=DATE:{first:%Y%m%d}
DTEND;VALUE=DATE:{end:%Y%m%d}
ATTENDEE:mailto:{email}
SUMMARY:A private matter
END:VEVENT
"""


@pytest.fixture
def world(new_world: Callable[..., Any]) -> Iterator[Any]:
    """Everybody goes on leave after the first run, and new roles open meanwhile."""
    made = new_world(60)
    (made.folder / "hours.yaml").write_text(PACK, "utf-8")
    made.configure(
        lambda text: (
            text.replace('"builtin:responsiveness", "notes.yaml"', '"hours.yaml"')
            + '\n[absences]\ncalendars = ["team.ics"]\nevery = "1m"\n'
        )
    )
    (made.folder / "team.ics").write_text(calendar(made, 0), "utf-8")
    assert made.tick().code == 0
    (made.folder / "team.ics").write_text(calendar(made, 4), "utf-8")
    for _ in range(3):
        made.standing.advance(made.now + timedelta(hours=24))
        made.tick()
    yield made
    made.close()


def calendar(world: Any, days: int) -> str:
    """So many days off for everybody, from today on; a day more for all but the first of each."""
    first = world.now.date()
    events = [
        EVENT.format(number=n, first=first, end=first + timedelta(days=days + bool(n)), email=email)
        for n, email in enumerate(one.email for one in people(world))
    ]
    return f"BEGIN:VCALENDAR\n{''.join(events) if days else ''}END:VCALENDAR\n"


def rows(world: Any, statement: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(world.store)) as base:
        return base.execute(statement).fetchall()


def test_ops_are_told_once_and_explain_says_it(world: Any) -> None:
    """One message to ops, which names nobody; the reminder is held until its reader is back."""
    ops = [one["text"] for one in slack(world).messages("recruiting-ops")]
    told = [one for one in ops if "everybody is away" in one]
    assert len(told) == 1
    assert not any(person.email in told[0] or person.name in told[0] for person in people(world))
    (number,) = rows(world, "SELECT case_number FROM notices WHERE hold = 'away' LIMIT 1")[0]
    shown = " ".join(world.call("explain", str(number)).out.split())
    assert "everybody it concerns was away; the first who is back gets it" in shown
    listed = world.call("notices", "list").out
    assert "everybody it concerns is away" in " ".join(listed.split())


def test_the_first_who_is_back_gets_it(world: Any) -> None:
    """Once their office opens; nobody else, and nothing before."""
    waiting = rows(world, "SELECT key, not_before FROM notices WHERE hold = 'away'")
    before = len([one for _, one in slack(world).everything() if "metadata" in one])
    world.tick()
    assert len([one for _, one in slack(world).everything() if "metadata" in one]) == before
    back = datetime.fromtimestamp(max(at for _, at in waiting) / 1000, UTC)
    world.standing.advance(back + timedelta(hours=2))
    world.tick()
    for key, _ in waiting:
        ((state,),) = rows(world, f"SELECT state FROM notices WHERE key = '{key}'")
        assert state in ("sent", "dropped")  # dropped: the feedback came meanwhile
    assert rows(world, "SELECT 1 FROM notices WHERE hold = 'away'") == []


def slack(world: Any) -> Any:
    return next(iter(world.standing.slacks.values()))


def people(world: Any) -> list[Any]:
    return [one for company in world.standing.companies.values() for one in company.people]
