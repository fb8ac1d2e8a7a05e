"""Describe to operators why a notice is held, was dropped, or failed at the last try."""

from __future__ import annotations

from collections.abc import Mapping

from atsbridge.model import DropCode, DropReason, Hold, Notice, RecipientCode, RecipientReason
from atsbridge.presentation.recipient_text import describe_trouble

_HOLDS: Mapping[Hold, str] = {
    Hold.QUIET_HOURS: "quiet hours",
    Hold.AWAY: "everybody it concerns is away",
    Hold.DAILY_LIMIT: "daily limit",
    Hold.DIGEST: "digest",
    Hold.BREAKER: "circuit breaker",
    Hold.SHADOW: "shadow",
    Hold.UNCONFIRMED: "unconfirmed",
    Hold.STOPPED: "its rule has an error",
    Hold.SUPPRESSED: "suppressed",
}
_DROPS: Mapping[DropCode, str] = {
    DropCode.CASE_ENDED: "its case has ended",
    DropCode.HANDLED: "{handling}",
    DropCode.LATER_STEP: "a later step goes to the same reader",
    DropCode.HANDED_OVER: "somebody else owes it now",
    DropCode.REASSIGNED: "reassigned",
    DropCode.REASSIGNMENT_UNDONE: "the reassignment was undone",
    DropCode.IN_SUMMARY: "part of the summary",
    DropCode.REPEATED: "the same message went there in this run",
    DropCode.NOTHING_SENT: "no message had been sent",
    DropCode.ANOTHER_MESSAGE: "its reader gets another message about it",
    DropCode.MESSAGE_DELETED: "the message it answers no longer exists",
    DropCode.UNCONFIRMED: "unconfirmed",
    DropCode.CONFIDENTIAL_CHANNEL: "a confidential requisition never reaches a channel",
    DropCode.CONFIDENTIAL_TAG: (
        "a tag is seen wherever the candidate is, and this requisition is confidential"
    ),
    DropCode.PERSONAL: "{personal}",
    DropCode.TAG_NOT_OURS: "the tag was there before, so it stays",
    DropCode.TAG_STILL_NEEDED: "another open case still needs the tag",
    DropCode.WRITE_NOT_ALLOWED: "the account does not allow {capabilities} to be written",
    DropCode.NOT_WANTED: "its reader chose to read only of what waits on them",
    DropCode.NOT_REACHED: "only its reader may read it, and no sink reaches them",
    DropCode.OUTDATED: "it waited for too long",
    DropCode.WITHDRAWN: "one of the pair no longer agrees to it",
    DropCode.ATS_REMINDS: "{ats} itself {text}",
    DropCode.OPERATOR: "dropped by an operator",
    DropCode.FORGOTTEN: "the candidate was erased",
    DropCode.SUPERSEDED: "the brief or the round that it is about is not the present one",
    DropCode.OTHER: "{text}",
}


def describe_notice_reason(notice: Notice) -> str:
    """Why it is held or was dropped, or the last error; "" if none of these applies."""
    if notice.hold is not None:
        return _HOLDS[notice.hold]
    if notice.drop is not None:
        return describe_drop(notice.drop)
    return notice.error.text if notice.error else ""


def describe_drop(drop: DropReason) -> str:
    """ "its case has ended"."""
    return _DROPS[drop.code].format_map(_Values(drop))


class _Values(dict[str, str]):
    """The parameters of a reason, by name."""

    def __init__(self, drop: DropReason) -> None:
        super().__init__()
        self._drop = drop

    def __missing__(self, name: str) -> str:
        if name == "personal":
            alone = "a rule on people tells only the person it is about"
            reason = RecipientReason(RecipientCode.UNREACHABLE, self._drop.params)
            why = self._drop["text"] or describe_trouble(reason)  # text: of an older version
            return f"{alone}, and {why}" if why else alone
        if name == "capabilities":
            allowed = self._drop.as_dict().get(name, ())
            return (allowed if isinstance(allowed, str) else " or ".join(allowed)) or "it"
        return self._drop[name]
