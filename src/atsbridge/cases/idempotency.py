"""The key of a notice. A sink looks it up before it sends again."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from atsbridge.model import Case, Destination, Key, Purpose
from atsbridge.rules import Rule


@dataclass(frozen=True, slots=True)
class CasePeriod:
    """One rule on one subject from an instant on; it distinguishes their successive cases.

    `begun`: when the case opened; of a periodic rule, when its period began.
    """

    rule: str
    subject: Key
    begun: datetime


def find_period(case: Case, rule: Rule | None) -> CasePeriod:
    """The period of a case; the case as a whole where its rule is not periodic."""
    periodic = rule is not None and rule.periodic
    begun = (case.started_at if periodic else None) or case.opened_at
    return CasePeriod(case.rule, case.subject, begun)


def make_key(
    period: CasePeriod, step: int, to: Destination, purpose: Purpose, again: datetime | None = None
) -> str:
    """The notice's key: 24 hexadecimal digits, the same whenever it is decided again.

    `again`: when an acknowledgement or snooze expired; it distinguishes the reminder.
    """
    subject, opened = period.subject, str(int(period.begun.timestamp() * 1000))
    parts: tuple[str, ...] = (subject.account, period.rule, *subject, opened, str(step), purpose)
    parts += (str(int(again.timestamp() * 1000)),) if again else ()
    return hash_parts(*parts, to.sink, to.kind, to.address)


def hash_parts(*parts: str) -> str:
    """A key of 24 hexadecimal digits: the same for the same parts in the same order."""
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:24]
