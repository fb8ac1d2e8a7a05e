"""A sink for Slack: direct messages by e-mail, channels, threads, edits, look-up by key.

`slack_blocks` lays a message out, `slack_replies` reads what people answered, `slack_channels`
finds conversations, and `slack_scopes` lists the scopes of the bot token.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from importlib.util import find_spec
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, SecretStr

from atsbridge.errors import AmbiguousError, AtsbridgeError, ConfigError, FatalError
from atsbridge.model import Destination, Message, Receipt
from atsbridge.net import ExpiringCache
from atsbridge.ports import (
    CheckResult,
    DeliveredMessage,
    Reply,
    ReplyHandler,
    ReplyListener,
    SinkSpec,
    Tools,
)
from atsbridge.sinks.slack import slack_scopes
from atsbridge.sinks.slack.slack_api import Web, find_slack_place
from atsbridge.sinks.slack.slack_blocks import blocks, fallback, without_charts
from atsbridge.sinks.slack.slack_channels import Channels
from atsbridge.sinks.slack.slack_replies import SlackReplies
from atsbridge.sinks.slack.slack_threads import EVENT, read_key

_LISTENING = ("slack_sdk", "websocket")  # the packages of the extra `slack`
_PACE = 1.0  # seconds between messages to one channel (docs.slack.dev/apis/web-api/rate-limits)
_PAGES = 5  # pages of 200 messages looked through for a key
_TIMESTAMP = re.compile(r"[0-9]{1,12}\.[0-9]{1,9}")  # of a message; its id within a conversation
_WITHOUT = {  # error code of Slack -> the argument to leave out
    "invalid_blocks": "blocks",
    "invalid_blocks_format": "blocks",
    "msg_blocks_too_long": "blocks",
    "msg_too_long": "blocks",
    **dict.fromkeys(
        (
            "thread_not_found",
            "cannot_reply_to_message",
            "restricted_action_thread_locked",
            "restricted_action_non_threadable_channel",
        ),
        "thread_ts",
    ),
}
# A channel of this name may be another one by now.
_MOVED = ("channel_not_found", "is_archived")


def _is_app_token(token: SecretStr) -> SecretStr:
    if token.get_secret_value() and not token.get_secret_value().startswith("xapp-"):
        raise ValueError(
            "this is no app-level token: copy it from Basic Information, App-Level Tokens"
        )
    return token


class SlackSettings(BaseModel):
    """`token` is the bot token (xoxb-…), `app_token` an app-level token (xapp-…): with it messages
    have buttons, and `atsbridge listen` must run. `base_url` is settable, so a fake can stand in.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    token: SecretStr
    app_token: Annotated[SecretStr, AfterValidator(_is_app_token)] = SecretStr("")
    base_url: str = "https://slack.com/api"


