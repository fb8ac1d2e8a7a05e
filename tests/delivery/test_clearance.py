"""What a destination may be told: nothing of candidates to a channel, pay where it was granted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from atsbridge.cases.recipients import Directory
from atsbridge.delivery.delivery_env import DeliveryRequest
from atsbridge.delivery.delivery_run import deliver
from atsbridge.model.case import End, FirstLook
from atsbridge.model.fields import Sensitivity
from atsbridge.model.notice import Destination, Message, Notice, Purpose
from atsbridge.model.query import Found
from atsbridge.model.reason import ReasonCode, because
from atsbridge.model.recipient_codes import RecipientCode, recipient_reason
from atsbridge.model.record import Key
from atsbridge.ports.decision_store import Decision
from atsbridge.presentation.case_message import render
from atsbridge.presentation.clearance import withheld
from atsbridge.presentation.message_context import MessageContext
from atsbridge.rules.rule import Rule
from atsbridge.store.sql_store import SqlStore
from atsbridge.timesource import ManualTime

SEAT = Key("acme", "seat", "s1")
MARA = Destination(
    "post",
    "person",
    "mara@acme.example",
    "u1",
    (recipient_reason(RecipientCode.ROLE, role="seat.user"),),
)
TEAM = Destination("post", "channel", "#recruiting-ops")
Tell = Callable[..., list[Message]]


def notice(to: Destination, **changes: Any) -> Notice:
    plain = Notice(
        key=f"k-{to.kind}",
        account="acme",
        case=0,
        rule="feedback-late",
        subject=SEAT,
        destination=to,
        purpose=Purpose.SEND,
        step=1,
    )
    return replace(plain, **changes)


@pytest.fixture
def tell(
    store: Any,
    post: Any,
    rules: dict[str, Rule],
    directory: Directory,
    time: ManualTime,
    given: tuple[Any, Any],
) -> Tell:
    """What comes out when these notices go, with facts and the rule's message changed."""
    facts, make = given

    def go(
        *notices: Notice, facts_too: Any = (), message: str = "", case: Any = (), **more: Any
    ) -> list[Message]:
        store.facts[SEAT] = {**facts[SEAT], **dict(facts_too)}
        there = store.cases.read_cases("acme")
        one = replace(there[0] if there else make(), **dict(case))
        queued = [replace(n, created_at=time.now()) for n in notices]
        store.cases.save_decision(
            Decision(account="acme", at=time.now(), cases=[one], notices=queued)
        )
        rule = rules["feedback-late"]
        columns = (*rule.open.columns, *dict(facts_too))
        query = replace(rule.open, columns=columns)
        mine = {rule.id: replace(rule, open=query, message=message or rule.message)}
        before = len(post.messages)
        deliver(DeliveryRequest("acme", store, {"post": post}, mine, directory, time, **more))
        return list(post.messages[before:])

    return go


def aloud(message: Message) -> str:
    facts = [f"{label} {value}" for label, value in message.facts]
    return "\n".join((message.headline, message.body, *facts, message.why, message.link or ""))


def test_a_channel_hears_of_the_role_not_of_the_candidate(tell: Tell) -> None:
    """By default; the link leads whoever may see the candidate to them."""
    (message,) = tell(notice(TEAM))
    assert "B.K." not in aloud(message)
    assert "a candidate (Data Engineer)" in message.body
    assert dict(message.facts)["Waiting on"] == "Mara Lind since Friday"
    assert message.link


@pytest.mark.parametrize("to", [MARA, TEAM], ids=lambda to: to.kind)
@pytest.mark.parametrize("level", [Sensitivity.PERSONAL, Sensitivity.COMPENSATION])
def test_pay_reaches_a_person_where_it_was_granted_and_nowhere_else(
    level: Sensitivity, to: Destination, tell: Tell
) -> None:
    """A sink cleared for compensation tells a person; a channel in it is told no more."""
    (message,) = tell(
        notice(to),
        facts_too={"requisition.pay_max": 91000.0},
        message="Up to {requisition.pay_max}.",
        clearance={"post": level},
    )
    granted = to is MARA and level is Sensitivity.COMPENSATION
    assert message.body == ("Up to 91,000." if granted else "Up to (see the ATS).")


