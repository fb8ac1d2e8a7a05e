"""The connector as data: its streams, and the fields that it cannot supply, with reasons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from atsbridge.api import (
    APPLICATION_NOTE,
    TAG,
    Connector,
    ConnectorSpec,
    Reminder,
    Signal,
    SignalHistory,
    Tools,
)
from atsbridge_lever import (
    contact_names,
    feedback,
    interviews,
    offers,
    opportunities,
    organization,
    panels,
    postings,
)
from atsbridge_lever.settings import LeverSettings
from atsbridge_lever.webhooks import WEBHOOKS

_NO_PLACE = "Lever knows no time zone and no country: see [offices] and [people]"
_NAMES_ONLY = "Lever has words for departments and places: the requisition holds the word itself"
_NO_OPENINGS = "Lever counts seats on the requisition and has no openings"
_CUSTOM = "needs a requisition field: map it"
_NO_BRIEF = "Lever keeps no brief: see briefs in [rules]"
_OFFERS = "an offer's approval shows as the offer's status"
_PANELS = "answers to invitations are read for interviews of the next seven days"
_TEMPLATES = "feedback templates belong to no requisition"
_UNDATED = "Lever shows the present value without the dates of its changes"

SIGNALS: Mapping[str, Signal] = {
    "user.office": Signal(SignalHistory.NONE, _NO_PLACE),
    "user.manager": Signal(SignalHistory.SINCE_INSTALL, _UNDATED),
    "department.name": Signal(SignalHistory.NONE, _NAMES_ONLY),
    "office.name": Signal(SignalHistory.NONE, _NAMES_ONLY),
    "office.timezone": Signal(SignalHistory.NONE, _NO_PLACE),
    "office.country": Signal(SignalHistory.NONE, _NO_PLACE),
    "requisition.status": Signal(SignalHistory.SINCE_INSTALL, _UNDATED),
    "requisition.priority": Signal(SignalHistory.NONE, _CUSTOM, with_mapping=True),
    "requisition.target_on": Signal(SignalHistory.NONE, _CUSTOM, with_mapping=True),
    "requisition.opened_at": Signal(
        SignalHistory.FULL, "the start of its time to fill, else the creation of its posting"
    ),
    "requisition.closed_at": Signal(
        SignalHistory.FULL, "a posting's own closing is undated: only its requisition's is"
    ),
    "requisition.headcount": Signal(
        SignalHistory.SINCE_INSTALL,
        'unknown where a requisition says "unlimited", or there is none',
    ),
    "requisition.filled": Signal(SignalHistory.SINCE_INSTALL, _UNDATED),
    **{
        f"opening.{name}": Signal(SignalHistory.NONE, _NO_OPENINGS)
        for name in ("requisition", "status", "opened_at", "closed_at", "target_on")
    },
    "team_member.user": Signal(
        SignalHistory.SINCE_INSTALL,
        "one recruiter and one hiring manager; no coordinator, no sourcer",
    ),
    "stage.requisition": Signal(SignalHistory.FULL, "one pipeline serves all postings"),
    "stage.kind": Signal(
        SignalHistory.FULL, "guessed from pipeline and name: map those that are guessed wrong"
    ),
    **{
        f"criterion.{name}": Signal(SignalHistory.NONE, _TEMPLATES)
        for name in ("requisition", "name", "type", "stages")
    },
    "scorecard.unrated": Signal(SignalHistory.NONE, _TEMPLATES),
    **{
        f"brief.{name}": Signal(SignalHistory.NONE, _NO_BRIEF)
        for name in ("requisition", "version", "sections", "agreed", "source")
    },
    "approval.offer": Signal(SignalHistory.NONE, _OFFERS),
    "approval.status": Signal(SignalHistory.FULL, "for requisitions only: " + _OFFERS),
    "approval.user": Signal(SignalHistory.FULL, "an approver who follows a role shows no name"),
    "approval.decided_at": Signal(SignalHistory.FULL, "an approval has a date, a refusal has none"),
    "application.status": Signal(
        SignalHistory.FULL,
        "withdrawn only if the archive reason is mapped as theirs; on hold means snoozed",
    ),
    "application.coordinator": Signal(
        SignalHistory.NONE, "Lever names an owner and no coordinator"
    ),
    "application.contacted_at": Signal(
        SignalHistory.NONE,
        "not read: it would take one more request for each candidate",
    ),
    "application.concern": Signal(SignalHistory.NONE, "needs a tag: map it", with_mapping=True),
    "reason.kind": Signal(
        SignalHistory.FULL, "Lever knows only hired or not; whose decision it was needs the mapping"
    ),
    "interview.status": Signal(
        SignalHistory.FULL, "scheduled, complete (all forms given) or cancelled"
    ),
    "interview.availability_at": Signal(
        SignalHistory.NONE, "Lever does not say when times were given"
    ),
    "interview.starts_on": Signal(SignalHistory.NONE, "Lever has no all-day interviews"),
    "interview.ends_on": Signal(SignalHistory.NONE, "Lever has no all-day interviews"),
    "seat.response": Signal(SignalHistory.SINCE_INSTALL, _PANELS),
    "seat.feedback_required": Signal(
        SignalHistory.FULL, "a feedback request that was dismissed still shows as owed"
    ),
    "seat.scorecard": Signal(
        SignalHistory.FULL,
        "feedback written by hand names no interview: it counts for the author's earlier seats",
    ),
    "offer.sent_on": Signal(SignalHistory.NONE, "Lever has the instant: offer.sent_at"),
    "offer.resolved_at": Signal(SignalHistory.FULL, "a signature is dated, a refusal is not"),
    "offer.pay": Signal(SignalHistory.NONE, "amounts are not stored"),
}

# Each interview says how often its interviewers are reminded (`feedbackReminder`): once, daily,
# every six hours, or not at all. Inactivity alerts are no reminders: a clock in a list, which
# disturbs nobody.
_ONCE = Reminder(
    about="scorecard.submitted_at",
    to="seat.user",
    first=timedelta(),
    last=timedelta(days=1),
    says="reminds interviewers of their feedback once",
)
REMINDERS = {
    "lever-once": (_ONCE,),
    "lever-default": (
        replace(_ONCE, last=timedelta(days=14), says="reminds interviewers of their feedback"),
    ),
}


def _typical(active: int) -> Mapping[str, Sequence[int]]:
    from atsbridge_lever.typical import sizes

    return sizes(active)


def _open(settings: LeverSettings, tools: Tools) -> Connector:
    from atsbridge_lever.connector import Lever  # imported when used: it imports requests

    return Lever(SPEC, settings, tools)


SPEC = ConnectorSpec(
    name="lever",
    title="Lever",
    settings=LeverSettings,
    streams=(
        *organization.STREAMS,
        postings.STREAM,
        opportunities.STREAM,
        contact_names.STREAM,
        interviews.STREAM,
        panels.STREAM,
        feedback.STREAM,
        offers.STREAM,
    ),
    open=_open,
    signals=SIGNALS,
    writes=(APPLICATION_NOTE, TAG),  # see `marks` for what cannot be written, and why
    reminders=REMINDERS,
    typical=_typical,
    fake="atsbridge_lever.fake:serve",
    webhooks=WEBHOOKS,
)