class Slack:
    """One Slack workspace, through its Web API."""

    def __init__(self, settings: SlackSettings, tools: Tools) -> None:
        self._app_token = settings.app_token.get_secret_value()
        self.spec = replace(SPEC, buttons=True, listens=True) if self._app_token else SPEC
        self._settings, self._name, self._time = settings, tools.name, tools.time
        self._web = self._open_web(settings.token)
        self._answers = SlackReplies(self._web, tools.time)
        self._channels = Channels(self._web, tools)
        # By e-mail: user id, and the zone of the profile. Who joins Slack is reached soon.
        self._people: ExpiringCache[str, tuple[str, str] | None] = ExpiringCache(tools.time)
        self._turns: dict[str, threading.Lock] = {}  # channel id -> whose turn it is to post
        self._free: dict[str, float] = {}  # channel id -> when it takes the next message

    def find_address(self, email: str) -> str | None:
        """The user id of an active member with that address, or None."""
        member = self._people.find(email, lambda: self._look_up(email))
        return None if member is None else member[0]

    def find_zone(self, email: str) -> str:
        """The IANA zone in that member's profile; "" if there is none."""
        member = self._people.find(email, lambda: self._look_up(email))
        return "" if member is None else member[1]

    def send(self, to: Destination, message: Message, *, thread: Receipt | None = None) -> Receipt:
        channel = self._channel(to)
        body: dict[str, Any] = {
            **self._content(channel, message),
            "unfurl_links": False,
            "unfurl_media": False,
        }
        if thread is not None:
            body["thread_ts"] = thread.ids.get("thread") or thread.ids["ts"]
        try:
            answer = self._post(channel, body, to)
        except FatalError as error:
            if error.vendor_code not in _MOVED or not self._channels.forget(to.address):
                raise
            body["channel"] = channel = self._channel(to)
            answer = self._post(channel, body, to)
        return self._receipt(channel, {"thread_ts": body.get("thread_ts"), **answer})

    def edit(self, to: Destination, sent: Receipt, message: Message) -> Receipt:
        channel = str(sent.ids["channel"])
        body = {**self._content(channel, message), "ts": sent.ids["ts"]}
        self._web.write("chat.update", body, to, safe=True)
        return sent

    def find(self, to: Destination, key: str, *, thread: Receipt | None = None) -> Receipt | None:
        channel = self._channel(to)
        try:
            message = self._find_message(channel, key, thread, to)
        except FatalError as error:
            # A message whose thread is gone stands by itself: see `_WITHOUT`.
            if thread is None or error.vendor_code != "thread_not_found":
                raise
            message = self._find_message(channel, key, None, to)
        return None if message is None else self._receipt(channel, message)

    def _find_message(
        self, channel: str, key: str, thread: Receipt | None, to: Destination
    ) -> Mapping[str, Any] | None:
        for message in self._messages(channel, thread, to):
            if read_key(message) == key:
                return message
        return None

    def fetch_replies(self, sent: Sequence[DeliveredMessage]) -> Iterator[Reply]:
        """Fetch emoji on these messages and replies in their threads."""
        return self._answers.of(sent)

    def open_listener(
        self, receive: ReplyHandler, note: Callable[[Mapping[str, Any]], None]
    ) -> ReplyListener:
        """A Socket Mode connection. ConfigError without an app-level token or without its library.

        It has sessions of its own, so that it may live in another thread.
        """
        if not self._app_token:
            remedy = f"Set app_token in [sinks.{self._name}]"
            raise ConfigError("there is no app-level token", where=self._name, remedy=remedy)
        if missing := _find_missing_library():
            raise missing
        from atsbridge.sinks.slack.slack_listener import SlackListener

        bot = self._open_web(self._settings.token)
        return SlackListener(self._name, bot, self._open_app_web(), receive, note)

    def _open_web(self, token: SecretStr, setting: str = "token") -> Web:
        base, secret = self._settings.base_url, token.get_secret_value()
        return Web(self._name, base, secret, self._time, setting)

    def _open_app_web(self) -> Web:
        return self._open_web(self._settings.app_token, "app_token")

    def check(self) -> Iterator[CheckResult]:
        """Check the tokens and their scopes. Sends nothing."""
        yield from self._check_bot()
        if self._app_token:
            yield self._check_app()

    def _check_app(self) -> CheckResult:
        """Whether `listen` can connect."""
        what = "app token"
        if missing := _find_missing_library():
            return CheckResult(what, good=False, detail=missing.what, remedy=missing.remedy)
        web = self._open_app_web()
        try:
            web.open_connection()
        except AtsbridgeError as error:
            return CheckResult(what, good=False, detail=error.what, remedy=error.remedy)
        finally:
            web.close()
        return CheckResult(what, good=True, detail="buttons; keep `atsbridge listen` running")

    def _check_bot(self) -> Iterator[CheckResult]:
        granted = self._web.granted()
        yield CheckResult("token", good=True, detail=self._web.team)
        if granted is None:
            detail = "Slack did not say which scopes it has: try `atsbridge doctor --send-test`"
            yield CheckResult("scopes", good=True, detail=detail)
            return
        yield from slack_scopes.check(granted)

    def close(self) -> None:
        """Close all connections."""
        self._web.close()

    def _content(self, channel: str, message: Message) -> dict[str, Any]:
        return {
            "channel": channel,
            "text": fallback(message),
            "blocks": blocks(message),
            "metadata": {"event_type": EVENT, "event_payload": {"key": message.key}},
        }

    def _post(self, channel: str, body: dict[str, Any], to: Destination) -> Mapping[str, Any]:
        """Post; if Slack refuses the layout or the thread was deleted, post again without it."""
        while True:
            try:
                return self._post_in_turn(channel, body, to)
            except FatalError as error:
                refused = _WITHOUT.get(error.vendor_code, "")
                if refused not in body:
                    raise
                plain = without_charts(body["blocks"]) if refused == "blocks" else []
                if plain and len(plain) < len(body["blocks"]):
                    body["blocks"] = plain
                else:
                    del body[refused]

    def _post_in_turn(
        self, channel: str, body: Mapping[str, Any], to: Destination
    ) -> Mapping[str, Any]:
        """Post so that a channel gets at most one message a second, as Slack requires."""
        with self._turns.setdefault(channel, threading.Lock()):
            now = self._time.monotonic()
            self._time.sleep(self._free.get(channel, now) - now)
            self._free[channel] = self._time.monotonic() + _PACE
            return self._web.write("chat.postMessage", body, to)

    def _receipt(self, channel: str, row: Mapping[str, Any]) -> Receipt:
        if not _TIMESTAMP.fullmatch(str(row.get("ts"))):  # it has the message, and says not where
            where = f"{self._name}: chat.postMessage"
            raise AmbiguousError("the answer is not Slack's", where=where)
        ids = {"channel": channel, "ts": str(row["ts"])}
        thread = row.get("thread_ts")
        if thread and thread != row["ts"]:
            ids["thread"] = str(thread)
        return Receipt(ids, self._time.now())

    # --- who and where ------------------------------------------------------------------------

    def _look_up(self, email: str) -> tuple[str, str] | None:
        """User id and zone of an active member; None for others."""
        answer = self._web.read("users.lookupByEmail", {"email": email}, fine="users_not_found")
        user = answer.get("user") or {}
        if answer and not (isinstance(user, dict) and user.get("id")):
            raise self._web.strange("users.lookupByEmail")
        if not user or user.get("deleted"):
            return None
        return str(user["id"]), str(user.get("tz") or "")

    def _channel(self, to: Destination) -> str:
        """The channel's id. FatalError for a person or channel that Slack does not know."""
        if to.kind != "person":
            return self._channels.channel(to.address)
        user = self.find_address(to.address)
        if user is None:
            raise FatalError("nobody in Slack has that person's address", where=self._name)
        return self._channels.direct(user, to)

    def _messages(
        self, channel: str, thread: Receipt | None, to: Destination
    ) -> Iterator[Mapping[str, Any]]:
        params: dict[str, Any] = {"channel": channel, "include_all_metadata": "true"}
        method = "conversations.history"
        if thread is not None:
            method = "conversations.replies"
            params["ts"] = thread.ids.get("thread") or thread.ids["ts"]
        pages = self._web.pages(method, params, "messages", find_slack_place(to))
        for number, page in enumerate(pages, 1):
            yield from page.rows
            if number == _PAGES:
                return


def _find_missing_library() -> ConfigError | None:
    """Why this installation cannot listen; None where it can."""
    missing = [name for name in _LISTENING if find_spec(name) is None]
    if not missing:
        return None
    return ConfigError(
        f"buttons need packages that are not installed: {', '.join(missing)}",
        remedy='Run: pip install "atsbridge[slack]"',
    )


def _preview(message: Message, _tools: Tools) -> str:
    from atsbridge.sinks.slack.block_preview import preview_blocks

    return preview_blocks(blocks(message))


SPEC = SinkSpec(
    name="slack",
    title="Slack",
    settings=SlackSettings,
    open=Slack,
    edits=True,
    threads=True,
    looks_up=True,
    direct_messages=True,
    replies=True,
    buttons_key="app_token",
    checks=True,
    fake="atsbridge.sandbox.chat.fake_slack:serve",
    preview=_preview,
)
