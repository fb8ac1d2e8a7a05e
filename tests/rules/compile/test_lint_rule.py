"""Each lint: one rule that raises it, told with its code and place."""

from __future__ import annotations

from typing import Any

import pytest

from atsbridge.rules.compile.lint_rule import LONGEST, lint

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
            "pack1.yaml:3:5: late has no owner: who is messaged when nobody is there? [no-owner]",
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
                "pack1.yaml:14:9: {candidate.initials} is personal, and many read channel:#hiring: "
                "it is left out there [personal-to-channel]"
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


OWED = PACK.replace("      cancel:", "      owed_by: seat.user\n      cancel:")


@pytest.mark.parametrize(
    ("step", "text", "found"),
    [
        ("{at: +1bd, to: requisition.recruiter}", "Could you write it?", "you"),
        ('{at: +1bd, to: "channel:#hiring"}', "Your feedback is missing.", "Your"),
        ("{at: +1bd, to: seat.user}", "Could you write it?", ""),
        ("{at: +1bd, to: requisition.recruiter}", "Ten minutes of the two of you help.", ""),
        ("{at: +1bd, to: requisition.recruiter}", "A young company.", ""),
        ("{at: +1bd, to: requisition.recruiter, message: It is missing.}", "Could you?", ""),
        ("{at: +1bd, to: seat.user, message: Could you write it?}", "It is missing.", ""),
    ],
)
def test_you_to_somebody_who_does_not_act(rules: Any, step: str, text: str, found: str) -> None:
    """ "You" is for whoever owes it; a step to somebody else needs its own text."""
    pack = OWED.replace("to: seat.user}\n", f"to: seat.user}}\n      - {step}\n", 1)
    pack = pack.replace("Please write about {candidate.initials}.", text)
    doubts = [one for one in lint(rules(pack)["late"]) if one.code == "you-to-another"]
    assert [one.message.rpartition('says "')[2].partition('"')[0] for one in doubts] == (
        [found] if found else []
    )


def test_where_nobody_owes_the_first_recipients_act(rules: Any) -> None:
    """Everybody who gets the first step may be called "you"; a later reader may not."""
    steps = "{at: due, to: seat.user}\n      - {at: due, to: requisition.recruiter}"
    later = f"{steps}\n      - {{at: +1bd, to: requisition.hiring_manager}}"
    pack = PACK.replace("Please write", "Could you write")
    assert lint(rules(pack.replace("{at: due, to: seat.user}", steps))["late"]) == []
    (found,) = lint(rules(pack.replace("{at: due, to: seat.user}", later))["late"])
    assert (found.code, found.place.line) == ("you-to-another", 16)


@pytest.mark.parametrize(
    ("step", "key", "doubted"),
    [
        ('"50%"', "message_ahead", False),
        ("-1bd", "message_ahead", False),
        ("due", "message_ahead", True),
        ("+1bd", "message_late", False),
        ("due", "message_late", True),
        ("+1bd", "message_ahead", True),
    ],
)
def test_a_text_that_no_step_sends(rules: Any, step: str, key: str, doubted: bool) -> None:
    """Before due only early steps send, after due only late ones."""
    text = f"    {key}: Please write now.\n    message:"
    pack = PACK.replace("target: 1bd", "target: 5bd").replace("    message:", text)
    pack = pack.replace("at: due", f"at: {step}")
    codes = [one.code for one in lint(rules(pack)["late"])]
    assert codes == (["unused-message"] if doubted else [])


@pytest.mark.parametrize(
    ("title", "found"),
    [
        ("Feedback is late", "is late"),
        ("Criteria are not agreed yet", "are not agreed yet"),
        ("Interview feedback", ""),
        ("Answer to a late offer", ""),
    ],
)
def test_a_title_that_says_late_itself(rules: Any, title: str, found: str) -> None:
    """Messages add when it is due, also before that."""
    pack = PACK.replace("title: Feedback", f"title: {title}")
    doubts = [one for one in lint(rules(pack)["late"]) if one.code == "late-title"]
    assert [one.message.partition('"')[2].partition('"')[0] for one in doubts] == (
        [found] if found else []
    )


@pytest.mark.parametrize(("length", "doubted"), [(LONGEST, False), (LONGEST + 1, True)])
def test_a_text_that_is_longer_than_people_read(rules: Any, length: int, doubted: bool) -> None:
    """Each text counts, that of a step too; two steps with one text are told once."""
    text = "Please write. ".ljust(length, "x")
    step = f'      - {{at: due, to: seat.user, message: "{text}"}}\n'
    again = f'      - {{at: +2bd, to: seat.user, message: "{text}"}}\n'
    pack = PACK.replace("      - {at: due, to: seat.user}\n", step + again)
    found = [one for one in lint(rules(pack)["late"]) if one.code == "long-message"]
    assert len(found) == doubted
    assert all(f"{length} characters" in one.message for one in found)


def test_a_custom_field_in_a_text_may_be_pay(rules: Any) -> None:
    """Unless every account says that it is not; then nothing is doubtful."""
    level = "{requisition.custom.level} {requisition.brief.sections.priorities}"
    text = PACK.replace('message: "', f'message: "{level} ')
    assert text != PACK
    found = lint(rules(text)["late"])
    assert [one.code for one in found] == ["compensation", "compensation"]
    assert '[accounts.NAME.sensitivity]: "requisition.custom.level" = "open"' in found[0].message
    assert '"brief.sections.priorities" = "open"' in found[1].message
    shown = {"requisition.custom.level", "brief.sections.priorities"}
    assert lint(rules(text)["late"], shown) == []
    pay = PACK.replace('message: "', 'message: "{requisition.pay_max} ')
    (found_pay,) = lint(rules(pay)["late"], shown)
    assert "is compensation" in found_pay.message
    assert "sensitivity" not in found_pay.message


@pytest.mark.parametrize(
    ("where", "start", "stop", "codes"),
    [
        ("stage.kind: {in: [lead, screen]}", "applied_at", "decided_at", ["early-stop"]),
        ("stage.kind: screen", "applied_at", "decided_at", ["early-stop"]),
        ("stage.kind: {in: [screen, review]}", "applied_at", "decided_at", []),
        ("stage.kind: {in: [lead, screen]}", "applied_at", "submitted_at", []),
        ("application.status: active", "feedback_complete_at", "decided_at", []),
    ],
)
def test_a_decision_before_there_is_anything_to_decide(
    rules: Any, where: str, start: str, stop: str, codes: list[str]
) -> None:
    """decided_at counts after the submission; a screening can never reach it."""
    pack = (
        PACK.replace("each: interview.seat", f"each: application\n    where: {{{where}}}")
        .replace("interview.ends_at", f"application.{start}")
        .replace("seat.scorecard.submitted_at", f"application.{stop}")
        .replace("seat.user", "application.recruiter")
    )
    assert [one.code for one in lint(rules(pack)["late"])] == codes
