"""Describe how a case ended to everyone who was messaged: who did what when, what is left."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from atsbridge.model import All, Case, Notice, Query, Reason, ReasonCode, clean, isolated
from atsbridge.presentation import message_data
from atsbridge.presentation.formatting import upper_first
from atsbridge.presentation.local_time import Reader
from atsbridge.rules import FilePosition, Rule, RuleStatus

DONE = "done"
SETTLED = "settled"
NOT_NEEDED = "no longer needed"
NOT_DUE = "not due now"
NOT_TRACKED = "no longer tracked"

_STATUSES: Mapping[ReasonCode, str] = {
    ReasonCode.STOPPED: DONE,
    ReasonCode.CLEARED: SETTLED,
    ReasonCode.NEWS_OVER: SETTLED,
    ReasonCode.CANCELLED: NOT_NEEDED,
    ReasonCode.NOT_STARTED: NOT_NEEDED,
    ReasonCode.START_MOVED: NOT_DUE,
    ReasonCode.DUE_MOVED: NOT_DUE,
}
_LEFT: Mapping[str, str] = {
    DONE: "Nothing left to do.",
    SETTLED: "Nothing left to do.",
    NOT_NEEDED: "Nothing left to do.",
    NOT_DUE: "Nothing is due now.",
    NOT_TRACKED: "atsbridge sends no more reminders about this.",
}
_SENTENCES: Mapping[ReasonCode, str] = {
    ReasonCode.STOPPED: "It was done",
    ReasonCode.CLEARED: "This is no longer the case",
    ReasonCode.NEWS_OVER: "This is over",
    ReasonCode.CANCELLED: "This was canceled",
    ReasonCode.NOT_STARTED: "What this waited for was canceled or has no date any more",
    ReasonCode.START_MOVED: "This starts later now",
    ReasonCode.DUE_MOVED: "This is due later now",
    ReasonCode.STEPS_CHANGED: "The reminders of this rule were changed",
    ReasonCode.DELETED: "The record was deleted in the ATS",
    ReasonCode.RULE_CHANGED: "This rule was changed and no longer covers it",
    ReasonCode.RULE_DISABLED: "This rule was switched off",
    ReasonCode.RULE_REMOVED: "This rule was removed",
    ReasonCode.PILOT: "It is no longer part of the pilot",
    ReasonCode.MAP_CHANGED: "The fields that this rule reads were set up differently",
    ReasonCode.CONDITION: "The conditions of this rule no longer apply",
    ReasonCode.OTHER: "The conditions of this rule no longer apply",
}
_BY_EVENT: Mapping[str, str] = {
    "interview.cancelled_at": "The interview was canceled",
    "interview.starts_at": "The interview has begun",
    "application.closed_at": "The application was closed",
    "application.rejected_at": "The application was rejected",
    "requisition.closed_at": "The requisition was closed",
}
# A fact that no longer meets a rule's conditions, with its value where that says more -> what
# happened.
_BY_FACT: Mapping[tuple[str, str], str] = {
    ("application.status", "hired"): "The candidate was hired",
    ("application.status", ""): "The application was closed",
    ("application.assignee_role", "candidate"): "The next step is with the candidate",
    ("application.assignee_role", "interviewer"): "The next step is with the interviewers",
    ("application.assignee_role", "approver"): "The next step is an approval",
    ("application.assignee_role", ""): "The next step is with somebody else",
    ("requisition.status", "on_hold"): "The requisition is on hold",
    ("requisition.status", "filled"): "The requisition was filled",
    ("requisition.status", ""): "The requisition was closed",
    ("stage.kind", ""): "The candidate moved to another stage",
    ("stage.name", ""): "The candidate moved to another stage",
    ("application.stage", ""): "The candidate moved to another stage",
    ("offer.status", ""): "The offer has moved on",
    ("interview.status", ""): "The interview has moved on",
    ("approval.status", ""): "The approval was answered",
    ("seat.response", ""): "The invitation was answered",
}
# The field that stops a clock -> what the person who had to act did.
_BY_PERSON: Mapping[str, str] = {
    "seat.scorecard.submitted_at": "submitted it",
    "approval.decided_at": "answered it",
}
# The field that stops a clock without naming a person -> what happened.
_BY_STOP: Mapping[str, str] = {
    "application.decided_at": "The decision was made",
    "application.submitted_at": "The profile went to the hiring manager",
    "application.offer_drafted_at": "The offer was drafted",
    "offer.sent_at": "The offer was sent",
    "offer.resolved_at": "The candidate answered",
    "requisition.brief.first_seen_at": "The brief was written",
    "requisition.criteria_agreed_at": "Both sides agreed",
    "requisition.first_submission_at": "The first profile was submitted",
}
_STAGE_FACTS = frozenset(
    {"stage.kind", "stage.name", "application.stage", "application.assignee_role"}
)


@dataclass(frozen=True, slots=True)
class Ending:
    """An ended case for one reader. `start`, `stop`: the paths that start and stop its clock.

    `who`: the candidate; `owes`: who owed it, "You" for the reader.
    """

    case: Case
    facts: Mapping[str, Any]
    start: str | None
    stop: str | None
    reader: Reader
    who: str
    owes: str

    @property
    def status(self) -> str:
        """The state after the end: "done", "no longer needed"."""
        return NOT_NEEDED if _moved(self) else status(self.case.end_reason)

    @property
    def is_thanked(self) -> bool:
        """Whether the reader did what was asked."""
        return self.case.owed_by is not None and self.case.owed_by == self.reader.to.person


def removed_rule(notice: Notice) -> Rule:
    """Make a stand-in for a rule that no pack contains any more, to render the end of its cases."""
    kind = notice.subject.kind
    query = Query(kind, All(), message_data.wanted(kind))
    return Rule(
        id=notice.rule,
        kind="",
        status=RuleStatus.RETIRED,
        title="An earlier reminder",
        why="",
        side="",
        each=kind,
        subject=kind,
        owner="",
        where=All(),
        clock=None,
        steps=(),
        message="",
        open=query,
        settled=query,
        settled_by="",
        place=FilePosition("", 0, 0),
    )


def status(reason: Reason | None) -> str:
    """The state after the end: "done", "no longer needed", "no longer tracked"."""
    if reason is None:
        return NOT_TRACKED
    if reason.code is ReasonCode.CONDITION:
        return NOT_NEEDED if _happened(reason) else NOT_TRACKED
    return _STATUSES.get(reason.code, NOT_TRACKED)


def happened(ending: Ending) -> str:
    """ "You submitted it Thu 13:19."; "EB moved to Offer on Tuesday."."""
    reason = ending.case.end_reason
    if reason is not None and reason.code is ReasonCode.STOPPED:
        return f"{_done(ending)}."
    return f"{_moved(ending) or sentence(reason)}."


def left(ending: Ending) -> str:
    """ "Thank you."; "Nothing left to do."; that no more reminders come."""
    standing = ending.status
    return "Thank you." if standing == DONE and ending.is_thanked else _LEFT[standing]


def sentence(reason: Reason | None) -> str:
    """What happened, without a period: "The interview was canceled"."""
    if reason is None:
        return _SENTENCES[ReasonCode.OTHER]
    if reason.code is ReasonCode.CANCELLED:
        return _BY_EVENT.get(reason["path"], _SENTENCES[reason.code])
    if reason.code is ReasonCode.EXCEPTION:
        return f"An exception leaves this alone until {reason['until']}"
    return _happened(reason) or _SENTENCES[reason.code]


def _done(ending: Ending) -> str:
    """Who did what when."""
    stop = ending.stop or ""
    at = ending.facts.get(stop)
    when = f" {ending.reader.recently(at)}" if isinstance(at, datetime) else ""
    if stop in _BY_PERSON and ending.case.owed_by is not None:
        return f"{ending.owes} {_BY_PERSON[stop]}{when}"
    return f"{_BY_STOP.get(stop, _SENTENCES[ReasonCode.STOPPED])}{when}"


def _moved(ending: Ending) -> str:
    """ "EB moved to Offer on Tuesday"; "" unless a new stage is what ended it."""
    reason = ending.case.end_reason
    at = ending.facts.get(message_data.STAGE_ENTERED)
    stage = ending.facts.get(message_data.STAGE)
    if reason is None or not isinstance(at, datetime) or not stage:
        return ""
    away = reason.code is ReasonCode.CONDITION and reason["path"] in _STAGE_FACTS
    restarted = reason.code is ReasonCode.START_MOVED and ending.start == message_data.STAGE_ENTERED
    if not (away or restarted) or at <= ending.case.opened_at:
        return ""
    name = isolated(clean(str(stage), 60))
    return f"{upper_first(ending.who)} moved to {name} on {ending.reader.since(at)}"


def _happened(reason: Reason) -> str:
    """What a fact that left the rule's conditions tells; "" where it tells a reader nothing."""
    if reason.code is not ReasonCode.CONDITION:
        return ""
    path = reason["path"]
    return _BY_FACT.get((path, reason["value"])) or _BY_FACT.get((path, ""), "")
