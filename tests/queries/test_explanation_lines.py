"""An explanation as lines of text."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from atsbridge.model.verdict import Span, SpanKind
from atsbridge.queries.explanation_lines import _folded


def test_quiet_weeks_of_a_long_clock_are_one_line() -> None:
    """What is special stays a line of its own, and nothing counted is lost."""
    day = timedelta(days=1)
    at = datetime(2026, 3, 2, tzinfo=UTC)
    spans = []
    for week in range(8):
        kind, reason, counted = SpanKind.RAN, "ran", 5 * day
        if week == 5:
            kind, reason, counted = SpanKind.PAUSED, "paused: requisition.on_hold", 0 * day
        spans.append(Span(at, at + 5 * day, counted, reason, kind))
        spans.append(Span(at + 5 * day, at + 7 * day, 0 * day, "weekend", SpanKind.WEEKEND))
        at += 7 * day
    shown = list(_folded(spans))
    assert [one.reason for one in shown] == [
        "ran, but for 5 weekends",
        "paused: requisition.on_hold",
        "ran, but for 3 weekends",
    ]
    assert sum((one.counted for one in shown), 0 * day) == 35 * day
    assert list(_folded(spans[:12])) == spans[:12]
