"""Turn a Query into SQL, and the result rows into `Found` subjects."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    and_,
    bindparam,
    case,
    literal,
    null,
    or_,
)
from sqlalchemy import select as sql_select

from atsbridge.model import Bound, Field, FieldType, Found, Null, Query, catalog
from atsbridge.store.database import Database, decoder, ms
from atsbridge.store.records import Supply, read_supply
from atsbridge.store.select.found_rows import FIRST, Layout, make_found
from atsbridge.store.select.pending_children import Relation, relations
from atsbridge.store.select.predicate_sql import Expression, Operand, filters
from atsbridge.store.select.query_shape import (
    StandIn,
    list_compared_fields,
    parameters,
    repeats,
    split,
    take_named,
)

_CHUNK = 500  # ids in one query
_PIECE = 1000  # rows in memory at a time


@cache
def _alias(kind: str, name: str) -> FromClause:
    """A kind's table under another name, cached because creating it is slow."""
    from atsbridge.store.database import RECORDS

    return RECORDS[kind].alias(name)


class Statement:
    """Compiles a Query to SQL. One alias for each path of references."""

    def __init__(
        self, query: Query, unreadable: frozenset[str], supply: Supply, *, sqlite: bool
    ) -> None:
        self.query = query
        self.unreadable = unreadable
        self.parts = supply.parts
        self.sqlite = sqlite
        self.subject = _alias(query.subject, query.subject)
        self._joined: dict[tuple[str, ...], FromClause] = {(): self.subject}
        self.source: FromClause = self.subject
        self._waits = [
            (relation.columns, self._waiting(relation))
            for relation in relations(query.subject, supply.waiting)
        ]

    def _row(self, refs: Sequence[Field]) -> FromClause:
        """The alias at the end of these references, joined on primary keys."""
        way = tuple(ref.name for ref in refs)
        if way not in self._joined:
            before = self._row(refs[:-1])
            table = _alias(refs[-1].ref, "_".join((self.query.subject, *way)))
            self._joined[way] = table
            self.source = self.source.outerjoin(
                table,
                and_(table.c.account == self.subject.c.account, table.c.id == before.c[way[-1]]),
            )
        return self._joined[way]

    def _doubt(self, resolved: catalog.Resolved, *, main: bool) -> Expression | None:
        """True if no stream has supplied a part that the path reads. `main`: main parts too."""
        doubts: list[Expression] = []
        for at, step in enumerate((*resolved.refs, resolved.field)):
            row = self._row(resolved.refs[:at])
            part = self.parts.get(step.path)
            if part is not None and (main or not part.main):
                doubts.append(and_(row.c.id.is_not(None), row.c.parts.op("&")(part.bit) == 0))
        if not doubts:
            return None
        return or_(*doubts) if len(doubts) > 1 else doubts[0]

    def _waiting(self, relation: Relation) -> Expression:
        """TRUE if the subject depends on a queued parent."""
        refs: list[Field] = []
        for name in relation.ours:
            refs.append(catalog.KINDS[refs[-1].ref if refs else self.query.subject].fields[name])
        row = self._row(refs[:-1])
        bears = row.c[refs[-1].name] if refs else self.subject.c.id
        held: Expression = bears.in_(relation.ids())
        return held

    def _unread(self, resolved: catalog.Resolved) -> list[Expression]:
        """TRUE if something that the path reads is still queued."""
        return [held for columns, held in self._waits if not columns.isdisjoint(resolved.columns)]

    def _parts_on(self, resolved: catalog.Resolved) -> str:
        """The parts that a path reads. Paths with the same parts are missing together."""
        steps = (*resolved.refs, resolved.field)
        return " ".join(str(self.parts[s.path].bit) if s.path in self.parts else "" for s in steps)

    def _dangling(self, resolved: catalog.Resolved) -> Expression | None:
        """True if a reference of the path leads to a row that was never read."""
        dangling: list[Expression] = []
        for at, ref in enumerate(resolved.refs):
            before, after = self._row(resolved.refs[:at]), self._row(resolved.refs[: at + 1])
            dangling.append(and_(before.c[ref.name].is_not(None), after.c.id.is_(None)))
        return or_(*dangling) if dangling else None

    def operand(self, path: str) -> Operand:
        resolved = catalog.resolve(self.query.subject, path)
        doubt = self._doubt(resolved, main=False)
        doubts = [*self._unread(resolved), *([] if doubt is None else [doubt])]
        return Operand(
            field=resolved.field,
            column=self._row(resolved.refs).c[resolved.field.name],
            fact=catalog.answers_when_absent(resolved) is not Null.UNKNOWN,
            readable=self.unreadable.isdisjoint(resolved.columns),
            doubtful=or_(*doubts) if doubts else None,
        )

    def bound(self, bound: Bound) -> list[Expression]:
        """Start at or before the threshold of the owner's calendar, or unknown. May be wider than
        the truth.
        """
        start = self.operand(bound.path)
        limits = self._at_or_before(start, bound)
        if bound.day:
            come = and_(
                start.column.is_(null()), *self._at_or_before(self.operand(bound.day), bound)
            )
            return [or_(and_(*limits), come)]
        if start.certain:
            return limits
        return [or_(start.column.is_(null()), and_(*limits))]

    def _at_or_before(self, start: Operand, bound: Bound) -> list[Expression]:
        latest = _stored(start, bound.otherwise)
        limits = [start.column <= latest]
        by_owner = self.by_owner(start, bound)
        return limits if by_owner is None else [*limits, start.column <= by_owner]

    def by_owner(self, start: Operand, bound: Bound) -> ColumnElement[Any] | None:
        """The threshold of the owner's calendar. None if there is only one threshold."""
        keys: dict[datetime, list[str]] = {}
        for key, at in sorted(bound.thresholds.items()):
            if at < bound.otherwise:
                keys.setdefault(at, []).append(key)
        if not bound.owner or not keys:
            return None
        owner = self.operand(f"{bound.owner}.calendar").column
        whens = [(owner.in_(several), _stored(start, at)) for at, several in keys.items()]
        return case(*whens, else_=_stored(start, bound.otherwise))

    def compile(self, *, by_id: bool, filtered: bool) -> tuple[Select[Any], Layout]:
        """The statement and the layout of its rows."""
        must: list[Expression] = [self.subject.c.account == bindparam("account")]
        unknown: list[Expression] = []
        where, doubts = filters(self.query.where, self.operand, self.sqlite)
        unknown += doubts
        if filtered:
            must += [self.subject.c.deleted_at.is_(None), *where]
            must += self.bound(self.query.bound) if self.query.bound else []
        read = [(path, catalog.resolve(self.query.subject, path)) for path in self.query.columns]
        values = [(path, resolved) for path, resolved in read if resolved.field.stored]
        selected: list[ColumnElement[Any]] = [
            self.subject.c.id,
            or_(*unknown) if unknown else literal(value=False),
            *(self._row(one.refs).c[one.field.name].label(None) for _, one in values),
        ]
        missing = self._missing(selected, values)
        waits = [(len(selected) + at, of) for at, (of, _) in enumerate(self._waits)]
        selected += [held.label(None) for _, held in self._waits]
        deleted = None if filtered else len(selected)
        if not filtered:
            selected.append(self.subject.c.deleted_at.is_not(None).label(None))
        if by_id:
            must.append(self.subject.c.id.in_(bindparam("ids", expanding=True)))
        statement = sql_select(*selected).select_from(self.source).where(*must)
        decoders = [
            (path, at, decode)
            for at, (path, resolved) in enumerate(values, FIRST)
            if (decode := decoder(resolved.field)) is not None
        ]
        layout = Layout([path for path, _ in values], decoders, missing, waits, deleted)
        return statement.order_by(self.subject.c.id), layout

    def _missing(
        self,
        selected: list[ColumnElement[Any]],
        values: Iterable[tuple[str, catalog.Resolved]],
    ) -> Sequence[tuple[int, tuple[str, ...]]]:
        """Select whether the values are missing, once for those that are missing together."""
        places: dict[tuple[str, ...], tuple[int, list[str]]] = {}
        for path, resolved in values:
            steps = (*(r.name for r in resolved.refs), self._parts_on(resolved))
            if steps not in places:
                doubts = (self._doubt(resolved, main=True), self._dangling(resolved))
                both = [doubt for doubt in doubts if doubt is not None]
                if not both:
                    continue
                places[steps] = len(selected), []
                selected.append(or_(*both).label(None))
            places[steps][1].append(path)
        return [(at, tuple(paths)) for at, paths in places.values()]


