"""How a case ended, for those who were messaged about it: a headline and one true sentence.

What whoever runs atsbridge sees is in `cases.endings`.
"""

from __future__ import annotations

from collections.abc import Mapping

from atsbridge.model import All, EndCode, Notice, Query, Reason
from atsbridge.presentation import message_data
from atsbridge.rules import Place, Rule, RuleStatus

DONE = "Done"
NO_LONGER_SO = "No longer so"
NOT_NEEDED = "No longer needed"
NOT_DUE = "Not due any more"
NOT_TRACKED = "No longer tracked by atsbridge"

_HEADS: Mapping[EndCode, str] = {
    EndCode.STOPPED: DONE,
    EndCode.CLEARED: DONE,
    EndCode.NEWS_OVER: DONE,
    EndCode.CANCELLED: NOT_NEEDED,
    EndCode.NOT_STARTED: NOT_NEEDED,
    EndCode.START_MOVED: NOT_DUE,
    EndCode.DUE_MOVED: NOT_DUE,
}
_SENTENCES: Mapping[EndCode, str] = {
    EndCode.CLEARED: "this is no longer so",
    EndCode.NEWS_OVER: "this is over",
    EndCode.CANCELLED: "this was called off",
    EndCode.NOT_STARTED: "what this waited for was called off or has no date any more",
    EndCode.START_MOVED: "this starts later now",
    EndCode.DUE_MOVED: "this is due later now",
    EndCode.STEPS_CHANGED: "this rule's reminders were changed",
    EndCode.DELETED: "the record was deleted in the ATS",
    EndCode.RULE_CHANGED: "this rule was changed and no longer covers it",
    EndCode.RULE_DISABLED: "this rule was switched off",
    EndCode.RULE_REMOVED: "this rule was removed",
    EndCode.PILOT: "it is not part of the pilot any more",
    EndCode.MAP_CHANGED: "the fields that this rule reads were set up differently",
    EndCode.CONDITION: "the conditions of this rule no longer hold",
    EndCode.OTHER: "the conditions of this rule no longer hold",
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
        place=Place("", 0, 0),
    )


def head(reason: Reason | None) -> str:
    """How the headline begins: "Done", "No longer needed", "No longer tracked by atsbridge"."""
    if reason is None:
        return NOT_TRACKED
    if reason.code is EndCode.CONDITION:
        return NOT_NEEDED if _happened(reason) else NOT_TRACKED
    return _HEADS.get(reason.code, NOT_TRACKED)


def sentence(reason: Reason | None) -> str:
    """What happened, without a period: "the interview was cancelled"; "it was done"."""
    if reason is None:
        return "the conditions of this rule no longer hold"
    if reason.code is EndCode.STOPPED:
        return "it was done"
    if reason.code is EndCode.CANCELLED:
        return _BY_EVENT.get(reason["path"], _SENTENCES[reason.code])
    if reason.code is EndCode.EXCEPTION:
        return f"an exception leaves this alone until {reason['until']}"
    return _happened(reason) or _SENTENCES[reason.code]


def _happened(reason: Reason) -> str:
    """What a fact that left the rule's conditions tells; "" where it tells a reader nothing."""
    if reason.code is not EndCode.CONDITION:
        return ""
    path = reason["path"]
    return _BY_FACT.get((path, reason["value"])) or _BY_FACT.get((path, ""), "")
