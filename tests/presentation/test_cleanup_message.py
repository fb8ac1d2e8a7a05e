"""The proposal to clean up, read aloud."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from atsbridge.cases.recipients import Directory
from atsbridge.model.notice import Destination, Message, Notice, Purpose
from atsbridge.model.query import Found
from atsbridge.model.record import Key
from atsbridge.presentation import message_data
from atsbridge.presentation.cleanup_message import render

from .conftest import NOW

OPS = Destination("post", "channel", "#recruiting-ops")
RAVI = Destination("post", "person", "ravi@acme.example", "u2")


@pytest.fixture
def cleanup(directory: Directory, given: tuple[Any, Any]) -> Any:
    """A clean-up of seats: (application or None, requisition code, days since its start)."""
    facts, make = given
    application = message_data.path_to("seat", "application")

    def write(*seats: tuple[str | None, str, int], to: Destination = RAVI, **also: Any) -> Message:
        cases, found = [], {}
        for number, (one, code, days) in enumerate(seats):
            key = Key("acme", "seat", f"s{number}")
            start = NOW - timedelta(days=days)
            cases.append(make(key, due_at=start, started_at=start))
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
            purpose=Purpose.CLEANUP,
            created_at=NOW,
        )
        return render(notice, cases, found, directory)

    return write


def test_the_act_comes_first(cleanup: Any) -> None:
    message = cleanup(("a1", "REQ-1", 400), ("a2", "REQ-1", 90), ("a3", "REQ-2", 60))
    assert message.headline == "Clean up 3 old items in 2 roles"
    assert message.body.splitlines() == [
        (
            "Please close the roles that are filled or stopped, and archive the candidates whom"
            " nobody considers any more. There is no deadline."
        ),
        "",
        "Most first:",
        "• Data Engineer (REQ-1): 2 candidates, the oldest waiting since Sun 2 Feb 2025",
        "• Data Engineer (REQ-2): 1 candidate, waiting since Thu 8 Jan",
    ]
    assert message.why == (
        "They were overdue long before atsbridge first looked. Nobody is reminded of them, and"
        " they count in no figure. When somebody acts on one, its reminders begin again."
    )


def test_seats_of_one_candidate_are_one_candidate(cleanup: Any) -> None:
    message = cleanup(("a1", "REQ-1", 60), ("a1", "REQ-1", 60), (None, "REQ-1", 60))
    assert ": 1 candidate and 1 other item, " in message.body


def test_ten_roles_are_named(cleanup: Any) -> None:
    message = cleanup(*((f"a{n}", f"REQ-{n:02}", 60) for n in range(13)))
    assert message.body.splitlines()[-1] == "… and 3 more roles"
    assert len(message.links) == 10


def test_a_channel_reads_of_no_confidential_role(cleanup: Any) -> None:
    """Their number, and nothing that leads to one."""
    message = cleanup(("a1", "REQ-1", 60), to=OPS, **{"requisition.confidential": True})
    assert message.headline == "Clean up 1 old item in confidential roles"
    assert "REQ-1" not in message.body
    assert message.links == ("",)


def test_no_candidate_is_named(cleanup: Any) -> None:
    name = {"candidate.display_name": "Zoe Quill", "candidate.initials": "Z.Q."}
    message = cleanup(("a1", "REQ-1", 60), **name)
    assert "Zoe" not in repr(replace(message))
    assert "Z.Q." not in repr(message)
