"""Find the id of a direct message or a channel in Slack.

An id is used as it is. A name is looked for in the list of channels, which takes one request for
every 200 of them, and its id is kept for later runs: a channel keeps its id when it is renamed.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from atsbridge.errors import DeniedError
from atsbridge.model import Destination
from atsbridge.net import ExpiringCache
from atsbridge.ports import Tools
from atsbridge.sinks.slack.slack_api import SlackPage, Web

# A name has no capital letters. https://docs.slack.dev/reference/objects/conversation-object
_ID = re.compile(r"[CG][A-Z0-9]{6,20}")
_KEPT = timedelta(days=7)  # then a name is looked up again: another channel may have it by now
_FORMAT = 1  # raise it when the stored form changes
_PUBLIC, _BOTH = "public_channel", "public_channel,private_channel"


class Channels:
    """The conversations of one workspace, each asked for once in `_KEPT`.

    Several threads may use it at once.
    """

    def __init__(self, web: Web, tools: Tools) -> None:
        self._web = web
        self._tools = tools
        self._direct: ExpiringCache[str, str] = ExpiringCache(tools.time, _KEPT)  # by user id
        self._guard = threading.RLock()  # whoever has it changes `_kept`
        self._kept: dict[str, tuple[str, str]] | None = None  # name -> id, when it was found
        self._public_only = False

    def direct(self, user: str, to: Destination) -> str:
        """The id of the direct message with a user."""

        def open_it() -> str:
            answer = self._web.write("conversations.open", {"users": user}, to, safe=True)
            channel = answer.get("channel")
            if not (isinstance(channel, dict) and channel.get("id")):
                raise self._web.strange("conversations.open")
            return str(channel["id"])

        return self._direct.find(user, open_it)

    def channel(self, address: str) -> str:
        """The id of a channel given by "#name", name or id. FatalError where there is none."""
        name = address.removeprefix("#")
        if _ID.fullmatch(name):
            return name
        return self._remembered(name) or self._listed(name, address)

    def forget(self, address: str) -> bool:
        """Forget the id of a channel's name. False if `channel` is an id itself."""
        name = address.removeprefix("#")
        with self._guard:
            kept = dict(self._read())
            known = kept.pop(name, None) is not None
            if known:
                self._write(kept)
        return known

    def _listed(self, name: str, address: str) -> str:
        found = ""
        for page in self._pages():
            for row in page.rows:
                if row.get("name") == name:
                    found = str(row.get("id") or "")
            if found:
                break
        if not found:
            raise self._web.error("channel_not_found", {}, f"channel {address}{self._unseen()}")
        with self._guard:
            self._write({**self._read(), name: (found, self._tools.time.now().isoformat())})
        return found

    def _pages(self) -> Iterator[SlackPage]:
        """Every page of channels; only public ones without the scope for private channels."""
        params = {"exclude_archived": "true"}
        if not self._public_only:
            try:
                yield from self._pages_of({**params, "types": _BOTH})
            except DeniedError:
                self._public_only = True
        if self._public_only:
            yield from self._pages_of({**params, "types": _PUBLIC})

    def _pages_of(self, params: Mapping[str, str]) -> Iterator[SlackPage]:
        return self._web.pages("conversations.list", params, "channels")

    def _unseen(self) -> str:
        return " (private ones need the scope groups:read)" if self._public_only else ""

    def _remembered(self, name: str) -> str:
        channel, found_at = self._read().get(name, ("", ""))
        if not channel:
            return ""
        age = self._tools.time.now() - datetime.fromisoformat(found_at)
        return channel if timedelta() <= age < _KEPT else ""

    def _read(self) -> dict[str, tuple[str, str]]:
        with self._guard:
            if self._kept is None:
                self._kept = self._recall()
            return self._kept

    def _recall(self) -> dict[str, tuple[str, str]]:
        try:
            held = json.loads(self._tools.recall(self._key) or b"{}")
            kept = {str(k): (str(v[0]), str(v[1])) for k, v in held.items()}
            for _, found_at in kept.values():
                datetime.fromisoformat(found_at)
        except (ValueError, TypeError, AttributeError, IndexError):
            return {}  # written by another version
        return kept

    def _write(self, kept: dict[str, tuple[str, str]]) -> None:
        self._kept = kept
        self._tools.keep(self._key, json.dumps(kept).encode())

    @property
    def _key(self) -> str:
        return f"channels/{_FORMAT}"
