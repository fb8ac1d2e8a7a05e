"""The first summary read aloud: what was overdue when atsbridge started."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from atsbridge.cases.recipients import Directory
from atsbridge.model.notice import Destination, Message, Notice, Purpose
from atsbridge.model.query import Found
from atsbridge.model.record import Key
from atsbridge.presentation import message_data
from atsbridge.presentation.baseline_message import render
from atsbridge.rules.rule import Rule

from .conftest import NOW

OPS = Destination("post", "channel", "#recruiting-ops")
PERSON = Destination("post", "person", "ravi@acme.example", "u2")


@pytest.fixture
def summary(rules: dict[str, Rule], directory: Directory, given: tuple[Any, Any]) -> Any:
    """A summary of seats: (application, requisition code, hours since due, user id) for each."""
    facts, make = given
    application = message_data.path_to("seat", "application")

    def write(*seats: tuple[str, str, int, str], to: Destination = OPS, **also: Any) -> Message:
        cases, found = [], {}
        for number, (one, code, hours, owes) in enumerate(seats):
            key = Key("acme", "seat", f"s{number}")
            due = NOW - timedelta(hours=hours)
            cases.append(make(key, due_at=due, started_at=due, owed_by=owes))
            known = {application: one, "requisition.code": code, **also}
            its = {**facts[Key("acme", "seat", "s1")], **known}
            found["feedback-late", key] = Found(*key, its)
        notice = Notice(
            key="k",
            account="acme",
            case=0,
            rule="",
            subject=Key("acme", "account", "acme"),
            destination=to,
            purpose=Purpose.SUMMARY,
            created_at=NOW,
        )
        return render(notice, cases, rules, directory, found)

    return write


@pytest.mark.parametrize(
    ("hours", "headline"),
    [
        ((1,), "1 item was already overdue when atsbridge started"),
        ((1, 2), "2 items were already overdue when atsbridge started"),
        ((1, -2, -3), "1 item was already overdue and 2 due soon when atsbridge started"),
        ((-1,), "1 item was due soon when atsbridge started"),
    ],
)
def test_the_headline_tells_overdue_from_due_soon(
    hours: tuple[int, ...], headline: str, summary: Any
) -> None:
    """One, many, and none."""
    assert summary(*(("a1", "R-1", hour, "u1") for hour in hours)).headline == headline


def test_a_line_names_role_candidates_and_people(summary: Any) -> None:
    """Candidates are counted once each; people in order, joined as in a sentence."""
    message = summary(
        ("a1", "R-1", 30, "u1"),
        ("a2", "R-1", 20, "u2"),
        ("a3", "R-2", 10, "u1"),
        **{"requisition.url": "https://ats.example/r"},
    )
    assert message.body.splitlines() == [
        "Feedback: 3",
        "",
        "Oldest first:",
        (
            "• Data Engineer (R-1): feedback for 2 candidates, waiting on Mara Lind and Ravi Sen"
            " since Sunday"
        ),
        "• Data Engineer (R-2): feedback, waiting on Mara Lind since Monday",
    ]
    assert message.links == ("https://ats.example/r",) * 2


def test_several_items_of_one_candidate_are_told_apart(summary: Any) -> None:
    """Two interviewers owe feedback on the same person."""
    message = summary(("a1", "R-1", 2, "u1"), ("a1", "R-1", 1, "u2"))
    assert "feedback for 1 candidate (2 in total)" in message.body


def test_ten_requisitions_are_named_and_the_rest_is_counted(summary: Any) -> None:
    """With a link for each that is named."""
    message = summary(*(("a1", f"R-{n:02}", 50 - n, "u1") for n in range(12)))
    assert message.body.splitlines()[-1] == "… and 2 more roles"
    assert len(message.links) == 10


def test_a_channel_learns_how_many_are_confidential(summary: Any) -> None:
    """A person is shown which."""
    secret = {"requisition.confidential": True}
    message = summary(("a1", "R-1", 2, "u1"), ("a2", "R-2", 1, "u1"), **secret)
    assert message.body.splitlines()[3:] == ["• Confidential roles: feedback for 2 candidates"]
    assert message.links == ("",)
    shown = summary(("a1", "R-1", 2, "u1"), to=PERSON, **secret)
    assert "Data Engineer (R-1)" in shown.body
