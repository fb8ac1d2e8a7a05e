"""What the store keeps of a doubted list, and what it finds for or against one."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest
from sqlalchemy import event

from atsbridge.ports.record_store import Doubt, StreamState, StreamStatus
from atsbridge.store.sql_store import open_store
from atsbridge.timesource import ManualTime

from ..conftest import NOON


@pytest.mark.parametrize(
    "doubt",
    [
        Doubt(since=NOON),
        Doubt(since=NOON, referring=("seat.interview",), accepted=("seat.interview",)),
        Doubt(since=NOON, rows=True, vouched="the token has the scope"),
        Doubt(since=NOON, rows=True, partial=True),
    ],
)
def test_a_doubt_is_read_back_whole(store, doubt):
    """And so is that there is none any more."""
    state = StreamState(stream="interviews", status=StreamStatus.GOOD, doubt=doubt)
    store.records.save_state("acme", state)
    assert store.records.read_state("acme", "interviews") == state
    store.records.save_state("acme", replace(state, doubt=None, returned=True))
    assert store.records.read_state("acme", "interviews") == replace(
        state, doubt=None, returned=True
    )


def test_records_that_name_others_are_counted_with_those_that_are_there(store, feed):
    """By field, of this account only."""
    feed.page("interview", {"id": "i1", "application": "a1"})
    feed.page("seat", *({"id": f"s{n}", "interview": f"i{n}", "user": "u"} for n in range(3)))
    assert store.records.count_references("acme", "interview") == {"seat.interview": (3, 1)}
    assert store.records.count_references("acme", "user") == {"seat.user": (3, 0)}
    assert store.records.count_references("globex", "interview") == {}


def test_applications_without_a_reason_cost_a_doubted_list_nothing(tmp_path):
    """Every run counts the references to an empty list: it must not read all applications."""
    path, statements = tmp_path / "plan.db", list[str]()
    store = open_store(f"sqlite:///{path}", ManualTime(NOON))
    event.listen(
        store._database.engine, "before_cursor_execute", lambda *of: statements.append(of[2])
    )
    store.records.count_references("acme", "reason")
    store.close()
    with closing(sqlite3.connect(path)) as connection:
        plans = [
            row[3]
            for one in statements
            if "FROM applications" in one
            for row in connection.execute(f"EXPLAIN QUERY PLAN {one}", ("acme",))
        ]
    assert any("USING INDEX applications_with_reason" in plan for plan in plans), plans


def test_rows_of_one_list_are_counted_apart_from_those_of_another(store, feed):
    """Both lists bring team members: what one of them names proves nothing about the other."""
    feed.page("requisition", {"id": "r1", "title": "x"})
    feed.page("team_member", {"id": "t1", "requisition": "r1"}, stream="owners")
    strange = [{"id": f"h{n}", "requisition": "r9", "user": "u"} for n in range(2)]
    feed.page("team_member", *strange, stream="managers")
    count = store.records.count_row_references
    assert count("acme", "owners", "team_member") == {"team_member.requisition": (1, 1)}
    assert count("acme", "managers", "team_member") == {
        "team_member.requisition": (2, 0),
        "team_member.user": (2, 0),
    }
    assert count("acme", "managers", "requisition") == {}
    assert count("globex", "managers", "team_member") == {}


def test_a_record_that_only_other_lists_know_is_not_stored(store, feed):
    """Values that a further list holds in advance prove nothing; a deleted record is stored."""
    feed.page("seat", *({"id": f"s{n}", "interview": f"i{n}"} for n in range(3)))
    feed.page("interview", {"id": "i1", "application": "a1"})
    store.records.delete_rows("acme", "interviews", ["i1"], NOON)
    feed.page("interview", {"id": "i2", "organizer": "u"}, stream="calls", creates=frozenset())
    assert store.records.count_references("acme", "interview") == {"seat.interview": (3, 1)}


def test_what_is_named_and_was_never_shown_is_found(store, feed):
    """In order, each once, no more than asked for; without the kinds that do not count."""
    feed.page("seat", *({"id": f"s{n}", "interview": f"i{n % 4}"} for n in range(8)))
    feed.page("scorecard", {"id": "c1", "interview": "i9"}, {"id": "c2", "interview": None})
    feed.page("interview", {"id": "i1", "application": "a1"}, {"id": "i2", "application": "a1"})
    store.records.delete_rows("acme", "interviews", ["i2"], NOON)
    find = store.records.find_unstored
    assert sorted(find("acme", "interview", (), 9)) == ["i0", "i3", "i9"]
    assert find("acme", "interview", ("scorecard",), 9) == ["i0", "i3"]
    assert find("acme", "interview", ("scorecard",), 1) == ["i0"]
    assert find("globex", "interview", (), 9) == []


def test_who_holds_children_is_found(store, feed):
    """Of some parents, or of all; in order and no more than asked for."""
    feed.page("interview", *({"id": f"i{n}", "application": f"a{n % 3}"} for n in range(6)))
    assert store.records.find_parents("acme", "interview", "application", None, 9) == [
        "a0",
        "a1",
        "a2",
    ]
    assert store.records.find_parents("acme", "interview", "application", None, 2) == ["a0", "a1"]
    assert store.records.find_parents("acme", "interview", "application", ["a2", "a9"], 9) == ["a2"]
    assert store.records.has_records("acme", "interview")
    assert not store.records.has_records("acme", "offer")
