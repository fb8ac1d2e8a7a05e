"""Applications, the stages they were in, and the tags of their candidates.

An application embeds its stage, reason and team. The connector lays `Known` into its row, so that
`normalize` stays pure. Ashby dates the end of an application (`archivedAt`) and no message to the
candidate; whether notes and messages move `updatedAt` is not documented, so that no activity is
read from it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

import msgspec

from atsbridge.api import (
    Fragment,
    Instant,
    Parent,
    Reconciliation,
    read_enum,
    read_instant,
)
from atsbridge_ashby.listing import LIMIT, WEEKLY, asked, synced
from atsbridge_ashby.wire import CustomField, Member, Named, Part, Row, custom, find_in_role, ref

_STATUSES = {"Active": "active", "Lead": "active", "Hired": "hired", "Archived": "rejected"}
THEIRS = "RejectedByCandidate"
# Of an application that ended before, the stages are not read. A search whose first profile went to
# the manager longer ago, and was rejected, counts from the first one since.
RECENT = timedelta(days=180)


class Known(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the connector knows of an application beyond its row.

    `recent`: it ended in the last `RECENT`. `theirs`: whether the account maps its reason as the
    candidate's decision; None where it does not map it. `app_url`: the base of links.
    """

    recent: bool = False
    theirs: bool | None = None
    app_url: str = ""


class Reason(Named):
    """Why an application was archived."""

    text: str | None = None
    reason_type: str | None = None


class Titled(Named):
    title: str | None = None


class ApplicationRow(Row):
    """A row of `application.list`. Name and address of the candidate are not read."""

    status: str | None = None
    candidate: Named | None = None
    job: Named | None = None
    current_interview_stage: Titled | None = None
    hiring_team: list[Member] | None = None
    source: Titled | None = None
    archive_reason: Reason | None = None
    archived_at: Instant = None
    custom_fields: list[CustomField] | None = None
    created_at: Instant = None
    updated_at: Instant = None
    atsbridge: Known = Known()


class StayRow(Row):
    """A row of `application.listHistory`; the engine adds the application's id."""

    application_id: str | None = None
    stage_id: str | None = None
    entered_stage_at: Instant = None
    left_stage_at: Instant = None


class Tag(Part):
    title: str | None = None
    is_archived: bool | None = None


class CandidateRow(Row):
    """A row of `candidate.list`, of which only tags are read."""

    application_ids: list[str] | None = None
    tags: list[Tag] | None = None


def application(row: ApplicationRow) -> Iterator[Fragment]:
    """The application and its candidate, of whom nothing but the id is stored."""
    candidate = ref(row.candidate)
    status = read_enum(row.status, _STATUSES)
    if status == "rejected" and _is_theirs(row):
        status = "withdrawn"
    ended = status in ("rejected", "withdrawn")
    url = row.atsbridge.app_url  # its page is that of the candidate, as in their `profileUrl`
    yield Fragment(
        "application",
        row.id,
        {
            "candidate": candidate,
            "requisition": ref(row.job),
            "stage": ref(row.current_interview_stage),
            "status": status,
            "recruiter": find_in_role(row.hiring_team, "recruiter"),
            "coordinator": find_in_role(row.hiring_team, "coordinator"),
            "source": (row.source.title or None) if row.source else None,
            "applied_at": read_instant(row.created_at),
            "rejected_at": read_instant(row.archived_at) if ended else None,
            "reason": ref(row.archive_reason),
            "custom": custom(row.custom_fields),
            "url": f"{url}/candidates/{candidate}" if url and candidate else None,
            "created_at": read_instant(row.created_at),
            "updated_at": read_instant(row.updated_at),
        },
    )
    if candidate:
        yield Fragment("candidate", candidate, {"custom": None})


def _is_theirs(row: ApplicationRow) -> bool:
    """Whether the candidate withdrew: as the account maps the reason, else by its type."""
    if row.atsbridge.theirs is not None:
        return row.atsbridge.theirs
    return row.archive_reason is not None and row.archive_reason.reason_type == THEIRS


def what_is_known(
    row: ApplicationRow, now: datetime, theirs: Mapping[str, bool], app_url: str
) -> Known:
    """What to lay into a row at `now`. `theirs`: mapped reasons by name, True for the candidate's.

    A hire has no date of its own: its last change counts.
    """
    over = row.archived_at or (row.updated_at if row.status == "Hired" else None)
    reason = row.archive_reason.text if row.archive_reason else None
    return Known(
        recent=over is not None and now - over <= RECENT,
        theirs=theirs.get(reason or ""),
        app_url=app_url,
    )


def stay(row: StayRow) -> Iterator[Fragment]:
    """One application in one stage."""
    yield Fragment(
        "stage_stay",
        row.id,
        {
            "application": row.application_id or None,
            "stage": row.stage_id or None,
            "entered_at": read_instant(row.entered_stage_at),
            "left_at": read_instant(row.left_stage_at),
            "origin": "ats",
        },
    )


def tagged(row: CandidateRow) -> Iterator[Fragment]:
    """The tags of a candidate, on each of their applications, in order of name."""
    titles = {tag.title for tag in row.tags or () if tag.title and not tag.is_archived}
    for one in dict.fromkeys(filter(None, row.application_ids or ())):
        yield Fragment("application", one, {"tags": tuple(sorted(titles)) or None})


def has_history(row: ApplicationRow) -> bool:
    """Whether its stages are worth a request: it is open, or ended not long ago (`Known.recent`).

    A lead has not applied, and nobody promised anything.
    """
    return row.status == "Active" or (row.status != "Lead" and row.atsbridge.recent)


APPLICATIONS = synced(
    "applications",
    "application.list",
    ApplicationRow,
    application,
    {
        "application": (
            *("candidate", "requisition", "stage", "status", "recruiter", "coordinator"),
            *("source", "applied_at", "rejected_at", "reason", "custom", "url"),
            *("created_at", "updated_at"),
        ),
        "candidate": ("custom",),
    },
    incremental=WEEKLY,
    uses_map_of={"application.status": "reason.kind"},
    scope="Candidates: read",
)
HISTORY = asked(
    "stage_history",
    "application.listHistory",
    StayRow,
    stay,
    {"stage_stay": ("application", "stage", "entered_at", "left_at", "origin")},
    params={"limit": LIMIT},
    parent=Parent(
        stream=APPLICATIONS.name,
        param="applicationId",
        into="applicationId",
        wanted=has_history,
        complete=(("stage_stay", "application"),),
    ),
    scope="Candidates: read",
)
TAGS = synced(
    "candidates",
    "candidate.list",
    CandidateRow,
    tagged,
    {"application": ("tags",)},
    incremental=WEEKLY,
    reconciliation=Reconciliation(),
    creates=(),
    only_if_mapped=True,
    scope="Candidates: read",
)
STREAMS = (APPLICATIONS, TAGS, HISTORY)
