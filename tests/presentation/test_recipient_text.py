"""Why a notice goes to its destination: what a person reads."""

from __future__ import annotations

from typing import Any

import pytest

from atsbridge.model.notice import Destination
from atsbridge.model.recipient_codes import (
    RecipientCode,
    RecipientReason,
    RecipientTrouble,
    recipient_reason,
)
from atsbridge.presentation import recipient_text
from atsbridge.presentation.recipient_text import describe_recipient


def reason(code: str, /, **params: Any) -> RecipientReason:
    return recipient_reason(RecipientCode(code), **params)


INTERVIEWER = reason("role", role="seat.user")
RECRUITER = reason("role", role="requisition.recruiter")


@pytest.mark.parametrize(
    ("why", "text"),
    [
        ([], ""),
        ([INTERVIEWER], "interviewer"),
        ([INTERVIEWER, RECRUITER], "interviewer and recruiter of the role"),
        ([reason("role", role="seat.user.manager")], "manager of the interviewer"),
        (
            [reason("role", role="requisition.recruiter.manager.manager")],
            "manager of the manager of the recruiter of the role",
        ),
        ([reason("role", role="requisition.department.head")], "head of the department"),
        ([reason("role", role="offer.sent_by")], "sent by of the offer"),
        (
            [reason("role", role="application.assignee", assignee_role="hiring_manager")],
            "hiring manager whose turn it is",
        ),
        ([reason("role", role="application.assignee")], "one whose turn it is"),
        ([reason("named")], "named in the rule"),
        ([reason("team", name="people")], "team people"),
        ([reason("note")], "note in the ATS"),
        ([reason("mark", field="tag")], "tag in the ATS"),
        ([reason("alone")], "it is about you alone"),
        (
            [reason("in_place", role="seat.user", name="Mara Lind")],
            "interviewer in place of Mara Lind",
        ),
        ([reason("in_place", role="seat.user")], "interviewer in place of a colleague"),
        (
            [reason("delegate", name="Mara Lind", trouble="away", away="on leave")],
            "delegate of Mara Lind, who is away: on leave",
        ),
        (
            [reason("delegate", trouble="no_route")],
            "delegate of a colleague, who cannot be reached here",
        ),
        ([reason("unreachable", trouble="unknown")], "the person is unknown to the ATS"),
        (
            [reason("unreachable", role="seat.user", trouble="not_named")],
            "the interviewer is not named in the ATS",
        ),
        (
            [reason("superior_unknown", role="seat.user.manager")],
            "the manager of the interviewer is not known",
        ),
        (
            [reason("not_theirs", role="seat.user")],
            "the interviewer replied that it is not theirs",
        ),
        (
            [reason("channel_closed", channel="#hiring")],
            "the channel #hiring cannot be written to",
        ),
        (
            [INTERVIEWER, reason("no_route", sinks=("slack", "email"))],
            "the interviewer cannot be reached in slack or email",
        ),
        (
            [
                reason("unreachable", role="seat.user", trouble="inactive"),
                reason("no_route", sinks=("slack",)),
            ],
            "the interviewer is no longer active in the ATS, and cannot be reached in slack",
        ),
        ([reason("no_route")], "the person cannot be reached in any sink"),
        ([reason("other", text="the recruiter is away")], "the recruiter is away"),
    ],
)
def test_every_reason_has_a_text(why: list[RecipientReason], text: str) -> None:
    assert describe_recipient(Destination("slack", "person", "x", why=tuple(why))) == text


def test_no_code_is_without_a_text() -> None:
    assert set(recipient_text._TEXTS) == set(RecipientCode)
    assert set(recipient_text._TROUBLES) == set(RecipientTrouble)
