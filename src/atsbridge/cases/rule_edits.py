"""Edits of rules and maps since the last run, and the ends of cases that they explain.

If only an edit explains why a case ended, the message must not claim an event in the ATS.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from atsbridge.model import ReasonCode, Verdict, because, resolve
from atsbridge.rules import Rule


class RulePart(StrEnum):
    """The parts of a rule that decide whether it covers a subject."""

    WHERE = "where"
    EVENTS = "events"  # of its clock: start, stop, cancel
    CHECK = "check"


_BLAMED = {
    ReasonCode.CONDITION: RulePart.WHERE,
    ReasonCode.NOT_STARTED: RulePart.EVENTS,
    ReasonCode.STOPPED: RulePart.EVENTS,
    ReasonCode.CANCELLED: RulePart.EVENTS,
    ReasonCode.NEWS_OVER: RulePart.EVENTS,
    ReasonCode.CLEARED: RulePart.CHECK,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Edits:
    """`rules`: rule id -> its edited parts. `mapped`: "kind.field"s of an edited account map."""

    rules: Mapping[str, frozenset[RulePart]] = field(default_factory=dict)
    mapped: frozenset[str] = frozenset()

    def attribute_end(self, verdict: Verdict, rule: Rule) -> Verdict:
        """Name the edit as the reason of the end where that part of the rule was edited."""
        ending = verdict.ending
        if ending is None:
            return verdict
        if _BLAMED.get(ending.code) in self.rules.get(rule.id, ()):
            return replace(verdict, ending=because(ReasonCode.RULE_CHANGED))
        path = ending["path"]
        if path and self.mapped and set(resolve(rule.subject, path).columns) & self.mapped:
            return replace(verdict, ending=because(ReasonCode.MAP_CHANGED, path=path))
        return verdict


def parts(rule: Rule) -> Mapping[RulePart, str]:
    """Each part of a rule that decides whether it covers a subject, as text to compare."""
    spec = rule.clock
    events = (spec.start, spec.stop, spec.cancel) if spec is not None else ()
    return {
        RulePart.WHERE: repr(rule.where),
        RulePart.EVENTS: repr((rule.subject, events)),
        RulePart.CHECK: repr(rule.check),
    }
