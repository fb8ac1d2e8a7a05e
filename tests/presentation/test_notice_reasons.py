"""Reasons of notices in English."""

from __future__ import annotations

from dataclasses import replace

import pytest

from atsbridge.errors import ErrorCode
from atsbridge.model.notice import (
    Destination,
    DropCode,
    Hold,
    Notice,
    NoticeError,
    NoticeState,
    Purpose,
    drop_notice,
    hold_notice,
)
from atsbridge.model.record import Key
from atsbridge.presentation.notice_reasons import describe_notice_reason

NOTICE = Notice(
    key="k1",
    account="acme",
    case=1,
    rule="late",
    subject=Key("acme", "seat", "s1"),
    destination=Destination("slack", "person", "ann@x.example"),
    purpose=Purpose.SEND,
)


@pytest.mark.parametrize("hold", Hold)
def test_every_hold_has_a_text(hold: Hold) -> None:
    """Of letters and spaces: no code is shown to a person."""
    text = describe_notice_reason(hold_notice(NOTICE, hold))
    assert text.replace(" ", "").isalpha()


@pytest.mark.parametrize("code", DropCode)
def test_every_drop_code_has_a_text(code: DropCode) -> None:
    """With its parameters, and without them."""
    assert "{" not in describe_notice_reason(drop_notice(NOTICE, code))
    given = drop_notice(NOTICE, code, text="a text", ats="Lever", handling="snoozed")
    assert describe_notice_reason(given)


def test_parameters_are_named() -> None:
    """Several capabilities are alternatives."""
    allowed = drop_notice(NOTICE, DropCode.WRITE_NOT_ALLOWED, capabilities=("tag", "job_note"))
    assert describe_notice_reason(allowed) == (
        "the account does not allow tag or job_note to be written"
    )
    reminded = drop_notice(NOTICE, DropCode.ATS_REMINDS, ats="Lever", text="reminds everybody")
    assert describe_notice_reason(reminded) == "Lever itself reminds everybody"
    away = drop_notice(NOTICE, DropCode.PERSONAL, trouble="away", away="on leave")
    assert describe_notice_reason(away).endswith(", and the person is away: on leave")


def test_an_error_is_shown_until_it_is_held_or_dropped() -> None:
    """The last failure; nothing where nothing happened."""
    failed = replace(NOTICE, state=NoticeState.RETRY, error=NoticeError(ErrorCode.AUTH, "401"))
    assert describe_notice_reason(failed) == "401"
    assert describe_notice_reason(hold_notice(failed, Hold.SHADOW)) == "shadow"
    assert describe_notice_reason(NOTICE) == ""
