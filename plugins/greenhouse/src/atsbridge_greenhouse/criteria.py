"""The scorecard criteria of a job, and the stages in which they are rated."""

from __future__ import annotations

from collections.abc import Iterable

from atsbridge.api import Fragment
from atsbridge_greenhouse.listing import DATES, Completed, listed
from atsbridge_greenhouse.values import (
    Row,
    Scalar,
    dates,
    ident,
    own_id,
    text,
)


class JobCandidateAttribute(Row):
    """GET /v3/job_candidate_attributes, completed with the name of its group and its stages."""

    job_id: Scalar = None
    candidate_attribute_type_id: Scalar = None
    name: Scalar = None
    type_name: Scalar = None  # of candidate_attribute_types
    stage_ids: list[Scalar] | None = None  # of job_interviews, through focus_candidate_attributes


def criterion(row: JobCandidateAttribute) -> Iterable[Fragment]:
    """A criterion; `stages` in order of their ids, None if no interview is asked to rate it."""
    asking = {s for s in map(ident, row.stage_ids or ()) if s}
    values = {
        "requisition": ident(row.job_id),
        "name": text(row.name),
        "type": text(row.type_name),
        "stages": tuple(sorted(asking, key=lambda s: (len(s), s))) or None,
        **dates(row),
    }
    yield Fragment("criterion", own_id(row), values)


STREAMS = (
    listed(
        "job_candidate_attributes",
        JobCandidateAttribute,
        criterion,
        {"criterion": ("requisition", "name", "type", "stages", *DATES)},
        completed=Completed(
            ("type_name", "stage_ids"),
            (
                "candidate_attribute_types",
                "focus_candidate_attributes",
                "interview_kits",
                "job_interviews",
            ),
        ),
        params={"active": "true"},  # a criterion that is switched off is no longer listed
    ),
)
