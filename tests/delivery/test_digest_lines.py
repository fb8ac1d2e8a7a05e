"""Which of the lines that wait for a digest are listed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from atsbridge.cases.quiet_hours import Attention
from atsbridge.model.case import Handling
from atsbridge.model.notice import DropCode, Hold, NoticeState
from atsbridge.rules.rule import Rule, RuleStatus
from atsbridge.store.sql_store import SqlStore
from atsbridge.worktime.calendar import Calendar, parse_hours

from .conftest import NOW, Run, notice, states


@pytest.mark.parametrize(
    ("status", "handling", "ends"),
    [
        ("live", Handling.NONE, (NoticeState.SENT, None)),
        ("shadow", Handling.NONE, (NoticeState.HELD, Hold.SHADOW)),
        ("live", Handling.SNOOZED, (NoticeState.DROPPED, DropCode.HANDLED)),
    ],
    ids=["it applies", "its rule went back to shadow", "somebody handles it"],
)
def test_a_line_that_nobody_is_to_read_says_why(
    status: str,
    handling: Handling,
    ends: tuple[NoticeState, Hold | DropCode | None],
    store: SqlStore,
    put: Any,
    run: Run,
    post: Any,
    rules: dict[str, Rule],
) -> None:
    """A digest has no line of a rule in shadow, and a case that is handled has not ended."""
    put(notice("k1", state=NoticeState.HELD, hold=Hold.DIGEST, not_before=NOW), handling=handling)
    rule = replace(rules["feedback-late"], status=RuleStatus(status))
    office = Calendar("office", "UTC", parse_hours("mon-fri 09:00-20:00"))
    attention = Attention(calendar=lambda _to: office)
    run(rules={**rules, rule.id: rule}, attention=attention)
    assert states(store)["k1"] == ends
    assert bool(post.sent) == (ends == (NoticeState.SENT, None))
