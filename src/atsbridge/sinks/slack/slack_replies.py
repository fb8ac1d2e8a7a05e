"""Fetch replies to messages in Slack: emoji, and texts in their threads.

One request for a conversation (conversations.history) tells the emoji on all messages in it and
which threads have something new; each of those takes one more. In a channel where much else is
written between our messages, those it did not show are asked for one by one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from atsbridge.errors import FatalError
from atsbridge.ports import DeliveredMessage, Reply
from atsbridge.sinks.slack.slack_api import SlackPage, Web
from atsbridge.sinks.slack.slack_people import SlackPeople
from atsbridge.timesource import TimeSource

_PAGES = 3  # of 200 rows, of a conversation or a thread
_SINGLY = 50  # messages asked for one by one in a run: a minute of Slack's rate
# Seconds after which no further conversation is read: an app that is distributed outside
# Slack's Marketplace gets one request a minute (docs.slack.dev/apis/web-api/rate-limits).
_BUDGET = 120.0
_FEW = 2  # conversations that can be read within it in any case, and so always in their order
_TURN = timedelta(minutes=10)  # after that the next ones have their turn
# What a person writes in a thread is no event of the channel: with these subtypes it is a reply
# like any other. https://docs.slack.dev/reference/events/message
WRITTEN = frozenset({"", "thread_broadcast", "file_share", "me_message"})


class SlackReplies:
    """Fetches the replies in one workspace. Several threads may use it at once."""

    def __init__(self, web: Web, time: TimeSource) -> None:
        self._web = web
        self._time = time
        self._people = SlackPeople(web, time)

    def of(self, sent: Sequence[DeliveredMessage]) -> Iterator[Reply]:
        """As `ReplySource.fetch_replies`. A deleted or archived conversation has no replies."""
        by_channel: dict[str, list[DeliveredMessage]] = {}
        for one in sent:
            by_channel.setdefault(str(one.receipt.ids["channel"]), []).append(one)
        channels = list(by_channel)
        first = self._turn() % len(channels) if len(channels) > _FEW else 0
        end = self._time.monotonic() + _BUDGET
        for channel in (*channels[first:], *channels[:first]):
            if self._time.monotonic() > end:
                return  # Slack makes us wait: the others have their turn in a later run
            try:
                yield from self._conversation(channel, by_channel[channel])
            except FatalError:
                continue  # the next message to it reports the error

    def _conversation(self, channel: str, sent: Sequence[DeliveredMessage]) -> Iterator[Reply]:
        roots = {str(one.receipt.ids["ts"]): one for one in sent if "thread" not in one.receipt.ids}
        if roots:
            edges = {"oldest": min(roots, key=float), "latest": max(roots, key=float)}
            params = {"channel": channel, **edges, "inclusive": "true"}
            unseen = dict(roots)
            rows = self._rows("conversations.history", params)
            for row in rows:
                one = unseen.pop(str(row.get("ts")), None)
                if one is not None:
                    yield from self._root(one, row, channel)
                if not unseen:
                    break
            else:
                if rows.cut:
                    yield from self._singly(channel, list(unseen.values()))
        for one in sent:
            if "thread" in one.receipt.ids:  # the pages of the conversation do not include it
                yield from self._emoji(one, None, channel)

    def _turn(self) -> int:
        """A number that is one more every ten minutes."""
        return int(self._time.now().timestamp() // _TURN.total_seconds())

    def _root(self, one: DeliveredMessage, row: Mapping[str, Any], channel: str) -> Iterator[Reply]:
        """The replies to a top-level message. `row`: the message as Slack returns it."""
        yield from self._emoji(one, row, channel)
        if _instant(row.get("latest_reply")) > _instant(one.read_to):
            yield from self._thread(one, channel)

    def _singly(self, channel: str, unseen: Sequence[DeliveredMessage]) -> Iterator[Reply]:
        """The replies to messages that the pages of the conversation did not include."""
        first = self._turn() * _SINGLY % len(unseen) if len(unseen) > _SINGLY else 0
        for one in (*unseen[first:], *unseen[:first])[:_SINGLY]:
            ts = str(one.receipt.ids["ts"])
            params = {"channel": channel, "oldest": ts, "latest": ts, "inclusive": "true"}
            for row in self._rows("conversations.history", params):
                if str(row.get("ts")) == ts:
                    yield from self._root(one, row, channel)

    def _thread(self, one: DeliveredMessage, channel: str) -> Iterator[Reply]:
        params = {"channel": channel, "ts": one.receipt.ids["ts"]}
        params |= {"oldest": one.read_to} if one.read_to else {}
        for row in self._rows("conversations.replies", params):
            ts, user = str(row.get("ts")), row.get("user")
            if ts == one.receipt.ids["ts"] or _instant(ts) <= _instant(one.read_to):
                continue
            written = user and not row.get("bot_id") and row.get("subtype", "") in WRITTEN
            person = self._people.find(str(user)) if written else None
            text = self._people.name_mentions(str(row.get("text") or "")) if person else ""
            yield Reply(one.key, ts, *(person or ("", "")), text=text)

    def _emoji(
        self, one: DeliveredMessage, row: Mapping[str, Any] | None, channel: str
    ) -> Iterator[Reply]:
        found: Sequence[_Reaction] | None = None if row is None else _Reaction.read(row)
        if found is None or any(len(one.users) < one.count for one in found):
            found = self._reactions(channel, str(one.receipt.ids["ts"]))
        for reaction in found:
            for user in reaction.users:
                if (person := self._people.find(user)) is not None:
                    mark = f"{reaction.name} {user}"
                    yield Reply(one.key, mark, *person, emoji=reaction.name)

    def _reactions(self, channel: str, ts: str) -> Sequence[_Reaction]:
        params = {"channel": channel, "timestamp": ts, "full": "true"}
        answer = self._web.read("reactions.get", params, fine="message_not_found")
        return _Reaction.read(answer.get("message"))

    def _rows(self, method: str, params: Mapping[str, Any]) -> _FirstRows:
        return _FirstRows(self._web.pages(method, params, "messages"))


@dataclass(frozen=True, slots=True)
class _Reaction:
    """An emoji on a message, those of its users that Slack named, and how many there are."""

    name: str
    users: Sequence[str]
    count: int

    @classmethod
    def read(cls, message: object) -> list[_Reaction]:
        """The reactions to a message; those that have another form are left out."""
        rows = message.get("reactions") if isinstance(message, dict) else None
        return [
            cls(
                row["name"],
                [one for one in row["users"] if isinstance(one, str)],
                row["count"] if isinstance(row.get("count"), int) else 0,
            )
            for row in (rows if isinstance(rows, list) else ())
            if isinstance(row, dict)
            and isinstance(row.get("name"), str)
            and isinstance(row.get("users"), list)
        ]


def _instant(ts: object) -> float:
    """A timestamp of Slack as a number; 0 for anything else."""
    try:
        return float(str(ts))
    except ValueError:
        return 0.0


class _FirstRows:
    """The rows of the first pages. After the last one, `cut` tells whether there are more."""

    def __init__(self, pages: Iterable[SlackPage]) -> None:
        self._pages = pages
        self.cut = False

    def __iter__(self) -> Iterator[Mapping[str, Any]]:
        for number, page in enumerate(self._pages, 1):
            yield from page.rows
            if number == _PAGES:
                self.cut = page.more
                return
