"""Narrow every rule to the requisitions of a pilot."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from atsbridge.model import (
    KINDS,
    All,
    AnyOf,
    Condition,
    FieldType,
    Query,
    Where,
    did_you_mean,
    resolve,
    roots,
    suggest,
)
from atsbridge.rules.language import Mistake, Parser, field_paths
from atsbridge.rules.rule import Rule

_SUBJECT = "requisition"
_NOBODY = AnyOf(())  # a condition that no subject meets


def read(where: Mapping[str, Any]) -> tuple[All, tuple[Mistake, ...]]:
    """Parse the conditions on requisitions, which are written as in rules; return errors, too.

    What leads to a record with a name is compared with its name: a department by "Sales".
    """
    parser = Parser(_SUBJECT)
    block = parser.block({_named(path): value for path, value in where.items()})
    return block, tuple(parser.mistakes)


def wrong_conditions(
    where: Mapping[str, Any],
) -> Iterator[tuple[tuple[str | int, ...], str, str, bool]]:
    """What is wrong with the conditions: the keys that lead there, what, the remedy, and whether
    the key itself is wrong.
    """
    written = {_named(path): path for path in where}
    known = [field.path for field in KINDS[_SUBJECT].fields.values() if field.stored]
    for mistake in read(where)[1]:
        keys = (written.get(str(mistake.loc[0]), mistake.loc[0]), *mistake.loc[1:])
        remedy = _near_value(where, keys)
        if mistake.key and keys[-1] in KINDS:
            remedy = f'Put the whole path in quotes: "{keys[-1]}.FIELD" = "VALUE"'
        elif mistake.key:
            remedy = did_you_mean(str(keys[-1]), known, "There are")
        yield keys, mistake.what, remedy, mistake.key


def _near_value(where: Mapping[str, Any], keys: Sequence[str | int]) -> str:
    """The value that was probably meant, else an example of a condition."""
    try:
        texts = resolve(_SUBJECT, _named(str(keys[0]))).field.values
    except KeyError:
        texts = ()
    near = suggest(str(where.get(str(keys[0]))), texts)
    example = 'Write it such as {"requisition.department" = "Sales"}'
    return f'Did you mean "{near}"?' if near else example


def narrowed(rule: Rule, where: All) -> Rule:
    """The rule for requisitions that meet `where` only.

    A subject that belongs to no requisition, or whose requisition lacks the fact, is outside.
    """
    if not where.parts:
        return rule
    extra: Where = where if _SUBJECT in roots(rule.subject) else _NOBODY
    paths = tuple(_paths(extra))
    return replace(
        rule,
        where=_both(rule.where, extra),
        pilot=extra,
        open=_query(rule.open, extra, paths),
        settled=_query(rule.settled, extra, paths),
    )


def _query(query: Query, extra: Where, paths: tuple[str, ...]) -> Query:
    columns = field_paths.unique((*query.columns, *paths))
    return replace(query, where=_both(query.where, extra), columns=columns)


def _both(one: Where, other: Where) -> All:
    parts = [part for where in (one, other) for part in _conjuncts(where)]
    return All(tuple(parts))


def _conjuncts(where: Where) -> tuple[Where, ...]:
    return where.parts if isinstance(where, All) else (where,)


def _paths(where: Where) -> Iterator[str]:
    if isinstance(where, Condition):
        yield where.path
        return
    for part in where.parts:
        yield from _paths(part)


def _named(path: str) -> str:
    try:
        field = resolve(_SUBJECT, path).field
    except KeyError:
        return path
    named = field.type is FieldType.REF and "name" in KINDS[field.ref].fields
    return f"{path}.name" if named else path
