"""The life of a case: a verdict opens, changes or ends it.

Each change is a transition with a typed reason.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime

from atsbridge.errors import require
from atsbridge.model import (
    Case,
    Clock,
    End,
    FirstLook,
    Handling,
    Reason,
    ReasonCode,
    State,
    Transition,
    TransitionName,
    Verdict,
    because,
    to_iso,
)
from atsbridge.rules import Rule

_CLOCKS = {
    State.PENDING: Clock.PENDING,
    State.RUNNING: Clock.RUNNING,
    State.PAUSED: Clock.PAUSED,
    State.WARNED: Clock.WARNED,
    State.BREACHED: Clock.BREACHED,
    State.UNKNOWN: Clock.UNKNOWN,
}
_LIVE = ("live", "shadow")
_ENDING = {  # the plain reason, for a verdict that names none
    State.KEPT: ReasonCode.STOPPED,
    State.CANCELLED: ReasonCode.CANCELLED,
    State.OUTSIDE: ReasonCode.CONDITION,
}
# The case ended because of atsbridge's configuration, not because of an event in the ATS.
UNTRACKED = frozenset(
    {
        ReasonCode.RULE_CHANGED,
        ReasonCode.RULE_DISABLED,
        ReasonCode.RULE_REMOVED,
        ReasonCode.PILOT,
        ReasonCode.EXCEPTION,
        ReasonCode.MAP_CHANGED,
    }
)


@dataclass(frozen=True, slots=True)
class Moved:
    """A case after a verdict. `steps`: indices of the steps to act on now, in order.

    After a hand-over they include the last step that was sent to the former assignee, because
    the new one has not seen it.

    Each change (clock; start and due; assignee; finding; handling; end; steps done) has exactly
    one transition. A new case has the single transition `opened`.
    """

    case: Case | None
    transitions: tuple[Transition, ...] = ()
    steps: tuple[int, ...] = ()
    reminded: datetime | None = None  # when an acknowledgement or snooze expired
    late: tuple[int, ...] = ()  # steps that came due before the first run: for the summary


def move(
    case: Case | None,
    verdict: Verdict,
    rule: Rule,
    now: datetime,
    baseline: bool = False,
    suppressed: str = "",
) -> Moved:
    """Apply `verdict` to the open case of its rule and subject, or open a case.

    Pure. Ended cases are treated as if there were no case: a later breach opens a new one. An
    unknown verdict opens nothing, takes no step and ends nothing. `baseline`: the rule runs for
    the first time, or nobody was notified so far; steps due by now go into one summary and are
    not acted on. `suppressed`: why nobody is notified now; the steps follow when that is over.
    """
    if case is None or case.end is not None:
        return _open(verdict, rule, now, baseline, suppressed)
    if rule.status not in _LIVE:
        return retire(case, because(ReasonCode.RULE_DISABLED, status=rule.status), now)
    if ended := _end_if_over(case, verdict, now):
        return ended
    return _continue_case(case, verdict, rule, now, suppressed, baseline)


def retire(case: Case, reason: Reason, now: datetime) -> Moved:
    """End the case because its rule no longer covers it."""
    return _end(case, End.RETIRED, TransitionName.RETIRED, reason, now)


def put_in_backlog(moved: Moved, verdict: Verdict, rule: Rule) -> Moved:
    """The same with its new case in the backlog: no step of it is taken."""
    case, steps = require(moved.case, "the case for the backlog"), verdict.steps_due
    reason = because(ReasonCode.STEPS_IN_BACKLOG, steps=_labels(rule, steps))
    opened = replace(moved.transitions[0], reason=reason)
    return Moved(replace(case, steps_done=steps, first_look=FirstLook.BACKLOG), (opened,))


def leave_backlog(case: Case, verdict: Verdict, rule: Rule, now: datetime) -> Moved:
    """Make a case of the backlog a normal one, because somebody acted on its subject.

    The step to whoever owes it comes again, because nobody was reminded; steps to others that came
    long ago stay taken.
    """
    due = tuple(sorted({*case.steps_done, *verdict.steps_due}))
    again = _find_own_step(due, rule) or due[-1:]
    done = tuple(index for index in due if index not in again)
    reason = because(ReasonCode.ACTED_ON)
    return Moved(
        replace(case, first_look=FirstLook.NONE, steps_done=done),
        (Transition(case.number, now, TransitionName.LEFT_BACKLOG, reason),),
    )


def next_period(case: Case, verdict: Verdict, rule: Rule) -> bool:
    """Whether the verdict is on a later period of a periodic rule than the case."""
    begun, now = case.started_at, verdict.started_at
    return rule.periodic and verdict.open and begun is not None and now is not None and begun < now


def end_period(case: Case, now: datetime) -> Moved:
    """End the case because its period is over."""
    reason = because(ReasonCode.NEWS_OVER)
    return _end(case, End.RESOLVED, TransitionName.RESOLVED, reason, now)


def _open(verdict: Verdict, rule: Rule, now: datetime, baseline: bool, suppressed: str) -> Moved:
    if rule.status not in _LIVE or not verdict.open or not verdict.steps_due:
        return Moved(None)
    case = Case(
        number=0,
        rule=rule.id,
        subject=verdict.subject,
        opened_at=now,
        clock=_CLOCKS[verdict.state],
        started_at=verdict.started_at,
        due_at=_due(verdict),
        owed_by=verdict.owed_by,
        steps_done=() if suppressed and not baseline else verdict.steps_due,
        finding=verdict.finding,
        first_look=FirstLook.SUMMARY if baseline else FirstLook.NONE,
    )
    code = ReasonCode.STEPS_COME
    if baseline:
        code = ReasonCode.STEPS_AT_BASELINE
    elif suppressed:
        code = ReasonCode.STEPS_SUPPRESSED
    text = "" if baseline else suppressed
    reason = because(code, steps=_labels(rule, verdict.steps_due), text=text)
    opened = Transition(0, now, TransitionName.OPENED, reason)
    return Moved(case, (opened,), () if baseline or suppressed else verdict.steps_due)


def _end_if_over(case: Case, verdict: Verdict, now: datetime) -> Moved | None:
    if verdict.state in _ENDING:
        reason = verdict.ending or because(_ENDING[verdict.state])
    elif verdict.state in (State.PENDING, State.RUNNING) or (
        verdict.open and not verdict.steps_due
    ):
        if now < case.opened_at:
            return None  # the system clock went back: that alone does not undo a step
        reason = because(_find_return_code(case, verdict))
    else:
        return None
    if verdict.state is State.KEPT and reason.code not in UNTRACKED:
        return _end(case, End.RESOLVED, TransitionName.RESOLVED, reason, now)
    return _end(case, End.CANCELLED, TransitionName.CANCELLED, reason, now)


def _find_return_code(case: Case, verdict: Verdict) -> ReasonCode:
    """Why a clock is before its first step again."""
    if verdict.started_at != case.started_at:
        return ReasonCode.START_MOVED
    return ReasonCode.DUE_MOVED if _due(verdict) != case.due_at else ReasonCode.STEPS_CHANGED


def _end(case: Case, end: End, name: TransitionName, reason: Reason, now: datetime) -> Moved:
    ended = replace(case, end=end, ended_at=now, end_reason=reason)
    return Moved(ended, (Transition(case.number, now, name, reason),))


def _continue_case(
    case: Case, verdict: Verdict, rule: Rule, now: datetime, suppressed: str, baseline: bool
) -> Moved:
    """Update an open case: clock, assignee, start and due, finding, handling, steps."""
    rows: list[tuple[TransitionName, Reason]] = []
    moved, clock = case, _CLOCKS[verdict.state]
    if clock is not case.clock:
        rows.append(_clock_moved(case.clock, clock, verdict))
    if verdict.state is not State.UNKNOWN:
        moved = _update_case(moved, verdict, rows)
    if verdict.finding and verdict.finding != case.finding:
        moved = replace(moved, finding=verdict.finding)
        rows.append((TransitionName.FOUND, because(ReasonCode.FOUND, text=verdict.finding)))
    if not suppressed:  # a handling expires only when people are notified again
        moved = _end_expired_handling(moved, verdict, now, rows)
    if moved.owed_by != case.owed_by and moved.handling is not Handling.NONE:
        moved = _end_former_handling(moved, rows)
    lifted = moved.handling is not case.handling
    steps = () if suppressed else _find_new_steps(moved, verdict)
    if steps or clock is not case.clock:
        done = tuple(sorted({*moved.steps_done, *steps}))
        moved = replace(moved, clock=clock, steps_done=done)
    if steps:
        code = ReasonCode.STEPS_LATE if baseline else ReasonCode.STEPS_COME
        rows.append((TransitionName.STEP, because(code, steps=_labels(rule, steps))))
    again = _find_repeated_step(case, moved, rule, lifted=lifted and not steps)
    if again and (suppressed or not verdict.open):  # repeated when people are notified again
        moved = replace(moved, steps_done=tuple(i for i in moved.steps_done if i not in again))
        again = ()
    transitions = tuple(Transition(case.number, now, name, reason) for name, reason in rows)
    if baseline:
        return Moved(moved, transitions, late=(*again, *steps))
    return Moved(
        moved, transitions, (*again, *steps), case.handling_until or now if lifted else None
    )


def _update_case(case: Case, verdict: Verdict, rows: list[tuple[TransitionName, Reason]]) -> Case:
    """Take over the verdict's assignee, start and due."""
    moved = case
    if verdict.owed_by != case.owed_by:
        moved = replace(moved, owed_by=verdict.owed_by)
        old, new = case.owed_by or "", verdict.owed_by or ""
        handed = because(ReasonCode.HANDED_OVER, old=old, new=new)
        rows.append((TransitionName.HANDED_OVER, handed))
    started, due = verdict.started_at, _due(verdict)
    if (started, due) != (case.started_at, case.due_at):
        moved = replace(moved, started_at=started, due_at=due)
        rows.append((TransitionName.RETARGETED, _retarget(case, moved)))
    return moved


