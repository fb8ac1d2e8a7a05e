"""The connector as data: its streams, and the fields that it cannot supply, with reasons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from atsbridge.api import (
    CAPABILITIES,
    KINDS,
    Connector,
    ConnectorSpec,
    Reminder,
    Signal,
    SignalHistory,
    Stream,
    Tools,
)
from atsbridge_greenhouse import (
    approvals,
    contacts,
    criteria,
    interviews,
    organization,
    pay,
    pipeline,
    ratings,
    requisitions,
    tags,
)
from atsbridge_greenhouse.settings import GreenhouseSettings
from atsbridge_greenhouse.webhooks import WEBHOOKS

_CUSTOM = "needs a custom field: Greenhouse has no field for it"
_DATES = "past stages may have no dates: a stay is dated while the application is in that stage"
_EVERYWHERE = ("custom", "url", "created_at", "updated_at")  # fields of every record
_POSTED = (
    "what is posted for candidates, from the lowest to the highest of all posts; a range that is"
    " approved and not posted needs a custom field"
)

# `full` with a reason: the present value is exact; the reason says what it does not distinguish.
SIGNALS: dict[str, Signal] = {
    "user.manager": Signal(
        SignalHistory.NONE, "needs a custom field that names a user", with_mapping=True
    ),
    "office.timezone": Signal(SignalHistory.NONE, "Greenhouse does not know it: see [offices]"),
    "office.country": Signal(SignalHistory.NONE, "Greenhouse does not know it: see [offices]"),
    "requisition.status": Signal(
        SignalHistory.FULL,
        "the close reasons of its openings decide whether a closed job is filled or cancelled; on"
        " hold needs a custom field",
    ),
    "requisition.on_hold": Signal(SignalHistory.NONE, _CUSTOM, with_mapping=True),
    "requisition.kind": Signal(SignalHistory.NONE, _CUSTOM, with_mapping=True),
    "requisition.priority": Signal(SignalHistory.NONE, _CUSTOM, with_mapping=True),
    "requisition.target_on": Signal(SignalHistory.NONE, _CUSTOM, with_mapping=True),
    "requisition.headcount": Signal(SignalHistory.NONE, _CUSTOM, with_mapping=True),
    "requisition.filled": Signal(SignalHistory.NONE, _CUSTOM, with_mapping=True),
    "requisition.pay_min": Signal(SignalHistory.FULL, _POSTED),
    "requisition.pay_max": Signal(SignalHistory.FULL, _POSTED),
    "requisition.pay_currency": Signal(SignalHistory.FULL, _POSTED),
    "requisition.pay_period": Signal(
        SignalHistory.NONE, "a posted range does not name its period", with_mapping=True
    ),
    "team_member.responsible": Signal(
        SignalHistory.FULL, "hiring managers are not told apart: of several the oldest counts"
    ),
    "application.status": Signal(
        SignalHistory.FULL,
        "rejected also if the candidate withdrew: application.reason.kind is then `theirs`; on"
        " hold needs a custom field",
    ),
    "application.stage_entered_at": Signal(
        SignalHistory.FULL, "the stage one stands in is dated, even where past ones are not"
    ),
    "application.contacted_at": Signal(
        SignalHistory.FULL,
        "e-mails of colleagues that Greenhouse keeps with the application; calls and messages"
        " elsewhere do not show, and to whom an e-mail went is not read",
    ),
    "application.concern": Signal(
        SignalHistory.NONE, "needs a tag or a custom field", with_mapping=True
    ),
    "application.tags": Signal(
        SignalHistory.NONE, "only tags that an account maps are read", with_mapping=True
    ),
    "stage_stay.entered_at": Signal(SignalHistory.SINCE_INSTALL, _DATES),
    "stage_stay.left_at": Signal(SignalHistory.SINCE_INSTALL, _DATES),
    "stage_stay.stage": Signal(SignalHistory.SINCE_INSTALL, _DATES),
    "interview.status": Signal(
        SignalHistory.FULL, "a cancelled interview is not marked but vanishes"
    ),
    "interview.organizer": Signal(
        SignalHistory.FULL, "empty where no calendar is connected to Greenhouse"
    ),
    "seat.feedback_required": Signal(
        SignalHistory.FULL, "as the plan's slot demanded when the seat last changed"
    ),
    "scorecard.interview": Signal(
        SignalHistory.NONE, "a scorecard names no interview; the seat names its scorecard"
    ),
    "offer.status": Signal(
        SignalHistory.FULL, "approval does not show: an offer is a draft until it is sent"
    ),
    "offer.sent_at": Signal(SignalHistory.NONE, "the API has only the day: offer.sent_on"),
    "offer.approved_at": Signal(SignalHistory.NONE, "see the approvals of the offer"),
    **{
        f"brief.{name}": Signal(
            SignalHistory.NONE, "Greenhouse keeps no brief: see briefs in [rules]"
        )
        for name in KINDS["brief"].supplied
        if name not in _EVERYWHERE
    },
}

# support.greenhouse.io 360047691292: an hour after the interview's end, then every day for ten
# business days or until the scorecard is there; it cannot be switched off. 360035817152: approval
# reminders go out only where a Site Admin has set them up.
_SCORECARDS = Reminder(
    about="scorecard.submitted_at",
    to="seat.user",
    first=timedelta(hours=1),
    last=timedelta(days=14),
    says="reminds interviewers of their scorecards every day",
)
_APPROVALS = Reminder(
    about="approval.decided_at",
    to="approval.user",
    first=timedelta(),
    last=timedelta(days=14),
    says="reminds approvers, as a Site Admin has set up",
)
REMINDERS = {
    "greenhouse-default": (_SCORECARDS,),
    "greenhouse-approvals": (_SCORECARDS, _APPROVALS),
}


# Not asked for: default_interviewers (people, not groups or roles, that a plan's slot proposes: no
# record has a seat before there is an interview); job_notes but to find our own again; pay_inputs
# (titles of ranges); referrers; free text anywhere.
def streams(app_url: str) -> tuple[Stream, ...]:
    """Every stream, parents before children; `app_url` is where links point to."""
    app = app_url.rstrip("/")
    return (
        *organization.STREAMS,
        *requisitions.streams(app),
        *criteria.STREAMS,
        pay.STREAM,
        *pipeline.streams(app),
        contacts.STREAM,
        tags.STREAM,
        *interviews.STREAMS,
        ratings.STREAM,
        *approvals.STREAMS,
    )


def _open(settings: GreenhouseSettings, tools: Tools) -> Connector:
    from atsbridge_greenhouse.connector import connect  # imported when used: it imports requests

    return connect(SPEC, streams(settings.app_url), settings, tools)


def _typical(active: int) -> Mapping[str, Sequence[int]]:
    from atsbridge_greenhouse.typical import sizes

    return sizes(active)


SPEC = ConnectorSpec(
    name="greenhouse",
    title="Greenhouse",
    settings=GreenhouseSettings,
    streams=streams("https://app.greenhouse.io"),
    open=_open,
    signals=SIGNALS,
    writes=CAPABILITIES,
    reminders=REMINDERS,
    fake="atsbridge_greenhouse.fake:serve",
    typical=_typical,
    webhooks=WEBHOOKS,
)
