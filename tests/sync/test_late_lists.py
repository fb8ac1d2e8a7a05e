"""Without offers only what needs an offer is unknown: the rest of the account is told of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import msgspec

from atsbridge.ports.record_store import Doubt, StreamState, StreamStatus
from atsbridge.ports.stream import Stream
from atsbridge.sync.freshness import find_unreadable

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


class Row(msgspec.Struct):
    """Whatever a list returns."""

    id: str


def dark(owns: Mapping[str, tuple[str, ...]], doubt: Doubt, **more: Any) -> frozenset[str]:
    """What cannot be believed of an account with one list, in this state."""
    stream = Stream(name="list", path="/list", row=Row, normalize=lambda _: (), owns=owns)
    good = StreamState(stream="list", status=StreamStatus.GOOD, bookmark=NOW, read_at=NOW)
    spec: Any = SimpleNamespace(streams=(stream,), stream=lambda _: stream)
    states = {"list": replace(good, doubt=doubt, **more)}
    return find_unreadable(states, spec, NOW, timedelta(hours=2))


OFFERS = {"offer": ("application", "status")}
BARE = Doubt(since=NOW)


def test_an_empty_list_of_offers_leaves_applications_believed() -> None:
    """Those in an offer stage are named by the store, one by one."""
    found = dark(OFFERS, BARE)
    assert "offer.status" in found
    assert [one for one in found if one.startswith("application.")] == []


def test_what_speaks_of_an_offer_makes_all_of_it_unknown() -> None:
    """Another list names one: the answer is wrong, and nobody knows for whom."""
    for doubt in (replace(BARE, referring=("approval.offer",)), replace(BARE, rows=True)):
        assert "application.assignee_role" in dark(OFFERS, doubt)


def test_a_list_that_failed_or_is_old_is_as_ever() -> None:
    """Nothing is excused by the doubt."""
    assert "application.assignee_role" in dark(OFFERS, BARE, status=StreamStatus.DENIED)
    assert "application.assignee_role" in dark(OFFERS, BARE, read_at=NOW - timedelta(days=3))


def test_an_empty_list_that_everybody_is_asked_of_is_unknown_for_all() -> None:
    """Whether an interview is booked, a scorecard written, a stage entered."""
    for owns in (
        {"interview": ("application", "status", "starts_at", "ends_at")},
        {"scorecard": ("application", "submitted_at")},
        {**OFFERS, "interview": ("application", "status")},
    ):
        found = dark(owns, BARE)
        assert any(one.startswith("application.") for one in found)
