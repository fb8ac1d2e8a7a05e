"""Look up members of a Slack workspace by their id, each once a day."""

from __future__ import annotations

from atsbridge.errors import FatalError
from atsbridge.net import ExpiringCache
from atsbridge.sinks.slack.slack_api import Web
from atsbridge.timesource import TimeSource

# Who left, or is of a workspace that may not be seen: none of ours.
_UNSEEN = frozenset({"user_not_found", "user_not_visible", "team_not_found"})


class SlackPeople:
    """The members of one workspace."""

    def __init__(self, web: Web, time: TimeSource) -> None:
        self._web = web
        self._known: ExpiringCache[str, tuple[str, str] | None] = ExpiringCache(time)

    def find(self, user: str) -> tuple[str, str] | None:
        """(e-mail, name) of an active member who is not a program; None for others."""
        return self._known.find(user, lambda: self._look_up(user))

    def _look_up(self, user: str) -> tuple[str, str] | None:
        try:
            answer = self._web.read("users.info", {"user": user})
        except FatalError as error:
            if error.vendor_code not in _UNSEEN:
                raise  # the reply is read again later
            return None
        found = answer.get("user")
        found = found if isinstance(found, dict) else {}
        profile = found.get("profile")
        profile = profile if isinstance(profile, dict) else {}
        real = found and not found.get("deleted") and not found.get("is_bot")
        email = str(profile.get("email") or "").lower()
        name = str(profile.get("real_name") or found.get("real_name") or email)
        return (email, name) if real and email else None

    def name_mentions(self, text: str) -> str:
        """The text with the e-mail address of each member that it mentions."""
        parts = text.split("<@")
        for number, part in enumerate(parts[1:], 1):
            user, _, rest = part.partition(">")
            person = self.find(user.partition("|")[0])
            parts[number] = f"{person[0] if person else ''}{rest}"
        return " ".join(parts) if len(parts) > 1 else text