def _stored(start: Operand, at: datetime) -> ColumnElement[Any]:
    """An instant in the type of the start's column.

    A date is compared as its day in UTC, because it ends later anywhere on earth.
    """
    is_date = start.field.type is FieldType.DATE
    if isinstance(at, StandIn):
        return at.parameter("day" if is_date else "ms", start.column.type)
    return literal(at.date().isoformat() if is_date else ms(at), start.column.type)


@dataclass(frozen=True, slots=True)
class _Question:
    """All that a statement depends on. `ref`: the field of `find_children`; "": none."""

    query: Query
    unreadable: frozenset[str]
    supply: Supply
    sqlite: bool
    by_id: bool
    filtered: bool
    ref: str = ""

    def narrowed(self) -> _Question:
        """Without the unreadable fields that no condition reads: the statement is the same."""
        return replace(self, unreadable=self.unreadable & list_compared_fields(self.query))

    def compile(self) -> tuple[Select[Any], Layout]:
        statement = Statement(self.query, self.unreadable, self.supply, sqlite=self.sqlite)
        select, layout = statement.compile(by_id=self.by_id, filtered=self.filtered)
        if self.ref:
            above = statement.operand(f"{self.query.subject}.{self.ref}").column
            select = select.where(above.in_(bindparam("ids", expanding=True)))
        return select, layout


