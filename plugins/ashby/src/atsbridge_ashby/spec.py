"""The connector as data: its streams, and the fields that it cannot supply, with reasons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from atsbridge.api import (
    APPLICATION_NOTE,
    TAG,
    Connector,
    ConnectorSpec,
    Signal,
    SignalHistory,
    Tools,
    declare_absent,
)
from atsbridge_ashby import (
    applications,
    candidate_names,
    feedback,
    interviews,
    jobs,
    offers,
    organization,
    plans,
)
from atsbridge_ashby.settings import AshbySettings
from atsbridge_ashby.webhooks import WEBHOOKS

STREAMS = (
    *organization.STREAMS,
    *jobs.STREAMS,
    *plans.STREAMS,
    *applications.STREAMS,
    candidate_names.STREAM,
    interviews.STREAM,
    feedback.STREAM,
    *offers.STREAMS,
)

_UNDATED = "Ashby shows the present value without the dates of its changes"
_CUSTOM = "needs a custom field: map it"
_ANSWERS = "the answers of forms are not read"
_ACTIVITY = "whether a note or a message moves an application's updatedAt is not documented"

SIGNALS: Mapping[str, Signal] = declare_absent(
    STREAMS,
    "Ashby's API does not supply it",
    {
        "user.office": Signal(SignalHistory.NONE, "users have no place: see [people]"),
        "user.manager": Signal(SignalHistory.NONE, "users name no manager: see [people]"),
        "office.timezone": Signal(SignalHistory.NONE, "locations have no zone: see [offices]"),
        "office.country": Signal(SignalHistory.FULL, "where the address has a two-letter code"),
        "requisition.status": Signal(
            SignalHistory.SINCE_INSTALL,
            "filled if one of its openings is; never on hold, never waiting for approval",
        ),
        "requisition.kind": Signal(SignalHistory.NONE, _CUSTOM, with_mapping=True),
        "requisition.priority": Signal(SignalHistory.NONE, _CUSTOM, with_mapping=True),
        "requisition.target_on": Signal(SignalHistory.NONE, _CUSTOM, with_mapping=True),
        "requisition.headcount": Signal(
            SignalHistory.SINCE_INSTALL, "the approved openings; unknown for a job without any"
        ),
        "requisition.filled": Signal(SignalHistory.SINCE_INSTALL, _UNDATED),
        "requisition.url": Signal(SignalHistory.NONE, "jobs have no address in the API"),
        "team_member.user": Signal(SignalHistory.SINCE_INSTALL, _UNDATED),
        "team_member.responsible": Signal(
            SignalHistory.SINCE_INSTALL, "only where one person holds the role: none is marked"
        ),
        "stage.requisition": Signal(SignalHistory.FULL, "several jobs may share a plan"),
        "stage.kind": Signal(
            SignalHistory.FULL,
            "guessed from the stage's type and name: map those that are guessed wrong",
        ),
        "scorecard.recommendation": Signal(SignalHistory.NONE, _ANSWERS),
        "scorecard.ratings": Signal(SignalHistory.NONE, _ANSWERS),
        "scorecard.unrated": Signal(SignalHistory.NONE, _ANSWERS),
        "application.status": Signal(
            SignalHistory.FULL, "withdrawn if the archive reason says so; never on hold"
        ),
        "application.last_activity_at": Signal(SignalHistory.NONE, _ACTIVITY),
        "application.concern": Signal(SignalHistory.NONE, "needs a tag: map it", with_mapping=True),
        "reason.kind": Signal(SignalHistory.FULL, 'of type "Other" needs the mapping'),
        "interview.status": Signal(
            SignalHistory.FULL, "the status of the schedule: its events have none"
        ),
        "seat.feedback_required": Signal(
            SignalHistory.FULL, "as the event asks of each interviewer"
        ),
        "offer.approved_at": Signal(SignalHistory.NONE, "see the approvals of the offer"),
        "offer.sent_at": Signal(SignalHistory.NONE, "the API has no date of sending"),
        "offer.pay": Signal(SignalHistory.NONE, "amounts are not stored"),
        "approval.requisition": Signal(
            SignalHistory.FULL, "an approval of an opening counts for the first of its jobs"
        ),
    },
)


def _typical(active: int) -> Mapping[str, Sequence[int]]:
    from atsbridge_ashby.typical import sizes

    return sizes(active)


def _open(settings: AshbySettings, tools: Tools) -> Connector:
    from atsbridge_ashby.connector import Ashby  # imported when used: it imports requests

    return Ashby(SPEC, settings, tools)


# Ashby reminds interviewers as each of them or an administrator has set it, which the API does not
# show: there is no preset of `native_reminders`.
SPEC = ConnectorSpec(
    name="ashby",
    title="Ashby",
    settings=AshbySettings,
    streams=STREAMS,
    open=_open,
    signals=SIGNALS,
    writes=(APPLICATION_NOTE, TAG),
    typical=_typical,
    fake="atsbridge_ashby.fake:serve",
    webhooks=WEBHOOKS,
)
