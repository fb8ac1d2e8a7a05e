"""Lints of a rule on a connector, and of rules beside each other."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from atsbridge.model.catalog import KINDS
from atsbridge.ports.connector import ConnectorSpec
from atsbridge.ports.stream import Signal, SignalHistory, Stream
from atsbridge.rules.compile.lint_connector import overlaps, unanswered, unfit

OWNS = {kind.name: kind.supplied for kind in KINDS.values()}
PACK = """\
version: 1
defaults: {owner: ops, status: live}
rules:
  - id: late
    kind: sla
    title: Feedback
    each: interview.seat
    where: {seat.feedback_required: true, application.status: active}
    clock:
      start: interview.ends_at
      stop: seat.scorecard.submitted_at
      cancel: [application.closed_at]
      owed_by: seat.user
    target: 1bd
    steps: [{at: due, to: seat.user}]
    message: Please write.
"""
OTHER = PACK.split("rules:\n")[1].replace("late", "later", 1)


def spec(lag: timedelta = timedelta(minutes=5), **signals: Signal) -> ConnectorSpec:
    stream = Stream(name="all", path="/", row=object, normalize=iter, owns=OWNS, lag=lag)
    told = {path.replace("__", "."): signal for path, signal in signals.items()}
    return ConnectorSpec(
        name="x", title="X", settings=object, streams=(stream,), open=print, signals=told
    )


def said(rule: Any, *which: Any) -> list[str]:
    return [str(one) for one in unfit(rule, *which)]


def test_a_rule_that_fits_raises_none(rules: Any) -> None:
    """Nothing to say of it."""
    assert said(rules(PACK)["late"], spec()) == []


def test_a_live_rule_without_history_of_what_decides(rules: Any) -> None:
    """Told with the field and why; not of a shadow rule, not where the account maps it."""
    silent = spec(interview__ends_at=Signal(SignalHistory.NONE, "no dates", with_mapping=True))
    assert said(rules(PACK)["late"], silent) == [
        (
            "pack1.yaml:4:5: late is live, and X has no history of what decides it, so it is"
            " judged as shadow there: interview.ends_at: no dates [no-history]"
        )
    ]
    assert said(rules(PACK)["late"], silent, {"interview.ends_at"}) == []
    shadow = rules(PACK.replace("status: live", "status: shadow"))["late"]
    assert said(shadow, silent) == []


def test_a_target_shorter_than_the_list_may_lag(rules: Any) -> None:
    """It would be over before anybody can know."""
    short = rules(PACK.replace("1bd", "1h"))["late"]
    assert said(short, spec(timedelta(hours=3))) == [
        (
            "pack1.yaml:4:5: the target 1h of late is shorter than what X tells may be old: all, 3"
            " hours [short-target]"
        )
    ]
    assert said(short, spec(timedelta(minutes=59))) == []


@pytest.mark.parametrize(
    ("old", "new", "doubted"),
    [
        ("1bd", "2bd", True),
        ("active}", "active, requisition.status: open}", True),
        ("application.status: active", "application.status: {in: [active, on_hold]}", True),
        ("application.status: active", "application.status: on_hold", False),
        ("application.status: active", "requisition.status: open", False),
        ("owed_by: seat.user", "owed_by: requisition.recruiter", False),
        ("interview.ends_at", "interview.starts_at", False),
        ("target: 1bd", "target: 1bd\n    muted_by: [late]", False),
        ("kind: sla", "kind: sla\n    status: draft", False),
    ],
)
def test_two_rules_that_say_the_same_to_the_same(
    rules: Any, old: str, new: str, doubted: bool
) -> None:
    """The same clock, and every record of one is one of the other."""
    assert old in OTHER
    found = rules(PACK + OTHER.replace(old, new, 1)).values()
    told = [str(one) for one in overlaps(found)]
    assert told == (
        [
            (
                "pack1.yaml:17:5: later and late run the same clock on the same records: a"
                " condition that tells them apart, or muted_by, would spare somebody the second"
                " message [overlap]"
            )
        ]
        if doubted
        else []
    )


def test_a_condition_that_no_connector_can_answer(rules: Any) -> None:
    """Named with each connector and its reason; one that can, or a map, is enough."""
    draft = rules(PACK.replace("status: live", "status: draft"))["late"]
    why = Signal(SignalHistory.NONE, "not in its API")
    gap, good = spec(seat__feedback_required=why), spec()
    (one,) = unanswered(draft, [(gap, ())])
    assert str(one) == (
        "pack1.yaml:4:5: late asks seat.feedback_required, and nothing can answer it: X never tells"
        " seat.feedback_required (not in its API) [unanswered]"
    )
    assert list(unanswered(draft, [(gap, ()), (good, ())])) == []
    assert list(unanswered(draft, [(gap, {"seat.feedback_required"})])) == []
    assert list(unanswered(draft, [])) == []
