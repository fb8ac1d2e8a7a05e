"""A field of a record got another name: what an old store keeps under the former one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, inspect

from atsbridge.store.database.connection import sql

# Columns with text in which "kind.field" stands. A store from before a column has none of it.
_PATHS: Mapping[str, Sequence[str]] = {
    "streams": ("fingerprints", "facts"),
    "cases": ("end_params",),
    "transitions": ("params",),
    "promises": ("why",),
    "notices": ("destination", "drop_params"),
}


def rename_organizer(connection: Connection) -> None:
    """`interview.organiser` became `interview.organizer`; the column itself is renamed already.

    Rows of interviews are decoded once more at their next reading, because their digests depend
    on the names of the fields; no Change follows from it.
    """
    kind, old, new = "interview", "organiser", "organizer"
    connection.execute(
        sql("UPDATE changes SET field = :new WHERE kind = :kind AND field = :old"),
        {"kind": kind, "old": old, "new": new},
    )
    # `owns`: {"interview":["organiser",…]}; no other kind has a field of this name.
    _replace(connection, "streams", "owns", f'"{old}"', f'"{new}"')
    inspector = inspect(connection)
    tables = set(inspector.get_table_names())
    for table, columns in _PATHS.items():
        names = {one["name"] for one in inspector.get_columns(table)} if table in tables else set()
        for column in columns:
            if column in names:
                _replace(connection, table, column, f"{kind}.{old}", f"{kind}.{new}")
    _replace_in_run_memory(connection, f"{kind}.{old}", f"{kind}.{new}")


def _replace(connection: Connection, table: str, column: str, old: str, new: str) -> None:
    connection.execute(
        sql(
            f"UPDATE {table} SET {column} = replace({column}, :old, :new) WHERE {column} LIKE :like"
        ),
        {"old": old, "new": new, "like": f"%{old}%"},
    )


def _replace_in_run_memory(connection: Connection, old: str, new: str) -> None:
    """What the last run of each account knew: the fields that its map fills."""
    query = sql("SELECT key, value FROM cache WHERE key LIKE 'tick/%'")
    update = sql("UPDATE cache SET value = :value WHERE key = :key")
    for key, value in connection.execute(query).all():
        known = bytes(value)
        if old.encode() in known:
            replaced = known.replace(old.encode(), new.encode())
            connection.execute(update, {"key": key, "value": replaced})
