"""The answer to "why", read aloud."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from atsbridge.cases.recipients import Directory
from atsbridge.model.notice import Notice, Purpose
from atsbridge.model.query import Found
from atsbridge.model.record import Key
from atsbridge.presentation.message_context import MessageContext
from atsbridge.presentation.why_answer import answer_why
from atsbridge.rules.rule import Rule

from .conftest import NOW, READERS

SEAT = Key("acme", "seat", "s1")
LAST = "Ask whoever runs atsbridge about case 7 for every hour of it."


@pytest.fixture
def answer(rules: dict[str, Rule], directory: Directory, given: tuple[Any, Any]) -> Any:
    facts, make = given

    def write(reader: str, now: datetime = NOW, **changes: Any) -> str:
        rule = replace(rules["feedback-late"], **changes.pop("rule", {}))
        known = {**facts[SEAT], **changes.pop("facts", {})}
        notice = Notice(
            key="k",
            account="acme",
            case=7,
            rule=rule.id,
            subject=SEAT,
            destination=READERS[reader],
            purpose=Purpose.SEND,
        )
        case = replace(make(SEAT, **changes), number=7)
        return answer_why(rule, notice, case, Found(*SEAT, known), MessageContext(directory, now))

    return write


def test_it_says_the_reason_the_role_and_the_count(answer: Any) -> None:
    """In the reader's zone; before due it is not yet over."""
    assert answer("mara") == (
        "The sooner feedback is in, the sooner the candidate gets an answer. "
        "You get this as interviewer. "
        f"It started Fri 6 Mar, 16:00 and was due after 1 working day: Mon 9 Mar, 16:00. {LAST}"
    )
    early = answer("mara", datetime(2026, 3, 9, 10, tzinfo=UTC))
    assert "and is due after 1 working day" in early


def test_a_check_says_what_it_found(answer: Any) -> None:
    """It counts nothing."""
    assert "Found: SQL, Writing." in answer("mara", rule={"clock": None}, finding="SQL, Writing")


def test_a_promise_ahead_of_an_event_says_when_that_is(answer: Any) -> None:
    """Nothing was counted from a start."""
    due = datetime(2026, 3, 9, 16, tzinfo=UTC)
    assert "It was due Mon 9 Mar, 16:00." in answer("mara", started_at=due)


def test_a_channel_learns_nothing_of_a_confidential_requisition(answer: Any) -> None:
    """The reason of the rule, and the number of the case."""
    said = answer("ops", facts={"requisition.confidential": True})
    assert said == f"The sooner feedback is in, the sooner the candidate gets an answer. {LAST}"
