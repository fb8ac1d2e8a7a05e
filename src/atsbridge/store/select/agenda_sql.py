"""Write the agenda rows of subjects that a full evaluation may leave for later, in SQL only.

A subject may be evaluated too early, which costs one evaluation; none is evaluated too late.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Dialect,
    Select,
    and_,
    bindparam,
    case,
    cast,
    func,
    literal,
    literal_column,
    null,
    or_,
    true,
    union_all,
)
from sqlalchemy import select as sql_select
from sqlalchemy.sql.elements import Grouping
from sqlalchemy.types import Date

from atsbridge.errors import require
from atsbridge.model import Ahead, All, Bound, Condition, FieldType, Where
from atsbridge.store.database import Database, ms
from atsbridge.store.records import read_supply
from atsbridge.store.select.predicate_sql import conjuncts, filters
from atsbridge.store.select.query_sql import Statement

_EARLIEST_END = 10 * 3_600_000  # a day ends first where it is UTC+14, at 10:00 UTC (ms)
_MS = timedelta(milliseconds=1)
_NEVER = 2**62  # ms; no row for such a subject


def put(
    database: Database,
    connection: Connection,
    account: str,
    several: Sequence[Ahead],
    unreadable: frozenset[str],
) -> None:
    """Write a row for each subject outside the bounds of `several`, all of one kind.

    Rules with the same condition on the status are evaluated in one query over the subjects.
    """
    from atsbridge.store.database import AGENDA

    supply, kind = read_supply(connection, account), several[0].query.subject
    walks: dict[tuple[Condition, ...], list[Ahead]] = {}
    for one in several:
        walks.setdefault(_shared(one.query.where), []).append(one)
    looks = union_all(
        *(
            _Walk(
                Statement(those[0].query, unreadable, supply, sqlite=database.sqlite),
                database.engine.dialect,
            ).select(shared, those)
            for shared, those in walks.items()
        )
    ).subquery()
    earliest = func.min(looks.c.look_at)
    rows = sql_select(literal(account), literal(kind), looks.c.id, earliest).group_by(looks.c.id)
    into = AGENDA.insert().from_select(
        ["account", "kind", "id", "look_at"], rows.having(earliest < _NEVER)
    )
    connection.execute(into, {"account": account})


def _shared(where: Where) -> tuple[Condition, ...]:
    """The conditions that an index of live records can answer."""
    return tuple(
        one
        for one in conjuncts(where)
        if isinstance(one, Condition) and one.path == "application.status"
    )


class _Walk:
    """Compiles (id, look_at) of each subject of one kind to SQL."""

    def __init__(self, statement: Statement, dialect: Dialect) -> None:
        self._statement, self._dialect = statement, dialect
        self._sqlite = statement.sqlite

    def select(self, shared: Sequence[Condition], several: Sequence[Ahead]) -> Select[Any]:
        statement = self._statement
        subject = statement.subject
        live, _ = filters(All(tuple(shared)), statement.operand, self._sqlite)
        looks = [self._look(ahead) for ahead in several]
        earliest = looks[0]
        if len(looks) > 1:
            earliest = func.min(*looks) if self._sqlite else func.least(*looks)
        columns = sql_select(subject.c.id.label("id"), earliest.label("look_at"))
        return columns.select_from(statement.source).where(
            subject.c.account == bindparam("account"),
            subject.c.deleted_at.is_(None),
            *live,
        )

    def _look(self, ahead: Ahead) -> ColumnElement[Any]:
        """The next evaluation of a subject outside this bound (ms); never for one inside."""
        statement = self._statement
        bound = require(ahead.query.bound, "the bound of a query for the next evaluation")
        where, _ = filters(ahead.query.where, statement.operand, self._sqlite)
        start = self._instant(bound.path)
        if bound.day:
            start = func.coalesce(start, self._instant(bound.day))
        resets = [self._instant(path) for path in ahead.resets]
        begun = self._newest([start, *resets])
        look_at = begun + literal(ahead.least // _MS)
        in_grid = self._in_grid(begun, bound, ahead)
        outside = and_(
            *where,
            start.is_not(null()),
            or_(
                Grouping(and_(*statement.bound(bound))).is_not(true()),
                *(reset > ms(bound.otherwise) for reset in resets),
            ),
        )
        later = look_at if in_grid is None else self._newest([look_at, in_grid])
        return case((outside, later), else_=literal(_NEVER))

    def _instant(self, path: str) -> ColumnElement[Any]:
        """The instant of a path (ms). A date counts from the earliest time at which it can end."""
        operand = self._statement.operand(path)
        if operand.field.type is not FieldType.DATE:
            return operand.column
        if self._sqlite:
            return func.unixepoch(operand.column) * 1000 + _EARLIEST_END
        seconds = func.extract("epoch", cast(operand.column, Date))
        return cast(seconds, BigInteger) * 1000 + _EARLIEST_END

    def _newest(self, several: Sequence[ColumnElement[Any]]) -> ColumnElement[Any]:
        if len(several) == 1:
            return several[0]
        present = [func.coalesce(one, 0) for one in several]
        return func.max(*present) if self._sqlite else func.greatest(*present)

    def _in_grid(
        self, begun: ColumnElement[Any], bound: Bound, ahead: Ahead
    ) -> ColumnElement[Any] | None:
        """The last instant of the owner's grid by which the first step cannot have come (ms)."""
        if not bound.owner:
            return None
        keys: dict[tuple[tuple[datetime, datetime], ...], list[str]] = {}
        for key, pairs in sorted(ahead.grid.items()):
            keys.setdefault(_steps(pairs), []).append(key)
        owner = self._statement.operand(f"{bound.owner}.calendar").column
        start = str(begun.compile(dialect=self._dialect, compile_kwargs={"literal_binds": True}))
        whens = [
            (owner.in_(several), literal_column(_pick(start, pairs), BigInteger))
            for pairs, several in keys.items()
            if pairs
        ]
        return case(*whens, else_=literal(0)) if whens else None


def _pick(start: str, pairs: Sequence[tuple[datetime, datetime]], otherwise: int = 0) -> str:
    """SQL for the last instant (ms) of these pairs whose threshold is before the expression.

    It is text with whole numbers: as many objects take longer to compile than the statement runs.
    Each comparison halves the pairs.
    """
    if not pairs:
        return str(otherwise)
    middle = len(pairs) // 2
    limit, at = pairs[middle]
    late, early = _pick(start, pairs[middle + 1 :], ms(at)), _pick(start, pairs[:middle], otherwise)
    return f"CASE WHEN {start} > {ms(limit)} THEN {late} ELSE {early} END"


def _steps(
    pairs: Sequence[tuple[datetime, datetime]],
) -> tuple[tuple[datetime, datetime], ...]:
    """The last of all pairs with one threshold: the grid without repeated thresholds."""
    return tuple({limit: (limit, at) for limit, at in pairs}.values())
