"""How a case ended, and news, read aloud: who did what when, and whom to thank."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from atsbridge.model.case import End
from atsbridge.model.reason import ReasonCode, because
from atsbridge.model.record import Key

from .conftest import Desk

SEAT = Key("acme", "seat", "s1")
APPLICATION = Key("acme", "application", "a1")
EARLY = datetime(2026, 3, 9, 11, 30, tzinfo=UTC)
STOPPED = because(ReasonCode.STOPPED, path="seat.scorecard.submitted_at")
DONE = {"end": End.RESOLVED, "end_reason": STOPPED}
SUBMITTED = {"seat.scorecard.submitted_at": datetime(2026, 3, 5, 13, 19, tzinfo=UTC)}


def test_who_did_it_is_thanked(desk: Desk) -> None:
    """The edit of the first message: short, with the time of day, and nothing to do."""
    message = desk.write(SEAT, "mara", facts=SUBMITTED, **DONE)
    assert message.headline == "Feedback done: B.K., Data Engineer (REQ-104)"
    assert message.body == "You submitted it Thu 13:19. Thank you."
    assert (message.facts, message.why, message.tone) == ((), "", "done")


def test_others_read_who_did_it_and_that_nothing_is_left(desk: Desk) -> None:
    """In their own zone; longer ago with the date."""
    assert desk.write(SEAT, "ravi", facts=SUBMITTED, **DONE).body == (
        "Mara Lind submitted it Thu 14:19. Nothing left to do."
    )
    later = desk.write(SEAT, "ravi", facts=SUBMITTED, now=EARLY + timedelta(days=20), **DONE)
    assert later.body == "Mara Lind submitted it Thu 5 Mar, 14:19. Nothing left to do."


def test_a_candidate_who_moved_on_is_named_with_stage_and_day(desk: Desk) -> None:
    """Whether the stage left the rule's conditions or started its clock again."""
    facts = {
        "stage.name": "Offer",
        "application.stage_entered_at": datetime(2026, 3, 10, 10, tzinfo=UTC),
    }
    for reason in (
        because(ReasonCode.START_MOVED),
        because(ReasonCode.CONDITION, path="stage.kind", value="offer"),
        because(ReasonCode.CONDITION, path="application.assignee_role", value="candidate"),
    ):
        message = desk.write(
            APPLICATION,
            "ines",
            now=datetime(2026, 3, 11, 10, tzinfo=UTC),
            facts=facts,
            end=End.CANCELLED,
            end_reason=reason,
        )
        assert message.headline == "Next step no longer needed: A.M., Account Executive (REQ-88)"
        assert message.body == "A.M. moved to Offer on Tuesday. Nothing left to do."


def test_a_stage_entered_before_the_case_began_explains_nothing(desk: Desk) -> None:
    """The next step went to somebody else in the same stage."""
    reason = because(ReasonCode.CONDITION, path="application.assignee_role", value="candidate")
    message = desk.write(APPLICATION, "ines", end=End.CANCELLED, end_reason=reason)
    assert message.body == "The next step is with the candidate. Nothing left to do."


@pytest.mark.parametrize(
    ("ending", "status", "body"),
    [
        (
            because(ReasonCode.CANCELLED, path="interview.cancelled_at"),
            "no longer needed",
            "The interview was canceled. Nothing left to do.",
        ),
        (
            because(ReasonCode.DUE_MOVED),
            "not due now",
            "This is due later now. Nothing is due now.",
        ),
        (
            because(ReasonCode.RULE_DISABLED, status="retired"),
            "no longer tracked",
            "This rule was switched off. atsbridge sends no more reminders about this.",
        ),
        (
            because(ReasonCode.PILOT),
            "no longer tracked",
            "It is no longer part of the pilot. atsbridge sends no more reminders about this.",
        ),
        (
            because(ReasonCode.CONDITION, path="application.status", value="rejected"),
            "no longer needed",
            "The application was closed. Nothing left to do.",
        ),
        (
            because(ReasonCode.CONDITION, path="requisition.priority", value=""),
            "no longer tracked",
            (
                "The conditions of this rule no longer apply."
                " atsbridge sends no more reminders about this."
            ),
        ),
        (because(ReasonCode.CLEARED), "settled", "This is no longer the case. Nothing left to do."),
        (STOPPED, "done", "Mara Lind submitted it. Nothing left to do."),
    ],
)
def test_every_end_is_said_for_what_it_is(ending: Any, status: str, body: str, desk: Desk) -> None:
    """Done, called off, not due or no longer tracked; to somebody who did not owe it."""
    message = desk.write(SEAT, "ravi", end=End.CANCELLED, end_reason=ending)
    assert message.headline == f"Feedback {status}: B.K., Data Engineer (REQ-104)"
    assert (message.body, message.why) == (body, "")


# --- news ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("facts", "body"),
    [
        (
            {},
            "B.K. accepted on Fri 27 Feb, 129 days after opening. Thanks, Ines Prado and Ravi Sen.",
        ),
        (
            {"requisition.opened_at": datetime(2026, 2, 26, 9, tzinfo=UTC)},
            "B.K. accepted on Fri 27 Feb, 1 day after opening. Thanks, Ines Prado and Ravi Sen.",
        ),
        (
            {"requisition.opened_at": None, "requisition.hiring_manager": None},
            "B.K. accepted on Fri 27 Feb. Thanks, Ravi Sen.",
        ),
        (
            {"requisition.opened_at": datetime(2026, 2, 27, 8, tzinfo=UTC)}
            | {"requisition.hiring_manager": "u2"},
            "B.K. accepted on Fri 27 Feb, on the day it opened. Thanks, Ravi Sen.",
        ),
        (
            {"requisition.opened_at": datetime(2026, 3, 1, tzinfo=UTC)}
            | {"requisition.hiring_manager": None, "requisition.recruiter": None},
            "B.K. accepted on Fri 27 Feb. Thanks, everybody involved.",
        ),
    ],
    ids=["both", "a day", "one, unknown", "same person, same day", "nobody, later"],
)
def test_a_hire_names_the_day_the_length_of_the_search_and_the_pair(
    facts: dict[str, Any], body: str, desk: Desk
) -> None:
    """What is not known is left out, and nothing reads as a hole."""
    accepted = datetime(2026, 2, 27, 12, tzinfo=UTC)
    clock = replace(desk.rules["feedback-late"].clock, start="interview.ends_at")  # type: ignore[type-var]
    text = (
        "{candidate.display_name} accepted on {interview.ends_at}{requisition.open_for}."
        " Thanks, {requisition.pair}."
    )
    rule = {"news": True, "title": "Hired", "clock": clock, "message": text, "message_ahead": ""}
    known = {
        "interview.ends_at": accepted,
        "requisition.opened_at": datetime(2025, 10, 21, 9, tzinfo=UTC),
        "requisition.hiring_manager": "u3",
        "requisition.recruiter": "u2",
    }
    message = desk.write(SEAT, "ravi", rule=rule, facts={**known, **facts}, owed_by=None)
    assert message.headline == "Hired: B.K., Data Engineer (REQ-104)"
    assert (message.body, message.facts, message.tone) == (body, (), "glad")
