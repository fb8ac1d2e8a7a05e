"""What ops read when an ATS cannot be read, and when it can be read again."""

from __future__ import annotations

from dataclasses import replace

import pytest

from atsbridge.model import NoticeText
from atsbridge.presentation.outage_message import (
    Outage,
    listed,
    missing_text,
    outage_text,
    recovery_text,
)

WHOLE = Outage(
    "Greenhouse", "acme", ("offers", "users"), True, "Mon 9 Mar, 08:16 UTC", "connection refused"
)
RULES = ("feedback-late", "stalled-in-stage")


def test_an_outage_says_since_when_why_what_follows_and_what_to_do() -> None:
    """One message for all of it."""
    assert outage_text(WHOLE, RULES) == NoticeText(
        "Greenhouse (acme) unreachable since Mon 9 Mar, 08:16 UTC",
        (
            "Connection refused. Reminders of 2 rules are paused; nobody is messaged:"
            " feedback-late, stalled-in-stage. Clocks keep running. Run `atsbridge doctor"
            " --account acme`."
        ),
    )


def test_single_lists_are_named() -> None:
    """Without a cause, and without an instant, nothing is made up."""
    some = replace(WHOLE, is_whole=False, since="", cause="")
    text = outage_text(some, RULES[:1])
    assert text.headline == "Greenhouse (acme): offers, users cannot be read"
    assert text.body.startswith("The cause is not known. Reminders of 1 rule are paused;")


@pytest.mark.parametrize("cause", ["403: forbidden.", "x" * 500])
def test_a_cause_is_one_bounded_sentence(cause: str) -> None:
    """With one period at its end."""
    first = outage_text(replace(WHOLE, cause=cause), RULES).body.partition(" Reminders")[0]
    assert first.endswith(".")
    assert not first.endswith("..")
    assert len(first) < 310


def test_missing_data_names_its_fields() -> None:
    """Where no list failed."""
    text = missing_text("Greenhouse", "acme", ["offer.sent_at"], RULES)
    assert text.headline == "Greenhouse (acme): data that rules need is missing or too old"
    assert text.body.startswith("Missing: offer.sent_at. Reminders of 2 rules are paused")


def test_a_recovery_says_from_when_to_when() -> None:
    """And that nobody has to do anything."""
    assert recovery_text("Greenhouse", "acme", "08:16", "09:02") == NoticeText(
        "Greenhouse (acme) can be read again",
        (
            "It could not be read from 08:16 to 09:02. Reminders continue; what became due"
            " meanwhile is sent now. Nothing is left to do."
        ),
    )


def test_many_names_are_counted() -> None:
    """Five are named."""
    assert listed("abcdefg") == "a, b, c, d, e and 2 more"
    assert listed("ab") == "a, b"
