"""Why a verdict ends an open case: it is outside the rule, or an event stopped its clock."""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import Any

from atsbridge.model import Reason, ReasonCode, Sensitivity, because, resolve
from atsbridge.rules.evaluate import predicates
from atsbridge.rules.rule import Rule


def outside(rule: Rule, facts: Mapping[str, Any], unknown: Container[str] = ()) -> Reason:
    """Why a subject does not meet `where`: the pilot, else the failing condition.

    The fact is named, its value only where everybody may read it.
    """
    pilot = rule.pilot
    if pilot is not None and predicates.evaluate(pilot, facts, unknown, rule.subject) is False:
        return because(ReasonCode.PILOT)
    condition = predicates.failing(rule.where, facts, rule.subject, unknown)
    if condition is None:
        return because(ReasonCode.CONDITION)
    value = facts.get(condition.path)
    readable = resolve(rule.subject, condition.path).field.sensitivity is Sensitivity.OPEN
    text = value if readable and isinstance(value, str) else ""
    return because(ReasonCode.CONDITION, path=condition.path, value=text)


def ended_by(path: str, *, kept: bool) -> Reason:
    """The reason for the event that stopped (`kept`) or canceled a clock."""
    return because(ReasonCode.STOPPED if kept else ReasonCode.CANCELLED, path=path)