@pytest.mark.parametrize("level", [Sensitivity.PERSONAL, Sensitivity.COMPENSATION])
def test_no_clearance_puts_pay_into_a_note(
    level: Sensitivity, rules: dict[str, Rule], given: Any, directory: Directory
) -> None:
    """`[sinks.ats] clearance = "compensation"`: the whole hiring team reads a note."""
    facts, make = given
    rule = rules["feedback-late"]
    rule = replace(rule, message="Up to {requisition.pay_max}.")
    to = Destination("ats", "ats", "seat/s1")
    found = Found("acme", "seat", "s1", {**facts[SEAT], "requisition.pay_max": 91000.0})
    now = datetime(2026, 3, 9, 16, 5, tzinfo=UTC)
    said = render(rule, notice(to), make(), found, MessageContext(directory, now, level))
    assert said.body == "Up to (see the ATS)."
    assert withheld(rule, to, level) == ("requisition.pay_max",)


def test_no_text_to_a_channel_names_who_works_on_a_confidential_search(
    rules: dict[str, Rule], given: Any, directory: Directory
) -> None:
    """In no state of a case: ahead, late, handed over or ended, and however the reader was
    found."""
    facts, make = given
    rule = rules["feedback-late"]
    secret = {**facts[SEAT], "requisition.confidential": True}
    found = Found("acme", "seat", "s1", secret)
    now = datetime(2026, 3, 9, 16, 5, tzinfo=UTC)
    team = replace(
        TEAM,
        why=(
            recipient_reason(
                RecipientCode.DELEGATE, name="Mara Lind", trouble="away", away="leave"
            ),
            recipient_reason(RecipientCode.NO_ROUTE),
        ),
        fallback=True,
    )
    ended = {"end": End.CANCELLED, "end_reason": because(ReasonCode.PILOT)}
    for purpose in (Purpose.SEND, Purpose.FOLLOW_UP, Purpose.HANDED_OVER, Purpose.RESOLVE):
        for changes in ({}, {"due_at": now + timedelta(days=1)}, ended):
            case = make(**{**changes, "owed_by": "u1"})
            said = aloud(
                render(
                    rule, notice(team, purpose=purpose), case, found, MessageContext(directory, now)
                )
            )
            assert "Mara" not in said
            assert "Data Engineer" not in said
            assert "REQ-104" not in said


def test_a_summary_to_a_channel_names_nobody_of_a_confidential_search(
    tell: Tell, given: Any, store: Any, time: ManualTime
) -> None:
    """How many and of which rule, no more; a person is shown both."""
    summary = notice(TEAM, purpose=Purpose.SUMMARY, rule="", step=-1, created_at=time.now())
    (message,) = tell(
        summary,
        facts_too={"requisition.confidential": True},
        case={"first_look": FirstLook.SUMMARY},
    )
    assert "Confidential roles" in message.body
    assert message.links == ("",)
    assert "Mara" not in aloud(message)
    assert "Data Engineer" not in aloud(message)


@pytest.mark.parametrize("level", Sensitivity)
def test_no_clearance_there_is_lets_a_rating_out(level: Sensitivity, tell: Tell) -> None:
    """Not even one above that of ratings."""
    (message,) = tell(
        notice(MARA),
        facts_too={"seat.scorecard.recommendation": -2},
        message="It is {seat.scorecard.recommendation}.",
        clearance={"post": level},
    )
    assert message.body == "It is (see the ATS)."


def test_ops_hear_once_what_was_left_out(tell: Tell, store: SqlStore) -> None:
    """With the rule's place, however often it happens."""
    asking = "Up to {requisition.pay_max}."
    told = [tell(notice(MARA, key=f"n{number}"), message=asking) for number in range(3)]
    headlines = [message.headline for messages in told for message in messages]
    assert headlines.count("Left out of a message") == 1
    (word,) = [one for one in store.outbox.read_notices("acme") if one.purpose is Purpose.OPS]
    assert word.destination.address == "#ops"


