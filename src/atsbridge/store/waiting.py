"""What waits: which columns of a subject cannot be believed because a parent is in the work queue.

The queue itself is `streams`'; what an unknown does to a verdict, the judge's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from sqlalchemy import Connection, Select, bindparam
from sqlalchemy import select as sql_select

from atsbridge.model import catalogue
from atsbridge.store.codec import load
from atsbridge.store.database import sql

# One row per stream that has parents waiting; a queue as long as it may be costs no more.
_WAITING = """
SELECT s.stream, s.owns, (SELECT w.kind FROM work w
    WHERE w.account = s.account AND w.stream = s.stream LIMIT 1) AS kind
FROM streams s WHERE s.account = :account ORDER BY s.bit
"""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A child stream with parents in its queue. `kind`: of what records they are.

    `columns`: the "kind.field"s it brings and all that are computed from them.
    """

    stream: str
    kind: str
    columns: frozenset[str]


@dataclass(frozen=True, slots=True)
class Relation:
    """How a subject may hang on a parent that waits: by a record that both lead to.

    `ours`: refs from the subject to that record, `theirs`: from the parent; either may be none.
    """

    waiting: Waiting
    columns: frozenset[str]
    ours: tuple[str, ...]
    theirs: tuple[str, ...]

    def ids(self) -> Select[tuple[str]]:
        """Ids of the records that parents which wait lead to. Bound to the account."""
        from atsbridge.store.tables import RECORDS, WORK

        found = sql_select(WORK.c.parent).where(
            WORK.c.account == bindparam("account"), WORK.c.stream == self.waiting.stream
        )
        at = self.waiting.kind
        for name in self.theirs:
            table = RECORDS[at].alias()
            found = sql_select(table.c[name]).where(
                table.c.account == bindparam("account"), table.c.id.in_(found)
            )
            at = catalogue.KINDS[at].fields[name].ref
        return found


def waiting(connection: Connection, account: str) -> Sequence[Waiting]:
    """The streams of the account that have parents waiting, in a stable order."""
    rows = connection.execute(sql(_WAITING), {"account": account})
    return [
        Waiting(row.stream, row.kind, _closed(_columns(load(row.owns)))) for row in rows if row.kind
    ]


def relations(subject: str, several: Iterable[Waiting]) -> Iterator[Relation]:
    """How subjects of a kind hang on what waits.

    What is below the nearest record both lead to waits with any parent below that one; what is
    computed for a record above the parents, with any parent below it.
    """
    ways = _ways(subject)
    for one in several:
        theirs = _ways(one.kind)
        above = {kind for kind in theirs if kind != one.kind}
        below = frozenset(c for c in one.columns if c.partition(".")[0] not in above)
        nearest = next((kind for kind in ways if kind in theirs), None)
        if nearest is not None:
            yield Relation(one, below, ways[nearest], theirs[nearest])
        for kind in sorted(above & ways.keys()):
            columns = frozenset(c for c in one.columns if c.partition(".")[0] == kind)
            if columns:
                yield Relation(one, columns, ways[kind], theirs[kind])


@cache
def _ways(kind: str) -> Mapping[str, tuple[str, ...]]:
    """As `catalogue.roots`; a kind that belongs to none (scorecards) by the links it has."""
    ways = dict(catalogue.roots(kind))
    if len(ways) == 1:
        for name, field in catalogue.KINDS[kind].fields.items():
            if field.ref and field.ref != "user":
                for above, refs in catalogue.roots(field.ref).items():
                    ways.setdefault(above, (name, *refs))
    return ways


def _columns(owns: Mapping[str, Sequence[str]]) -> frozenset[str]:
    return frozenset(f"{kind}.{column}" for kind, columns in owns.items() for column in columns)


@cache
def _closed(columns: frozenset[str]) -> frozenset[str]:
    """These and all fields that are computed from them."""
    found = set(columns)
    before = -1
    while len(found) != before:
        before = len(found)
        found |= {f.path for f in catalogue.every_field() if not found.isdisjoint(f.sources)}
    return frozenset(found)
