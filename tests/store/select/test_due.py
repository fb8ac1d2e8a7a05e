"""Whose next evaluation is due: found by its time, however many are not, and asked for once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import event, text

from atsbridge.ports.decision_store import Decision, Look

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
MANY = 3_000


def plan_of_the_due(store: Any) -> str:
    """How the engine finds what is due, of a table that it has not measured since it was filled."""
    asked: list[tuple[str, Any]] = []
    engine = store._database.engine
    event.listen(engine, "before_cursor_execute", lambda *of: asked.append((of[2], of[3])))
    assert store.subjects.find_due("acme", "application", NOON) == ["a1"]
    ((statement, which),) = [one for one in asked if "FROM agenda" in one[0]]
    explain = "EXPLAIN QUERY PLAN" if store._database.sqlite else "EXPLAIN"
    with store._database.read() as connection:
        rows = connection.exec_driver_sql(f"{explain} {statement}", which)
        return "\n".join(str(row[-1]) for row in rows)


def test_what_is_due_is_found_by_its_time(store: Any) -> None:
    """Nearly all of the agenda lies ahead: no run may read it whole."""
    if not store._database.sqlite:
        own = store._database.engine.execution_options(isolation_level="AUTOCOMMIT")
        with own.connect() as connection:
            connection.execute(text("VACUUM (ANALYZE) agenda"))
    looks = [Look("application", "a1", NOON)]
    looks += [Look("application", f"b{n}", NOON + HOUR) for n in range(MANY)]
    decision = Decision(account="acme", at=NOON, evaluated={"application": None}, looks=looks)
    store.cases.save_decision(decision)
    assert "agenda_by_time" in plan_of_the_due(store)


def test_in_a_view_all_kinds_are_asked_for_at_once(store: Any) -> None:
    """So are the kinds of dirty records: most runs find none of either."""
    ids = {"application": ["a2", "a1"], "seat": ["s1"]}
    looks = [Look(kind, one, NOON) for kind, several in ids.items() for one in several]
    looks.append(Look("application", "a3", NOON + HOUR))
    evaluated = dict.fromkeys(ids)
    decision = Decision(account="acme", at=NOON, evaluated=evaluated, looks=looks, dirty_done=True)
    store.cases.save_decision(decision)
    asked: list[str] = []
    engine = store._database.engine
    event.listen(engine, "before_cursor_execute", lambda *of: asked.append(of[2]))
    with store.view():
        for kind, due in (("application", ["a1", "a2"]), ("seat", ["s1"]), ("user", [])):
            assert store.subjects.find_due("acme", kind, NOON) == due
            assert store.subjects.find_dirty("acme", kind, ()) == []
        assert store.subjects.find_due("acme", "application", NOON + HOUR) == ["a1", "a2", "a3"]
        assert store.subjects.find_due("globex", "application", NOON) == []
    assert sum("FROM agenda" in one for one in asked) == 3
    assert sum("FROM dirty" in one for one in asked) == 1