def _end_expired_handling(
    case: Case, verdict: Verdict, now: datetime, rows: list[tuple[TransitionName, Reason]]
) -> Case:
    """End an acknowledgement or snooze whose time is up; while paused or unknown, it stays.

    A false alarm stays snoozed until its facts change.
    """
    if case.handling is Handling.NONE:
        return case
    if case.false_facts is not None:
        if verdict.state is State.UNKNOWN:
            return case
        facts = _digest(verdict)
        if case.false_facts in ("", facts):
            return replace(case, false_facts=facts)
        rows.append((TransitionName.HANDLING_ENDED, because(ReasonCode.FACTS_CHANGED)))
        return replace(case, handling=Handling.NONE, handling_until=None, false_facts=None)
    until = case.handling_until
    if until is None or now < until or not verdict.open:
        return case
    expired = because(ReasonCode.HANDLING_EXPIRED, handling=case.handling)
    rows.append((TransitionName.HANDLING_ENDED, expired))
    return replace(case, handling=Handling.NONE, handling_until=None)


def _end_former_handling(case: Case, rows: list[tuple[TransitionName, Reason]]) -> Case:
    """End the former assignee's acknowledgement or snooze; a false alarm stays."""
    if case.false_facts is not None:
        return case
    former = because(ReasonCode.HANDLING_OF_OTHER, handling=case.handling)
    rows.append((TransitionName.HANDLING_ENDED, former))
    return replace(case, handling=Handling.NONE, handling_until=None)


