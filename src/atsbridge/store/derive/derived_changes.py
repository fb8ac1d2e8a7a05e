"""Store the changes of derived fields that rules watch, each with its origin."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection

from atsbridge.model import KINDS, Field, Origin
from atsbridge.store.database import Database, log, sql, table_name

_CHANGE = (
    "INSERT INTO changes (account, kind, id, field, old, new, observed_at, origin)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
)
# A record that is seen for the first time although the ATS last changed it so long before the last
# derivation was left out of an earlier answer. A vendor shows most changes within minutes; lists
# look back one hour for the others.
_LATE = timedelta(hours=1) // timedelta(milliseconds=1)
_FOUND_LATE = (
    'SELECT s."{ref}" FROM {table} s WHERE s.account = :account AND s."{ref}" IS NOT NULL'
    " AND (s.first_seen_at >= :before OR s.deleted_at >= :before)"
    ' GROUP BY s."{ref}" HAVING count(s.deleted_at) = 0'
    " AND max(coalesce(s.updated_at, s.created_at, s.first_seen_at)) < :late"
)


@dataclass(frozen=True, slots=True)
class DerivedChange:
    """A derived field that is about to be computed anew, inside a write.

    `which`: the parameters of its formula, with `account` and `at` (ms). `before`: when it was last
    computed, in ms; 0 if never.
    """

    database: Database
    connection: Connection
    which: Mapping[str, object]
    before: int
    field: Field


def log_changes(derived: DerivedChange, select: str) -> None:
    """Write a Change for every record whose field is about to become another value.

    `select`: the new values by `key`. The first value of a record is no change. Where a mapping
    changed what the field is made of, or made it readable, or where it is made of records that an
    earlier answer left out, the origin is MAPPING: the ATS did not change then. Nor did it where
    the record itself is deleted, and its parts with it: it may be shown again.
    """
    if not derived.before:
        return  # nothing was derived yet
    kind, name = derived.field.kind, derived.field.name
    rows = derived.connection.execute(
        sql(
            f"SELECT t.id, t.{name}, n.{name}, t.deleted_at FROM {table_name(kind)} t"
            f" JOIN ({select}) n ON n.key = t.id WHERE t.account = :account"
            f" AND t.{name} IS NOT NULL AND (n.{name} IS NULL OR n.{name} <> t.{name})"
        ),
        {k: v for k, v in derived.which.items() if f":{k}" in f"{select} :account"},
    ).all()
    if not rows:
        return
    silent = {row[0] for row in rows} if _is_mapped(derived) else _late(derived)
    silent.update(row[0] for row in rows if row[3] is not None)
    account, at = derived.which["account"], derived.which["at"]
    derived.connection.exec_driver_sql(
        derived.database.driver(_CHANGE),
        [
            (
                account,
                kind,
                key,
                name,
                log(derived.field, old),
                log(derived.field, new),
                at,
                Origin.MAPPING if key in silent else Origin.POLL,
            )
            for key, old, new, _ in rows
        ],
    )


def _is_mapped(derived: DerivedChange) -> bool:
    """Whether a mapping changed any of the field's sources since the last derivation."""
    pairs = [source.partition(".") for source in derived.field.sources]
    asked = " OR ".join(f"(kind = '{kind}' AND field = '{name}')" for kind, _, name in pairs)
    row = derived.connection.execute(
        sql(
            "SELECT 1 FROM changes WHERE account = :account AND origin = 'mapping'"
            f" AND observed_at >= :before AND ({asked}) LIMIT 1"
        ),
        {"account": derived.which["account"], "before": derived.before},
    ).first()
    return row is not None


def _late(derived: DerivedChange) -> set[str]:
    """The records of which all that came to their sources was left out of an earlier answer."""
    found: set[str] = set()
    which = {
        "account": derived.which["account"],
        "before": derived.before,
        "late": derived.before - _LATE,
    }
    for kind, ref in _links(derived.field):
        statement = _FOUND_LATE.format(ref=ref, table=table_name(kind))
        found.update(row[0] for row in derived.connection.execute(sql(statement), which))
    return found


def _links(field: Field) -> Iterator[tuple[str, str]]:
    """(kind, its reference to the field's kind) of the dated sources of the field."""
    for kind in dict.fromkeys(source.partition(".")[0] for source in field.sources):
        fields = KINDS[kind].fields
        if kind != field.kind and {"created_at", "updated_at"} <= fields.keys():
            yield from ((kind, name) for name, one in fields.items() if one.ref == field.kind)
