"""Kind `spread`: only records that share a value with the subject are compared."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from atsbridge.model.query import Found, Query
from atsbridge.model.verdict import State

PACK = """\
version: 1
rules:
  - id: split
    kind: spread
    status: live
    title: A panel is split
    each: application
    of: seat
    same: {interview.stage: application.stage}
    value: seat.scorecard.recommendation
    once: seat.scorecard.submitted_at
    apart: 3
    steps: [{at: due, to: requisition.recruiter}]
    message: "Talk it over."
"""
GIVEN = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("theirs", "ours", "state"),
    [
        ("s1", "s1", State.BREACHED),
        ("s1", "s2", State.KEPT),
        (None, "s1", State.KEPT),
        ("s1", None, State.KEPT),
    ],
)
def test_only_records_of_the_same_stage_count(
    rules: Any, verdict: Any, theirs: str | None, ours: str | None, state: State
) -> None:
    """Another stage does not count, nor does one that is absent on one side."""

    def others(query: Query) -> Sequence[Found]:
        row = dict.fromkeys(query.columns) | {
            "interview.application": "1",
            "interview.stage": theirs,
            "seat.scorecard.submitted_at": GIVEN,
        }
        value = "seat.scorecard.recommendation"
        return [Found("acme", "seat", str(n), row | {value: n}) for n in (2, -2)]

    facts = {"application.stage": ours}
    said = verdict(rules(PACK)["split"], facts, "2026-03-10T00:00", others=others)
    assert said.state is state
