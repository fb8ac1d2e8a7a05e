"""Why a notice goes to its destination, in English."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from atsbridge.model import Destination, RecipientCode, RecipientReason, RecipientTrouble
from atsbridge.rules import split_recipient

_ASSIGNEE = "application.assignee"
_ROLES: Mapping[str, str] = {
    "seat.user": "interviewer",
    "scorecard.author": "author of the scorecard",
    "interview.organizer": "organizer of the interview",
    "approval.user": "approver",
    "application.recruiter": "recruiter of this application",
    "application.coordinator": "coordinator of this application",
    "requisition.recruiter": "recruiter of the role",
    "requisition.coordinator": "coordinator of the role",
    "requisition.sourcer": "sourcer of the role",
    "requisition.hiring_manager": "hiring manager of the role",
}
_TEXTS: Mapping[RecipientCode, str] = {
    RecipientCode.ROLE: "{role}",
    RecipientCode.NAMED: "named in the rule",
    RecipientCode.TEAM: "team {name}",
    RecipientCode.NOTE: "note in the ATS",
    RecipientCode.MARK: "{field} in the ATS",
    RecipientCode.ALONE: "it is about you alone",
    RecipientCode.IN_PLACE: "{role} in place of {name}",
    RecipientCode.DELEGATE: "delegate of {name}, who {trouble}",
    RecipientCode.ASSIGNED: "colleague this was handed on to",
    RecipientCode.REDIRECTED: "everything is redirected",
    RecipientCode.TEST: "a test message",
    RecipientCode.UNREACHABLE: "the {role} {trouble}",
    RecipientCode.FIRST_BACK: "everybody it concerns was away; the first who is back gets it",
    RecipientCode.SUPERIOR_UNKNOWN: "the {role} is not known",
    RecipientCode.NOT_THEIRS: "the {role} replied that it is not theirs",
    RecipientCode.ASSIGNED_TO_TEAM: "the case was handed on to this team",
    RecipientCode.CHANNEL_CLOSED: "the channel {channel} cannot be written to",
    RecipientCode.NO_ROUTE: "cannot be reached in {sinks}",
    RecipientCode.OTHER: "{text}",
}
_TROUBLES: Mapping[RecipientTrouble, str] = {
    RecipientTrouble.NOT_NAMED: "is not named in the ATS",
    RecipientTrouble.UNKNOWN: "is unknown to the ATS",
    RecipientTrouble.INACTIVE: "is no longer active in the ATS",
    RecipientTrouble.NO_ADDRESS: "has no address in the ATS",
    RecipientTrouble.AWAY: "is away: {away}",
    RecipientTrouble.NO_ROUTE: "cannot be reached here",
}
_NOUNS = frozenset({RecipientCode.ROLE, RecipientCode.IN_PLACE, RecipientCode.DELEGATE})


def describe_recipient(to: Destination) -> str:
    """ "interviewer"; for a fallback what happened: "the interviewer is away: on leave"."""
    parts: list[str] = []
    for index, reason in enumerate(to.why):
        text = _TEXTS[reason.code].format_map(_Values(reason))
        if reason.code is RecipientCode.NO_ROUTE:
            parts = [_without_route(" and ".join(parts), to.why[:index], text)]
        else:
            parts.append(text)
    return " and ".join(parts)


def describe_trouble(reason: RecipientReason) -> str:
    """ "the person is away: on leave"; "" without a trouble."""
    if not reason["trouble"]:
        return ""
    return _TEXTS[RecipientCode.UNREACHABLE].format_map(_Values(reason))


def _without_route(whom: str, reasons: Sequence[RecipientReason], text: str) -> str:
    """That no sink reaches the reader whom the reasons name."""
    if all(reason.code in _NOUNS for reason in reasons):
        return f"the {whom or 'person'} {text}"
    return f"{whom}, and {text}"


class _Values(dict[str, str]):
    """The parameters of a reason, by name."""

    def __init__(self, reason: RecipientReason) -> None:
        super().__init__()
        self._reason = reason

    def __missing__(self, name: str) -> str:
        reason = self._reason
        if name == "role":
            return _role(reason)
        if name == "trouble":
            return _TROUBLES[RecipientTrouble(reason[name])].format_map(self)
        if name == "name":
            return reason[name] or "a colleague"
        if name == "sinks":
            sinks = reason.as_dict().get(name, ())
            return (sinks if isinstance(sinks, str) else " or ".join(sinks)) or "any sink"
        return reason[name]


def _role(reason: RecipientReason) -> str:
    """ "manager of the interviewer"."""
    if not reason["role"]:
        return "person"
    named = split_recipient(reason["role"])
    if named.head:
        return "head of the department"
    if named.path == _ASSIGNEE:
        assignee = (reason["assignee_role"] or "one").replace("_", " ")
        role = f"{assignee} whose turn it is"
    else:
        role = _ROLES.get(named.path) or _spell(named.path)
    return f"{'manager of the ' * named.levels}{role}"


def _spell(path: str) -> str:
    """ "requisition.hiring_lead" as "hiring lead of the role"."""
    kind, _, field = path.replace(".custom.", ".").rpartition(".")
    kind = "role" if kind == "requisition" else kind
    return f"{field} of the {kind}".replace("_", " ") if kind else field.replace("_", " ")
