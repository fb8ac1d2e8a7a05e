"""A candidate whose turn has not come: whole ticks leave the cases alone that lean on it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from typing import Any

import pytest

HOUR = timedelta(hours=1)


class Desk:
    """Lever's account of a world, with two interviews tomorrow that nobody has answered."""

    def __init__(self, world: Any) -> None:
        self.world = world
        self.fake = world.standing.fakes["globex"]
        company = self.fake.company
        stage = next(k for k, s in company.records("stage").items() if s.kind == "interview")
        people = [r for r in company.records("application").values() if r.status == "active"]
        self.near, self.other = (self._book(one, stage) for one in people[:2])

    def _book(self, application: Any, stage: str) -> Any:
        """An interview tomorrow with one person, who has not answered; the seat."""
        ledger, now = self.fake.company.ledger, self.world.now
        start = now + 26 * HOUR
        ledger.change("application", application.id, now, stage=stage, last_activity_at=now)
        told = {"starts_at": start, "ends_at": start + HOUR, "scheduled_at": now}
        interview = ledger.add(
            "interview",
            now,
            application=application.id,
            stage=stage,
            status="scheduled",
            organizer=application.coordinator,
            **told,
        )
        seat = {"user": application.recruiter, "feedback_required": True}
        key = ledger.add("seat", now, interview=interview, response="needs_action", **seat)
        return self.fake.company.records("seat")[key], application.id

    def answer(self) -> None:
        """Both people say yes."""
        for seat, _ in (self.near, self.other):
            self.fake.company.ledger.change("seat", seat.id, self.world.now, response="accepted")

    def tick(self, passed: timedelta = HOUR) -> dict[str, Any]:
        self.world.standing.advance(self.world.now + passed)
        told = json.loads(self.world.call("run", "--json").out)["accounts"]
        return next(one for one in told if one["account"] == "globex")

    def case(self, booked: Any) -> tuple[str, str | None]:
        """How the case on that seat stands: clock, ending."""
        clock, ending, _ = self._case(booked)
        return clock, ending

    def why(self, booked: Any) -> str:
        """The reason of its end."""
        return self._case(booked)[2]

    def _case(self, booked: Any) -> tuple[str, str | None, str]:
        seat, _ = booked
        with closing(sqlite3.connect(self.world.store)) as base:
            return base.execute(
                "SELECT clock, ending, end_reason FROM cases WHERE account = 'globex'"
                " AND rule = 'rsvp-missing' AND id = ? ORDER BY number DESC LIMIT 1",
                (f"{seat.interview}:{seat.user}",),
            ).fetchone()


@pytest.fixture
def desk(new_world: Callable[..., Any]) -> Iterator[Desk]:
    world = new_world(60, both=True)
    yield Desk(world)
    world.close()


def test_what_cannot_be_asked_for_one_candidate_moves_no_case_of_theirs(desk: Desk) -> None:
    """First nothing has changed, which shows once it is their turn; then both have answered, and
    of the one whose answers cannot be read nobody says so before they are."""
    faults, path = desk.fake.server.faults, f"/opportunities/{desk.near[1]}/panels$"
    desk.tick()
    desk.tick()
    assert desk.case(desk.near) == desk.case(desk.other) == ("warned", None)

    faults.add(path, times=None, status=500, body={})
    told = desk.tick()
    assert any("panels" in failure["where"] for failure in told["failures"])
    assert desk.case(desk.near) == ("unknown", None)
    assert desk.case(desk.other) == ("warned", None)
    faults.clear()
    desk.tick(timedelta(minutes=10))
    assert desk.case(desk.near) == ("warned", None)

    desk.answer()
    faults.add(path, times=None, status=500, body={})
    desk.tick()
    assert desk.case(desk.near) == ("unknown", None)
    assert desk.case(desk.other)[1] == "cancelled"
    faults.clear()
    desk.tick(timedelta(minutes=10))
    assert desk.case(desk.near)[1] == "cancelled"


def test_who_was_deleted_without_a_trace_takes_their_cases_along_in_the_night(desk: Desk) -> None:
    """No list tells of it and the key may not read deletions; by day their case stands."""
    desk.fake.server.faults.add("/deleted$", times=None, status=403, body={})
    desk.tick()
    desk.tick()
    _, application = desk.near
    now, ledger = desk.world.now, desk.fake.company.ledger
    ledger.change("application", application, now, deleted_at=now)
    desk.tick(timedelta(minutes=10))
    assert desk.case(desk.near) == ("warned", None)
    night = desk.world.now + timedelta(minutes=5)
    nightly = f'[run]\nnightly_at = "{night:%H:%M} UTC"\n'
    desk.world.configure(lambda text: text.replace("[run]\n", nightly))
    desk.tick(timedelta(minutes=10))
    assert desk.case(desk.near)[1] == "cancelled"
    assert desk.why(desk.near) == "deleted"
    assert desk.case(desk.other) == ("warned", None)
