"""Inhibition: an open breach suppresses the rules that name it in `muted_by`."""

from __future__ import annotations

from datetime import datetime

from atsbridge.model import Case, Clock
from atsbridge.rules import Rule


def notifies(rule: Rule | None) -> bool:
    """Whether the rule notifies people; only such a rule may inhibit others."""
    return rule is not None and rule.status == "live"


def inhibits(case: Case, rule: Rule | None, now: datetime, *, stopped: bool = False) -> bool:
    """Whether this open case suppresses the rules that name its rule in `muted_by`.

    A breached case does, also while it is acknowledged or snoozed. So does a case that became
    unknown after it was due. A case that was called a false alarm does not. While its rule is
    `stopped` by an error, the case counts with its last known clock. A case in the backlog
    suppresses nothing, because nobody is reminded of it.
    """
    if case.in_backlog:
        return False
    if stopped:
        return case.false_facts is None and case.clock is Clock.BREACHED
    if rule is None or not notifies(rule) or case.false_facts is not None:
        return False
    if case.clock is Clock.UNKNOWN:
        return rule.check is not None or (case.due_at is not None and case.due_at <= now)
    return case.clock is Clock.BREACHED
