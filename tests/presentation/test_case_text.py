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


def test_whoever_has_to_act_reads_no_text_about_themselves(desk: Desk) -> None:
    """A recruiter may be the interviewer, too: the step to the recruiter is for others."""
    steps = desk.rules["feedback-late"].steps
    of_recruiter = next(i for i, one in enumerate(steps) if "{clock.owed_by}" in one.message)
    told = desk.write(SEAT, "ravi", step=of_recruiter)
    assert told.body.startswith("Mara Lind has not submitted feedback")
    told = desk.write(SEAT, "ravi", step=of_recruiter, owed_by="u2")
    assert told.body.startswith("Please submit your feedback")
