"""How a case ended, for those who were messaged about it: a headline and one true sentence.

What whoever runs atsbridge sees is in `cases.endings`.
"""

from __future__ import annotations

from collections.abc import Mapping

from atsbridge.model import All, Notice, Query, Reason, ReasonCode
from atsbridge.presentation import message_data
from atsbridge.rules import FilePosition, Rule, RuleStatus

DONE = "Done"
NO_LONGER_SO = "No longer so"
NOT_NEEDED = "No longer needed"
NOT_DUE = "Not due any more"
NOT_TRACKED = "No longer tracked by atsbridge"

_HEADS: Mapping[ReasonCode, str] = {
    ReasonCode.STOPPED: DONE,
    ReasonCode.CLEARED: DONE,
    ReasonCode.NEWS_OVER: DONE,
    ReasonCode.CANCELLED: NOT_NEEDED,
    ReasonCode.NOT_STARTED: NOT_NEEDED,
    ReasonCode.START_MOVED: NOT_DUE,
    ReasonCode.DUE_MOVED: NOT_DUE,
}
_SENTENCES: Mapping[ReasonCode, str] = {
    ReasonCode.CLEARED: "this is no longer so",
    ReasonCode.NEWS_OVER: "this is over",
    ReasonCode.CANCELLED: "this was called off",
    ReasonCode.NOT_STARTED: "what this waited for was called off or has no date any more",
    ReasonCode.START_MOVED: "this starts later now",
    ReasonCode.DUE_MOVED: "this is due later now",
    ReasonCode.STEPS_CHANGED: "this rule's reminders were changed",
    ReasonCode.DELETED: "the record was deleted in the ATS",
    ReasonCode.RULE_CHANGED: "this rule was changed and no longer covers it",
    ReasonCode.RULE_DISABLED: "this rule was switched off",
    ReasonCode.RULE_REMOVED: "this rule was removed",
    ReasonCode.PILOT: "it is not part of the pilot any more",
    ReasonCode.MAP_CHANGED: "the fields that this rule reads were set up differently",
    ReasonCode.CONDITION: "the conditions of this rule no longer hold",
    ReasonCode.OTHER: "the conditions of this rule no longer hold",
}
_BY_EVENT: Mapping[str, str] = {
    "interview.cancelled_at": "the interview was canceled",
    "interview.starts_at": "the interview has begun",
    "application.closed_at": "the application was closed",
    "application.rejected_at": "the application was rejected",
    "requisition.closed_at": "the requisition was closed",
}
# The fact that left a rule's conditions, and its value where that says more -> what happened.
_BY_FACT: Mapping[tuple[str, str], str] = {
    ("application.status", "hired"): "the candidate was hired",
    ("application.status", ""): "the application was closed",
    ("requisition.status", "on_hold"): "the requisition is on hold",
    ("requisition.status", "filled"): "the requisition was filled",
    ("requisition.status", ""): "the requisition was closed",
    ("stage.kind", ""): "the candidate moved to another stage",
    ("stage.name", ""): "the candidate moved to another stage",
    ("application.stage", ""): "the candidate moved to another stage",
    ("offer.status", ""): "the offer has moved on",
    ("interview.status", ""): "the interview has moved on",
}


def removed_rule(notice: Notice) -> Rule:
    """A rule in the place of one that is in no pack any more, so that its end can be rendered."""
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


def head(reason: Reason | None) -> str:
    """How the headline begins: "Done", "No longer needed", "No longer tracked by atsbridge"."""
    if reason is None:
        return NOT_TRACKED
    if reason.code is ReasonCode.CONDITION:
        return NOT_NEEDED if _happened(reason) else NOT_TRACKED
    return _HEADS.get(reason.code, NOT_TRACKED)


def sentence(reason: Reason | None) -> str:
    """What happened, without a period: "the interview was cancelled"; "it was done"."""
    if reason is None:
        return "the conditions of this rule no longer hold"
    if reason.code is ReasonCode.STOPPED:
        return "it was done"
    if reason.code is ReasonCode.CANCELLED:
        return _BY_EVENT.get(reason["path"], _SENTENCES[reason.code])
    if reason.code is ReasonCode.EXCEPTION:
        return f"an exception leaves this alone until {reason['until']}"
    return _happened(reason) or _SENTENCES[reason.code]


def _happened(reason: Reason) -> str:
    """What a fact that left the rule's conditions tells; "" where it tells a reader nothing."""
    if reason.code is not ReasonCode.CONDITION:
        return ""
    path = reason["path"]
    return _BY_FACT.get((path, reason["value"])) or _BY_FACT.get((path, ""), "")
