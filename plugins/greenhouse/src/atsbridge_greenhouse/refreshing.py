"""Which lists return the newest data of some records, and of what they depend on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Step(NamedTuple):
    """Rows of `stream` whose `param` is among the ids that `source` rows hold in `member`.

    Without a source the ids are those asked for.
    """

    stream: str
    param: str = "ids"
    source: str = ""
    member: str = "id"


_JOB = Step("jobs", "ids", "applications", "job_id")

# Each kind's first step reads the records themselves. One request per step and 50 ids.
PLANS: Mapping[str, tuple[Step, ...]] = {
    "seat": (
        Step("interviewers"),
        Step("scorecards", "ids", "interviewers", "scorecard_id"),
        Step("interviews", "ids", "interviewers", "interview_id"),
        Step("applications", "ids", "interviews", "application_id"),
        _JOB,
    ),
    "interview": (
        Step("interviews"),
        Step("interviewers", "interview_ids", "interviews"),
        Step("scorecards", "ids", "interviewers", "scorecard_id"),
        Step("applications", "ids", "interviews", "application_id"),
        _JOB,
    ),
    "scorecard": (
        Step("scorecards"),
        Step("applications", "ids", "scorecards", "application_id"),
        _JOB,
    ),
    "application": (
        Step("applications"),
        Step("application_stages", "application_ids", "applications"),
        Step("interviews", "application_ids", "applications"),
        Step("interviewers", "interview_ids", "interviews"),
        Step("scorecards", "application_ids", "applications"),
        Step("offers", "application_ids", "applications"),
        Step("notes", "application_ids", "applications"),
        _JOB,
    ),
    "offer": (
        Step("offers"),
        Step("applications", "ids", "offers", "application_id"),
        _JOB,
    ),
    "approval": (
        Step("approvers"),
        Step("jobs", "ids", "approvers", "job_id"),
        Step("offers", "ids", "approvers", "offer_id"),
    ),
    "requisition": (
        Step("jobs"),
        Step("job_owners", "job_ids", "jobs"),
        Step("job_hiring_managers", "job_ids", "jobs"),
        Step("openings", "job_ids", "jobs"),
    ),
    "opening": (Step("openings"), Step("jobs", "ids", "openings", "job_id")),
    "candidate": (Step("candidates"),),
    "criterion": (Step("job_candidate_attributes"),),
    "department": (Step("departments"),),
    "office": (Step("offices"),),
    "reason": (Step("rejection_reasons"),),
    "stage": (Step("job_interview_stages"),),
    "stage_stay": (Step("application_stages"),),
    "user": (Step("users"),),
}
