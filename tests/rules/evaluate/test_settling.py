"""`settle`: what was moved and moved back meanwhile opens no case."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from atsbridge.model.change import Change, Origin
from atsbridge.model.reason import ReasonCode
from atsbridge.model.record import Key
from atsbridge.model.verdict import State

PACK = """\
version: 1
rules:
  - id: no-target
    kind: complete
    status: live
    title: No target date
    each: application
    where: {application.status: active, requisition.status: open}
    needs: [requisition.target_on]
    settle: 30m
    steps: [{at: due, to: requisition.recruiter}]
    message: "A target date, please."
"""
FACTS = {
    "application.status": "active",
    "requisition.status": "open",
    "application.requisition": "r1",
}
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
WAIT = timedelta(minutes=30)


def moved(record: tuple[str, str], field: str, at: datetime) -> Any:
    """One change of a field of a record."""
    key = Key("acme", *record)

    def changes(of: Key, fields: Sequence[str]) -> Sequence[Change]:
        if of != key or field not in fields:
            return ()
        return [Change(key, field, "draft", "open", at, Origin.POLL)]

    return changes


@pytest.mark.parametrize(
    ("record", "field"),
    [
        (("application", "1"), "status"),
        (("requisition", "r1"), "status"),
        (("requisition", "r1"), "target_on"),
        (("application", "1"), "requisition"),
    ],
)
def test_a_case_waits_until_what_decides_has_stood(
    rules: Any, verdict: Any, record: tuple[str, str], field: str
) -> None:
    """A change of the subject, of what it belongs to, or of the link between them."""
    rule, changes = rules(PACK)["no-target"], moved(record, field, NOON)
    said = verdict(rule, FACTS, NOON + timedelta(minutes=29), changes=changes)
    assert (said.state, said.steps_due, said.look_at) == (State.PENDING, (), NOON + WAIT)
    assert said.reason.code is ReasonCode.SETTLING
    assert verdict(rule, FACTS, NOON + WAIT, changes=changes).state is State.BREACHED


def test_what_is_moved_back_meanwhile_stays_silent(rules: Any, verdict: Any) -> None:
    """Nothing is found any more, so nothing waits."""
    rule = rules(PACK)["no-target"]
    back = FACTS | {"requisition.status": "draft"}
    changes = moved(("requisition", "r1"), "status", NOON)
    said = verdict(rule, back, NOON + timedelta(minutes=10), changes=changes)
    assert (said.state, said.look_at) == (State.OUTSIDE, None)


def test_another_field_or_an_open_case_does_not_wait(rules: Any, verdict: Any) -> None:
    """Only what decides counts, and only the opening of a case waits."""
    rule = rules(PACK)["no-target"]
    other = moved(("requisition", "r1"), "title", NOON)
    assert verdict(rule, FACTS, NOON, changes=other).state is State.BREACHED
    fresh = moved(("requisition", "r1"), "status", NOON)
    said = verdict(rule, FACTS, NOON, changes=fresh, opened=lambda *_: NOON - WAIT)
    assert said.state is State.BREACHED


def test_a_clock_settles_from_its_start(rules: Any, verdict: Any) -> None:
    """The first step comes no sooner than `settle` after the start; later ones are on time."""
    clock = (
        "    kind: sla\n    clock: {start: application.applied_at, stop: application.decided_at}\n"
        "    target: 10d\n"
    )
    pack = PACK.replace("    kind: complete\n", clock).replace(
        "    needs: [requisition.target_on]\n", ""
    )
    rule = rules(pack.replace("{at: due", '{at: "1%"').replace("30m", "5h"))["no-target"]
    facts = FACTS | {"application.applied_at": NOON}
    said = verdict(rule, facts, NOON + timedelta(hours=4))
    assert (said.state, said.look_at) == (State.PENDING, NOON + timedelta(hours=5))
    assert verdict(rule, facts, NOON + timedelta(hours=5)).state is State.WARNED
