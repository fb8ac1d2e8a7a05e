"""Escalation: where each due step of a rule goes, and when it may be sent.

Evaluation decides which steps are due; `lifecycle` decides which of them are new.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from atsbridge.cases.recipients import Directory, Preferences, recipient
from atsbridge.model import (
    Destination,
    DropCode,
    DropReason,
    RecipientReason,
    Verdict,
    capabilities,
    resolve,
    sort_parameters,
)
from atsbridge.rules import Rule
from atsbridge.worktime import Calendar

_DAY = timedelta(days=1)
_HORIZON = 60  # days


@dataclass(frozen=True, slots=True)
class DueStep:
    """One due step for one destination. `morning`: it waits for the next digest.

    `drop`: why nothing is sent although the step is due; None if it is sent.
    """

    step: int
    to: Destination
    morning: bool
    drop: DropReason | None = None


def route_steps(
    steps: Sequence[int], rule: Rule, verdict: Verdict, directory: Directory
) -> tuple[DueStep, ...]:
    """Find where `steps` go, in their order; each destination gets only the last of them.

    Where several steps lead to one destination, their reasons are joined: somebody in two roles
    gets one message that names both.
    """
    last: dict[tuple[str, str, str], DueStep] = {}
    whys: dict[tuple[str, str, str], tuple[RecipientReason, ...]] = {}  # each once
    dropped: list[DueStep] = []
    for step in steps:
        to = recipient(rule.steps[step].to, rule, verdict, directory, rule.steps[step].mark)
        where = (to.sink, to.kind, to.address)
        if why := find_drop_reason(step, to, rule, verdict, directory):
            dropped.append(DueStep(step, to, morning=False, drop=why))
            continue
        whys[where] = tuple(dict.fromkeys((*whys.get(where, ()), *to.why)))
        if earlier := last.pop(where, None):
            to = replace(earlier.to, why=whys[where])
        preferences = directory.preferences.get(to.address, Preferences())
        last[where] = DueStep(step, to, rule.steps[step].via == "digest" or preferences.morning)
    return tuple(sorted((*last.values(), *dropped), key=lambda due: due.step))


def find_drop_reason(
    index: int, to: Destination, rule: Rule, verdict: Verdict, directory: Directory
) -> DropReason | None:
    """Why a due step sends nothing to `to`; None if it does. Later steps are not affected.

    Reasons: the account does not allow the write, a personal rule cannot reach its person, the
    reader asked for no messages and owes nothing here, or the ATS itself reminds the same person of
    the same thing at that time.
    """
    if rule.personal and not to.address:
        params = to.why[0].params if to.why else ()
        return DropReason(DropCode.PERSONAL, params)
    if to.kind == "ats":
        needed = tuple(capabilities(to.address))
        if directory.writes.intersection(needed):
            return None
        return DropReason(DropCode.WRITE_NOT_ALLOWED, sort_parameters({"capabilities": needed}))
    if _is_unwanted(to, rule, verdict, directory):
        return DropReason(DropCode.NOT_WANTED)
    step, spec = rule.steps[index], rule.clock
    at = verdict.due.steps[index] if verdict.due else None
    if not directory.reminders or step.via != "dm" or spec is None or spec.stop is None:
        return None
    if at is None or verdict.started_at is None or to.person != verdict.evidence.get(step.to):
        return None  # the ATS does not remind a stand-in
    about = resolve(rule.subject, spec.stop).field.path
    for one in directory.reminders:
        there = one.first <= at - verdict.started_at <= one.last
        if (one.about, one.to) == (about, step.to) and there:
            params = sort_parameters({"ats": directory.ats, "text": one.says})
            return DropReason(DropCode.ATS_REMINDS, params)
    return None


def _is_unwanted(to: Destination, rule: Rule, verdict: Verdict, directory: Directory) -> bool:
    """Whether the reader asked for no messages, and what it tells waits on somebody else."""
    if to.kind != "person" or not directory.preferences.get(to.address, Preferences()).stopped:
        return False
    return rule.news or (verdict.owed_by is not None and verdict.owed_by != to.person)


def next_morning(now: datetime, calendar: Calendar, at: time) -> datetime:
    """The first local `at` of a working day that is not before `now`, as an instant in UTC.

    Returns `now` where the calendar is closed for the next sixty days.
    """
    zone = ZoneInfo(calendar.zone)
    day = now.astimezone(zone).date()
    for _ in range(_HORIZON):
        if calendar.closed(day) is None:
            moment = datetime.combine(day, at, tzinfo=zone).astimezone(UTC)
            if moment >= now:
                return moment
        day += _DAY
    return now
