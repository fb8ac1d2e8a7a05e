"""The circuit breaker: how many cases of a rule may open at once, and the notice to ops.

`decide` holds the notices; `atsbridge notices release` or `drop` ends the hold.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from atsbridge.cases.ops_notice import make_ops_notice
from atsbridge.cases.recipients import Directory
from atsbridge.model import Case, Notice
from atsbridge.rules import Rule

MAX_NEW_CASES = 25  # new cases of one rule in one run that never trip the breaker
MAX_NEW_SHARE = 0.05  # or this share of the subjects it watches, where that is more


def make_trip_notice(
    account: str, directory: Directory, rule: Rule, cases: Sequence[Case], now: datetime
) -> Notice:
    """Make the notice to ops: a rule's notices are held, and how many people they wait on.

    It names nobody: it may go to a channel, and some requisitions may be confidential.
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
    return make_ops_notice(account, directory.ops, topic, f"Held: {rule.title}", body, now)
