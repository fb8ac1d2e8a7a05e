"""Changes of derived fields, for the few whose past is asked for: who is on a team, what is sought.

Changes of what an ATS supplies are written with its pages (`records`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from atsbridge.model import Origin, field
from atsbridge.store.database import log, sql, table_name

if TYPE_CHECKING:
    from atsbridge.store.derive.scope import Derivation

_PUT = (
    "INSERT INTO changes (account, kind, id, field, old, new, observed_at, origin)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
)


def keep(scope: Derivation, kind: str, name: str, select: str) -> None:
    """Write a Change for every record whose `name` is about to become another value.

    The first value of a record is no change. Where a mapping changed what the field is made of,
    or made it readable, the change is the mapping's.
    """
    if not scope.before:
        return  # nothing was derived yet
    rows = scope.connection.execute(
        sql(
            f"SELECT t.id, t.{name}, n.{name} FROM {table_name(kind)} t"
            f" JOIN ({select}) n ON n.key = t.id WHERE t.account = :account"
            f" AND t.{name} IS NOT NULL AND (n.{name} IS NULL OR n.{name} <> t.{name})"
        ),
        {k: v for k, v in scope.which.items() if f":{k}" in f"{select} :account"},
    ).all()
    if not rows:
        return
    of = field(f"{kind}.{name}")
    origin = Origin.MAPPING if _mapped(scope, of.sources) else Origin.POLL
    scope.connection.exec_driver_sql(
        scope.database.driver(_PUT),
        [
            (scope.account, kind, key, name, log(of, old), log(of, new), scope.at, origin)
            for key, old, new in rows
        ],
    )


def _mapped(scope: Derivation, sources: tuple[str, ...]) -> bool:
    """Whether a mapping changed any of these "kind.field"s since the last derivation."""
    pairs = [source.partition(".") for source in sources]
    asked = " OR ".join(f"(kind = '{kind}' AND field = '{name}')" for kind, _, name in pairs)
    row = scope.connection.execute(
        sql(
            "SELECT 1 FROM changes WHERE account = :account AND origin = 'mapping'"
            f" AND observed_at >= :before AND ({asked}) LIMIT 1"
        ),
        {"account": scope.account, "before": scope.before},
    ).first()
    return row is not None
