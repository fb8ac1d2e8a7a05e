"""The life of a case: a verdict meets it, and it opens, moves or ends, each for a named reason.

A transition carries its reason as data.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime

from atsbridge.model import (
    Case,
    Clock,
    End,
    Handling,
    Reason,
    ReasonCode,
    State,
    Transition,
    TransitionName,
    Verdict,
    because,
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
# The case ended because of how atsbridge is set up, not because of what happened in the ATS.
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
    """What became of a case. `steps`: rungs of the ladder to act on now, lowest first.

    After a hand-over that is also the last rung taken that was for whoever owes: the new one
    has not heard of it.

    Of every change (clock; start and due; who owes; finding; handling; end; rungs taken)
    exactly one transition tells. A case that opens has the one transition `opened`.
    """

    case: Case | None
    transitions: tuple[Transition, ...] = ()
    steps: tuple[int, ...] = ()
    reminded: datetime | None = None  # when what somebody had said of it ran out
    late: tuple[int, ...] = ()  # rungs that came before anybody looked: they go into the summary


def move(
    case: Case | None,
    verdict: Verdict,
    rule: Rule,
    now: datetime,
    baseline: bool = False,
    muted: str = "",
) -> Moved:
    """What `verdict` makes of the open case of its rule and subject, or of there being none.

    Pure. An ended case is as none: a later breach is a new case with its own ladder. Unknown
    neither opens, nor takes a rung, nor ends. `baseline`: nobody looked, or nobody was notified,
    so far; what has come by now goes into one summary, and none of its rungs is acted on. `muted`:
    why nobody is to hear of it now; its rungs are taken once that is over.
    """
    if case is None or case.end is not None:
        return _open(verdict, rule, now, baseline, muted)
    if rule.status not in _LIVE:
        return retire(case, because(ReasonCode.RULE_DISABLED, status=rule.status), now)
    if ended := _ending(case, verdict, now):
        return ended
    return _go_on(case, verdict, rule, now, muted, baseline)


def retire(case: Case, reason: Reason, now: datetime) -> Moved:
    """The case ended because nobody watches its promise any more."""
    return _end(case, End.RETIRED, TransitionName.RETIRED, reason, now)


def next_period(case: Case, verdict: Verdict, rule: Rule) -> bool:
    """Whether the verdict is on a later period of a periodic rule than the case."""
    begun, now = case.started_at, verdict.started_at
    return rule.periodic and verdict.open and begun is not None and now is not None and begun < now


def end_period(case: Case, now: datetime) -> Moved:
    """The case ended because its period is over."""
    reason = because(ReasonCode.NEWS_OVER)
    return _end(case, End.RESOLVED, TransitionName.RESOLVED, reason, now)


def _open(verdict: Verdict, rule: Rule, now: datetime, baseline: bool, muted: str) -> Moved:
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
        steps_done=() if muted and not baseline else verdict.steps_due,
        finding=verdict.finding,
        baseline=baseline,
    )
    code = ReasonCode.STEPS_COME
    if baseline:
        code = ReasonCode.STEPS_AT_BASELINE
    elif muted:
        code = ReasonCode.STEPS_SUPPRESSED
    text = "" if baseline else muted
    reason = because(code, steps=_labels(rule, verdict.steps_due), text=text)
    opened = Transition(0, now, TransitionName.OPENED, reason)
    return Moved(case, (opened,), () if baseline or muted else verdict.steps_due)


def _ending(case: Case, verdict: Verdict, now: datetime) -> Moved | None:
    if verdict.state in _ENDING:
        reason = verdict.ending or because(_ENDING[verdict.state])
    elif verdict.state in (State.PENDING, State.RUNNING) or (
        verdict.open and not verdict.steps_due
    ):
        if now < case.opened_at:
            return None  # the clocks went back: time alone has not undone its first step
        reason = because(_fell_back(case, verdict))
    else:
        return None
    if verdict.state is State.KEPT and reason.code not in UNTRACKED:
        return _end(case, End.RESOLVED, TransitionName.RESOLVED, reason, now)
    return _end(case, End.CANCELLED, TransitionName.CANCELLED, reason, now)


def _fell_back(case: Case, verdict: Verdict) -> ReasonCode:
    """Why a clock that had taken a step stands before its first one again."""
    if verdict.started_at != case.started_at:
        return ReasonCode.START_MOVED
    return ReasonCode.DUE_MOVED if _due(verdict) != case.due_at else ReasonCode.STEPS_CHANGED


def _end(case: Case, end: End, name: TransitionName, reason: Reason, now: datetime) -> Moved:
    ended = replace(case, end=end, ended_at=now, end_reason=reason)
    return Moved(ended, (Transition(case.number, now, name, reason),))


def _go_on(
    case: Case, verdict: Verdict, rule: Rule, now: datetime, muted: str, baseline: bool
) -> Moved:
    """The case stays open: clock, start and due, who owes, handling, rungs, in this order."""
    rows: list[tuple[TransitionName, Reason]] = []
    moved, clock = case, _CLOCKS[verdict.state]
    if clock is not case.clock:
        moved = replace(case, clock=clock)
        rows.append(_clock_moved(case.clock, moved.clock, verdict))
    if verdict.state is not State.UNKNOWN:
        moved = _follow(moved, verdict, rows)
    if verdict.finding and verdict.finding != case.finding:
        moved = replace(moved, finding=verdict.finding)
        rows.append((TransitionName.FOUND, because(ReasonCode.FOUND, text=verdict.finding)))
    if not muted:  # what was said runs out when somebody is to hear of it again
        moved = _handling_over(moved, verdict, now, rows)
    if moved.owed_by != case.owed_by and moved.handling is not Handling.NONE:
        moved = _anothers(moved, rows)
    lifted = moved.handling is not case.handling
    steps = () if muted else _steps(moved, verdict)
    if steps:
        moved = replace(moved, steps_done=tuple(sorted({*moved.steps_done, *steps})))
        code = ReasonCode.STEPS_LATE if baseline else ReasonCode.STEPS_COME
        rows.append((TransitionName.STEP, because(code, steps=_labels(rule, steps))))
    again = _again(case, moved, verdict, rule, lifted=lifted and not steps)
    if muted and again:  # taken when it is over
        moved = replace(moved, steps_done=tuple(i for i in moved.steps_done if i not in again))
        again = ()
    transitions = tuple(Transition(case.number, now, name, reason) for name, reason in rows)
    if baseline:
        return Moved(moved, transitions, late=(*again, *steps))
    return Moved(
        moved, transitions, (*again, *steps), case.handling_until or now if lifted else None
    )


def _follow(case: Case, verdict: Verdict, rows: list[tuple[TransitionName, Reason]]) -> Case:
    """The case with the verdict's assignee, start and due."""
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