def _digest(verdict: Verdict) -> str:
    """Twelve hexadecimal digits that identify the facts of a verdict."""
    facts = repr(sorted(verdict.evidence.items()))
    return hashlib.sha256(facts.encode()).hexdigest()[:12]


def _find_new_steps(case: Case, verdict: Verdict) -> tuple[int, ...]:
    """Steps to take now: none while the case is paused, unknown, acknowledged or snoozed."""
    if not verdict.open or case.handling is not Handling.NONE:
        return ()
    return tuple(index for index in verdict.steps_due if index not in case.steps_done)


def _find_repeated_step(old: Case, new: Case, rule: Rule, *, lifted: bool) -> tuple[int, ...]:
    """The step to repeat to a new assignee, or after an acknowledgement or snooze expired."""
    if (old.owed_by == new.owed_by and not lifted) or new.handling is not Handling.NONE:
        return ()
    return _find_own_step(old.steps_done, rule)


def _find_own_step(steps: tuple[int, ...], rule: Rule) -> tuple[int, ...]:
    """The last of these steps that goes to whoever owes it; () where none does."""
    path = rule.clock.owed_by if rule.clock else None
    own = (i for i in steps if i < len(rule.steps) and rule.steps[i].to == path)
    return tuple(own)[-1:]


def _clock_moved(old: Clock, new: Clock, verdict: Verdict) -> tuple[TransitionName, Reason]:
    if new is Clock.UNKNOWN:
        reason = verdict.reason or because(ReasonCode.UNREADABLE, paths=verdict.unknown)
        return TransitionName.BECAME_UNKNOWN, reason
    if old is Clock.UNKNOWN:
        return TransitionName.KNOWN_AGAIN, because(ReasonCode.KNOWN_AGAIN, clock=new)
    if new is Clock.PAUSED:
        return TransitionName.PAUSED, verdict.reason or because(ReasonCode.PAUSED)
    if old is Clock.PAUSED:
        return TransitionName.RESUMED, because(ReasonCode.RESUMED, clock=new)
    if new is Clock.BREACHED:
        return TransitionName.BREACHED, because(ReasonCode.DUE)
    return TransitionName.WARNED, because(ReasonCode.DUE_AHEAD)


def _retarget(old: Case, new: Case) -> Reason:
    if old.started_at != new.started_at:
        old_at, new_at, code = old.started_at, new.started_at, ReasonCode.START_SET
    else:
        old_at, new_at, code = old.due_at, new.due_at, ReasonCode.DUE_SET
    return because(code, old=(to_iso(old_at) or ""), new=(to_iso(new_at) or ""))


def _labels(rule: Rule, steps: tuple[int, ...]) -> tuple[str, ...]:
    """The labels of these steps, each once."""
    return tuple(dict.fromkeys([rule.steps[index].when.label for index in steps]))


def _due(verdict: Verdict) -> datetime | None:
    return verdict.due.at if verdict.due else None
