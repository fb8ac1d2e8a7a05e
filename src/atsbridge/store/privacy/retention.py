"""Erase old data, in batches so small that a kill between two of them does no harm."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from atsbridge.store.database import Database, ms, sql, table_name

_OLD_CASES = (
    "SELECT number FROM cases WHERE account = :account AND ended_at < :before"
    " ORDER BY number LIMIT :limit"
)
_BULLETINS = (
    "DELETE FROM notices WHERE key IN (SELECT key FROM notices WHERE account = :account"
    " AND case_number = 0 AND state IN ('sent', 'dropped', 'dead')"
    " AND COALESCE(sent_at, created_at) < :before LIMIT :limit)"
)
_NUMBERED = "DELETE FROM {table} WHERE number IN (SELECT number FROM {table} {where} LIMIT :limit)"
_SILENCES = _NUMBERED.format(
    table="silences", where="WHERE account = :account AND end_at < :before"
)
_PROMISES = "DELETE FROM promises WHERE account = :account AND counted_at < :before"
_REPLIES = "DELETE FROM received_replies WHERE account = :account AND received_at < :before"
_PULSES = "DELETE FROM pulses WHERE account = :account AND asked_at < :before"
# Ratings outlive neither their use nor the period that everything else is kept.
_RATINGS = (
    "DELETE FROM {table} WHERE account = :account AND EXISTS (SELECT 1 FROM calibrations c"
    " WHERE c.account = {table}.account AND c.requisition = {table}.requisition"
    " AND c.number = {table}.number AND c.begun_at < :before)"
)
_ROUNDS = "DELETE FROM calibrations WHERE account = :account AND begun_at < :before"
_OF_BRIEFS = (
    "DELETE FROM {table} WHERE account = :account AND requisition IN (SELECT id FROM requisitions"
    " WHERE account = :account AND (deleted_at < :before OR closed_at < :before))"
)
_OVER = "account = :account AND (deleted_at < :before OR closed_at < :before)"
# With a closed application or requisition, the changes of everything that belongs to it are erased:
# kind -> what it belongs to, as (column, kind).
_BELONGS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "seat": (("interview", "interview"),),
    "approval": (("offer", "offer"), ("requisition", "requisition")),
    "interview": (("application", "application"),),
    "offer": (("application", "application"),),
    "scorecard": (("application", "application"),),
    "stage_stay": (("application", "application"),),
    "opening": (("requisition", "requisition"),),
    "team_member": (("requisition", "requisition"),),
    "criterion": (("requisition", "requisition"),),
    "brief": (("requisition", "requisition"),),
    "application": (),
    "requisition": (),
}
# Names of candidates whose applications all ended before the instant.
_NAMED = (
    "SELECT id FROM candidates WHERE account = :account"
    " AND (display_name IS NOT NULL OR initials IS NOT NULL) AND id NOT IN"
    " (SELECT candidate FROM applications WHERE account = :account AND candidate IS NOT NULL"
    " AND deleted_at IS NULL AND (closed_at IS NULL OR closed_at >= :before))"
    " ORDER BY id LIMIT :limit"
)


def _over(kind: str) -> str:
    """The ids of a kind whose application or requisition is over."""
    ids = f"SELECT id FROM {table_name(kind)} WHERE"
    if not _BELONGS[kind]:
        return f"{ids} {_OVER}"
    to = " OR ".join(f'"{column}" IN ({_over(parent)})' for column, parent in _BELONGS[kind])
    return f"{ids} account = :account AND ({to})"


def _changes(kind: str) -> str:
    """Changes of records of a kind whose application or requisition is over."""
    where = (
        "WHERE account = :account AND kind = :kind AND observed_at < :before"
        f" AND id IN ({_over(kind)})"
    )
    return _NUMBERED.format(table="changes", where=where)


def expire(database: Database, account: str, before: datetime, limit: int) -> Mapping[str, int]:
    """Erase one batch of what was over `before`: what -> rows; empty once nothing is left.

    Ended cases with their history, messages and receipts; promises; ratings of calibration rounds;
    changes, and versions of briefs, of what is closed; names of candidates without an application
    that is open or closed since.
    """
    which = {"account": account, "before": ms(before), "limit": limit}
    done: dict[str, int] = {}
    with database.write() as connection:

        def run(statement: str, **more: Any) -> int:
            given = {key: v for key, v in {**which, **more}.items() if f":{key}" in statement}
            return connection.execute(sql(statement), given).rowcount

        numbers = [row[0] for row in connection.execute(sql(_OLD_CASES), which)]
        if numbers:
            among = ", ".join(map(str, numbers))
            for table, column in _OF_CASES:
                run(f"DELETE FROM {table} WHERE {column} IN ({among})")
        done["cases"] = len(numbers)
        done["messages"] = run(_BULLETINS)
        done["silences"] = run(_SILENCES)
        done["promises"] = run(_PROMISES)
        done["pulses"] = run(_PULSES)
        done["replies"] = run(_REPLIES)
        for what, statements in _PARTNERSHIP.items():
            done[what] = sum(run(statement) for statement in statements)
        done["changes"] = sum(run(_changes(kind), kind=kind) for kind in _BELONGS)
        ids = [row[0] for row in connection.execute(sql(_NAMED), which)]
        if ids:
            several: dict[str, Any] = {"ids": database.ids(ids)}
            names = f"account = :account AND {database.ids_in()}"
            run(
                f"UPDATE candidates SET display_name = NULL, initials = NULL WHERE {names}",
                **several,
            )
            run(
                "DELETE FROM digests WHERE stream IN (SELECT number FROM streams"
                f" WHERE account = :account) AND {database.ids_in()}",
                **several,
            )
        done["names"] = len(ids)
    return {what: rows for what, rows in done.items() if rows}


# What of the two sides of a requisition is erased, in this order.
_PARTNERSHIP: Mapping[str, tuple[str, ...]] = {
    "ratings": (_RATINGS.format(table="calibration_ratings"),),
    "calibrations": (_RATINGS.format(table="calibration_profiles"), _ROUNDS),
    "brief versions": tuple(
        _OF_BRIEFS.format(table=name) for name in ("brief_versions", "brief_agreements")
    ),
}
_OF_CASES = (("transitions", "case_number"), ("notices", "case_number"), ("cases", "number"))
