"""The breaker: how much may begin at once, and what ops hear when it is more.

Holding the notices is `decide`'s; letting them go is a person's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from atsbridge.cases.people import Directory
from atsbridge.cases.word import word
from atsbridge.model.case import Case
from atsbridge.model.notice import Notice
from atsbridge.rules.rule import Rule

AT_ONCE = 25  # new cases of one rule in one tick that nobody wonders at
SHARE = 0.05  # or this share of the subjects it watches, where that is more
_NAMED = 5


def tripped(
    account: str, directory: Directory, rule: Rule, cases: Sequence[Case], now: datetime
) -> Notice:
    """Word to ops that a rule's notices are held, and whom they would have gone to most."""
    owing = Counter(directory.name(case.owed_by) or "nobody in particular" for case in cases)
    most = sorted(owing.items(), key=lambda pair: (-pair[1], pair[0]))[:_NAMED]
    body = (
        f"{len(cases):,} cases of {rule.id} began at once in {account}, so nobody was messaged."
        f" Most wait on: {', '.join(f'{name} ({n:,})' for name, n in most)}.\n"
        f"If that is true: `atsbridge notices release {rule.id}`. If it is a mistake: mend the"
        f" rule, then `atsbridge notices drop {rule.id}`."
    )
    topic = f"breaker/{rule.id}/{now.isoformat()}"
    return word(account, directory.ops, topic, f"Held: {rule.title}", body, now)
