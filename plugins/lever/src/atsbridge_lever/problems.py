"""Lever's error messages, each as one sentence with what to do."""

from __future__ import annotations

from urllib.parse import urlsplit

import msgspec

from atsbridge.api import HttpResponse

NEW_KEY = "A Lever key cannot be changed: make one with this permission"
# Lists that an account can do without.
_LESS = {"requisitions": ", or set requisitions = false where Lever has none"}
_TAGGED = ("addTags", "removeTags")  # actions on an opportunity, not its children


class _Problem(msgspec.Struct):
    """An error body."""

    code: str | None = None
    message: str | None = None


def explain(answer: HttpResponse) -> str:
    """The vendor's own words: `message`, else `code`."""
    problem = msgspec.json.decode(answer.body, type=_Problem)
    return problem.message or problem.code or ""


def mend(method: str, answer: HttpResponse) -> str:
    """The remedy for a refusal; "" if the general remedy applies."""
    parts = urlsplit(answer.url).path.strip("/").split("/")[1:]  # without /v1
    if answer.status == 403:
        return f"{NEW_KEY}: {_permission(method, parts)}{_LESS.get(parts[0], '')}"
    if answer.status == 404:
        missing = "It may have been deleted; the next sync shows"
        return missing if len(parts) > 1 else "Check base_url: it ends in /v1"
    if answer.status in (400, 409, 422):
        return "Lever may have changed what it takes: look for a newer connector, and report it"
    if answer.status == 503:
        return "Lever is being maintained; the next run tries again"
    return ""


def _permission(method: str, parts: list[str]) -> str:
    """The permission to enable, as Lever's screen names it: "Notes: write"."""
    last = parts[-1] if len(parts) in (1, 3) and parts[-1] not in _TAGGED else parts[0]
    name = last.replace("_", " ").capitalize()
    return f"{name}: {'list' if method == 'GET' else 'write'}"
