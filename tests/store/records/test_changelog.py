"""The past of many records at once: which fields changed, their Changes, the rows below."""

from __future__ import annotations

from datetime import timedelta

import pytest

from atsbridge.model.change import Origin
from atsbridge.model.query import All, Condition, Operator, Query

HOUR = timedelta(hours=1)


@pytest.fixture
def changed(store, feed):
    """Two applications of which one changed twice, and three stays below them."""
    feed.page("application", {"id": "1", "status": "active"}, {"id": "2", "status": "active"})
    feed.page("application", {"id": "1", "status": "on_hold"}, {"id": "2", "status": "active"})
    feed.page("application", {"id": "1", "status": "hired"}, {"id": "2", "status": "active"})
    feed.page(
        "stage_stay",
        {"id": "a", "application": "1", "stage": "s", "entered_at": feed.at},
        {"id": "b", "application": "2", "stage": "s", "entered_at": feed.at},
        {"id": "c", "application": "1", "stage": "t", "entered_at": feed.at + HOUR},
    )
    return store


def test_what_ever_changed_is_told_by_field(changed):
    """Of this account only."""
    assert changed.history.find_changed_fields("acme") == {"application.status"}
    assert changed.history.find_changed_fields("globex") == frozenset()


def test_changes_come_by_record_oldest_first(changed):
    """Those of the fields and records that are asked for; a record without any has no entry."""
    found = changed.history.read_many_changes(
        "acme", "application", ["1", "2", "3"], ["status", "stage"]
    )
    assert set(found) == {"1"}
    assert [(one.old, one.new) for one in found["1"]] == [
        ("active", "on_hold"),
        ("on_hold", "hired"),
    ]
    assert {one.origin for one in found["1"]} == {Origin.POLL}
    assert changed.history.read_many_changes("acme", "application", ["1"], ["stage"]) == {}


def test_children_are_found_by_their_parents(changed):
    """In a statement for many parents; a condition of the Query counts, too."""
    columns = ("stage_stay.application", "stage_stay.stage")
    query = Query("stage_stay", All(), columns)
    found = list(changed.history.find_children("acme", query, "application", ["1", "9"]))
    assert [(one.id, one.facts["stage_stay.stage"]) for one in found] == [("a", "s"), ("c", "t")]
    some = Query("stage_stay", Condition("stage_stay.stage", Operator.EQ, "t"), columns)
    ids = [one.id for one in changed.history.find_children("acme", some, "application", ["1", "2"])]
    assert ids == ["c"]
    assert list(changed.history.find_children("globex", query, "application", ["1"])) == []
