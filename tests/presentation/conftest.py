"""The built-in rules, a directory and facts as in the tests of delivery; a desk that writes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import pytest
from tests.delivery.conftest import directory, given, rules

from atsbridge.cases.recipients import Directory
from atsbridge.model.case import Case
from atsbridge.model.fields import Sensitivity
from atsbridge.model.notice import Destination, Message, Notice, Purpose
from atsbridge.model.query import Found
from atsbridge.model.recipient_codes import RecipientCode, recipient_reason
from atsbridge.model.record import Key
from atsbridge.presentation.case_message import render
from atsbridge.presentation.message_context import MessageContext, ReaderHistory
from atsbridge.rules.rule import Rule

__all__ = ["directory", "given", "rules"]

NOW = datetime(2026, 3, 9, 16, 5, tzinfo=UTC)  # a Monday
READERS = {
    "mara": Destination(
        "post",
        "person",
        "mara@acme.example",
        "u1",
        (recipient_reason(RecipientCode.ROLE, role="seat.user"),),
    ),
    "ravi": Destination(
        "post",
        "person",
        "ravi@acme.example",
        "u2",
        (recipient_reason(RecipientCode.ROLE, role="requisition.recruiter"),),
    ),
    "ines": Destination(
        "post",
        "person",
        "ines@acme.example",
        "u3",
        (
            recipient_reason(
                RecipientCode.ROLE, role="application.assignee", assignee_role="hiring_manager"
            ),
        ),
    ),
    "ops": Destination(
        "post",
        "channel",
        "#ops",
        None,
        (
            recipient_reason(
                RecipientCode.UNREACHABLE, role="seat.user", trouble="away", away="parental leave"
            ),
        ),
        fallback=True,
    ),
    "note": Destination("ats", "ats", "seat/s1", None, (recipient_reason(RecipientCode.NOTE),)),
}


@dataclass
class Desk:
    """Writes the message of a case to a reader at an instant."""

    rules: dict[str, Rule]
    directory: Directory
    facts: Any
    case: Any

    def write(
        self,
        subject: Key,
        reader: str,
        step: int = 1,
        *,
        now: datetime = NOW,
        clearance: Sensitivity = Sensitivity.PERSONAL,
        rule: dict[str, Any] | None = None,
        facts: dict[str, Any] | None = None,
        history: ReaderHistory | None = None,
        replies: bool = False,
        **case: Any,
    ) -> Message:
        """The message; `rule`, `facts` and further keys replace what the fixtures have."""
        of: Case = self.case(subject, **case)
        notice = Notice(
            key="8f21c0",
            account="acme",
            case=1,
            rule=of.rule,
            subject=subject,
            destination=READERS[reader],
            purpose=Purpose.SEND,
            step=step,
        )
        found = Found(*subject, {**self.facts[subject], **(facts or {})})
        chosen = replace(self.rules[of.rule], **(rule or {}))
        context = MessageContext(
            self.directory, now, clearance, history or ReaderHistory(), takes_replies=replies
        )
        return render(chosen, notice, of, found, context)


@pytest.fixture
def desk(rules: dict[str, Rule], directory: Directory, given: tuple[Any, Any]) -> Desk:
    facts, case = given
    return Desk(rules, directory, facts, case)
