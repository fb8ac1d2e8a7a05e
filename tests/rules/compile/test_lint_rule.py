"""Each lint: one rule that raises it, told with its code and place."""

from __future__ import annotations

from typing import Any

import pytest

from atsbridge.rules.compile.lint_rule import lint

PACK = """\
version: 1
rules:
  - id: late
    kind: sla
    title: Feedback is late
    each: interview.seat
    owner: recruiting_ops
    clock:
      start: interview.ends_at
      stop: seat.scorecard.submitted_at
      cancel: [application.closed_at]
    target: 1bd
    steps:
      - {at: due, to: seat.user}
    message: "Please write about {candidate.initials}."
    tests: [{given: {}, expect: [{at: 2026-03-03T10:00Z, clock: unknown}]}]
"""


def test_a_careful_rule_raises_none(rules: Any) -> None:
    """Nothing to say of it."""
    assert lint(rules(PACK)["late"]) == []


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            "    owner: recruiting_ops\n",
            "",
            "pack1.yaml:3:5: late has no owner: who is told when nobody can be reached? [no-owner]",
        ),
        (
            "    tests: [{given: {}, expect: [{at: 2026-03-03T10:00Z, clock: unknown}]}]\n",
            "",
            (
                "pack1.yaml:3:5: late has no tests: show one case that fires and one that stays "
                "silent [no-tests]"
            ),
        ),
        (
            "      cancel: [application.closed_at]\n",
            "",
            (
                "pack1.yaml:3:5: late has no cancel: it will chase people about what was called "
                "off [no-cancel]"
            ),
        ),
        (
            "1bd",
            "48bh",
            (
                "pack1.yaml:3:5: 48bh are 48 office hours, about three days to every 24; was 2bd "
                "meant? [office-hours]"
            ),
        ),
        (
            "      - {at: due, to: seat.user}\n",
            '      - {at: "90%", to: seat.user}\n      - {at: due, to: seat.user}\n',
            (
                'pack1.yaml:15:9: the steps "90%" and "due" of late reach seat.user less than 4 '
                "hours apart [close-steps]"
            ),
        ),
        (
            "      - {at: due, to: seat.user}\n",
            '      - {at: due, to: "channel:#hiring"}\n',
            (
                "pack1.yaml:14:9: {candidate.initials} is personal, and channel:#hiring is read by "
                "many: there it is left out [personal-to-channel]"
            ),
        ),
    ],
    ids=lambda value: value.rpartition("[")[2].rstrip("]") if "pack1" in value else "",
)
def test_lint(rules: Any, old: str, new: str, told: str) -> None:
    """Told with place, words and code."""
    assert old in PACK
    assert [str(one) for one in lint(rules(PACK.replace(old, new))["late"])] == [told]


@pytest.mark.parametrize("step", ['"80%"', "+4bd", "-5bd", "+2h"])
def test_steps_far_enough_apart_or_not_comparable(rules: Any, step: str) -> None:
    """Four hours of the target's own unit; amounts of another unit are not guessed at."""
    due, other = "      - {at: due, to: seat.user}\n", f"      - {{at: {step}, to: seat.user}}\n"
    steps = due + other if step.startswith("+") else other + due
    text = PACK.replace("target: 1bd", "target: 9bd").replace(due, steps)
    assert lint(rules(text)["late"]) == []


def test_retired_rule_raises_none(rules: Any) -> None:
    """Nobody runs it."""
    text = PACK.replace("    owner: recruiting_ops\n", "    status: retired\n")
    assert lint(rules(text)["late"]) == []


def test_a_note_a_tag_and_a_field_at_one_rung_are_no_two_messages(rules: Any) -> None:
    """They reach nobody; each stands in its own place."""
    more = """
      - {at: due, to: ats}
      - {at: due, to: ats, tag: feedback late}
      - {at: due, to: ats, set: {field: custom.sla, value: late}}"""
    assert lint(rules(PACK.replace("to: seat.user}", "to: seat.user}" + more))["late"]) == []


def test_a_tag_that_tells_news_is_doubtful(rules: Any) -> None:
    """It goes when the news is over, and whoever wrote it may want it to stay."""
    pack = """\
version: 1
rules:
  - id: hired
    kind: celebrate
    owner: ops
    title: Somebody said yes
    each: offer
    event: offer.resolved_at
    after: 1bh
    within: 3bd
    steps:
      - {at: due, to: ats, tag: hired}
    message: Thank you.
    tests: [{given: {}, expect: [{at: 2026-03-03T10:00Z, clock: pending}]}]
"""
    (found,) = lint(rules(pack)["hired"])
    assert found.code == "passing-mark"
    assert '"tag=hired" is taken off again' in found.message


def test_a_scorecard_that_is_asked_for_and_not_owed_is_doubtful(rules: Any) -> None:
    """The plan asks for it also where the interview was skipped."""
    where = "    each: interview.seat\n    where: {seat.feedback_required: true}\n"
    asked = PACK.replace("    each: interview.seat\n", where)
    (found,) = lint(rules(asked)["late"])
    assert found.code == "asked-not-owed"
    assert "seat.feedback_owed leaves those out" in found.message


def test_the_target_of_every_segment_is_doubted(rules: Any) -> None:
    """What is meant as a working day is so in each of them."""
    by = "target: 1bd\n    target_by: {field: requisition.priority, by: {Low: 24bh, High: 4bh}}"
    found = lint(rules(PACK.replace("target: 1bd", by))["late"])
    assert [(one.code, one.message[:22]) for one in found if one.code == "office-hours"] == [
        ("office-hours", "24bh are 24 office hou")
    ]
