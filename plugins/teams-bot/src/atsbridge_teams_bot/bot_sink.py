"""A sink for direct messages in Microsoft Teams: cards with buttons, edits, replies.

A person is reached once the bot's app is installed for them. Answers come as requests to
`/replies/SINK` of `atsbridge serve`.
"""

# ruff: noqa: ARG002  a sink answers every question of the protocol, whatever it can do

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from atsbridge.api import (
    CheckResult,
    DeniedError,
    Destination,
    ExpiringCache,
    FatalError,
    Message,
    Receipt,
    Reply,
    ReplyHandler,
    SinkRequest,
    SinkResponse,
    SinkSpec,
    SourceError,
    Tools,
)
from atsbridge_teams_bot.bot_activities import (
    ActivityVerifier,
    IncomingActivity,
    NotGenuineError,
)
from atsbridge_teams_bot.bot_api import BotApi
from atsbridge_teams_bot.bot_cards import make_activity, make_text, read_press
from atsbridge_teams_bot.bot_settings import TeamsBotSettings

_KEPT = timedelta(days=7)  # then an address is looked up again
_ANSWERED = timedelta(days=30)  # how long who pressed is known by the address that got the message
_INVOKE = "adaptiveCard/action"
_MESSAGE = "application/vnd.microsoft.activity.message"
_HELP = (
    "Please use the buttons below the message you mean. I do not read what is written here."
    " Nothing has changed."
)


class TeamsBot:
    """One bot in one tenant."""

    def __init__(self, settings: TeamsBotSettings, tools: Tools) -> None:
        self.spec = SPEC
        self._tools = tools
        self._api = BotApi(settings, tools)
        self._verifier = ActivityVerifier(settings, tools)
        # By e-mail: the id of the chat. Who installs the app is reached soon.
        self._chats: ExpiringCache[str, str | None] = ExpiringCache(tools.time)

    def find_address(self, email: str) -> str | None:
        """The id of the bot's chat with that person; None without the app, or without account."""
        email = email.lower()
        return self._chats.find(
            email, lambda: self._recall(f"chat/{email}") or self._look_up(email)
        )

    def send(self, to: Destination, message: Message, *, thread: Receipt | None = None) -> Receipt:
        chat = self._chat(to)
        activity = make_activity(message) if message.headline else make_text(message.body)
        first = str(thread.ids["activity"]) if thread is not None else ""
        try:
            made = self._api.post(chat, activity, first)
        except DeniedError as error:
            self._forget(to.address)
            what = "the bot's app was removed or blocked by that person"
            raise FatalError(what, where=self._tools.name) from error
        except FatalError as error:
            if error.status != 404:
                raise
            self._forget(to.address)  # the chat is another now, or the first message was deleted
            chat = self._chat(to)
            made = self._api.post(chat, activity)
        return Receipt({"chat": chat, "activity": made}, self._tools.time.now())

    def edit(self, to: Destination, sent: Receipt, message: Message) -> Receipt:
        self._api.update(str(sent.ids["chat"]), str(sent.ids["activity"]), make_activity(message))
        return sent

    def find(self, to: Destination, key: str, *, thread: Receipt | None = None) -> Receipt | None:
        """Never called: a bot cannot look up what it sent."""
        return None

    def check(self) -> Iterator[CheckResult]:
        """Check the registration and the permission to look people up. Sends nothing."""
        self._api.check_bot()
        yield CheckResult("registration", good=True, detail="the bot gets tokens")
        try:
            self._api.find_user("nobody@invalid.example")
        except SourceError as error:
            remedy = "Grant the app the permission User.Read.All of Microsoft Graph (application)"
            yield CheckResult("directory", good=False, detail=error.what, remedy=remedy)
        else:
            yield CheckResult("directory", good=True, detail="people are found by e-mail address")

    def answer_request(self, request: SinkRequest, receive: ReplyHandler) -> SinkResponse:
        """Verify an activity; store what a button answers, and say what became of it."""
        try:
            activity = self._verifier.verify(request.headers.get("authorization", ""), request.body)
        except NotGenuineError:
            return SinkResponse(403)
        self._remember(activity)
        press = read_press(activity.data)
        if press is None:
            if activity.kind == "message" and activity.personal and activity.text:
                self._api.post(activity.conversation, make_text(_HELP))
            return SinkResponse(200)
        key, text = press
        email, name = self._find_author(activity)
        mark = f"button {text} {activity.author}"
        outcome = receive(Reply(key, mark, email, name, text=text))
        if activity.kind == "invoke" and activity.name == _INVOKE:
            shown = {"statusCode": 200, "type": _MESSAGE, "value": outcome.text}
            return SinkResponse(200, shown)
        if outcome.text:
            self._api.post(activity.conversation, make_text(outcome.text), activity.id)
        return SinkResponse(200)

    def close(self) -> None:
        """Close all connections."""
        self._api.close()
        self._verifier.close()

    # --- people ---

    def _chat(self, to: Destination) -> str:
        """The id of the chat. FatalError for a channel, and for somebody who has none."""
        chat = self.find_address(to.address) if to.kind == "person" else None
        if chat is not None:
            return chat
        if to.kind != "person":
            raise FatalError(
                "the bot writes to persons only",
                where=f"{self._tools.name}: {to.address}",
                remedy='Give the channel a sink of kind "teams"',
            )
        raise FatalError("the bot's app is not installed for that person", where=self._tools.name)

    def _look_up(self, email: str) -> str | None:
        user = self._api.find_user(email)
        if user is None:
            return None
        self._keep(f"person/{user.id}", email)  # as the ATS has it: Teams may have another
        chat = self._recall(f"seen/{user.id}") or self._api.open_conversation(user.id)
        if chat:
            self._keep(f"chat/{email}", chat)
        return chat

    def _find_author(self, activity: IncomingActivity) -> tuple[str, str]:
        """(e-mail, name) of who acted; "" for a program or somebody unknown."""
        if not activity.author:
            return "", ""
        if email := self._recall(f"person/{activity.author}", _ANSWERED):
            return email, activity.author_name or email
        user = self._api.read_user(activity.author)
        return (user.email, user.name) if user is not None else ("", "")

    def _remember(self, activity: IncomingActivity) -> None:
        """Keep the chat that Teams itself names: it is the best address of a person."""
        if activity.personal and activity.author and activity.conversation:
            self._keep(f"seen/{activity.author}", activity.conversation)

    def _forget(self, email: str) -> None:
        self._chats.forget(email.lower())
        self._keep(f"chat/{email.lower()}", "")

    def _keep(self, key: str, value: str) -> None:
        at = self._tools.time.now().isoformat()
        self._tools.keep(f"teams-bot/{key}", json.dumps({"at": at, "value": value}).encode())

    def _recall(self, key: str, within: timedelta = _KEPT) -> str:
        """The value that was kept under the key so lately; "" if there is none."""
        try:
            found: Any = json.loads(self._tools.recall(f"teams-bot/{key}") or b"{}")
            age = self._tools.time.now() - datetime.fromisoformat(found["at"])
            return str(found["value"]) if timedelta() <= age < within else ""
        except (ValueError, KeyError, TypeError):
            return ""  # nothing, or written by another version


SPEC = SinkSpec(
    name="teams-bot",
    title="Microsoft Teams, in person",
    settings=TeamsBotSettings,
    open=TeamsBot,
    edits=True,
    threads=True,
    direct_messages=True,
    buttons=True,
    takes_requests=True,
    checks=True,
)
