"""Which raw rows brought which records, as the digests keep it.

A raw row need not have the id of what it brings: a schedule brings events, and a digest is kept by
the row's own id. Whoever starts from a record must therefore ask here for its rows.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from sqlalchemy import Connection

from atsbridge.store.database import Database, dump, load, sql, table_name

Brought = tuple[str, str]  # kind, id of a record
# What is deleted with an application, parents first. Its stays remain: they are the past.
BELOW = (
    ("interview", "application"),
    ("seat", "interview"),
    ("scorecard", "application"),
    ("offer", "application"),
    ("approval", "offer"),
)


def brought(raw: str, stored: str) -> Sequence[Brought]:
    """What the row of that id brought, as its digest keeps it; the first is its main record."""
    if stored.startswith("["):
        return [(kind, record) for kind, record in load(stored)]
    return [(stored, raw)]


def formerly_brought(
    database: Database, connection: Connection, stream: int, ids: Sequence[str]
) -> Mapping[str, Sequence[Brought]]:
    """raw id -> what its row brought when it was last stored; the first is its main record."""
    if not ids:
        return {}
    rows = connection.execute(
        sql(f"SELECT id, brought FROM digests WHERE stream = :stream AND {database.ids_in()}"),
        {"stream": stream, "ids": database.ids(ids)},
    )
    return {raw: brought(raw, stored) for raw, stored in rows}


def bringers(
    database: Database, connection: Connection, stream: int, records: Collection[Brought]
) -> Mapping[str, Sequence[Brought]]:
    """raw id -> all that its row brought, for every row that brought one of these records.

    Rows with a record's own id are found by key. Only for records that none of those brought are
    the stream's digests searched, all of them: it happens where something was deleted.
    """
    ids = sorted({record for _, record in records})
    by_id = formerly_brought(database, connection, stream, ids)
    found = {raw: its for raw, its in by_id.items() if not set(its).isdisjoint(records)}
    rest = set(records).difference(*found.values())
    if rest:
        holds = (
            "EXISTS (SELECT 1 FROM json_each(:ids) WHERE instr(brought, value) > 0)"
            if database.sqlite
            else "EXISTS (SELECT 1 FROM unnest(CAST(:ids AS text[])) AS t(value)"
            " WHERE strpos(brought, value) > 0)"
        )
        rows = connection.execute(
            sql(
                "SELECT id, brought FROM digests WHERE stream = :stream"
                f" AND brought LIKE '[%' AND {holds} ORDER BY id"
            ),
            {"stream": stream, "ids": database.ids(sorted(dump(list(one)) for one in rest))},
        )
        several = ((raw, brought(raw, stored)) for raw, stored in rows)
        found |= {raw: its for raw, its in several if not rest.isdisjoint(its)}
    return found


def forget_digests(
    database: Database, connection: Connection, stream: int, ids: Iterable[str]
) -> None:
    """The stream's raw rows of these ids are read as new when they come again."""
    connection.execute(
        sql(f"DELETE FROM digests WHERE stream = :stream AND {database.ids_in()}"),
        {"stream": stream, "ids": database.ids(sorted(ids))},
    )


def deleted_along(
    database: Database, connection: Connection, account: str, rows: Iterable[tuple[str, str]]
) -> set[str]:
    """Of raw rows (id, what they brought), those all of whose parts went with an application.

    They are known still, so that what they brought comes back with it; but they are not live.
    """
    kinds = {kind for kind, _ in BELOW}
    parts = {raw: {one for one in brought(raw, stored) if one[0] in kinds} for raw, stored in rows}
    asked: dict[str, set[str]] = {}
    for kind, record in set().union(*parts.values()):
        asked.setdefault(kind, set()).add(record)
    gone: set[Brought] = set()
    for kind, ids in sorted(asked.items()):
        found = connection.execute(
            sql(
                f"SELECT id FROM {table_name(kind)} WHERE account = :account"
                f" AND deleted_with IS NOT NULL AND {database.ids_in()}"
            ),
            {"account": account, "ids": database.ids(sorted(ids))},
        )
        gone.update((kind, row[0]) for row in found)
    return {raw for raw, its in parts.items() if its and its <= gone}
