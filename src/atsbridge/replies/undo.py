"""Undo the last action on a case."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from atsbridge.errors import ConfigError
from atsbridge.model import (
    Case,
    DropCode,
    Handling,
    Notice,
    NoticeState,
    Reason,
    ReasonCode,
    Transition,
    TransitionName,
    because,
    drop_notice,
    queue_notice,
)
from atsbridge.ports import Decision

_WAITING = (NoticeState.QUEUED, NoticeState.HELD, NoticeState.RETRY)
_HANDLED = {
    TransitionName.ACKNOWLEDGED: TransitionName.UNDONE,
    TransitionName.SNOOZED: TransitionName.UNDONE,
    TransitionName.MARKED_DONE: TransitionName.UNDONE,
    TransitionName.FALSE_ALARM: TransitionName.FALSE_ALARM_UNDONE,
}


def undo(
    case: Case,
    history: Sequence[Transition],
    notices: Sequence[Notice],
    reassigned: bool,
    now: datetime,
    actor: str,
) -> Decision:
    """Take back the last acknowledgement, snooze, "done", false alarm or reassignment.

    `history`: oldest first. `reassigned`: whether the subject is reassigned now. ConfigError if no
    action is in effect.
    """
    for row in reversed(history):
        if row.name is TransitionName.REASSIGNED and reassigned:
            return _goes_back(case, row, notices, now, actor)
        if row.name in _HANDLED and case.handling is not Handling.NONE:
            plain = replace(case, handling=Handling.NONE, handling_until=None, false_facts=None)
            taken = Transition(case.number, now, _HANDLED[row.name], _undone(row), actor)
            return _decision(plain, taken)
    raise ConfigError(
        f"there is nothing to undo on case {case.number}",
        remedy=f"See its history: `atsbridge cases show {case.number}`",
    )


def _goes_back(
    case: Case, row: Transition, notices: Sequence[Notice], now: datetime, actor: str
) -> Decision:
    """Drop notices to the new assignee, and queue those again that the reassignment dropped."""
    handed = {one.key for one in notices if one.handed_on}
    changed = [
        drop_notice(one, DropCode.REASSIGNMENT_UNDONE)
        for one in notices
        if one.key in handed and one.state in _WAITING
    ]
    changed += [
        queue_notice(one)
        for one in notices
        if one.key not in handed and one.drop and one.drop.code is DropCode.REASSIGNED
    ]
    taken = Transition(case.number, now, TransitionName.UNDONE, _undone(row), actor)
    return replace(_decision(case, taken), notices=changed)


def _undone(row: Transition) -> Reason:
    at = row.at.isoformat()
    return because(ReasonCode.UNDONE, transition=row.name, at=at, actor=row.actor)


def _decision(case: Case, row: Transition) -> Decision:
    return Decision(
        account=case.subject.account,
        at=row.at,
        cases=(case,),
        transitions=((case.subject, case.rule, row),),
    )
