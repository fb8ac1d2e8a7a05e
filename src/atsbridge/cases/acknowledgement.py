"""What people do with a case: acknowledge, snooze, mark done, call it a false alarm, reassign.

None of this ends the case. The caller checks who may do it; `lifecycle` ends it in time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from atsbridge.cases.idempotency import CasePeriod, make_key
from atsbridge.model import (
    Case,
    Destination,
    DropCode,
    FirstLook,
    Handling,
    Notice,
    NoticeState,
    Purpose,
    Reason,
    ReasonCode,
    RecipientCode,
    Transition,
    TransitionName,
    because,
    drop_notice,
    recipient_reason,
)
from atsbridge.ports import Decision
from atsbridge.rules import Rule


@dataclass(frozen=True, slots=True)
class Reassignment:
    """Who reassigns a case, and when.

    `person`: from whom; None: from the assignee. `name`: the name of the new assignee for the
    history; "": the rule's owner.
    """

    at: datetime
    actor: str
    comment: str = ""
    person: str | None = None
    name: str = ""


_WAITING = (NoticeState.QUEUED, NoticeState.HELD, NoticeState.RETRY)


def acknowledge(case: Case, now: datetime, until: datetime, actor: str, comment: str) -> Decision:
    """Acknowledge the case: no step is sent before `until`, then one if the case is still open."""
    handled = replace(case, handling=Handling.ACKNOWLEDGED, handling_until=until, false_facts=None)
    reason = because(ReasonCode.HANDLED_UNTIL, until=until.isoformat(), comment=comment)
    return _decide(handled, TransitionName.ACKNOWLEDGED, reason, now, actor)


def snooze(case: Case, now: datetime, until: datetime, actor: str, comment: str) -> Decision:
    """Snooze the case: no step is sent before `until`."""
    handled = replace(case, handling=Handling.SNOOZED, handling_until=until, false_facts=None)
    reason = because(ReasonCode.HANDLED_UNTIL, until=until.isoformat(), comment=comment)
    return _decide(handled, TransitionName.SNOOZED, reason, now, actor)


def done(case: Case, now: datetime, actor: str, comment: str) -> Decision:
    """Mark the case as done until the next run; if it is still open then, one step is sent."""
    handled = replace(case, handling=Handling.ACKNOWLEDGED, handling_until=now, false_facts=None)
    reason = because(ReasonCode.REPORTED_DONE, comment=comment)
    return _decide(handled, TransitionName.MARKED_DONE, reason, now, actor)


def false_alarm(case: Case, now: datetime, actor: str, comment: str) -> Decision:
    """Mark a false alarm: no step until the facts change; it counts against the rule."""
    handled = replace(case, handling=Handling.SNOOZED, handling_until=None, false_facts="")
    reason = because(ReasonCode.REPORTED_FALSE, comment=comment)
    return _decide(handled, TransitionName.FALSE_ALARM, reason, now, actor)


def reassign(
    case: Case,
    rule: Rule,
    notices: Sequence[Notice],
    to: Destination,
    given: Reassignment,
) -> Decision:
    """Reassign the case: drop the notices that wait for the former assignee, notify `to` instead.

    Notices that wait for an earlier recipient of a reassignment are dropped, too. `notices`: those
    of the case so far.
    """
    person = given.person or case.owed_by
    step = max((one for one in case.steps_done if one < len(rule.steps)), default=-1)
    period = CasePeriod(case.rule, case.subject, case.opened_at)
    key = make_key(period, step, to, _SEND)
    if _has_read_other_news(to, key, notices):
        key = make_key(period, step, to, _SEND, given.at)
    fresh = Notice(
        key=key,
        account=case.subject.account,
        case=case.number,
        rule=case.rule,
        subject=case.subject,
        destination=replace(to, why=_ASSIGNED.get(to.kind, ()), fallback=to.kind == "channel"),
        purpose=_SEND,
        step=step,
        created_at=given.at,
        handed_on=True,
    )
    dropped = [
        drop_notice(one, DropCode.REASSIGNED)
        for one in notices
        if one.state in _WAITING
        and one.key != fresh.key
        and (one.destination.person == person or one.handed_on or one.destination.place == to.place)
    ]
    code = ReasonCode.REASSIGNED if given.name else ReasonCode.REASSIGNED_TO_OWNER
    reason = because(code, to=given.name, comment=given.comment)
    decided = _decide(case, TransitionName.REASSIGNED, reason, given.at, given.actor)
    return replace(decided, notices=(*dropped, fresh))


def _has_read_other_news(to: Destination, key: str, notices: Sequence[Notice]) -> bool:
    """Whether `to` got the message of this key, but not because it was handed on to them last."""
    handed = [one.destination.place for one in notices if one.handed_on]
    sent = any(one.key == key and one.state is NoticeState.SENT for one in notices)
    return sent and handed[-1:] != [to.place]


_SEND = Purpose.SEND
_ASSIGNED = {
    "person": (recipient_reason(RecipientCode.ASSIGNED),),
    "channel": (recipient_reason(RecipientCode.ASSIGNED_TO_TEAM),),
}


def _decide(
    case: Case, name: TransitionName, reason: Reason, now: datetime, actor: str
) -> Decision:
    row = Transition(case.number, now, name, reason, actor)
    if case.in_backlog:  # whoever answers for it has acted: it is followed again
        case = replace(case, first_look=FirstLook.NONE)
    return Decision(
        account=case.subject.account,
        at=now,
        cases=(case,),
        transitions=((case.subject, case.rule, row),),
    )
