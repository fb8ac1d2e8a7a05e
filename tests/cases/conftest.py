"""One rule of four steps, its people, and verdicts on it, for the tests of cases."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from atsbridge.cases.decisions import DecisionOptions, decide
from atsbridge.cases.lifecycle import Moved
from atsbridge.cases.recipients import Directory, Preferences
from atsbridge.model.case import Case, TransitionName
from atsbridge.model.notice import Destination
from atsbridge.model.organization import User
from atsbridge.model.query import All, Query
from atsbridge.model.record import Key
from atsbridge.model.verdict import Due, State, Verdict
from atsbridge.ports.decision_store import Decision
from atsbridge.rules.rule import ClockSpec, FilePosition, Rule, Step, StepWhen, When
from atsbridge.worktime.calendar import Calendar, parse_hours
from atsbridge.worktime.duration import Duration

NOW = datetime(2026, 3, 9, 16, 5, tzinfo=UTC)  # a Monday
PLACE = FilePosition("rules/responsiveness.yaml", 1, 1)
SEAT = Key("acme", "seat", "s1")
OFFICE = parse_hours("mon-fri 09:00-18:00")


def step(label: str, to: str, via: str = "dm") -> Step:
    """A step as the pack would compile it."""
    if label == "due":
        when = StepWhen(When.DUE, None, label)
    elif label.endswith("%"):
        when = StepWhen(When.PERCENT, int(label[:-1]), label)
    else:
        when = StepWhen(When.AMOUNT, Duration.parse(label.removeprefix("+")), label)
    return Step(when, to, via, None, PLACE)


LADDER = (
    step("80%", "seat.user"),
    step("due", "seat.user"),
    step("+1bd", "requisition.recruiter", "digest"),
    step("+2bd", "requisition.hiring_manager"),
)


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def rule() -> Rule:
    query = Query("seat", All(), ("interview.ends_at", "seat.user"))
    clock = ClockSpec(
        "interview.ends_at",
        "seat.scorecard.submitted_at",
        (),
        (),
        (),
        "seat.user",
        Duration.parse("1bd"),
        "office",
    )
    return Rule(
        id="feedback-late",
        kind="sla",
        status="live",
        title="Interview feedback is late",
        why="The candidate waits and memory fades.",
        side="manager",
        each="interview.seat",
        subject="seat",
        owner="recruiting_ops",
        where=All(),
        clock=clock,
        steps=LADDER,
        message="Feedback was due {clock.due}.",
        open=query,
        settled=query,
        settled_by="seat.scorecard.submitted_at",
        place=PLACE,
    )


@pytest.fixture
def verdict() -> Callable[..., Verdict]:
    """A verdict on the seat: breached at its due step unless told otherwise."""

    def make(state: State = State.BREACHED, *steps: int, **changes: Any) -> Verdict:
        due = NOW - timedelta(minutes=5)
        plain = Verdict(
            rule="feedback-late",
            subject=SEAT,
            at=NOW,
            state=state,
            started_at=NOW - timedelta(days=3),
            due=Due(due, (None, due, None, None)),
            owed_by="u1",
            steps_due=steps,
            evidence={
                "seat.user": "u1",
                "requisition.recruiter": "u2",
                "requisition.hiring_manager": "u3",
            },
        )
        return replace(plain, **changes)

    return make


def user(number: int, name: str, **changes: Any) -> User:
    plain = User(
        account="acme",
        id=f"u{number}",
        name=name,
        email=f"{name.split()[0].lower()}@acme.example",
        active=True,
    )
    return replace(plain, **changes)


@pytest.fixture
def directory() -> Directory:
    people = (user(1, "Mara Lind"), user(2, "Ravi Sen"), user(3, "Ines Prado"), user(4, "Bo Ek"))
    return Directory(
        users={one.id: one for one in people},
        teams={"recruiting_ops": Destination("slack", "channel", "#recruiting-ops")},
        ops=Destination("console", "channel", "ops"),
        sinks=("slack", "console"),
        preferences={"ravi@acme.example": Preferences(sink="console")},
    )


@pytest.fixture
def options(directory: Directory) -> DecisionOptions:
    calendar = Calendar("office", "Europe/Lisbon", OFFICE)
    return DecisionOptions(directory=directory, calendars=lambda _user, _name: calendar)


@pytest.fixture
def run(
    rule: Rule, directory: Directory, options: DecisionOptions, now: datetime
) -> Callable[..., Decision]:
    """Decide on verdicts and cases; `at`, `rules` and `who` differ from the fixtures if given."""

    def go(*verdicts: Verdict, cases: tuple[Case, ...] = (), **more: Any) -> Decision:
        at, who = more.pop("at", now), more.pop("who", None)
        rules = more.pop("rules", None)
        known = {rule.id: rule} if rules is None else rules
        changed = replace(options, directory=who or directory, **more)
        return decide("acme", at, verdicts, cases, known, changed)

    return go


def names(moved: Moved) -> list[TransitionName]:
    return [row.name for row in moved.transitions]
