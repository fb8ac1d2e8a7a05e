"""The circuit breaker: a rule that opens too many cases at once has its notices held.

`atsbridge notices release` or `drop` ends the hold.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from atsbridge.model import Case, Hold, Notice, NoticeState, Purpose, hold_notice
from atsbridge.ports import BreakerTrip

MAX_NEW_CASES = 25  # new cases of one rule in one run that never trip the breaker
MAX_NEW_SHARE = 0.05  # or this share of the subjects it watches, where that is more


def opens_too_many(opened: int, count_subjects: Callable[[], int]) -> bool:
    """Whether the cases that a rule opened in one run trip it.

    `count_subjects`: how many subjects the rule watches; called only beyond MAX_NEW_CASES.
    """
    return opened > MAX_NEW_CASES and opened > MAX_NEW_SHARE * count_subjects()


def hold_for_breaker(notice: Notice, rule: str) -> Notice:
    """Hold a notice of the rule that would be sent; others are returned as they are."""
    sends = notice.purpose in (Purpose.SEND, Purpose.FOLLOW_UP)
    waits = notice.state is NoticeState.QUEUED or notice.hold is Hold.DIGEST
    if notice.rule != rule or not sends or not waits:
        return notice
    return hold_notice(notice, Hold.BREAKER)


def make_trip(rule: str, cases: Sequence[Case]) -> BreakerTrip:
    """What operators are told about a trip: numbers, as requisitions may be confidential."""
    return BreakerTrip(rule, len(cases), len({case.owed_by for case in cases if case.owed_by}))
