"""Jobs with their hiring teams, and openings.

A job embeds its openings if it is asked to; the count of them is its headcount. An opening may
belong to several jobs, and then it is a seat of each.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from atsbridge.api import (
    Fragment,
    Instant,
    RequestCost,
    currency_code,
    in_order,
    pay_period,
    plain_number,
    read_enum,
    read_instant,
)
from atsbridge_ashby.listing import synced
from atsbridge_ashby.wire import CustomField, Member, Part, Row, custom, read_day, role_of

_STATUSES = {"Draft": "draft", "Open": "open", "Closed": "closed", "Archived": "closed"}
# "Approved" is a seat that may be recruited for and is not yet.
_OPENINGS = {
    "Draft": "draft",
    "Approved": "draft",
    "Open": "open",
    "Filled": "filled",
    "Closed": "closed",
}
_APPROVED = ("Approved", "Open", "Filled")
_SALARY = "Salary"


class OpeningVersion(Part):
    """What is agreed about an opening now."""

    job_ids: list[str] | None = None
    target_start_date: str | None = None


class OpeningRow(Row):
    """A row of `opening.list`."""

    opening_state: str | None = None
    opened_at: Instant = None
    closed_at: Instant = None
    archived_at: Instant = None
    is_archived: bool | None = None
    latest_version: OpeningVersion | None = None


class JobOpening(Part):
    """An opening inside a job."""

    opening_state: str | None = None
    is_archived: bool | None = None


class PayComponent(Part):
    compensation_type: str | None = None
    interval: str | None = None
    currency_code: str | None = None
    min_value: float | None = None
    max_value: float | None = None


class PayTier(Part):
    components: list[PayComponent] | None = None


class Compensation(Part):
    compensation_tiers: list[PayTier] | None = None


class JobRow(Row):
    """A row of `job.list`. `custom_requisition_id`: the customer's own number."""

    title: str | None = None
    status: str | None = None
    confidential: bool | None = None
    department_id: str | None = None
    location_id: str | None = None
    custom_requisition_id: str | None = None
    hiring_team: list[Member] | None = None
    openings: list[JobOpening] | None = None
    compensation: Compensation | None = None
    custom_fields: list[CustomField] | None = None
    created_at: Instant = None
    updated_at: Instant = None
    opened_at: Instant = None
    closed_at: Instant = None


def job(row: JobRow) -> Iterator[Fragment]:
    """The requisition, and a member for each person and role of its hiring team."""
    live = [one for one in row.openings or () if not one.is_archived]
    counted = bool(row.openings) and all(one.opening_state in _OPENINGS for one in live)
    filled = sum(one.opening_state == "Filled" for one in live)
    yield Fragment(
        "requisition",
        row.id,
        {
            "code": row.custom_requisition_id or None,
            "title": row.title or None,
            "status": _status(row.status, live, filled),
            "department": row.department_id or None,
            "office": row.location_id or None,
            "confidential": row.confidential,
            "opened_at": read_instant(row.opened_at),
            "closed_at": read_instant(row.closed_at),
            # Without any opening nobody knows: not every customer uses them.
            "headcount": _headcount(live) if counted else None,
            "filled": filled if counted else None,
            **_pay(row.compensation),
            "custom": custom(row.custom_fields),
            "created_at": read_instant(row.created_at),
            "updated_at": read_instant(row.updated_at),
        },
    )
    yield from _team(row.id, row.hiring_team or ())


def _status(status: str | None, openings: Sequence[JobOpening], filled: int) -> str | None:
    """The status of the job. A closed one is filled if an opening is; unknown if that is."""
    found = read_enum(status, _STATUSES)
    if found != "closed" or filled:
        return "filled" if found == "closed" else found
    return found if all(one.opening_state in _OPENINGS for one in openings) else None


def _headcount(openings: Iterable[JobOpening]) -> int:
    return sum(one.opening_state in _APPROVED for one in openings)


def _team(requisition: str, team: Sequence[Member]) -> Iterator[Fragment]:
    """One member per person and role. A role that one person holds has its responsible one.

    Ashby marks nobody as responsible, so that among several nobody is.
    """
    held = list(dict.fromkeys((one.user_id, role_of(one)) for one in team if one.user_id))
    people = Counter(role for _, role in held)
    for user, role in held:
        yield Fragment(
            "team_member",
            f"{requisition}:{role or ''}:{user}",
            {
                "requisition": requisition,
                "user": user,
                "role": role,
                "responsible": True if people[role] == 1 else None,
            },
        )


def _pay(compensation: Compensation | None) -> Mapping[str, Any]:
    """The range over all salaries of all tiers; nothing where they differ in currency or period."""
    tiers = (compensation.compensation_tiers if compensation else None) or ()
    salaries = [
        one for tier in tiers for one in tier.components or () if one.compensation_type == _SALARY
    ]
    currencies = {currency_code(one.currency_code) for one in salaries}
    periods = {_period(one.interval) for one in salaries}
    if len(currencies) != 1 or len(periods) != 1:
        return dict.fromkeys(("pay_min", "pay_max", "pay_currency", "pay_period"))
    ends = [in_order(plain_number(o.min_value), plain_number(o.max_value)) for o in salaries]
    return {
        "pay_min": min((low for low, _ in ends if low is not None), default=None),
        "pay_max": max((high for _, high in ends if high is not None), default=None),
        "pay_currency": currencies.pop(),
        "pay_period": periods.pop(),
    }


def _period(interval: str | None) -> str | None:
    """ "1 YEAR" as the catalog's "year"; "2 WEEK" is kept as "other:2 WEEK"."""
    count, _, name = (interval or "").partition(" ")
    if not name:
        return None  # "NONE", and nothing
    return pay_period(name) if count == "1" else f"other:{interval}"


def opening(row: OpeningRow) -> Iterator[Fragment]:
    """A seat of each of the opening's jobs; nothing for one that belongs to no job yet."""
    version = row.latest_version or OpeningVersion()
    status = read_enum(row.opening_state, _OPENINGS)
    over = status in ("filled", "closed")
    for requisition in dict.fromkeys(filter(None, version.job_ids or ())):
        yield Fragment(
            "opening",
            f"{row.id}:{requisition}",
            {
                "requisition": requisition,
                "status": "closed" if row.is_archived and not over else status,
                "opened_at": read_instant(row.opened_at),
                "closed_at": read_instant(row.closed_at) or read_instant(row.archived_at),
                "target_on": read_day(version.target_start_date),
            },
        )


EXPANDED = {"expand": ["openings"]}
JOBS = synced(
    "jobs",
    "job.list",
    JobRow,
    job,
    {
        "requisition": (
            *("code", "title", "status", "department", "office", "confidential"),
            *("opened_at", "closed_at", "headcount", "filled"),
            *("pay_min", "pay_max", "pay_currency", "pay_period"),
            *("custom", "created_at", "updated_at"),
        ),
        "team_member": ("requisition", "user", "role", "responsible"),
    },
    # Drafts are left out unless they are named.
    params={"status": ["Draft", "Open", "Closed", "Archived"], **EXPANDED},
    cost=RequestCost(lookups=("/job.info",)),
    scope="Jobs: read",
)
OPENINGS = synced(
    "openings",
    "opening.list",
    OpeningRow,
    opening,
    {"opening": ("requisition", "status", "opened_at", "closed_at", "target_on")},
    scope="Jobs: read",
)
STREAMS = (OPENINGS, JOBS)  # jobs of changed openings are read again: see `connector`
