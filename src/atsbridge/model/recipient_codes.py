"""Why a notice goes to its destination, as data. `presentation` makes the English."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from atsbridge.model.reason import Parameter, Parameters, sort_parameters


class RecipientCode(StrEnum):
    """Why a notice goes there. The comment names the parameters.

    `role`: the text under `to`, with the record's own field, such as "seat.user.manager".
    `assignee_role`: what the assignee is.
    """

    # The intended reader.
    ROLE = "role"  # role, assignee_role
    NAMED = "named"  # the rule names the channel
    TEAM = "team"  # name
    NOTE = "note"  # a note in the ATS
    MARK = "mark"  # a tag in the ATS. field
    ALONE = "alone"  # a personal rule, about this person
    IN_PLACE = "in_place"  # a person handed it on. role, name: of the former assignee
    DELEGATE = "delegate"  # name: of the person, trouble, away
    ASSIGNED = "assigned"  # a person handed the case on to this reader
    REDIRECTED = "redirected"  # everything goes to one address
    TEST = "test"  # a test message

    # Somebody else than the intended reader gets it: what happened.
    UNREACHABLE = "unreachable"  # role, assignee_role, trouble, away
    FIRST_BACK = "first_back"  # everybody it concerns is away. role, assignee_role, trouble, away
    SUPERIOR_UNKNOWN = "superior_unknown"  # role
    NOT_THEIRS = "not_theirs"  # they said so, and the case goes to the rule's owner. role
    ASSIGNED_TO_TEAM = "assigned_to_team"  # a person handed the case on to this team
    CHANNEL_CLOSED = "channel_closed"  # channel
    NO_ROUTE = "no_route"  # no sink reaches whom the reasons before it name. sinks

    OTHER = "other"  # written by an older version. text


class RecipientTrouble(StrEnum):
    """Why a person cannot be reached."""

    NOT_NAMED = "not_named"  # the ATS names nobody
    UNKNOWN = "unknown"  # the ATS does not have the person
    INACTIVE = "inactive"
    NO_ADDRESS = "no_address"
    AWAY = "away"  # the parameter `away` says why
    NO_ROUTE = "no_route"  # no sink reaches them


@dataclass(frozen=True, slots=True)
class RecipientReason(Parameters):
    """`params`: (name, value) pairs in order of name; build with `recipient_reason`."""

    code: RecipientCode
    params: tuple[tuple[str, Parameter], ...] = ()

    def become(self, code: RecipientCode, **more: Parameter) -> RecipientReason:
        """Another reason with these parameters and more."""
        params: dict[str, Parameter] = {**self.as_dict(), **more}
        return replace(self, code=code, params=sort_parameters(params))


def recipient_reason(code: RecipientCode, **params: Parameter) -> RecipientReason:
    """A reason with its parameters; empty ones are left out."""
    return RecipientReason(code, sort_parameters(params))
