"""Narrow the query of a backtest to subjects that can have mattered in the window.

The rule's own queries describe the present; a condition narrows here only if it also held in the
past.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from datetime import datetime

from atsbridge.model import All, AnyOf, Condition, NoneOf, Operator, Where, paths, resolve
from atsbridge.rules import Rule, field_paths
from atsbridge.simulation.field_history import CHAINS, FieldHistory, beside

_EQUALITY = (Operator.EQ, Operator.IN)


def narrowed(
    rule: Rule, operands: Mapping[str, FieldHistory], start: datetime, changed: Container[str]
) -> All:
    """Narrow the query to subjects that can have been open or settled since `start`.

    `changed`: the "kind.field"s that have changes. Conditions on fields that never changed are
    kept. Subjects whose status ended before the window, or whose clock had ended for good by then,
    are left out.
    """
    where = rule.where.parts if isinstance(rule.where, All) else (rule.where,)
    parts = [*_conditions(rule.subject, where, operands, start, changed)]
    return All((*parts, *_running(rule, operands, start)))


def _conditions(
    subject: str,
    where: tuple[Where, ...],
    operands: Mapping[str, FieldHistory],
    start: datetime,
    changed: Container[str],
) -> Iterator[Where]:
    for part in where:
        if all(operands[path].is_constant(changed) for path in paths(part)):
            yield part
        elif isinstance(part, Condition) and part.operator in _EQUALITY and not part.key:
            chain = CHAINS.get(resolve(subject, part.path).field.path)
            if chain is not None:
                last = beside(part.path, chain[-1][0])
                yield AnyOf((part, NoneOf((Condition(last, Operator.LT, start),))))


def _running(rule: Rule, operands: Mapping[str, FieldHistory], start: datetime) -> Iterator[Where]:
    """Whether the clock had started, and had not ended before the window."""
    spec = rule.clock
    if spec is None:
        return
    if operands[spec.start].dated and not field_paths.twin(rule.subject, spec.start):
        yield Condition(spec.start, Operator.SET)
    ends = () if spec.reset else (*spec.cancel, *((spec.stop,) if spec.stop else ()))
    for path in ends:
        if operands[path].dated:
            yield NoneOf((Condition(path, Operator.LT, start),))