def _handling_over(
    case: Case, verdict: Verdict, now: datetime, rows: list[tuple[TransitionName, Reason]]
) -> Case:
    """An acknowledgement or snooze whose time is up is lifted while the case stands.

    What was called a false alarm sleeps until its facts are others.
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
    if until is None or now < until:
        return case
    expired = because(ReasonCode.HANDLING_EXPIRED, handling=case.handling)
    rows.append((TransitionName.HANDLING_ENDED, expired))
    return replace(case, handling=Handling.NONE, handling_until=None)


def _anothers(case: Case, rows: list[tuple[TransitionName, Reason]]) -> Case:
    """What one person said of it binds nobody else; that the rule is wrong stays said."""
    if case.false_facts is not None:
        return case
    former = because(ReasonCode.HANDLING_OF_OTHER, handling=case.handling)
    rows.append((TransitionName.HANDLING_ENDED, former))
    return replace(case, handling=Handling.NONE, handling_until=None)


def _digest(verdict: Verdict) -> str:
    """Twelve hexadecimal digits for the facts a verdict stands on."""
    facts = repr(sorted(verdict.evidence.items()))
    return hashlib.sha256(facts.encode()).hexdigest()[:12]


def _steps(case: Case, verdict: Verdict) -> tuple[int, ...]:
    """Rungs to take now: none while paused, unknown, or in somebody's hands."""
    if not verdict.open or case.handling is not Handling.NONE:
        return ()
    return tuple(index for index in verdict.steps_due if index not in case.steps_done)


def _again(old: Case, new: Case, verdict: Verdict, rule: Rule, *, lifted: bool) -> tuple[int, ...]:
    """The rung to repeat to somebody who took over what was already due, or let it lie."""
    if (
        (old.owed_by == new.owed_by and not lifted)
        or not verdict.open
        or new.handling is not Handling.NONE
    ):
        return ()
    path = rule.clock.owed_by if rule.clock else None
    taken = (i for i in old.steps_done if i < len(rule.steps) and rule.steps[i].to == path)
    return tuple(taken)[-1:]


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
    return because(code, old=_iso(old_at), new=_iso(new_at))


def _labels(rule: Rule, steps: tuple[int, ...]) -> tuple[str, ...]:
    """Labels of steps, each once."""
    return tuple(dict.fromkeys(rule.steps[index].when.label for index in steps))


def _due(verdict: Verdict) -> datetime | None:
    return verdict.due.at if verdict.due else None


def _iso(at: datetime | None) -> str:
    return at.isoformat() if at else ""
