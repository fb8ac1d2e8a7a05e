"""Which columns of a subject are unknown because a parent is still in the work queue."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from sqlalchemy import Connection, Select, and_, bindparam, or_
from sqlalchemy import select as sql_select

from atsbridge.model import LATE_KINDS, OFFER_STAGE, catalog
from atsbridge.store.database import load, sql
from atsbridge.store.records import loaded

# One row per stream with queued parents, however long its queue is.
_WAITING = """
SELECT s.stream, s.owns, s.doubt, (SELECT w.kind FROM work w
    WHERE w.account = s.account AND w.stream = s.stream LIMIT 1) AS kind
FROM streams s WHERE s.account = :account ORDER BY s.bit
"""

_StoredStream = tuple[str, str, str | None, str | None]  # as _WAITING selects them


@dataclass(frozen=True, slots=True)
class PendingStream:
    """A child stream with parents in its queue.

    `columns`: the "kind.field"s it brings and all that are computed from them. `late`: no queue,
    but the lists of LATE_KINDS that have never returned a row, all as one: the parents are the
    applications in a stage in which there should be some.
    """

    stream: str
    kind: str
    columns: frozenset[str]
    late: bool = False


@dataclass(frozen=True, slots=True)
class Relation:
    """How a subject depends on a queued parent: through a record that both refer to.

    `ours`: refs from the subject to that record, `theirs`: from the parent; either may be empty.
    """

    waiting: PendingStream
    columns: frozenset[str]
    ours: tuple[str, ...]
    theirs: tuple[str, ...]

    def ids(self) -> Select[tuple[str]]:
        """Ids of the records that queued parents refer to. Bound to the account."""
        waiting = self.waiting
        return _referred(waiting.stream, waiting.kind, self.theirs, late=waiting.late)


@lru_cache(maxsize=256)
def _referred(stream: str, kind: str, theirs: tuple[str, ...], *, late: bool) -> Select[tuple[str]]:
    """As `Relation.ids`, built once: many rules depend on one queue."""
    from atsbridge.store.database import RECORDS

    found = _late_applications() if late else _queued(stream)
    for name in theirs:
        table = RECORDS[kind].alias()
        found = sql_select(table.c[name]).where(
            table.c.account == bindparam("account"), table.c.id.in_(found)
        )
        kind = catalog.KINDS[kind].fields[name].ref
    return found


def _queued(stream: str) -> Select[tuple[str]]:
    """Ids of the parents in the queue of a stream."""
    from atsbridge.store.database import WORK

    return sql_select(WORK.c.parent).where(
        WORK.c.account == bindparam("account"), WORK.c.stream == stream
    )


def _late_applications() -> Select[tuple[str]]:
    """Ids of the applications in a stage of kind OFFER_STAGE, or in an unknown stage."""
    from atsbridge.store.database import RECORDS

    application, stage = RECORDS["application"].alias(), RECORDS["stage"].alias()
    at = and_(stage.c.account == application.c.account, stage.c.id == application.c.stage)
    late = or_(stage.c.kind == OFFER_STAGE, stage.c.kind.is_(None))
    return (
        sql_select(application.c.id)
        .select_from(application.outerjoin(stage, at))
        .where(application.c.account == bindparam("account"), late)
    )


def waiting(connection: Connection, account: str) -> tuple[PendingStream, ...]:
    """The streams of the account with queued parents, in a stable order."""
    rows = connection.execute(sql(_WAITING), {"account": account}).all()
    return _pending(tuple(map(tuple, rows)))


@lru_cache(maxsize=256)
def _pending(rows: tuple[_StoredStream, ...]) -> tuple[PendingStream, ...]:
    found = []
    late: set[str] = set()
    for stream, owned, stored_doubt, kind in rows:
        owns = load(owned)
        if kind:
            found.append(PendingStream(stream, kind, _closed(_columns(owns))))
        doubt = loaded(stored_doubt)
        if doubt is not None and doubt.bare and owns.keys() <= LATE_KINDS:
            late |= {c for c in _closed(_columns(owns)) if c.startswith("application.")}
    if late:  # one condition for all of them: each is a scan of the applications
        found.append(PendingStream("", "application", frozenset(late), late=True))
    return tuple(found)


def relations(subject: str, several: Iterable[PendingStream]) -> Iterator[Relation]:
    """How subjects of a kind depend on queued parents.

    A subject is unknown while any parent below the nearest common record is queued. Fields that are
    computed for a record above the parents are unknown while any parent below that record is
    queued.
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
    """As `catalog.roots`; a kind that belongs to none (scorecards) by the links it has."""
    ways = dict(catalog.roots(kind))
    if len(ways) == 1:
        for name, field in catalog.KINDS[kind].fields.items():
            if field.ref and field.ref != "user":
                for above, refs in catalog.roots(field.ref).items():
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
        found |= {f.path for f in catalog.every_field() if not found.isdisjoint(f.sources)}
    return frozenset(found)
