"""Statements of queries: which index they use, and how often they are built."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta

from sqlalchemy.dialects import sqlite

from atsbridge.model.query import All, Bound, Condition, Operator, Query
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


def test_a_statement_is_built_once(store, feed, monkeypatch):
    """And anew once other lists supply the records."""
    built: list[Query] = []
    compile_ = Statement.compile

    def counted(statement: Statement, **how: bool) -> object:
        built.append(statement.query)
        return compile_(statement, **how)

    monkeypatch.setattr(Statement, "compile", counted)
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
