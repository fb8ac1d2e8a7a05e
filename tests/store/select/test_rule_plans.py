"""How SQLite looks for the subjects of the rules that ship: never by a walk nested in a walk.

The planner is told the same figures of every store, so its plans do not depend on what is stored:
these are the plans of a store with a million rows.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy.dialects import sqlite

from atsbridge.rules.compile.discovery import builtin_folder
from atsbridge.rules.compile.pack_loader import load
from atsbridge.rules.evaluate.evaluator import bound
from atsbridge.rules.kinds.builtin_kinds import BUILTIN_KINDS
from atsbridge.store.records.provenance import Supply
from atsbridge.store.select.query_sql import Statement
from atsbridge.store.sql_store import open_store
from atsbridge.timesource import ManualTime
from atsbridge.worktime.calendar import Calendar, parse_hours

NOW = datetime(2026, 3, 9, 12, tzinfo=UTC)
HOURS = parse_hours("mon-fri 09:00-18:00")
CALENDARS = {f"{zone}||": Calendar(zone, zone, HOURS) for zone in ("UTC", "Asia/Tokyo")}
PACKS = [(file.name, file.read_text("utf-8")) for file in sorted(builtin_folder().glob("*.yaml"))]
RULES = load(PACKS, {kind.name: kind for kind in BUILTIN_KINDS}).rules


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty store with the figures every store has."""
    path = tmp_path_factory.mktemp("plans") / "store.db"
    open_store(f"sqlite:///{path}", ManualTime(NOW)).close()
    return path


def plan(base: Path, statement: Statement) -> list[str]:
    """What SQLite says it would do."""
    select, _ = statement.compile(by_id=False, filtered=True)
    compiled = select.compile(dialect=sqlite.dialect(paramstyle="named"))
    whole = compiled.construct_expanded_state({"account": "acme"})
    with closing(sqlite3.connect(base)) as connection:
        rows = connection.execute(f"EXPLAIN QUERY PLAN {whole.statement}", whole.parameters)
        return [row[3] for row in rows]


@pytest.mark.parametrize("rule", RULES.values(), ids=list(RULES))
def test_no_rule_walks_a_table_for_each_row_of_another(base: Path, rule) -> None:
    """The subjects in order of id, what they lead to by key; nothing scanned, sorted, nested."""
    query = bound(rule, NOW, CALENDARS)
    found = plan(base, Statement(query, frozenset(), Supply(), sqlite=True))
    assert found
    for step in found:
        assert "CORRELATED" not in step, found
        assert "TEMP B-TREE" not in step, found
        assert not step.startswith("SCAN"), found
    walked = [step for step in found if "(account=?)" in step]
    assert len(walked) == 1, found


def test_rules_on_live_applications_walk_those_alone(base: Path) -> None:
    """However many applications have ended: the partial index holds the live ones."""
    live = [
        rule
        for rule in RULES.values()
        if rule.subject == "application" and "status" in repr(rule.open.where)
    ]
    assert len(live) > 3
    for rule in live:
        query = bound(rule, NOW, CALENDARS)
        found = plan(base, Statement(query, frozenset(), Supply(), sqlite=True))
        if "'active'" in repr(rule.where):
            assert any("USING INDEX applications_live" in step for step in found), (rule.id, found)
