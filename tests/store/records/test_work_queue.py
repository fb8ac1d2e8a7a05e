"""Parents whose children are asked for again though nothing shows on them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from atsbridge.ports.record_store import Work
from atsbridge.ports.stream import ChildWatch, Parent, Stream
from atsbridge.store.sql_store import SqlStore

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SEEN = ChildWatch(
    kind="interview",
    field="ends_at",
    every=HOUR,
    back=3 * DAY,
    ahead=7 * DAY,
    unfinished=("status", "scheduled"),
    unfinished_for=30 * DAY,
)
STREAM = Stream(
    name="interviews",
    path="/interviews",
    row=object,
    normalize=lambda row: (),
    owns={"interview": ("application", "status", "ends_at")},
    parent=Parent("applications", complete=(("interview", "application"),), watch=SEEN),
)


@pytest.fixture
def meet(feed) -> Callable[..., None]:
    """An interview of an application, that long from now."""

    def make(application: str, ends: timedelta, status: str = "scheduled") -> None:
        row = {"application": application, "status": status, "ends_at": feed.at + ends}
        feed.page("interview", {"id": f"i-{application}-{ends}", **row})

    return make


def test_what_is_near_or_still_open_is_watched(store: SqlStore, feed, meet) -> None:
    """Near ones in any state, older ones as long as they are open; no others, each once."""
    meet("past", -4 * DAY)
    meet("past", -5 * DAY)
    meet("near", -DAY, "complete")
    meet("soon", 6 * DAY)
    meet("done", -4 * DAY, "complete")
    meet("later", 8 * DAY)
    meet("forgotten", -31 * DAY)
    assert store.records.find_watched("acme", STREAM, feed.at) == ["near", "past", "soon"]
    assert store.records.find_watched("globex", STREAM, feed.at) == []


def test_who_was_asked_is_left_alone_for_the_interval(store: SqlStore, feed, meet) -> None:
    """Whoever asked: a parent that changed counts like one that is watched."""
    meet("near", DAY)
    feed.page("interview", asked=[Work("interviews", "near")])
    soon = feed.at + HOUR - timedelta(seconds=1)
    assert store.records.find_watched("acme", STREAM, soon) == []
    assert store.records.find_watched("acme", STREAM, feed.at + HOUR) == ["near"]


def test_who_waits_already_is_not_watched_besides(store: SqlStore, feed, meet) -> None:
    """So that the plan counts it once."""
    meet("near", DAY)
    feed.page("interview", wanted=[Work("interviews", "near")])
    assert store.records.find_watched("acme", STREAM, feed.at) == []


def test_a_stream_without_a_watch_watches_nobody(store: SqlStore, feed, meet) -> None:
    """Most have none."""
    meet("near", DAY)
    plain = Stream(name="x", path="/x", row=object, normalize=lambda row: (), owns={})
    assert store.records.find_watched("acme", plain, feed.at) == ()


def test_parents_without_a_sign_are_asked_again_once_a_day_each_at_its_own_time(
    store: SqlStore, feed
) -> None:
    """All were asked at once the first time; then no run asks more than its share."""
    stream = replace(STREAM, parent=Parent("applications", every=DAY))
    plans = [f"plan-{number}" for number in range(40)]
    feed.page(
        "application", *({"id": one, "status": "active"} for one in plans), stream="applications"
    )
    feed.page("interview", asked=[Work("interviews", one) for one in plans])
    counts: list[int] = []
    for _ in range(48):
        feed.at += HOUR / 2
        due = store.records.find_watched("acme", stream, feed.at)
        feed.page("interview", asked=[Work("interviews", one) for one in due])
        counts.append(len(due))
    assert sum(counts) == len(plans)
    assert max(counts) <= 4
