"""Dirty marks: records that must be evaluated again, and the subjects that depend on them.

One row with empty kind and id stands for the whole account.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from sqlalchemy import Connection

from atsbridge.model import Field, catalog
from atsbridge.store.database import Database, read_once, sql, table_name

_EVERYTHING = "SELECT 1 FROM dirty WHERE account = :account AND kind = '' AND id = ''"
_MARK = "INSERT INTO dirty (account, kind, id) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
_KINDS = "SELECT DISTINCT kind FROM dirty WHERE account = :account"
_EVERY_KIND = ""
_LONGEST = 6  # references in one path; no path of the catalog is longer


def _chains(subject: str, refs: frozenset[str]) -> Iterator[tuple[Field, ...]]:
    """Every path of references from the subject, shortest first, no kind twice in one path."""
    ways: list[tuple[Field, ...]] = [()]
    for way in ways:
        yield way
        if len(way) == _LONGEST:
            continue
        at = way[-1].ref if way else subject
        been = {subject, *(ref.ref for ref in way)}
        ways += [
            (*way, field)
            for field in catalog.KINDS[at].fields.values()
            if field.path in refs and field.ref not in been
        ]


def _statement(subject: str, chain: Sequence[Field], kind: str) -> str:
    """Ids of live subjects whose chain of refs ends in a dirty record of that kind.

    Nested INs, innermost first: each uses the index of its ref. A dirty subject counts even if it
    is deleted, so that its cases end.
    """
    if not chain:
        return f"SELECT id FROM dirty WHERE account = :account AND kind = '{kind}'"
    inner = f"SELECT id FROM dirty WHERE account = :account AND kind = '{kind}'"
    for ref in reversed(chain):
        inner = (
            f"SELECT id FROM {table_name(ref.kind)}"
            f' WHERE account = :account AND "{ref.name}" IN ({inner})'
        )
    return (
        f"SELECT id FROM {table_name(subject)}"
        f" WHERE account = :account AND deleted_at IS NULL AND id IN ({inner})"
    )


def find_dirty(
    database: Database, account: str, subject: str, refs: Iterable[str]
) -> Sequence[str] | None:
    """Ids of dirty subjects and of live subjects that refer to a dirty record.

    In order of id.

    `refs`: the "kind.field"s to follow, in any order. None: all of the account.
    """
    which = {"account": account}
    with database.read() as connection:
        kinds = read_once(
            connection, ("dirty", account), lambda: {*_ids(connection, _KINDS, which)}
        )
        if _EVERY_KIND in kinds:
            return None
        found: set[str] = set()
        for chain in _chains(subject, frozenset(refs)) if kinds else ():
            kind = chain[-1].ref if chain else subject
            if kind in kinds:
                found.update(_ids(connection, _statement(subject, chain, kind), which))
    return sorted(found)


def _ids(connection: Connection, statement: str, which: Mapping[str, str]) -> Iterator[str]:
    return (row[0] for row in connection.execute(sql(statement), which))


def everything_marked(connection: Connection, account: str) -> bool:
    """Whether the whole account is dirty."""
    return connection.execute(sql(_EVERYTHING), {"account": account}).first() is not None


def mark_all(connection: Connection, account: str) -> None:
    """Mark the whole account dirty."""
    connection.execute(
        sql(
            "INSERT INTO dirty (account, kind, id) VALUES (:account, '', '') ON CONFLICT DO NOTHING"
        ),
        {"account": account},
    )


def mark_dirty(
    database: Database, connection: Connection, account: str, records: Iterable[tuple[str, str]]
) -> None:
    """Mark these (kind, id)s dirty. Writes nothing if the whole account is dirty."""
    rows = sorted({(account, kind, record) for kind, record in records})
    if rows and not everything_marked(connection, account):
        connection.exec_driver_sql(database.driver(_MARK), rows)
