"""A rule as compiled: which text a message has at which time."""

from __future__ import annotations

from typing import Any

import pytest

from atsbridge.rules.rule import Timing

PACK = """\
version: 1
rules:
  - id: late
    kind: sla
    title: Feedback
    each: interview.seat
    clock: {start: interview.ends_at, stop: seat.scorecard.submitted_at}
    target: 4bd
    steps:
      - {at: "50%", to: seat.user}
      - {at: due, to: seat.user}
      - {at: +1bd, to: seat.user}
      - {at: +2bd, to: requisition.recruiter, message: "{requisition.code} waits."}
    message: It is due.
    message_ahead: "{clock.due} is the day."
    message_late: "{candidate.initials} waits."
"""


@pytest.mark.parametrize(
    ("step", "timing", "text"),
    [
        (0, Timing.AHEAD, "{clock.due} is the day."),
        (0, Timing.DUE, "It is due."),  # held over night
        (1, Timing.DUE, "It is due."),
        (2, Timing.LATE, "{candidate.initials} waits."),
        (3, Timing.LATE, "{requisition.code} waits."),
        (3, Timing.AHEAD, "{requisition.code} waits."),
        (-1, Timing.DUE, "It is due."),  # of no step
        (4, Timing.DUE, "It is due."),  # of a step that the rule no longer has
    ],
)
def test_text_of_a_message(rules: Any, step: int, timing: Timing, text: str) -> None:
    """The step's own text, else the text for that time, else the common one."""
    assert rules(PACK)["late"].message_for(step, timing) == text


def test_the_common_text_serves_where_there_is_no_other(rules: Any) -> None:
    """A rule with one message has it at all times."""
    text = "\n".join(line for line in PACK.splitlines() if "message_" not in line)
    rule = rules(text)["late"]
    assert {rule.message_for(0, timing) for timing in Timing} == {"It is due."}


def test_what_any_text_names_is_read(rules: Any) -> None:
    """The columns of the rule hold the paths of every text."""
    rule = rules(PACK)["late"]
    assert {"candidate.initials", "requisition.code"} <= set(rule.open.columns)
    assert rule.messages_of(rule.steps[3]) == ("{requisition.code} waits.",)
    assert len(rule.messages_of(rule.steps[0])) == 3
    assert len(rule.messages) == 4
