"""The agenda's rows of subjects that a full pass need not judge yet, written by SQL alone.

What of them is looked at before its time costs one judging; nothing is looked at too late. The
rows of what was judged are `agenda`'s.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Select,
    and_,
    bindparam,
    case,
    cast,
    func,
    literal,
    null,
    or_,
    true,
    union_all,
)
from sqlalchemy import select as sql_select
from sqlalchemy.sql.elements import Grouping
from sqlalchemy.types import Date

from atsbridge.model.fields import FieldType
from atsbridge.model.query import Ahead, Bound
from atsbridge.store.codec import ms
from atsbridge.store.database import Database
from atsbridge.store.logic import filters
from atsbridge.store.select import Statement, parts_of

_EARLIEST_END = 10 * 3_600_000  # a day ends first where it is UTC+14, at 10:00 UTC (ms)
_MS = timedelta(milliseconds=1)


def put(
    database: Database,
    connection: Connection,
    account: str,
    several: Sequence[Ahead],
    unreadable: frozenset[str],
) -> None:
    """Write a row for each subject outside the bounds of `several`, all about one kind."""
    from atsbridge.store.tables import AGENDA

    parts, kind = parts_of(connection, account), several[0].query.subject
    looks = union_all(
        *(
            _Looks(
                Statement(account, one.query, unreadable, parts, database.sqlite),
                one,
                database.sqlite,
            ).select()
            for one in several
        )
    ).subquery()
    earliest = sql_select(
        literal(account), literal(kind), looks.c.id, func.min(looks.c.look_at)
    ).group_by(looks.c.id)
    into = AGENDA.insert().from_select(["account", "kind", "id", "look_at"], earliest)
    connection.execute(into, {"account": account})


class _Looks:
    """One Ahead on its way to SQL: (id, look_at) of each subject outside its bound."""

    def __init__(self, statement: Statement, ahead: Ahead, sqlite: bool) -> None:
        assert ahead.query.bound is not None
        self._statement = statement
        self._ahead = ahead
        self._bound: Bound = ahead.query.bound
        self._sqlite = sqlite

    def select(self) -> Select[Any]:
        statement, bound = self._statement, self._bound
        subject = statement.subject
        where, _ = filters(self._ahead.query.where, statement.operand, self._sqlite)
        start = self._instant(bound.path)
        if bound.day:
            start = func.coalesce(start, self._instant(bound.day))
        resets = [self._instant(path) for path in self._ahead.resets]
        begun = self._newest([start, *resets])
        in_grid = self._in_grid(begun)
        inside = statement.bound(bound)
        resets_later = [reset > ms(bound.otherwise) for reset in resets]
        look_at = begun + literal(self._ahead.least // _MS)
        later = look_at if in_grid is None else self._newest([look_at, in_grid])
        columns = sql_select(subject.c.id.label("id"), later.label("look_at"))
        return columns.select_from(statement.source).where(
            subject.c.account == bindparam("account"),
            subject.c.gone_at.is_(None),
            *where,
            start.is_not(null()),
            or_(Grouping(and_(*inside)).is_not(true()), *resets_later),
        )

    def _instant(self, path: str) -> ColumnElement[Any]:
        """A path's instant (ms), a date's as early as it can end anywhere."""
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

    def _in_grid(self, begun: ColumnElement[Any]) -> ColumnElement[Any] | None:
        """The last instant of the owner's grid by which the first step cannot have come (ms)."""
        bound = self._bound
        if not bound.owner:
            return None
        keys: dict[tuple[tuple[datetime, datetime], ...], list[str]] = {}
        for key, pairs in sorted(self._ahead.grid.items()):
            keys.setdefault(_steps(pairs), []).append(key)
        owner = self._statement.operand(f"{bound.owner}.calendar").column
        whens = []
        for pairs, several in keys.items():
            if pairs:
                after = [(begun > ms(limit), literal(ms(at))) for limit, at in reversed(pairs)]
                whens.append((owner.in_(several), case(*after, else_=literal(0))))
        return case(*whens, else_=literal(0)) if whens else None


def _steps(
    pairs: Sequence[tuple[datetime, datetime]],
) -> tuple[tuple[datetime, datetime], ...]:
    """Of pairs with one threshold only the last: the grid without its flat parts."""
    return tuple({limit: (limit, at) for limit, at in pairs}.values())
