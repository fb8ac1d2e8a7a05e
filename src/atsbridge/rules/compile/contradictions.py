"""Find rules that can never work: conditions, clocks or steps that contradict each other.

Each part of such a rule is valid by itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from itertools import combinations, pairwise
from typing import Any

from atsbridge.model import All, Condition, FieldType, Operator, Where, conjuncts, resolve
from atsbridge.rules.language import Mistake
from atsbridge.rules.rule import ClockSpec, Rule, Step
from atsbridge.worktime import Duration, Unit

_POSITIVE = frozenset(Operator) - {Operator.UNSET, Operator.NOT_IN, Operator.NONE_OF}
_ABOVE = (Operator.GT, Operator.GTE)
_BELOW = (Operator.LT, Operator.LTE)


def find(rule: Rule, data: Mapping[str, Any]) -> Iterator[Mistake]:
    """Find every contradiction in a compiled rule. `data`: its keys as written."""
    if "where" in data:
        yield from _conditions(rule.where, rule.subject)
    if rule.clock is not None and isinstance(data.get("clock"), Mapping):
        yield from _clock(rule.clock)
    yield from _steps(rule)


def _clock(clock: ClockSpec) -> Iterator[Mistake]:
    start, stop = clock.start, clock.stop
    if start == stop:
        what = f"the clock stops where it starts: {start}"
        yield Mistake(what, "Name the event that answers it", ("clock", "stop"))
    if stop is not None and stop in clock.cancel:
        what = f"the clock's stop is under cancel, too: {stop}"
        yield Mistake(what, "Keep it in one of the two", ("clock", "cancel"))


def _steps(rule: Rule) -> Iterator[Mistake]:
    indexed = list(enumerate(rule.steps))
    for (_, one), (index, other) in combinations(indexed, 2):
        if (one.when.label, one.to, one.mark) == (other.when.label, other.to, other.mark):
            what = f'the step "{other.when.label}" to {other.to} stands here twice'
            yield Mistake(what, "Keep one of them", ("steps", index))
    target = rule.clock.target if rule.clock else Duration(timedelta(), Unit.BD)
    for (_, one), (index, other) in pairwise(indexed):
        if _offset(one, target) > _offset(other, target) and _comparable(one, other, target):
            what = f'the step "{other.when.label}" comes before "{one.when.label}", which is above'
            yield Mistake(what, "Put the steps in the order in which they come", ("steps", index))


def _offset(step: Step, target: Duration) -> timedelta:
    """The offset of a step from due, in the step's own unit."""
    value = step.when.value
    if isinstance(value, int):
        return target.span * (value - 100) / 100
    return timedelta() if value is None else value.span


def _comparable(one: Step, other: Step, target: Duration) -> bool:
    """Whether the order of two steps is certain: same unit, or one before and one after due."""
    units = [
        value.unit if isinstance(value := step.when.value, Duration) else target.unit
        for step in (one, other)
    ]
    sides = [_offset(step, target) > timedelta() for step in (one, other)]
    return units[0] is units[1] or sides[0] is not sides[1]


def _conditions(where: Where, subject: str) -> Iterator[Mistake]:
    """Conditions of one block that cannot hold together."""
    if isinstance(where, Condition):
        return
    if isinstance(where, All):
        flat = conjuncts(where)
        by_path: dict[tuple[str, str], list[Condition]] = {}
        for one in flat:
            if isinstance(one, Condition):
                by_path.setdefault((one.path, one.key), []).append(one)
        for (path, key), conditions in by_path.items():
            if why := _impossible(path, conditions, subject):
                name = f"{path}.{key}" if key else path
                yield Mistake(f"nothing can meet these conditions on {name}: {why}", _MEND, _AT)
        parts: Iterable[Where] = (one for one in flat if not isinstance(one, Condition))
    else:
        parts = where.parts
    for part in parts:
        yield from _conditions(part, subject)


_MEND = "Put values of which one is enough into one list: in: [one, other]"
_AT = ("where",)


def _impossible(path: str, conditions: list[Condition], subject: str) -> str:
    """Why no value meets all conditions; "" if one may."""
    operators = {one.operator for one in conditions}
    if Operator.UNSET in operators and operators & _POSITIVE:
        return "it would have to be unset and have a value"
    wanted = _allowed(path, conditions, subject)
    if wanted is not None and not wanted:
        return "no value is left"
    lower = [(c.value, c.operator is Operator.GT) for c in conditions if c.operator in _ABOVE]
    upper = [(c.value, c.operator is Operator.LT) for c in conditions if c.operator in _BELOW]
    for (low, open_low), (high, open_high) in ((a, b) for a in lower for b in upper):
        if low > high or (low == high and (open_low or open_high)):
            return f"above {low} and below {high}"
    return ""


def _allowed(path: str, conditions: list[Condition], subject: str) -> set[Any] | None:
    """The values that the conditions allow; None if they allow any."""
    field = resolve(subject, path).field
    found: set[Any] | None = None
    for one in conditions:
        if one.operator in (Operator.EQ, Operator.IN):
            values = set(one.value) if one.operator is Operator.IN else {one.value}
            found = values if found is None else found & values
    if found is None and field.type is FieldType.ENUM:
        found = set(field.values)
    for one in conditions:
        if one.operator is Operator.NOT_IN and found is not None:
            found -= set(one.value)
    return found
