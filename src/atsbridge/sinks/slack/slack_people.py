"""Look up members of a Slack workspace by their id, each once."""

from __future__ import annotations

from atsbridge.sinks.slack.slack_api import Web


class SlackPeople:
    """The members of one workspace."""

    def __init__(self, web: Web) -> None:
        self._web = web
        self._known: dict[str, tuple[str, str] | None] = {}  # user id -> e-mail, name

    def find(self, user: str) -> tuple[str, str] | None:
        """(e-mail, name) of an active member who is not a program; None for others."""
        if user not in self._known:
            answer = self._web.read("users.info", {"user": user}, fine="user_not_found")
            found = answer.get("user") or {}
            profile = found.get("profile") or {}
            real = found and not found.get("deleted") and not found.get("is_bot")
            email = str(profile.get("email") or "").lower()
            name = str(profile.get("real_name") or found.get("real_name") or email)
            self._known[user] = (email, name) if real and email else None
        return self._known[user]

    def name_mentions(self, text: str) -> str:
        """The text with the e-mail address of each member that it mentions."""
        parts = text.split("<@")
        for number, part in enumerate(parts[1:], 1):
            user, _, rest = part.partition(">")
            person = self.find(user.partition("|")[0])
            parts[number] = f"{person[0] if person else ''}{rest}"
        return " ".join(parts) if len(parts) > 1 else text