@lru_cache(maxsize=512)
def _compiled(question: _Question) -> tuple[Select[Any], Layout]:
    """The statement, built once for all instants: that takes longer than most statements run."""
    return question.compile()


def find(
    database: Database,
    account: str,
    query: Query,
    *,
    ids: Sequence[str] | None = None,
    filtered: bool = True,
    unreadable: frozenset[str] = frozenset(),
) -> Iterator[Found]:
    """The subjects that match the Query, in order of id; only `ids`, if given.

    `filtered=False` ignores the conditions, the bound and deletion (`unknown` still refers to the
    conditions). Conditions on `unreadable` "kind.field"s are unknown. Columns that are never stored
    (intervals) are not in `facts`. Rows are read in pieces, all from the view of the store at the
    first row.
    """
    with database.read() as connection:
        parts = read_supply(connection, account)
        if not filtered:
            query = replace(query, bound=None)
        asked, named = take_named(query)
        shape, instants = split(asked)
        one = _Question(shape, unreadable, parts, database.sqlite, ids is not None, filtered)
        select, layout = _compiled(one.narrowed()) if repeats(shape) else one.compile()
        given = {"account": account, **parameters(instants, named)}
        # Named ids are few, and all within a bound become verdicts, which take more memory: without
        # a cursor on the server the rows come with the first answer, not with the third and fourth.
        few = ids is not None or query.bound is not None or not repeats(query)
        options = {} if few else {"yield_per": _PIECE}
        for chunk in chunks(ids):
            which = given if chunk is None else {**given, "ids": chunk}
            with connection.execute(select, which, execution_options=options) as rows:
                for piece in rows.partitions(_PIECE):
                    for row in piece:
                        yield make_found(account, query.subject, layout, row)
                    if len(piece) < _PIECE:
                        break  # the last one: asking for more is another question


def find_below(
    database: Database, account: str, query: Query, ref: str, parents: Sequence[str]
) -> Iterator[Found]:
    """The matches of the Query, which has no bound, whose field `ref` holds one of `parents`."""
    with database.read() as connection:
        supply = read_supply(connection, account)
        select, layout = _compiled(
            _Question(
                query, frozenset(), supply, database.sqlite, by_id=False, filtered=True, ref=ref
            )
        )
        for chunk in chunks(parents):
            for row in connection.execute(select, {"account": account, "ids": chunk}).all():
                yield make_found(account, query.subject, layout, row)


def chunks(ids: Sequence[str] | None) -> Iterator[Sequence[str] | None]:
    """Sorted ids in pieces; one None if `ids` is None."""
    if ids is None:
        yield None
        return
    ordered = sorted(set(ids))
    for start in range(0, len(ordered), _CHUNK):
        yield ordered[start : start + _CHUNK]
