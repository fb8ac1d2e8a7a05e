"""How many rows the lists of a first sync have at a customer of some size, for `sync --plan`.

Assumed, not measured: the ratios of a company that hires all year.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil

from atsbridge_greenhouse.requisitions import CLOSED_OPENINGS

_PER_JOB = 25  # active applications of an open job
_JOBS = 3  # jobs ever, to each open one
_PAGE = 500
_REASONS, _SOURCES = 10, 50  # a company has few of either


def sizes(active: int) -> Mapping[str, Sequence[int]]:
    """Rows by list, and ids left to be looked up, in the form of `atsbridge.sync.request_cost`."""
    jobs = _JOBS * ceil(active / _PER_JOB)
    interviews, seats, criteria = active * 3 // 10, active * 8 // 10, jobs * 6
    rows = {
        "users": active // 10,
        "jobs": jobs,
        "openings": jobs * 6 // 5,
        CLOSED_OPENINGS: jobs,
        "job_posts": jobs,
        "pay_input_ranges": jobs,
        "job_owners": jobs * 5 // 2,
        "job_hiring_managers": jobs * 6 // 5,
        "job_interview_stages": jobs * 8,
        "job_candidate_attributes": criteria,
        "candidate_attribute_types": jobs * 3,
        "focus_candidate_attributes": criteria * 2,
        "interview_kits": jobs * 6,
        "job_interviews": jobs * 6,
        "applications": active,
        "application_stages": active,
        "offers": jobs * 2,
        "scorecards": seats,
        "interviewers": seats,
    }
    found: dict[str, Sequence[int]] = {name: (count,) for name, count in rows.items()}
    found["rejection_details"] = ()
    found["interviews"] = (interviews, active // 100, active // 10)
    found["approvers"] = (active // 100, active // 100)
    found["approvers>approver_groups"] = found["approvers>approval_flows"] = found["approvers"]
    found["approver_groups"] = found["approval_flows"] = (jobs * 2,)
    found["interviewers>interviews"] = (_PAGE // 10,) * ceil(seats / _PAGE)
    for name in ("candidate_attribute_types", "focus_candidate_attributes", "interview_kits"):
        found[f"job_candidate_attributes>{name}"] = (criteria,)
    found["job_candidate_attributes>job_interviews"] = (criteria,)
    found[f"jobs>{CLOSED_OPENINGS}"] = (jobs * 2 // 3,)
    found["jobs>close_reasons"] = (_REASONS,)
    found["applications>sources"] = (_SOURCES,)
    found["pay_input_ranges>job_posts"] = (jobs,)
    return found
