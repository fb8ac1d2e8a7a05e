"""Candidates, applications and stage stays, from opportunities.

A Lever row names its stage and archive reason by id only, and some of its meaning changes without
a trace in it. The connector therefore adds to the row what it knows besides (`Known`) before
anything else sees it: `normalize` and the choice of children stay pure, and a row whose meaning
changed has another digest.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from math import ceil
from typing import Any

import msgspec

from atsbridge.api import (
    Backfill,
    Fragment,
    Incremental,
    OpenRecords,
    Reconciliation,
    RequestCost,
    SkipRecord,
    Stream,
)
from atsbridge_lever.wire import Ms, Ref, Row, instant, ms, ref

_TURNED = ("rejected", "withdrawn")
ALLOWED = 10  # requests a second, which Lever allows a key
SCAN = 0.015  # share of them that looking for silent changes may take; the rest is work


class Known(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the connector knows of a row beyond it.

    `interviews`: it may have some, by its stages and by what happened since it got to the first
    one with interviews, or at all. `offers`: its stage may have some. `reviews`: its
    profile lies with a manager, and something happened since. `ended`: hired, rejected or
    withdrawn by its archive reason, "" if nobody can tell. `asleep`: snoozed at the time of
    reading. `look`: the hour of reading, where children change without a sign in the row.
    """

    interviews: bool = False
    offers: bool = False
    reviews: bool = False
    ended: str = ""
    asleep: bool = False
    look: str = ""


class Change(msgspec.Struct, rename="camel", frozen=True):
    """A step of `stageChanges`, oldest first; the first is the creation."""

    to_stage_id: str | None = None
    updated_at: Ms = None


class Archived(msgspec.Struct, rename="camel", frozen=True):
    """When and why it ended."""

    archived_at: Ms = None
    reason: Ref = None


class Application(msgspec.Struct, rename="camel", frozen=True):
    """`expand=applications`: the only link to a posting. There is one at most."""

    posting: Ref = None
    created_at: Ms = None


class Urls(msgspec.Struct, frozen=True):
    show: str | None = None


class Opportunity(Row):
    """A row of `/opportunities`; names, addresses and phone numbers are not read."""

    contact: Ref = None
    stage: Ref = None
    stage_changes: list[Change] | None = None
    archived: Archived | None = None
    tags: list[str] | None = None
    sources: list[str] | None = None
    owner: Ref = None
    applications: list[Application | str] | None = None
    created_at: Ms = None
    updated_at: Ms = None
    last_interaction_at: Ms = None
    snoozed_until: Ms = None
    urls: Urls | None = None
    atsbridge: Known = Known()


class Glimpse(Row):
    """The few fields the connector looks at before it lays `Known` into a row."""

    stage: Ref = None
    stage_changes: list[Change] | None = None
    archived: Archived | None = None
    last_interaction_at: Ms = None
    snoozed_until: Ms = None


def normalize(row: Opportunity) -> Iterator[Fragment]:
    """The application, a stay for every stage change, and the candidate."""
    if row.stage is None and row.stage_changes is None:  # to believe it would end every stay
        raise SkipRecord(
            "neither the stage nor any change of it was told", where=f"application/{row.id}"
        )
    contact = ref(row.contact)
    yield Fragment("application", row.id, _application(row, contact))
    yield from _stays(row)
    if contact:
        yield Fragment("candidate", contact, {"custom": None})  # no more of a contact is kept


def _application(row: Opportunity, contact: str | None) -> Mapping[str, Any]:
    applied = _applied(row)
    ended = row.archived
    status = _status(row)
    return {
        "candidate": contact,
        "requisition": ref(applied.posting) if applied else None,
        "stage": ref(row.stage),
        "status": status,
        "recruiter": ref(row.owner),
        "source": next(iter(row.sources or ()), None),
        "applied_at": instant(applied.created_at if applied else None) or instant(row.created_at),
        "last_activity_at": instant(row.last_interaction_at),
        "rejected_at": instant(ended.archived_at) if ended and status in _TURNED else None,
        "reason": ref(ended.reason) if ended else None,
        "tags": tuple(row.tags or ()),
        "url": row.urls.show if row.urls else None,
        "created_at": instant(row.created_at),
        "updated_at": instant(row.updated_at),
    }


