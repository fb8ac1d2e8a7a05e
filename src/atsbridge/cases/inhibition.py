"""Which breaches keep quiet what follows from them.

Which rules follow from which is theirs to say (`muted_by`); where a subject belongs, the store's.
"""

from __future__ import annotations

from datetime import datetime

from atsbridge.model import Case, Clock
from atsbridge.rules import Rule


def heard(rule: Rule | None) -> bool:
    """Whether anybody hears of the rule, so that its breach may mute what follows from it."""
    return rule is not None and rule.status == "live"


def mutes(case: Case, rule: Rule | None, now: datetime, *, stopped: bool = False) -> bool:
    """Whether this open case of a cause keeps its consequences quiet.

    It was told, so whoever has it in hand or put it off has not to hear of what follows. It goes
    on while nobody can tell how it stands. What was called a false alarm causes nothing.
    A cause whose rule is `stopped` by a mistake stays as it was.
    """
    if stopped:
        return case.false_facts is None and case.clock is Clock.BREACHED
    if rule is None or not heard(rule) or case.false_facts is not None:
        return False
    if case.clock is Clock.UNKNOWN:
        return rule.check is not None or (case.due_at is not None and case.due_at <= now)
    return case.clock is Clock.BREACHED
