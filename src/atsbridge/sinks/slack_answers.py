"""What people answered to our messages in Slack: emoji, and replies in their threads.

One request for a conversation (conversations.history) tells the emoji on all messages in it and
which threads have something new; each of those takes one more. What an answer means is not
decided here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from atsbridge.errors import FatalError
from atsbridge.ports import Answer, Sent
from atsbridge.sinks.slack_web import Web

_PAGES = 3  # of 200 rows, of a conversation or a thread


class Answers:
    """The answers in one workspace. People are asked for once."""

    def __init__(self, web: Web) -> None:
        self._web = web
        self._people: dict[str, tuple[str, str] | None] = {}  # user id -> e-mail, name

    def of(self, sent: Sequence[Sent]) -> Iterator[Answer]:
        """As `ports.Answering.answers`. A conversation that is gone or closed has none."""
        by_channel: dict[str, list[Sent]] = {}
        for one in sent:
            by_channel.setdefault(str(one.receipt.ids["channel"]), []).append(one)
        for channel, its in by_channel.items():
            try:
                yield from self._conversation(channel, its)
            except FatalError:
                continue  # what is to be sent there next tells of it

    def _conversation(self, channel: str, sent: Sequence[Sent]) -> Iterator[Answer]:
        roots = {str(one.receipt.ids["ts"]): one for one in sent if "thread" not in one.receipt.ids}
        if roots:
            oldest = min(roots, key=float)
            params = {"channel": channel, "oldest": oldest, "inclusive": "true"}
            for row in self._rows("conversations.history", params):
                one = roots.get(str(row.get("ts")))
                if one is None:
                    continue
                yield from self._emoji(one, row, channel)
                if float(row.get("latest_reply") or 0) > float(one.read_to or 0):
                    yield from self._thread(one, channel)
        for one in sent:
            if "thread" in one.receipt.ids:  # the conversation does not show it
                yield from self._emoji(one, None, channel)

    def _thread(self, one: Sent, channel: str) -> Iterator[Answer]:
        params = {"channel": channel, "ts": one.receipt.ids["ts"]}
        params |= {"oldest": one.read_to} if one.read_to else {}
        for row in self._rows("conversations.replies", params):
            ts, user = str(row["ts"]), row.get("user")
            if ts == one.receipt.ids["ts"] or float(ts) <= float(one.read_to or 0):
                continue
            odd = not user or row.get("bot_id") or row.get("subtype")
            person = None if odd else self._person(str(user))
            text = self._named(str(row.get("text") or "")) if person else ""
            yield Answer(one.key, ts, *(person or ("", "")), text=text)

    def _emoji(self, one: Sent, row: Mapping[str, Any] | None, channel: str) -> Iterator[Answer]:
        found = None if row is None else row.get("reactions") or ()
        if found is None or any(len(r["users"]) < r["count"] for r in found):
            found = self._reactions(channel, str(one.receipt.ids["ts"]))
        for reaction in found:
            for user in reaction["users"]:
                if (person := self._person(user)) is not None:
                    mark = f"{reaction['name']} {user}"
                    yield Answer(one.key, mark, *person, emoji=str(reaction["name"]))

    def _reactions(self, channel: str, ts: str) -> Sequence[Mapping[str, Any]]:
        params = {"channel": channel, "timestamp": ts, "full": "true"}
        answer = self._web.read("reactions.get", params, fine="message_not_found")
        return (answer.get("message") or {}).get("reactions") or ()

    def _rows(self, method: str, params: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
        for number, page in enumerate(self._web.pages(method, params), 1):
            yield from page["messages"]
            if number == _PAGES:
                return

    def _person(self, user: str) -> tuple[str, str] | None:
        """(e-mail, name) of a member who is active and no program; None for others."""
        if user not in self._people:
            answer = self._web.read("users.info", {"user": user}, fine="user_not_found")
            found = answer.get("user") or {}
            profile = found.get("profile") or {}
            real = found and not found.get("deleted") and not found.get("is_bot")
            email = str(profile.get("email") or "").lower()
            name = str(profile.get("real_name") or found.get("real_name") or email)
            self._people[user] = (email, name) if real and email else None
        return self._people[user]

    def _named(self, text: str) -> str:
        """The text with each member it mentions by their address."""
        parts = text.split("<@")
        for number, part in enumerate(parts[1:], 1):
            user, _, rest = part.partition(">")
            person = self._person(user.partition("|")[0])
            parts[number] = f"{person[0] if person else ''}{rest}"
        return " ".join(parts) if len(parts) > 1 else text