def _applied(row: Opportunity) -> Application | None:
    for one in row.applications or ():
        if isinstance(one, Application):
            return one
        raise SkipRecord(
            "the application came as a bare id, so nobody can tell for which posting",
            where=f"application/{row.id}",
            remedy="Tell the authors of atsbridge-lever: expand=applications was not heeded",
        )
    return None


def _status(row: Opportunity) -> str | None:
    if row.archived is None:
        return "on_hold" if row.atsbridge.asleep else "active"
    return row.atsbridge.ended or None


def _stays(row: Opportunity) -> Iterator[Fragment]:
    """One stay per change, in Lever's order; the last ends when the opportunity is archived."""
    changes = row.stage_changes or []
    ended = instant(row.archived.archived_at) if row.archived else None
    for index, change in enumerate(changes):
        last = index + 1 == len(changes)
        left: datetime | None = ended if last else instant(changes[index + 1].updated_at)
        yield Fragment(
            "stage_stay",
            f"{row.id}:{index}",
            {
                "application": row.id,
                "stage": change.to_stage_id,
                "entered_at": instant(change.updated_at),
                "left_at": left,
                "origin": "ats",
            },
        )


def may_have_interviews(row: Opportunity) -> bool:
    """Whether a changed opportunity's interviews are worth a request.

    Those that were in a stage with interviews, where anything happened since they got to one; all
    others, where anything happened since they were made: somebody may meet them anywhere. Archived
    ones too: their last feedback should be known. See `ladder` for those read more rarely.
    """
    return row.atsbridge.interviews


def may_have_offers(row: Opportunity) -> bool:
    """Whether a changed opportunity's offers are worth a request: those in the offer pipeline."""
    return row.atsbridge.offers


def may_have_reviews(row: Opportunity) -> bool:
    """Whether a changed opportunity's feedback is worth a request besides that of interviews."""
    return row.atsbridge.reviews


def scanned_every(active: int) -> timedelta:
    """How often all active opportunities are listed: whole hours, at `SCAN` of the allowed rate.

    Every hour up to 54,000 of them, every four at 200,000 (2,000 requests a time).
    """
    requests = active / 100
    return timedelta(hours=max(1, ceil(requests / (SCAN * ALLOWED * 3600))))


def _active(now: datetime) -> Sequence[Mapping[str, str]]:
    """What live rules can fire on."""
    del now
    return ({"archived": "false"},)


def _ended(start: datetime, end: datetime) -> Mapping[str, str]:
    """What was archived in that time: old rows have no `updatedAt` to ask by."""
    return {"archived_at_start": ms(start), "archived_at_end": ms(end)}


def _updated(start: datetime, end: datetime) -> Mapping[str, str]:
    """What moved since `start`. No end: the vendor's clock may be ahead of ours."""
    del end
    return {"updated_at_start": ms(start)}


STREAM = Stream(
    name="opportunities",
    path="/opportunities",
    row=Opportunity,
    normalize=normalize,
    owns={
        "application": (
            "candidate",
            "requisition",
            "stage",
            "status",
            "recruiter",
            "source",
            "applied_at",
            "last_activity_at",
            "rejected_at",
            "reason",
            "tags",
            "url",
            "created_at",
            "updated_at",
        ),
        "candidate": ("custom",),
        "stage_stay": ("application", "stage", "entered_at", "left_at", "origin"),
    },
    params={"expand": "applications"},
    incremental=Incremental(since=_updated),
    uses_map_of={"application.status": "reason.kind"},
    scope="Opportunities: list",
    backfill=Backfill(
        first=_active,
        past=_ended,
        unknown_until_read=("requisition.first_submission_at", "requisition.last_submission_at"),
        repeat_after=scanned_every,
    ),
    reconciliation=Reconciliation(
        open_records=OpenRecords("application", "status", ("active", "on_hold"))
    ),
    cost=RequestCost(per_window=1),  # the list of deleted opportunities
)
