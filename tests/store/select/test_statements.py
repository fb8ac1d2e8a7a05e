"""Statements of queries: which index they use, and how often they are built."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta

import pytest
from psycopg import ServerCursor
from sqlalchemy import event
from sqlalchemy.dialects import sqlite

from atsbridge.model.query import All, Bound, Condition, NoneOf, Operator, Query
from atsbridge.store.records.provenance import Supply
from atsbridge.store.select.query_sql import Statement
from atsbridge.store.sql_store import open_store
from atsbridge.timesource import ManualTime

DAY = timedelta(days=1)
START = datetime(2026, 1, 1, tzinfo=UTC)


def _plans(path, statement, which):
    with sqlite3.connect(path) as connection:
        rows = connection.execute(f"EXPLAIN QUERY PLAN {statement}", which)
        return [row[3] for row in rows]


def test_live_queries_use_their_index(tmp_path):
    """Live applications come from the partial index, what they lead to by primary key; no scan."""
    path = tmp_path / "plan.db"
    open_store(f"sqlite:///{path}", ManualTime(START)).close()
    where = All(
        (
            Condition("application.status", Operator.EQ, "active"),
            Condition("stage.kind", Operator.EQ, "review"),
        )
    )
    columns = ("requisition.title", "requisition.hiring_manager", "application.applied_at")
    bound = Bound(
        "application.stage_entered_at", "requisition.recruiter", {"E": START}, START + DAY
    )
    query = Query("application", where, columns, bound)
    select, _ = Statement(query, frozenset(), Supply(), sqlite=True).compile(
        by_id=False, filtered=True
    )
    compiled = select.compile(dialect=sqlite.dialect(paramstyle="named"))
    whole = compiled.construct_expanded_state({"account": "acme"})
    plans = _plans(path, whole.statement, whole.parameters)
    assert any("USING INDEX applications_live" in plan for plan in plans), plans
    assert not any(plan.startswith("SCAN") for plan in plans), plans
    assert not any("TEMP B-TREE" in plan for plan in plans), plans
    assert sum("PRIMARY KEY (account=? AND id=?)" in plan for plan in plans) == 3, plans


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch) -> list[Query]:
    """The query of each statement that is built from now on."""
    found: list[Query] = []
    compile_ = Statement.compile

    def counted(statement: Statement, **how: bool) -> object:
        found.append(statement.query)
        return compile_(statement, **how)

    monkeypatch.setattr(Statement, "compile", counted)
    return found


def test_a_statement_is_built_once(store, feed, built):
    """And anew once other lists supply the records."""
    feed.page("requisition", {"id": "r1", "title": "Engineer"})
    query = Query("requisition", All(), ("requisition.title", "requisition.status"))
    found = [list(store.subjects.select("acme", query, ids=["r1"])) for _ in range(3)]
    assert found[0] == found[1] == found[2]
    assert len(built) <= 1
    before = len(built)
    feed.page("requisition", {"id": "r1", "status": "open"}, stream="statuses")
    (one,) = store.subjects.select("acme", query, ids=["r1"])
    assert one.facts["requisition.status"] == "open"
    assert len(built) == before + 1


def test_a_statement_is_built_anew_for_what_its_conditions_read_only(store, feed, built):
    """Unreadable fields, and lists, that have nothing to do with a condition change nothing."""
    feed.page("requisition", {"id": "r1", "title": "Engineer", "closed_at": None})
    where = Condition("requisition.closed_at", Operator.UNSET)
    query = Query("requisition", where, ("requisition.title", "requisition.closed_at"))

    def ask(*unreadable: str) -> list[bool]:
        found = store.subjects.select("acme", query, unreadable=frozenset(unreadable))
        return [one.unknown for one in found]

    assert ask() == [False]
    before = len(built)
    assert ask("requisition.title") == ask("offer.status") == [False]
    feed.page("offer", {"id": "o1", "application": "a1"})
    assert ask() == [False]
    assert len(built) == before
    assert ask("requisition.closed_at") == [True]
    assert len(built) == before + 1


def test_a_statement_is_built_once_for_all_instants(store, feed, built):
    """Each run asks with its own instants: of conditions, of dates, and of calendars."""
    days = [START + n * DAY for n in range(4)]
    feed.page("user", {"id": "u1", "calendar": "E"}, {"id": "u2", "calendar": "W"})
    feed.page(
        "interview",
        *(
            {"id": f"i{n}", "organizer": f"u{n % 2 + 1}", "starts_at": at, "ends_on": at.date()}
            for n, at in enumerate(days)
        ),
    )

    def ask(since: datetime, until: datetime, on: datetime) -> list[str]:
        where = All(
            (
                Condition("interview.starts_at", Operator.GTE, since),
                NoneOf((Condition("interview.starts_at", Operator.GT, until + DAY),)),
            )
        )
        bound = Bound("interview.starts_at", "interview.organizer", {"E": since, "W": until}, until)
        clock = Query("interview", where, ("interview.starts_at",), bound)
        dated = Bound("interview.ends_on", "", {}, on)
        day = Query("interview", All(), ("interview.ends_on",), dated)
        found = [one.id for one in store.subjects.select("acme", clock)]
        return [*found, *(one.id for one in store.subjects.select("acme", day))]

    assert ask(days[0], days[1], days[0]) == ["i0", "i1", "i0"]
    before = len(built)
    assert ask(days[1], days[3], days[1]) == ["i1", "i3", "i0", "i1"]
    assert ask(days[2], days[3], days[2]) == ["i2", "i3", "i0", "i1", "i2"]
    assert len(built) == before


def test_only_a_question_without_end_keeps_a_cursor_at_the_server(databases):
    """Named subjects, those below named ones, and those within a bound come with the answer.

    PostgreSQL is asked five times where there is a cursor: each costs a way to the server and back.
    """
    kept: list[bool] = []
    with databases.lend() as url:
        store = open_store(url, ManualTime(START))

        def note(_: object, cursor: object, statement: str, *__: object) -> None:
            if "requisition.id" in statement:
                kept.append(isinstance(cursor, ServerCursor))

        event.listen(store._database.engine, "before_cursor_execute", note)
        many = tuple(f"u{n}" for n in range(50))
        named = Condition("requisition.recruiter", Operator.IN, many)
        bound = Bound("requisition.opened_at", "", {}, START)
        columns = ("requisition.title",)
        all_of_them = Query("requisition", All(), columns)
        assert list(store.subjects.select("acme", all_of_them, ids=["r1", "r2"])) == []
        assert list(store.subjects.select("acme", Query("requisition", named, columns))) == []
        assert (
            list(store.subjects.select("acme", Query("requisition", All(), columns, bound))) == []
        )
        assert kept == [False, False, False]
        assert list(store.subjects.select("acme", all_of_them)) == []
        assert kept == [False, False, False, True]
        store.close()


def test_a_statement_is_built_once_for_all_named_ids(store, feed, built):
    """A rule asks for the records below each batch of its subjects: with other ids every time."""
    rows = [{"id": f"a{n:02}", "requisition": f"r{n:02}", "status": "active"} for n in range(60)]
    feed.page("application", *rows, {"id": "b1", "requisition": "r01", "status": "rejected"})
    active = Condition("application.status", Operator.EQ, "active")

    def ask(*numbers: int) -> list[str]:
        named = tuple(f"r{n:02}" for n in numbers)
        whose = Condition("application.requisition", Operator.IN, named)
        query = Query("application", All((whose, active)), ("application.requisition",))
        return [one.id for one in store.subjects.select("acme", query)]

    assert ask(*range(30)) == [f"a{n:02}" for n in range(30)]
    before = len(built)
    assert ask(*range(20, 60)) == [f"a{n:02}" for n in range(20, 60)]
    assert ask(*range(100, 130)) == []
    assert len(built) == before
