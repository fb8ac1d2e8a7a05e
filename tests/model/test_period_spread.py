"""What is due once in every period comes evenly over it."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from atsbridge.model.period_spread import has_turn

BEGIN = datetime(2026, 11, 2, 8, tzinfo=UTC)
DAY, TICK = timedelta(days=1), timedelta(minutes=10)
KEYS = [f"plan-{number}" for number in range(50)]


def test_no_tick_has_more_than_its_share() -> None:
    """Fifty that were all asked at once: a day later each was asked once more, few at a time."""
    asked = dict.fromkeys(KEYS, BEGIN)
    turns: Counter[datetime] = Counter()
    for number in range(1, 3 * 144 + 1):
        now = BEGIN + number * TICK
        due = [key for key in KEYS if has_turn(key, asked[key], now, DAY)]
        asked |= dict.fromkeys(due, now)
        turns[now] += len(due)
    assert turns.total() == 3 * len(KEYS)
    assert max(turns.values()) <= 4


@pytest.mark.parametrize("late", [timedelta(hours=30), timedelta(days=5)])
def test_a_turn_that_nobody_took_is_due_later(late: timedelta) -> None:
    """And counts once."""
    assert all(has_turn(key, BEGIN, BEGIN + late, DAY) for key in KEYS)
    assert not any(has_turn(key, BEGIN + late, BEGIN + late, DAY) for key in KEYS)


def test_a_clock_that_went_back_makes_nothing_due() -> None:
    assert not any(has_turn(key, BEGIN, BEGIN - DAY, DAY) for key in KEYS)
