"""Evaluate conditions in three values: true, false, unknown.

The store answers the same conditions in SQL; the two must agree.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from functools import lru_cache, partial
from typing import Any

from atsbridge.model import (
    OTHER_TERM,
    RELATIVE,
    All,
    AnyOf,
    Condition,
    FieldType,
    Operator,
    Sensitivity,
    Where,
    resolve,
)
from atsbridge.rules.language import field_paths, shown


def evaluate(
    where: Where, facts: Mapping[str, Any], unknown: Container[str], subject: str
) -> bool | None:
    """Whether it holds; None where that cannot be known. Kleene's `all`, `any`, `none`.

    `unknown`: paths whose values cannot be known. Any other absent value is a fact: a
    comparison with it is false, `not_in`, `none_of` and `is: unset` are true. A comparison with a
    value of another type is false. An enum's term outside its list, kept as "other:<term>", is
    also plain "other". Where terms are decisive it is unknown whether it equals another value.
    """
    if isinstance(where, Condition):
        if where.path in unknown:
            return None
        if where.operator in RELATIVE:
            return None  # relative time needs an instant: see `relative_time`
        value, wanted = field_paths.inside(facts.get(where.path), where.key), where.value
        if where.key:  # no field of one type, so that anything may stand there
            value, wanted = _tell_apart(value), _tell_apart(wanted)
        if isinstance(value, str) and value.startswith(OTHER_TERM):
            if _is_undecided(where, value, subject):
                return None
            value = _folded(where, value, subject)
        return _COMPARE[where.operator](value, wanted)
    if isinstance(where, All):
        return _settle(where.parts, facts, unknown, subject, by=False)
    some = _settle(where.parts, facts, unknown, subject, by=True)
    if isinstance(where, AnyOf):
        return some
    return None if some is None else not some


def _settle(
    parts: Sequence[Where],
    facts: Mapping[str, Any],
    unknown: Container[str],
    subject: str,
    *,
    by: bool,
) -> bool | None:
    """`by` if one part is it; else None if one is unknown; else the opposite."""
    settled: bool | None = not by
    for part in parts:
        answer = evaluate(part, facts, unknown, subject)
        if answer is by:
            return by
        if answer is None:
            settled = None
    return settled


def failed(
    where: Where, facts: Mapping[str, Any], subject: str, unknown: Container[str] = ()
) -> str:
    """Describe the part of a block that does not hold: "application.status is rejected"."""
    if isinstance(where, Condition):
        return _describe(where, facts, subject)
    if isinstance(where, All):
        bad = _false(where.parts, facts, unknown, subject)
        return failed(bad, facts, subject, unknown) if bad is not None else ""
    if isinstance(where, AnyOf):
        paths = ", ".join(failed(part, facts, subject, unknown) for part in where.parts)
        return f"any of: {paths}"
    holds = (
        c
        for part in where.parts
        if evaluate(part, facts, unknown, subject)
        for c in _conditions(part, facts, unknown, subject)
    )
    return ", ".join(_describe(one, facts, subject) for one in holds)


def failing(
    where: Where, facts: Mapping[str, Any], subject: str, unknown: Container[str] = ()
) -> Condition | None:
    """The first condition because of which a block does not hold; None if there is none.

    Of an `any` block it is the first condition within, of a `none` block one that holds.
    """
    if isinstance(where, Condition):
        return where
    if isinstance(where, All):
        bad = _false(where.parts, facts, unknown, subject)
        return None if bad is None else failing(bad, facts, subject, unknown)
    parts: Sequence[Where] = where.parts
    if not isinstance(where, AnyOf):
        held = [part for part in parts if evaluate(part, facts, unknown, subject)]
        return next((c for p in held for c in _conditions(p, facts, unknown, subject)), None)
    return next((c for p in parts if (c := failing(p, facts, subject, unknown))), None)


def _false(
    parts: Sequence[Where], facts: Mapping[str, Any], unknown: Container[str], subject: str
) -> Where | None:
    """The first part that is false, else the first that is unknown."""
    answers = [(part, evaluate(part, facts, unknown, subject)) for part in parts]
    doubtful = [part for part, answer in answers if answer is None]
    return next((part for part, answer in answers if answer is False), next(iter(doubtful), None))


def _conditions(
    where: Where, facts: Mapping[str, Any], unknown: Container[str], subject: str
) -> Iterator[Condition]:
    """The conditions by which a part holds."""
    if isinstance(where, Condition):
        yield where
        return
    if isinstance(where, All | AnyOf):
        for part in where.parts:
            if evaluate(part, facts, unknown, subject):
                yield from _conditions(part, facts, unknown, subject)
                if isinstance(where, AnyOf):
                    return
        return
    for part in where.parts:
        if (one := failing(part, facts, subject, unknown)) is not None:
            yield one


def _describe(condition: Condition, facts: Mapping[str, Any], subject: str) -> str:
    field = resolve(subject, condition.path).field
    value = field_paths.inside(facts.get(condition.path), condition.key)
    path = f"{condition.path}.{condition.key}" if condition.key else condition.path
    if value is None:
        return f"{path} is not set"
    if field.sensitivity is not Sensitivity.OPEN:
        return f"{path} has another value"
    return f"{path} is {value if isinstance(value, str) else shown(value)}"


def find_unknown_terms(where: Where, facts: Mapping[str, Any], subject: str) -> Iterator[str]:
    """The paths whose terms nobody knows, and with which conditions cannot be decided."""
    if not isinstance(where, Condition):
        for part in where.parts:
            yield from find_unknown_terms(part, facts, subject)
        return
    value = facts.get(where.path)
    if isinstance(value, str) and _is_undecided(where, value, subject):
        yield where.path


def _is_undecided(where: Condition, value: str, subject: str) -> bool:
    """Whether a term that nobody knows is compared with others."""
    field = resolve(subject, where.path).field
    return (
        field.is_unknown_term(value)
        and where.operator not in (Operator.SET, Operator.UNSET)
        and not {value, "other"}.intersection(_asked(where))
    )


def _asked(where: Condition) -> tuple[Any, ...]:
    return where.value if isinstance(where.value, tuple) else (where.value,)


def _folded(where: Condition, value: str, subject: str) -> str:
    """The value to compare: "other" if an enum is compared with it."""
    is_enum = resolve(subject, where.path).field.type is FieldType.ENUM
    return "other" if is_enum and "other" in _asked(where) else value


def _tell_apart(value: Any) -> Any:
    """The value with a wrapping around true and false, which Python takes for 1 and 0."""
    if isinstance(value, tuple | list):
        return tuple(map(_tell_apart, value))
    return frozenset({value}) if isinstance(value, bool) else value


def _equal(value: object, wanted: Any) -> bool:
    return value is not None and bool(value == wanted)


def _within(value: object, wanted: tuple[Any, ...]) -> bool:
    return value is not None and value in wanted


def _holds(value: object, wanted: tuple[Any, ...]) -> bool:
    held = value if isinstance(value, tuple | list) else () if value is None else (value,)
    return any(one in held for one in wanted)


def _ordered(test: Callable[[Any, Any], bool], value: Any, wanted: Any) -> bool:
    try:
        return value is not None and test(value, wanted)
    except TypeError:  # a custom field may hold any type
        return False


def _texts(value: object) -> Iterator[str]:
    """A text, or each text of a list, in lower case."""
    several = value if isinstance(value, tuple | list) else (value,)
    return (one.casefold() for one in several if isinstance(one, str))


def _contains(value: object, wanted: str) -> bool:
    return any(wanted.casefold() in one for one in _texts(value))


def _like(value: object, wanted: str) -> bool:
    pattern = _glob(wanted.casefold())
    return any(pattern.fullmatch(one) for one in _texts(value))


@lru_cache(maxsize=512)
def _glob(text: str) -> re.Pattern[str]:
    """`*` matches any text and `?` one character; brackets have no special meaning."""
    return re.compile(fnmatch.translate(text.replace("[", "[[]")))


_COMPARE: dict[Operator, Callable[[Any, Any], bool]] = {
    Operator.EQ: _equal,
    Operator.IN: _within,
    Operator.NOT_IN: lambda value, wanted: not _within(value, wanted),
    Operator.GT: partial(_ordered, lambda a, b: a > b),
    Operator.GTE: partial(_ordered, lambda a, b: a >= b),
    Operator.LT: partial(_ordered, lambda a, b: a < b),
    Operator.LTE: partial(_ordered, lambda a, b: a <= b),
    Operator.SET: lambda value, _: value is not None,
    Operator.UNSET: lambda value, _: value is None,
    Operator.ANY_OF: _holds,
    Operator.NONE_OF: lambda value, wanted: not _holds(value, wanted),
    Operator.CONTAINS: _contains,
    Operator.LIKE: _like,
}
