"""Greenhouse's error messages, each as one sentence with what to do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from atsbridge.api import HttpResponse

SCREEN = "Configure > Dev Center > API Credential Management"
_VERBS = {"GET": "list", "POST": "create", "PATCH": "update", "DELETE": "destroy"}
CREDENTIAL = (
    f"Check client_id and client_secret: {SCREEN}, type 'Harvest V3 (OAuth)'. "
    "The secret is shown once, and a rotated one ends within a week"
)


def permission(scope: str) -> str:
    """The remedy for a forbidden list."""
    return (
        f"Give the credential the scope {scope} ({SCREEN}), and let it act as its own service "
        "user or as a Site Admin"
    )


def explain(answer: HttpResponse) -> str:
    """The vendor's own words: `message`, then each of `errors`, in whichever shape they come.

    `errors` holds strings, {field: text} or {message, field}; OAuth answers hold `error`. What
    stands around it (status, remedy, redaction) is the session's.
    """
    body = answer.json()
    if not isinstance(body, Mapping):
        return ""
    messages = [str(body[k]) for k in ("message", "error", "error_description") if body.get(k)]
    errors = body.get("errors") or []
    for one in errors if isinstance(errors, list) else [errors]:
        messages.extend(_one(one))
    return "; ".join(dict.fromkeys(messages))


def mend(method: str, answer: HttpResponse) -> str:
    """The remedy for a refusal; "" if the general remedy applies."""
    path = urlsplit(answer.url).path.partition("/v3/")[2]
    name, _, row = path.partition("/")
    if answer.status == 403:
        return permission(f"harvest:{name}:{_VERBS.get(method, 'list')}")
    if answer.status == 404:
        missing = "It may have been deleted; the next sync shows"
        return missing if row else "Check base_url: it ends in /v3"
    if answer.status == 413:
        return "Write less at once"
    if answer.status in (400, 422):
        return (
            "Greenhouse may have changed what it takes: look for a newer connector, and report it"
        )
    return ""


def _one(error: Any) -> list[str]:
    if not isinstance(error, Mapping):
        return [str(error)] if error else []
    if "message" in error:
        named = error.get("field")
        return [f"{named}: {error['message']}" if named else str(error["message"])]
    return [f"{name}: {text}" for name, text in error.items()]