def test_nothing_on_a_confidential_requisition_comes_into_a_channel(
    tell: Tell, store: SqlStore
) -> None:
    """Ops hear of the case by its number alone."""
    secret = {"requisition.confidential": True}
    assert tell(notice(TEAM), facts_too=secret) == []
    (message,) = tell(facts_too=secret)
    assert "Data Engineer" not in aloud(message)
    assert "REQ-104" not in aloud(message)
    assert "Case 1 of feedback-late" in message.body


def test_a_message_of_a_requisition_that_became_confidential_is_emptied(
    tell: Tell, post: Any
) -> None:
    """The end takes its place, and names nothing; a channel that edits nothing hears nothing."""
    (first,) = tell(notice(TEAM))
    assert "Data Engineer" in aloud(first)
    ended = {"end": End.RESOLVED, "end_reason": because(ReasonCode.STOPPED)}
    end = notice(TEAM, key="end", purpose=Purpose.RESOLVE, step=-1)
    secret = {"requisition.confidential": True}
    (last,) = tell(end, facts_too=secret, case=ended)
    assert post.edited == [("m-k-channel", "done")]
    assert "Data Engineer" not in aloud(last)
    assert last.link is None


def test_where_nothing_can_be_edited_a_confidential_end_stays_unsaid(tell: Tell, post: Any) -> None:
    """A new message would be one more on it."""
    post.spec = replace(post.spec, edits=False)
    tell(notice(TEAM))
    end = notice(TEAM, key="end", purpose=Purpose.RESOLVE, step=-1)
    ended = {"end": End.RESOLVED, "end_reason": because(ReasonCode.STOPPED)}
    assert tell(end, facts_too={"requisition.confidential": True}, case=ended) == []


LEVEL = "Level: {requisition.custom.level}, team: {requisition.brief.sections.team_culture}."
OWN = {
    "requisition.custom": {"level": "L5", "salary": "91k"},
    "requisition.brief.sections": {"team_culture": "Quiet mornings"},
}


def test_a_custom_field_is_closed_unless_the_account_declares_it(tell: Tell) -> None:
    """Anything may stand in a custom field, also pay; by default nobody reads it."""
    (message,) = tell(notice(MARA), facts_too=OWN, message=LEVEL)
    assert message.body == "Level: (see the ATS), team: (see the ATS)."


def test_a_sink_cleared_for_pay_shows_custom_fields(tell: Tell) -> None:
    cleared = {"post": Sensitivity.COMPENSATION}
    (message,) = tell(notice(MARA), facts_too=OWN, message=LEVEL, clearance=cleared)
    assert message.body == "Level: L5, team: Quiet mornings."


def test_what_the_account_declares_open_is_read(tell: Tell) -> None:
    """That key alone: another key of the same block stays closed."""
    declared = {
        "requisition.custom.level": Sensitivity.OPEN,
        "brief.sections.team_culture": Sensitivity.PERSONAL,
    }
    (message,) = tell(
        notice(MARA),
        facts_too=OWN,
        message=f"{LEVEL} Pay: {{requisition.custom.salary}}.",
        declared=declared,
    )
    assert message.body == "Level: L5, team: Quiet mornings. Pay: (see the ATS)."


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "not set"),
        ("", "not set"),
        (True, "yes"),
        (5, "5"),
        (["L5", "L6"], "L5, L6"),
        ({"min": 91000}, "(see the ATS)"),
    ],
)
def test_a_custom_field_of_any_type(tell: Tell, value: Any, text: str) -> None:
    facts = {"requisition.custom": {"level": value}}
    (message,) = tell(
        notice(MARA),
        facts_too=facts,
        message="Level: {requisition.custom.level}.",
        declared={"requisition.custom.level": Sensitivity.OPEN},
    )
    assert message.body == f"Level: {text}."
