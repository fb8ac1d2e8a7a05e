"""List the scopes that a Slack app needs, and what each is needed for.

`doctor` and docs/slack.md are made from this list. Names and methods:
https://docs.slack.dev/reference/scopes
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from atsbridge.ports import CheckResult

PAGE = "https://api.slack.com/apps"


@dataclass(frozen=True, slots=True)
class SlackScope:
    """One scope of the bot token. `optional`: messages are sent without it; the text says what is
    lost.
    """

    name: str
    needed_for: str
    methods: tuple[str, ...]
    optional: bool = False


SCOPES = (
    SlackScope("chat:write", "every message", ("chat.postMessage", "chat.update")),
    SlackScope("users:read", "reading who replied", ("users.info",)),
    SlackScope("users:read.email", "finding a person by e-mail address", ("users.lookupByEmail",)),
    SlackScope("im:write", "opening a direct message", ("conversations.open",)),
    SlackScope(
        "im:history",
        "replies in direct messages, and looking up what arrived",
        ("conversations.history", "conversations.replies"),
    ),
    SlackScope("channels:read", "finding a public channel by name", ("conversations.list",)),
    SlackScope(
        "channels:history",
        "replies in public channels, and looking up what arrived",
        ("conversations.history", "conversations.replies"),
    ),
    SlackScope("reactions:read", "replies by emoji", ("reactions.get",)),
    SlackScope(
        "groups:read",
        "finding a private channel by name; with its id it is not needed",
        ("conversations.list",),
        optional=True,
    ),
    SlackScope(
        "groups:history",
        "replies in private channels, and looking up what arrived",
        ("conversations.history", "conversations.replies"),
        optional=True,
    ),
)

EVENTS = {  # event that `atsbridge listen` hears -> the scope that it needs
    "message.im": "im:history",
    "message.channels": "channels:history",
    "message.groups": "groups:history",
}


def check(granted: Collection[str]) -> Iterator[CheckResult]:
    """A line of `doctor` for each scope: granted, missing, or missing and not needed by all."""
    for scope in SCOPES:
        there = scope.name in granted
        add = f"Add {scope.name} under OAuth & Permissions at {PAGE}, then install the app again"
        yield CheckResult(
            f"scope {scope.name}",
            good=there or scope.optional,
            detail=scope.needed_for if there else f"missing; needed for {scope.needed_for}",
            remedy="" if there else add,
        )
