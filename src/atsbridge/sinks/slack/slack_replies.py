"""Fetch replies to messages in Slack: emoji, and texts in their threads.

One request for a conversation (conversations.history) tells the emoji on all messages in it and
which threads have something new; each of those takes one more. In a channel where much else is
written between our messages, those it did not show are asked for one by one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from atsbridge.errors import FatalError
from atsbridge.ports import DeliveredMessage, Reply
from atsbridge.sinks.slack.slack_api import Web
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
        if float(row.get("latest_reply") or 0) > float(one.read_to or 0):
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
            ts, user = str(row["ts"]), row.get("user")
            if ts == one.receipt.ids["ts"] or float(ts) <= float(one.read_to or 0):
                continue
            written = user and not row.get("bot_id") and row.get("subtype", "") in WRITTEN
            person = self._people.find(str(user)) if written else None
            text = self._people.name_mentions(str(row.get("text") or "")) if person else ""
            yield Reply(one.key, ts, *(person or ("", "")), text=text)

    def _emoji(
        self, one: DeliveredMessage, row: Mapping[str, Any] | None, channel: str
    ) -> Iterator[Reply]:
        found = None if row is None else row.get("reactions") or ()
        if found is None or any(len(r["users"]) < r["count"] for r in found):
            found = self._reactions(channel, str(one.receipt.ids["ts"]))
        for reaction in found:
            for user in reaction["users"]:
                if (person := self._people.find(user)) is not None:
                    mark = f"{reaction['name']} {user}"
                    yield Reply(one.key, mark, *person, emoji=str(reaction["name"]))

    def _reactions(self, channel: str, ts: str) -> Sequence[Mapping[str, Any]]:
        params = {"channel": channel, "timestamp": ts, "full": "true"}
        answer = self._web.read("reactions.get", params, fine="message_not_found")
        return (answer.get("message") or {}).get("reactions") or ()

    def _rows(self, method: str, params: Mapping[str, Any]) -> _FirstRows:
        return _FirstRows(self._web.pages(method, params))


class _FirstRows:
    """The rows of the first pages. After the last one, `cut` tells whether there are more."""

    def __init__(self, pages: Iterable[Mapping[str, Any]]) -> None:
        self._pages = pages
        self.cut = False

    def __iter__(self) -> Iterator[Mapping[str, Any]]:
        for number, page in enumerate(self._pages, 1):
            yield from page["messages"]
            if number == _PAGES:
                self.cut = bool((page.get("response_metadata") or {}).get("next_cursor"))
                return
