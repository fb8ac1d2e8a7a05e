"""The shape of a Query: the same for all instants, so that its statement is built once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import BindParameter, bindparam
from sqlalchemy.types import TypeEngine

from atsbridge.model import (
    All,
    Bound,
    Condition,
    FieldType,
    Operator,
    Query,
    Where,
    catalog,
    conjuncts,
    paths,
)
from atsbridge.store.database import ms

_FEW = 20  # values of a condition in a statement that is kept
_COMPARED = frozenset({Operator.GT, Operator.GTE, Operator.LT, Operator.LTE})


class StandIn(datetime):
    """Stands for one instant of a Query. Stand-ins are ordered as the instants are."""

    def parameter(self, form: str, column: TypeEngine[Any]) -> BindParameter[Any]:
        """The parameter for the instant; `form` is one of those in `parameters`."""
        return bindparam(f"{form}_{self.microsecond}", type_=column)


class _Named:
    """Stands for the ids that a condition names."""


NAMED = _Named()


class _Thresholds(Mapping[str, datetime]):
    """Thresholds that can be part of a key."""

    def __init__(self, pairs: Iterable[tuple[str, datetime]]) -> None:
        self._held = dict(pairs)

    def __getitem__(self, key: str) -> datetime:
        return self._held[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._held)

    def __len__(self) -> int:
        return len(self._held)

    def __hash__(self) -> int:
        return hash(frozenset(self._held.items()))


def split(query: Query) -> tuple[Query, Sequence[datetime]]:
    """The query with a stand-in for each instant, and the instants in order.

    Queries that differ in their instants only become equal, if the instants have the same order.
    """
    instants = sorted({*_in_where(query.where), *_in_bound(query.bound)})
    if not instants:
        return query, ()
    stand_ins = {at: StandIn(1, 1, 1, microsecond=n) for n, at in enumerate(instants)}
    bound = query.bound
    if bound is not None:
        bound = replace(
            bound,
            thresholds=_Thresholds((key, stand_ins[at]) for key, at in bound.thresholds.items()),
            otherwise=stand_ins[bound.otherwise],
        )
    return replace(query, where=_replaced(query.where, stand_ins), bound=bound), instants


def take_named(query: Query) -> tuple[Query, Sequence[str]]:
    """The query with NAMED for the many ids of its first condition, and the ids.

    So are the records below many subjects asked for: each time with other ids.
    """
    parts = query.where.parts if isinstance(query.where, All) else (query.where,)
    first = parts[0] if parts else None
    if not isinstance(first, Condition) or not _is_long(first):
        return query, ()
    if catalog.resolve(query.subject, first.path).field.type is not FieldType.REF:
        return query, ()
    return replace(query, where=All((replace(first, value=NAMED), *parts[1:]))), first.value


def parameters(instants: Sequence[datetime], named: Sequence[str] = ()) -> dict[str, object]:
    """The values of the stand-ins: as milliseconds, as text, and as a day in UTC."""
    found: dict[str, object] = {"named": list(named)} if named else {}
    for number, at in enumerate(instants):
        found[f"ms_{number}"] = ms(at)
        found[f"text_{number}"] = at.isoformat()
        found[f"day_{number}"] = at.date().isoformat()
    return found


def repeats(query: Query) -> bool:
    """Whether it is asked again: not with many ids."""
    return not any(isinstance(one, Condition) and _is_long(one) for one in conjuncts(query.where))


def _is_long(one: Condition) -> bool:
    return isinstance(one.value, tuple) and len(one.value) > _FEW


@lru_cache(maxsize=512)
def list_compared_fields(query: Query) -> frozenset[str]:
    """The "kind.field"s that the conditions and the bound of a query depend on."""
    found, bound = [*paths(query.where)], query.bound
    if bound is not None:
        found += [path for path in (bound.path, bound.day) if path]
        found += [f"{bound.owner}.calendar"] if bound.owner else []
    return frozenset().union(*(catalog.resolve(query.subject, path).columns for path in found))


def _is_instant(node: Condition) -> bool:
    return node.operator in _COMPARED and isinstance(node.value, datetime)


def _in_where(where: Where) -> Iterator[datetime]:
    if isinstance(where, Condition):
        if _is_instant(where):
            yield where.value
        return
    for part in where.parts:
        yield from _in_where(part)


def _in_bound(bound: Bound | None) -> Iterator[datetime]:
    if bound is not None:
        yield from bound.thresholds.values()
        yield bound.otherwise


def _replaced(where: Where, stand_ins: Mapping[datetime, StandIn]) -> Where:
    if isinstance(where, Condition):
        return replace(where, value=stand_ins[where.value]) if _is_instant(where) else where
    return replace(where, parts=tuple(_replaced(part, stand_ins) for part in where.parts))
