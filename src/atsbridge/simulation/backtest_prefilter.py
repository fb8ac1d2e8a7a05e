"""Which subjects a backtest has to read: a Query that leaves out only what cannot have mattered.

The rule's own Queries ask what holds now; here a condition narrows only if it held then too.
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
    """What can have been open or answered since `start`.

    `changed`: the "kind.field"s of which there are Changes. Conditions on a field that never
    changed are kept; a status that ended before the window by its own date is left out, and so is
    a clock that something ended for good before it.
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
        if all(_lasting(operands[path], changed) for path in paths(part)):
            yield part
        elif isinstance(part, Condition) and part.operator in _EQUALITY and not part.key:
            chain = CHAINS.get(resolve(subject, part.path).field.path)
            if chain is not None:
                last = beside(part.path, chain[-1][0])
                yield AnyOf((part, NoneOf((Condition(last, Operator.LT, start),))))


def _lasting(one: FieldHistory, changed: Container[str]) -> bool:
    """Whether what it is now it has been all the time."""
    return one.lasts and (one.logged is None or one.logged.path not in changed)


def _running(rule: Rule, operands: Mapping[str, FieldHistory], start: datetime) -> Iterator[Where]:
    """The clock began at some time, and was not over before the window."""
    spec = rule.clock
    if spec is None:
        return
    if operands[spec.start].dated and not field_paths.twin(rule.subject, spec.start):
        yield Condition(spec.start, Operator.SET)
    ends = () if spec.reset else (*spec.cancel, *((spec.stop,) if spec.stop else ()))
    for path in ends:
        if operands[path].dated:
            yield NoneOf((Condition(path, Operator.LT, start),))
