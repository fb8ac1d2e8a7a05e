"""Stage stays as observed by the syncs, for an ATS that has no dates of stays.

If any stream of the account supplies stays, observed ones are not kept.
"""

from __future__ import annotations

from atsbridge.store.database import load, sql
from atsbridge.store.derive.scope import Derivation

OURS = -1  # every part: no stream supplies these rows


def observe(scope: Derivation) -> None:
    """One stay from when the application was first seen, and one from every change of its stage.

    Each ends when the next begins. Their ids are "application~entered_at in ms".
    """
    if _supplied(scope):
        if scope.everything:
            scope.connection.execute(
                sql("DELETE FROM stage_stays WHERE account = :account AND parts = :ours"),
                {"account": scope.account, "ours": OURS},
            )
        return
    scope.connection.execute(
        sql(_statement(scope)), {"account": scope.account, "at": scope.at, "ours": OURS}
    )


def _supplied(scope: Derivation) -> bool:
    rows = scope.connection.execute(
        sql("SELECT owns FROM streams WHERE account = :account"), {"account": scope.account}
    )
    return any("stage_stay" in load(row[0]) for row in rows)


def _statement(scope: Derivation) -> str:
    def plain(column: str) -> str:
        if scope.database.sqlite:
            return f"json_extract({column}, '$')"
        return f"CAST({column} AS JSONB) #>> '{{}}'"

    moves = (
        "FROM changes WHERE account = :account AND kind = 'application' AND field = 'stage'"
        f"{scope.among('application', 'id')}"
    )
    return (
        "INSERT INTO stage_stays (account, id, parts, first_seen_at, application, stage,"
        " entered_at, left_at, origin)"
        " SELECT :account, application || '~' || entered_at, :ours, :at, application, stage,"
        "  entered_at, left_at, 'observed'"
        " FROM (SELECT application, stage, entered_at, lead(entered_at) OVER"
        "   (PARTITION BY application ORDER BY entered_at, number) AS left_at FROM ("
        "   SELECT a.id AS application, a.first_seen_at AS entered_at, 0 AS number,"
        "    CASE WHEN f.id IS NULL THEN a.stage ELSE f.stage END AS stage"
        "   FROM applications a LEFT JOIN ("
        f"    SELECT id, {plain('old')} AS stage,"
        f"     row_number() OVER (PARTITION BY id ORDER BY number) AS place {moves}"
        "   ) f ON f.id = a.id AND f.place = 1"
        f"   WHERE a.account = :account{scope.among('application', 'a.id')}"
        f"   UNION ALL SELECT id, observed_at, number, {plain('new')} {moves}"
        "  ) AS seen) AS stays"
        " WHERE stage IS NOT NULL AND (left_at IS NULL OR left_at > entered_at)"
        " ON CONFLICT (account, id) DO UPDATE SET left_at = excluded.left_at,"
        "  stage = excluded.stage"
    )
