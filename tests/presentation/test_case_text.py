"""Parts of a message about a case: whom and what it is about."""

from __future__ import annotations

import pytest

from atsbridge.model.notice import Notice, Purpose
from atsbridge.model.query import Found
from atsbridge.model.record import Key
from atsbridge.presentation.case_text import CaseText
from atsbridge.presentation.message_context import MessageContext
from atsbridge.rules.rule import Rule

from .conftest import NOW, READERS, Desk

SEAT = Key("acme", "seat", "s1")


@pytest.mark.parametrize(
    ("offer", "about"),
    [
        ({}, "Data Engineer (REQ-104)"),
        ({"application.candidate": "c1"}, "a candidate, Data Engineer (REQ-104)"),
    ],
    ids=["of a requisition", "of an offer"],
)
def test_an_approval_names_a_candidate_only_where_there_is_one(
    offer: dict[str, str], about: str, rules: dict[str, Rule], desk: Desk
) -> None:
    """Its facts have the place of a candidate in both cases."""
    approval = Found(
        "acme",
        "approval",
        "p1",
        {**desk.facts[SEAT], "application.candidate": None, "candidate.initials": None, **offer},
    )
    notice = Notice(
        key="k",
        account="acme",
        case=1,
        rule="requisition-approval-late",
        subject=SEAT,
        destination=READERS["mara"],
        purpose=Purpose.SEND,
    )
    context = MessageContext(desk.directory, NOW)
    text = CaseText(rules["requisition-approval-late"], notice, desk.case(SEAT), approval, context)
    assert text.about() == about
