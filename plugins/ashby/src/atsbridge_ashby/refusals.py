"""What Ashby's refusals mean. Most come as 200 with `success: false` and a code.

Codes are from the error description of the API, its guide to incremental sync, and clients that
others have published. A code that is not listed here refuses the request for good.
"""

from __future__ import annotations

from urllib.parse import urlsplit

import msgspec

from atsbridge.api import HttpResponse, Refusal

CODES = {
    "missing_endpoint_permission": Refusal.PERMISSION,
    "missing_permission": Refusal.PERMISSION,
    "unauthorized": Refusal.CREDENTIAL,
    "invalid_api_key": Refusal.CREDENTIAL,
    "not_found": Refusal.NOT_FOUND,
    "rate_limit_exceeded": Refusal.RATE_LIMIT,
    "too_many_requests": Refusal.RATE_LIMIT,
    "sync_token_expired": Refusal.SYNC_TOKEN,
    "sync_token_invalid": Refusal.SYNC_TOKEN,
    "invalid_sync_token": Refusal.SYNC_TOKEN,
    "incremental_sync_too_large": Refusal.SYNC_TOKEN,
    "next_cursor_expired": Refusal.PAGE_TOKEN,
    "invalid_next_cursor": Refusal.PAGE_TOKEN,
    "cursor_invalid": Refusal.PAGE_TOKEN,
    "internal_server_error": Refusal.TEMPORARY,
}


class _Info(msgspec.Struct, rename="camel"):
    code: str | None = None
    message: str | None = None


class _Envelope(msgspec.Struct, rename="camel"):
    """What an answer says of its success. `errors`: codes, or in older answers objects."""

    success: bool = True
    error_info: _Info | None = None
    errors: list[_Info | str] | None = None


def classify(answer: HttpResponse) -> Refusal | None:
    """What Ashby means by an answer; None where its status says it all.

    A key that is wrong gets a 403 like one that lacks a permission: by its code only can they be
    told apart.
    """
    if answer.status == 429 or answer.status >= 500:
        return None
    envelope = msgspec.json.decode(answer.body, type=_Envelope)
    if envelope.success:
        return None
    code = _code(envelope)
    known = CODES.get(code)
    if answer.status == 403 and code and known is None:
        return Refusal.CREDENTIAL
    if known is None and 200 <= answer.status < 300:
        return Refusal.NOT_FOUND if code.endswith("_not_found") else Refusal.INVALID
    return known


def _code(envelope: _Envelope) -> str:
    """The code of a refusal; "" if it has none."""
    if envelope.error_info and envelope.error_info.code:
        return envelope.error_info.code
    first = next(iter(envelope.errors or ()), "")
    return first if isinstance(first, str) else first.code or first.message or ""


# Resource of an action -> the module of the key that holds its permission.
_MODULES = {
    "application": "Candidates",
    "applicationFeedback": "Candidates",
    "candidate": "Candidates",
    "job": "Jobs",
    "opening": "Jobs",
    "interviewPlan": "Interviews",
    "interviewSchedule": "Interviews",
    "interviewStage": "Interviews",
    "offer": "Offers",
    "approval": "Approvals",
    "user": "Organization",
    "department": "Organization",
    "location": "Organization",
    "archiveReason": "Hiring process metadata",
    "candidateTag": "Hiring process metadata",
    "apiKey": "API keys",
}
_WRITES = ("createNote", "addTag", "removeTag", "create")


def explain(answer: HttpResponse) -> str:
    """The vendor's own words: its message, else its code."""
    envelope = msgspec.json.decode(answer.body, type=_Envelope)
    message = envelope.error_info.message if envelope.error_info else None
    return message or _code(envelope)


def advise(method: str, answer: HttpResponse) -> str:
    """The remedy for a refusal; "" if the general remedy applies."""
    del method  # every request is a POST
    action = urlsplit(answer.url).path.rstrip("/").rpartition("/")[2]
    permission = permission_of(action)
    if permission and (answer.status == 403 or _is_denied(answer)):
        return f"In Ashby, give the API key the permission {permission}"
    return ""


def _is_denied(answer: HttpResponse) -> bool:
    try:
        return classify(answer) is Refusal.PERMISSION
    except msgspec.DecodeError:
        return False  # no answer of the API


def permission_of(action: str) -> str:
    """The permission that an action needs, as Ashby's screen groups them: "Jobs: read"."""
    resource, _, verb = action.partition(".")
    module = _MODULES.get(resource)
    return f"{module}: {'write' if verb in _WRITES else 'read'}" if module else ""
