"""Counts of applications and times in stages equal a slow count, on both engines."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from typing import Any

from atsbridge.ports import PipelineCount, StageTime
from atsbridge.store import SqlStore

START = datetime(2026, 2, 1, tzinfo=UTC)
WINDOW = (START, START + timedelta(days=28))


def _stays(number: int) -> list[dict[str, Any]]:
    """One application: some hours in the first stage, then in the second until now."""
    entered = START + timedelta(days=number % 20)
    moved, of = entered + timedelta(hours=3 * number + 1), {"application": f"a{number}"}
    return [
        {"id": f"y{number}", "stage": "s1", "entered_at": entered, "left_at": moved, **of},
        {"id": f"z{number}", "stage": "s2", "entered_at": moved, "left_at": None, **of},
    ]


def _fill(feed: Any) -> None:
    feed.page(
        "stage",
        {"id": "s1", "name": "Screen", "kind": "screen", "order": 1},
        {"id": "s2", "name": "Panel", "kind": "interview", "order": 2},
    )
    feed.page(
        "application",
        *(
            {
                "id": f"a{number}",
                "requisition": f"r{number % 2}",
                "stage": "s2",
                "status": "active" if number % 5 else "rejected",
                "applied_at": START - timedelta(days=10) if number % 3 else START,
            }
            for number in range(25)
        ),
    )
    feed.page("stage_stay", *(stay for number in range(25) for stay in _stays(number)))


def test_times_in_stages(store: SqlStore, feed: Any) -> None:
    _fill(feed)
    took = sorted(
        (stay["left_at"] - stay["entered_at"]) // timedelta(hours=1)
        for number in range(25)
        for stay in _stays(number)
        if stay["left_at"] and stay["left_at"] < WINDOW[1]
    )
    rank = [took[math.ceil(len(took) * share / 100) - 1] for share in (50, 90)]
    assert store.pipeline.measure_stages("acme", WINDOW, None) == [
        StageTime("Screen", "screen", 25, *(timedelta(hours=one) for one in rank), 0),
        StageTime("Panel", "interview", 0, None, None, 20),
    ]
    (_, panel) = store.pipeline.measure_stages("acme", WINDOW, ["r1"])
    assert panel.now == len([one for one in range(25) if one % 5 and one % 2])


def test_counts_of_applications(store: SqlStore, feed: Any) -> None:
    _fill(feed)
    found = store.pipeline.count_applications("acme", WINDOW, ["r0"])
    numbers = range(0, 25, 2)
    ended = [one for one in numbers if not one % 5]
    going = [one for one in numbers if one % 5]
    assert found == [
        PipelineCount("r0", "interview", status, len(its), sum(not one % 3 for one in its))
        for status, its in (("active", going), ("rejected", ended))
    ]
    assert store.pipeline.count_reached("acme", WINDOW, None) == {"interview": 25, "screen": 25}


def test_an_application_reaches_a_kind_of_stage_once(store: SqlStore, feed: Any) -> None:
    """However often, and in however many stages of the kind; a stage without a kind is one too."""
    _fill(feed)
    again = [
        {"id": "w1", "stage": "s2", "entered_at": START, "application": "a1"},
        {"id": "w2", "stage": "s3", "entered_at": START, "application": "a1"},
        {"id": "w3", "stage": "s9", "entered_at": START, "application": "a1"},  # not read yet
        {"id": "w4", "stage": "s4", "entered_at": START - timedelta(days=1), "application": "a1"},
    ]
    feed.page("stage", {"id": "s3", "kind": "interview"}, {"id": "s4", "kind": "offer"})
    feed.page("stage_stay", *again)
    reached = store.pipeline.count_reached("acme", WINDOW, None)
    assert reached == {"": 1, "interview": 25, "screen": 25}
    assert list(reached) == sorted(reached)
    assert store.pipeline.count_reached("acme", WINDOW, []) == {}
