"""The columns that a store has and a program knows: an older program refuses a newer store."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache

from atsbridge.errors import StoreError
from atsbridge.store.database.connection import Database, sql
from atsbridge.store.database.database_errors import explained


def make_newer_error(database: Database, what: str) -> StoreError:
    """What to raise for a store that a newer program wrote. `what`: how that shows."""
    remedy = "Install the newer atsbridge that wrote it"
    return StoreError(f"The store {what}", where=database.name, remedy=remedy)


def refuse_unknown_columns(database: Database, found: Mapping[str, str], schema: int) -> None:
    """Raise StoreError where a newer program of the same schema has added columns.

    This one would leave them empty in new rows, and claim the store for its own columns.
    """
    if int(found["schema"]) != schema:
        return  # the steps between the two say what becomes of each column
    with explained(database.name), database.engine.connect() as connection:
        row = connection.execute(sql("SELECT value FROM meta WHERE name = 'held'")).first()
    unknown = set(json.loads(row[0])) - set(list_columns()) if row is not None else set()
    if unknown:
        names = ", ".join(sorted(one.partition(":")[0] for one in unknown)[:3])
        raise make_newer_error(database, f"has columns that this program does not know: {names}")


@cache
def list_columns() -> tuple[str, ...]:
    """Every column of this program as "table.name:type", in order."""
    from atsbridge.store.database.tables import metadata

    columns = [column for table in metadata.tables.values() for column in table.columns]
    return tuple(sorted(f"{one.table.name}.{one.name}:{one.type}" for one in columns))
