"""While everybody whom a rule concerns is away, its reminders wait for the first who is back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from atsbridge.cases.recipients import Directory, Preferences, recipient
from atsbridge.model.case import Case, Clock
from atsbridge.model.notice import Hold, NoticeState
from atsbridge.model.recipient_codes import RecipientCode, RecipientTrouble
from atsbridge.model.record import Key
from atsbridge.model.verdict import State, Verdict
from atsbridge.ports.decision_store import Decision
from atsbridge.presentation.recipient_text import describe_recipient
from atsbridge.rules.rule import Rule

Make = Callable[..., Verdict]
EVERYBODY = {"u1": "on leave", "u2": "away", "u3": "away"}
BACK = {"u1": timedelta(days=9), "u2": timedelta(days=3), "u3": timedelta(days=5)}


@pytest.fixture
def empty(directory: Directory, now: datetime) -> Directory:
    """Interviewer, recruiter and manager are away; the recruiter is back first."""
    returns = {user: now + after for user, after in BACK.items()}
    return replace(directory, away=EVERYBODY, returns=returns)


@pytest.mark.parametrize("to", ["seat.user", "requisition.recruiter", "requisition.hiring_manager"])
def test_the_first_who_is_back_gets_it(
    rule: Rule, verdict: Make, empty: Directory, to: str
) -> None:
    """Whichever step it is; the reason says so, and keeps why the intended reader did not."""
    found = recipient(to, rule, verdict(), empty)
    assert (found.kind, found.address, found.person) == ("person", "ravi@acme.example", "u2")
    (why,) = found.why
    assert (why.code, why["trouble"]) == (RecipientCode.FIRST_BACK, RecipientTrouble.AWAY)
    assert found.fallback
    assert describe_recipient(found) == (
        "everybody it concerns was away; the first who is back gets it"
    )


def test_one_person_who_is_here_is_enough(rule: Rule, verdict: Make, empty: Directory) -> None:
    """Then it goes to the rule's owner, as before; a delegate who is here gets it themselves."""
    here = replace(empty, away={"u1": "on leave", "u3": "away"})
    assert recipient("seat.user", rule, verdict(), here).kind == "channel"
    assert recipient("requisition.recruiter", rule, verdict(), here).person == "u2"
    delegate = replace(empty, preferences={"ines@acme.example": Preferences("bo@acme.example")})
    assert recipient("requisition.hiring_manager", rule, verdict(), delegate).person == "u4"
    assert recipient("seat.user", rule, verdict(), delegate).kind == "channel"


def test_a_delegate_who_is_away_too_may_be_the_first(
    rule: Rule, verdict: Make, empty: Directory, now: datetime
) -> None:
    together = replace(
        empty,
        preferences={"mara@acme.example": Preferences("bo@acme.example")},
        away={**EVERYBODY, "u4": "away"},
        returns={**empty.returns, "u4": now + timedelta(days=1)},
    )
    assert recipient("seat.user", rule, verdict(), together).person == "u4"


def test_nobody_waits_for_somebody_who_is_away_for_long(
    rule: Rule, verdict: Make, empty: Directory
) -> None:
    """Without a near return, and where the one who is back has no address, the owner gets it."""
    for_long = replace(empty, returns={})
    assert recipient("seat.user", rule, verdict(), for_long).kind == "channel"
    nameless = {**empty.users, "u2": replace(empty.users["u2"], email=None)}
    found = recipient("seat.user", rule, verdict(), replace(empty, users=nameless))
    assert found.person == "u3"


def test_another_trouble_is_no_absence(rule: Rule, verdict: Make, empty: Directory) -> None:
    """Who has left does not come back: it goes to the rule's owner at once."""
    left = {**empty.users, "u1": replace(empty.users["u1"], active=False)}
    found = recipient("seat.user", rule, verdict(), replace(empty, users=left))
    assert (found.kind, found.why[0].code) == ("channel", RecipientCode.UNREACHABLE)
    assert recipient("requisition.recruiter", rule, verdict(), replace(empty, users=left)).person


def test_the_notice_waits_until_then(
    run: Callable[..., Decision],
    verdict: Make,
    empty: Directory,
    now: datetime,
) -> None:
    """Steps for several of them become one message, which interrupts nobody before."""
    case = Case(
        number=7,
        rule="feedback-late",
        subject=Key("acme", "seat", "s1"),
        opened_at=now - timedelta(hours=5),
        clock=Clock.BREACHED,
        started_at=now - timedelta(days=3),
        due_at=now - timedelta(minutes=5),
        owed_by="u1",
        steps_done=(0, 1),
    )
    late = verdict(State.BREACHED, 0, 1, 2, 3)
    (one,) = run(late, cases=(case,), who=empty).notices
    assert (one.state, one.hold) == (NoticeState.HELD, Hold.AWAY)
    assert (one.destination.person, one.not_before) == ("u2", now + BACK["u2"])
