"""Which subjects a tick has to judge again because something they lead to is dirty.

What time alone changes is in `agenda`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from sqlalchemy import Connection

from atsbridge.model import Field, catalog
from atsbridge.store.database import Database, sql, table_name
from atsbridge.store.select.dirty_marks import everything_marked

_KINDS = "SELECT DISTINCT kind FROM dirty WHERE account = :account"
_LONGEST = 6  # refs in a row; no path of the catalogue needs more


def _chains(subject: str, refs: frozenset[str]) -> Iterator[tuple[Field, ...]]:
    """Every way from the subject along `refs`, shortest first, no kind twice in one way."""
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

    Nested INs, innermost first: each is answered by the index of its ref. What is dirty itself
    counts also when it is gone: its cases are to end.
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
    """Ids of subjects that are dirty, and of live ones that lead to a dirty record.

    In order of id.

    `refs`: the "kind.field"s to follow, in any order. None: all of the account.
    """
    which = {"account": account}
    with database.read() as connection:
        if everything_marked(connection, account):
            return None
        kinds = {row[0] for row in connection.execute(sql(_KINDS), which)}
        found: set[str] = set()
        for chain in _chains(subject, frozenset(refs)) if kinds else ():
            kind = chain[-1].ref if chain else subject
            if kind in kinds:
                found.update(_ids(connection, _statement(subject, chain, kind), which))
    return sorted(found)


def _ids(connection: Connection, statement: str, which: Mapping[str, str]) -> Iterator[str]:
    return (row[0] for row in connection.execute(sql(statement), which))
