"""A Query: which subjects a rule wants to look at, as a small frozen value.

It says nothing of SQL; `store.select` is the only place that does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any


class Operator(StrEnum):
    """What a condition compares by."""

    EQ = "eq"
    IN = "in"
    NOT_IN = "not_in"
    GT = "gt"
    GTE = "gte"
    LT = "lt"
    LTE = "lte"
    SET = "set"
    UNSET = "unset"
    ANY_OF = "any_of"
    NONE_OF = "none_of"
    CONTAINS = "contains"
    LIKE = "like"
    OLDER_THAN = "older_than"
    WITHIN = "within"
    WITHIN_NEXT = "within_next"


# Comparisons with the present instant. The evaluator first turns them into comparisons with
# instants; until then they are unknown.
RELATIVE = frozenset({Operator.OLDER_THAN, Operator.WITHIN, Operator.WITHIN_NEXT})


@dataclass(frozen=True, slots=True)
class Condition:
    """`path` compared by `operator` with `value` (a tuple for in, not_in, any_of, none_of).

    `key`: the key inside the block of keys that `path` leads to; "" for the field itself. `value`
    of a relative comparison is a length of time and the calendar that counts it.
    """

    path: str
    operator: Operator
    value: Any = None
    key: str = ""


@dataclass(frozen=True, slots=True)
class All:
    """Every part holds."""

    parts: tuple[Where, ...] = ()


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one part holds."""

    parts: tuple[Where, ...]


@dataclass(frozen=True, slots=True)
class NoneOf:
    """No part holds: not any."""

    parts: tuple[Where, ...]


Where = Condition | All | AnyOf | NoneOf


@dataclass(frozen=True, slots=True)
class Bound:
    """Only subjects whose `path` lies at or before the threshold of their owner's calendar.

    `owner` is a path to a user, or empty where one calendar counts for all. `thresholds`:
    calendar key -> instant; `otherwise` (the latest of all) stands for an unknown calendar and
    for an owner who changed since the start. Where `path` is a date, or is empty and the date
    `day` stands in for it, that day counts from its end, so its date is compared with the
    threshold's. A superset by design: the evaluator decides.
    """

    path: str
    owner: str
    thresholds: Mapping[str, datetime]
    otherwise: datetime
    day: str = ""


@dataclass(frozen=True, slots=True)
class Ahead:
    """When the subjects that a Query's bound leaves out may come into it, at the earliest.

    A subject's start is the newest of `path`, `day` and `resets`. It comes in no sooner than
    `least` after it, and, where its owner's calendar is one of `grid`, after the last instant of
    the (threshold, instant) pairs whose threshold lies before it.
    """

    query: Query
    resets: tuple[str, ...]
    least: timedelta
    grid: Mapping[str, tuple[tuple[datetime, datetime], ...]]


@dataclass(frozen=True, slots=True)
class Query:
    """Selects the live subjects of kind `subject` for which `where` is true or unknown.

    Results are in order of id, with the values of `columns` (paths).
    """

    subject: str
    where: Where
    columns: tuple[str, ...]
    bound: Bound | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """One subject that a Query selected.

    `facts`: path -> value; instants are aware UTC. `unknown`: the condition could not be decided.
    `missing`: paths that no stream has supplied for this record. `unread`: "kind.field"s, derived
    ones included, that are unknown for this subject because a parent is still queued. `deleted`:
    the record is deleted.
    """

    account: str
    kind: str
    id: str
    facts: Mapping[str, Any]
    unknown: bool = False
    missing: tuple[str, ...] = ()
    unread: frozenset[str] = frozenset()
    deleted: bool = False


def conjuncts(where: Where) -> tuple[Where, ...]:
    """The conditions that must all hold, those of nested `All` blocks among them."""
    if not isinstance(where, All):
        return (where,)
    return tuple(one for part in where.parts for one in conjuncts(part))


def paths(where: Where) -> tuple[str, ...]:
    """Every path a condition tree reads, each once, in order of first use."""
    if isinstance(where, Condition):
        return (where.path,)
    return tuple(dict.fromkeys([path for part in where.parts for path in paths(part)]))
