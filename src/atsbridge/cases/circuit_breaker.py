"""The breaker: how much may begin at once, and what ops hear when it is more.

Holding the notices is `decide`'s; letting them go is a person's.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from atsbridge.cases.ops_notice import word
from atsbridge.cases.recipients import Directory
from atsbridge.model import Case, Notice
from atsbridge.rules import Rule

AT_ONCE = 25  # new cases of one rule in one tick that nobody wonders at
SHARE = 0.05  # or this share of the subjects it watches, where that is more


def tripped(
    account: str, directory: Directory, rule: Rule, cases: Sequence[Case], now: datetime
) -> Notice:
    """Word to ops that a rule's notices are held, and how many people they wait on.

    Nobody is named: it may go to a channel, and some of the searches may be confidential.
    """
    people = len({case.owed_by for case in cases if case.owed_by})
    on = f" They wait on {people:,} {'person' if people == 1 else 'people'}." if people else ""
    body = (
        f"{len(cases):,} cases of {rule.id} began at once in {account}, so nobody was messaged."
        f"{on} `atsbridge notices list` names them.\n"
        f"If that is true: `atsbridge notices release {rule.id}`. If it is a mistake: mend the"
        f" rule, then `atsbridge notices drop {rule.id}`."
    )
    topic = f"breaker/{rule.id}/{now.isoformat()}"
    return word(account, directory.ops, topic, f"Held: {rule.title}", body, now)
