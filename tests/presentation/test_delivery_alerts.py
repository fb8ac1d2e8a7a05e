"""Messages to the operators about notices that do not arrive: what happened, and what to do."""

from __future__ import annotations

from typing import Any

import pytest

from atsbridge.errors import FatalError
from atsbridge.model import Destination, Key, Notice, Purpose
from atsbridge.presentation import delivery_alerts as alerts

ERROR = FatalError("the channel does not exist", remedy="Create it")
NOTICE = Notice(
    key="k1",
    account="acme",
    case=7,
    rule="feedback-late",
    subject=Key("acme", "seat", "s1"),
    destination=Destination("slack", "channel", "#hiring"),
    purpose=Purpose.SEND,
    attempts=8,
)


@pytest.mark.parametrize(
    ("people", "waiting"),
    [(0, ""), (1, " They wait on 1 person."), (1234, " They wait on 1,234 people.")],
)
def test_a_trip_says_how_much_is_held_and_how_it_ends(
    rules: Any, people: int, waiting: str
) -> None:
    """In numbers: a channel may read it, and some requisitions may be confidential."""
    text = alerts.describe_trip("acme", rules["feedback-late"], 1234, people)
    assert text.headline == "Held: Feedback"
    first, second = text.body.split("\n")
    assert first == (
        "1,234 cases of feedback-late began at once in acme, so nobody was messaged."
        f"{waiting} `atsbridge notices list` names them."
    )
    assert "`atsbridge notices release feedback-late`" in second
    assert "`atsbridge notices drop feedback-late`" in second


def test_what_was_given_up_is_kept_and_can_be_tried_again() -> None:
    """With how often it was tried, where, and why that failed."""
    body = alerts.describe_dead(NOTICE, ERROR).body
    assert body.startswith("8 tries to reach a channel in slack (rule feedback-late, case 7): ")
    assert "the channel does not exist" in body
    assert "`atsbridge notices replay k1`" in body


def test_what_the_ats_refuses_can_be_written_later() -> None:
    """This one, or all of its rule."""
    body = alerts.describe_refusal(NOTICE, ERROR).body
    assert "`atsbridge notices replay k1`" in body
    assert "`atsbridge notices replay --rule feedback-late`" in body


@pytest.mark.parametrize(
    ("to", "where"),
    [
        (NOTICE.destination, "a channel in slack"),
        (Destination("ats", "ats", "application_note"), "a note in the ATS"),
    ],
)
def test_what_was_left_out_names_the_field_and_its_place(
    rules: Any, to: Destination, where: str
) -> None:
    """The author of the rule can mend it."""
    rule = rules["feedback-late"]
    body = alerts.describe_left_out(rule, to, "{offer.pay}").body
    assert f"asks for {{offer.pay}}, which {where} is not cleared for" in body
    assert body.endswith(f"Take it out of the message at {rule.place}.")


def test_a_confidential_case_is_named_by_number_alone() -> None:
    """The channel of the operators may not know whom it is about."""
    body = alerts.describe_kept_back(NOTICE).body
    assert body.startswith("Case 7 of feedback-late is on a confidential requisition.")
    assert "`atsbridge cases show 7`" in body


def test_a_closed_sink_and_a_broken_layout_say_what_happens_meanwhile() -> None:
    """Nothing is lost by either."""
    closed = alerts.describe_closed_sink("slack", ERROR)
    assert closed.headline == "Sink slack refuses messages"
    assert "takes the next way that reaches its reader" in closed.body
    broken = alerts.describe_template_error("mail", "x.html:3: no end of the loop")
    assert broken.body.startswith("x.html:3: no end of the loop.\nThe message went out")
