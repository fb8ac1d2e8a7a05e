"""The actions of the API as data: their permission, and the members that a body may have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

MODULES = (
    *("candidates", "jobs", "interviews", "offers", "approvals", "organization"),
    *("hiringProcessMetadata", "apiKeys"),
)
_LIST = {"cursor": str, "limit": int}
_SYNC = {**_LIST, "syncToken": str}
_ARCHIVED = {"includeArchived": bool}


@dataclass(frozen=True, slots=True)
class Action:
    """`takes`: member of the body -> its type. `needs`: those without which nothing is answered.

    `pages`: the list has pages. `syncs`: it gives sync tokens.
    """

    module: str
    takes: Mapping[str, type] = field(default_factory=dict)
    needs: tuple[str, ...] = ()
    pages: bool = False
    syncs: bool = False
    writes: bool = False

    @property
    def permission(self) -> str:
        """As the API names it: "candidatesRead"."""
        return f"{self.module}{'Write' if self.writes else 'Read'}"


def _synced(module: str, **takes: type) -> Action:
    return Action(module, {**_SYNC, **takes}, pages=True, syncs=True)


def _writing(module: str, *needs: str, **takes: Any) -> Action:
    return Action(module, takes, needs, writes=True)


ACTIONS: Mapping[str, Action] = {
    "apiKey.info": Action("apiKeys"),
    "user.list": _synced("organization", includeDeactivated=bool),
    "user.info": Action("organization", {"userId": str}, ("userId",)),
    "user.listInterviewerPauses": Action("organization", {"userId": str}, ("userId",)),
    "department.list": _synced("organization", **_ARCHIVED),
    "location.list": _synced("organization", includeLocationHierarchy=bool, **_ARCHIVED),
    "archiveReason.list": Action("hiringProcessMetadata", _ARCHIVED),
    "candidateTag.list": _synced("hiringProcessMetadata", **_ARCHIVED),
    "candidateTag.create": _writing("hiringProcessMetadata", "title", title=str),
    "job.list": _synced("jobs", status=list, expand=list),
    "job.info": Action("jobs", {"id": str, "expand": list}, ("id",)),
    "opening.list": _synced("jobs"),
    "opening.info": Action("jobs", {"openingId": str}, ("openingId",)),
    "interviewPlan.list": _synced("interviews", **_ARCHIVED),
    "interviewStage.list": Action("interviews", {"interviewPlanId": str}, ("interviewPlanId",)),
    "application.list": _synced("candidates", status=str, jobId=str, expand=list),
    "application.info": Action(
        "candidates", {"applicationId": str, "expand": list}, ("applicationId",)
    ),
    "application.listHistory": Action(
        "candidates", {**_LIST, "applicationId": str}, ("applicationId",), pages=True
    ),
    "applicationFeedback.list": _synced("candidates", applicationId=str),
    "interviewSchedule.list": _synced("interviews", applicationId=str, interviewStageId=str),
    "offer.list": _synced(
        "offers",
        applicationId=str,
        offerStatus=list,
        acceptanceStatus=list,
        approvalStatus=list,
    ),
    "approval.list": _synced("approvals", entityType=str, entityId=str),
    "candidate.list": _synced("candidates"),
    "candidate.info": Action("candidates", {"id": str}, ("id",)),
    "candidate.listNotes": Action(
        "candidates", {**_SYNC, "candidateId": str}, ("candidateId",), pages=True, syncs=True
    ),
    "candidate.createNote": _writing(
        "candidates",
        "candidateId",
        "note",
        candidateId=str,
        note=object,
        sendNotifications=bool,
        isPrivate=bool,
        createdAt=str,
    ),
    "candidate.addTag": _writing("candidates", "candidateId", "tagId", candidateId=str, tagId=str),
    "candidate.removeTag": _writing(
        "candidates", "candidateId", "tagId", candidateId=str, tagId=str
    ),
}
