"""Which raw rows supplied which records, as stored with the digests.

A raw row need not have the id of the records that it supplies: a schedule has events. Digests are
stored by the id of the row, so the rows of a record are found here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from sqlalchemy import Connection

from atsbridge.store.database import Database, dump, load, sql, table_name

RowRecord = tuple[str, str]  # kind, id of a record
# What is deleted with an application: (kind, reference), parents first. Stage stays remain.
BELOW = (
    ("interview", "application"),
    ("seat", "interview"),
    ("scorecard", "application"),
    ("offer", "application"),
    ("approval", "offer"),
)


def brought(raw: str, stored: str) -> Sequence[RowRecord]:
    """Decode the records that a row supplied, as stored with its digest; the main record first."""
    if stored.startswith("["):
        return [(kind, record) for kind, record in load(stored)]
    return [(stored, raw)]


def read_former_records(
    database: Database, connection: Connection, stream: int, ids: Sequence[str]
) -> Mapping[str, Sequence[RowRecord]]:
    """Raw id -> the records that its row supplied when it was last stored, the main one first."""
    if not ids:
        return {}
    rows = connection.execute(
        sql(f"SELECT id, brought FROM digests WHERE stream = :stream AND {database.ids_in()}"),
        {"stream": stream, "ids": database.ids(ids)},
    )
    return {raw: brought(raw, stored) for raw, stored in rows}


def bringers(
    database: Database, connection: Connection, stream: int, records: Collection[RowRecord]
) -> Mapping[str, Sequence[RowRecord]]:
    """The rows that supplied one of these records: raw id -> all records of the row.

    Rows with the id of a record are found by key. For the other records all digests of the stream
    are searched, which happens only after deletions.
    """
    ids = sorted({record for _, record in records})
    by_id = read_former_records(database, connection, stream, ids)
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
    """Clear the digests of these raw rows, so that they are read as new."""
    connection.execute(
        sql(f"DELETE FROM digests WHERE stream = :stream AND {database.ids_in()}"),
        {"stream": stream, "ids": database.ids(sorted(ids))},
    )


def deleted_along(
    database: Database, connection: Connection, account: str, rows: Iterable[tuple[str, str]]
) -> set[str]:
    """The ids of raw rows all of whose records were deleted with an application.

    `rows`: (raw id, stored records). Such rows are not live; their digests stay, so that the
    records are restored with the application.
    """
    kinds = {kind for kind, _ in BELOW}
    parts = {
        raw: {one for one in brought(raw, stored) if one[0] in kinds}
        for raw, stored in rows
        if stored in kinds or stored.startswith("[")
    }
    asked: dict[str, set[str]] = {}
    for kind, record in set().union(*parts.values()):
        asked.setdefault(kind, set()).add(record)
    deleted: set[RowRecord] = set()
    for kind, ids in sorted(asked.items()):
        found = connection.execute(
            sql(
                f"SELECT id FROM {table_name(kind)} WHERE account = :account"
                f" AND deleted_with IS NOT NULL AND {database.ids_in()}"
            ),
            {"account": account, "ids": database.ids(sorted(ids))},
        )
        deleted.update((kind, row[0]) for row in found)
    return {raw for raw, its in parts.items() if its and its <= deleted}
