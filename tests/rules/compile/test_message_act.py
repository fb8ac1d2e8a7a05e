"""Which messages ask for something, and which only tell."""

from __future__ import annotations

from typing import Any

import pytest

from atsbridge.rules.compile.lint_rule import lint
from atsbridge.rules.compile.message_act import has_act, is_english

PACK = """\
version: 1
rules:
  - id: late
    kind: sla
    title: Feedback
    each: interview.seat
    owner: recruiting_ops
    clock:
      start: interview.ends_at
      stop: seat.scorecard.submitted_at
      cancel: [application.closed_at]
      owed_by: seat.user
    target: 1bd
    steps:
      - {at: "50%", to: seat.user}
      - {at: due, to: seat.user}
      - {at: +1bd, to: requisition.recruiter, message: "The feedback is not there."}
    message: "Please write about {candidate.initials}."
    tests: [{given: {}, expect: [{at: 2026-03-03T10:00Z, clock: unknown}]}]
"""


@pytest.mark.parametrize(
    "text",
    [
        "Please write about {candidate.initials}.",
        "{candidate.initials} waits. Could you answer today?",
        "Book an interview for {candidate.initials}.",
        "{requisition.title} is at risk: agree on another date.",
        "If that is intended, leave it as it is.",
        "Your feedback on {candidate.initials} is due {clock.due}.",
        "The final round has begun. First decide who joins.",
    ],
)
def test_an_act(text: str) -> None:
    assert has_act(text)


@pytest.mark.parametrize(
    "text",
    [
        "No interview is booked for {candidate.initials}.",
        "The booking of {candidate.initials} is missing.",
        "The role is open since {requisition.opened_at}.",
        "You have {check.found} in the next 7 days.",
        "An answer is due {clock.due}.",
        "{requisition.title}, {write.book}, is the third one.",
    ],
)
def test_no_act(text: str) -> None:
    """A noun that looks like a verb within a clause is none, and neither is a placeholder."""
    assert is_english(text)
    assert not has_act(text)


@pytest.mark.parametrize(
    "text", ["Bitte bis morgen antworten.", "{check.found}", "", "今日中に回答"]
)
def test_only_english_is_judged(text: str) -> None:
    """Nobody is told that a German request asks for nothing."""
    assert not is_english(text)


@pytest.mark.parametrize(
    ("old", "new", "places"),
    [
        ("Please write about {candidate.initials}.", "The feedback is missing.", ["15:9"]),
        ("at: due, to: seat.user", 'at: due, to: seat.user, message: "It is missing."', ["16:9"]),
        ("    message: ", '    message_ahead: "It is missing soon."\n    message: ', ["15:9"]),
        ("Please write about {candidate.initials}.", "Das Feedback fehlt.", []),
        ("is not there.", "is still not there.", []),
    ],
)
def test_the_lint_names_the_step(rules: Any, old: str, new: str, places: list[str]) -> None:
    """Of the rule and of a step; the reader of a later step need not act. Each text once."""
    assert old in PACK
    found = [one for one in lint(rules(PACK.replace(old, new))["late"]) if one.code == "no-act"]
    assert [str(one.place).partition(":")[2] for one in found] == places
    assert all("seat.user, who has to act" in one.message for one in found)
