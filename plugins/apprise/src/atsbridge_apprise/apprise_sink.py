"""A sink for any service that Apprise supports: one address per sink.

Apprise speaks to the service. atsbridge decides who gets a message.
"""

# ruff: noqa: ARG002  a sink answers every question of the protocol, whatever it can do

from __future__ import annotations

import logging
import threading
from typing import Any

from pydantic import BaseModel, ConfigDict, SecretStr

from atsbridge.api import (
    ConfigError,
    Destination,
    FatalError,
    Message,
    Receipt,
    RetryableError,
    SinkSpec,
    Tools,
    cut,
    harmless,
)

_TITLE, _BODY = 200, 3000  # characters


class AppriseSettings(BaseModel):
    """`url` is an address of Apprise's, a secret; `channel` what rules and teams call the place."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: SecretStr
    channel: str


class Apprise:
    """One address. ConfigError if Apprise does not support it."""

    def __init__(self, settings: AppriseSettings, tools: Tools) -> None:
        import apprise

        logging.getLogger("apprise").setLevel(logging.CRITICAL)  # it would log the sent text
        asset = apprise.AppriseAsset(app_id="atsbridge", app_desc="atsbridge", async_mode=False)
        self.spec = SPEC
        self._name = tools.name
        self._time = tools.time
        self._channel = settings.channel.removeprefix("#")
        self._turn = threading.Lock()  # Apprise's services keep state between messages
        self._place: Any = apprise.Apprise(asset=asset)
        if not self._place.add(settings.url.get_secret_value()):
            raise ConfigError(
                "Apprise does not know this address",
                where=f"[sinks.{tools.name}] url",
                remedy="See https://github.com/caronc/apprise/wiki for how it is written",
            )

    def find_address(self, email: str) -> str | None:
        """None: an address is one channel and reaches no single person."""
        return None

    def send(self, to: Destination, message: Message, *, thread: Receipt | None = None) -> Receipt:
        if to.kind != "channel" or to.address.removeprefix("#") != self._channel:
            raise FatalError(
                f"it posts to #{self._channel} and nowhere else",
                where=f"{self._name}: {to.address if to.kind == 'channel' else to.kind}",
                remedy="Give each place a sink of its own",
            )
        message = harmless(message)
        title, text = cut(message.headline, _TITLE), body(message)
        with self._turn:
            taken = self._place.notify(body=text, title=title, body_format="text")
        if not taken:
            raise RetryableError("the service did not take the message", where=self._name)
        return Receipt({"key": message.key}, self._time.now())

    def edit(self, to: Destination, sent: Receipt, message: Message) -> Receipt:
        return sent  # Apprise returns no id of the message

    def find(self, to: Destination, key: str, *, thread: Receipt | None = None) -> Receipt | None:
        return None

    def close(self) -> None:
        """Do nothing: there is nothing to close."""


def body(message: Message) -> str:
    """A harmless message as plain lines without the headline; the link is never cut."""
    facts = "\n".join(f"{label}: {value}" for label, value in message.facts)
    link = f"{message.link_text}: {message.link}" if message.link else ""
    room = _BODY - len(link) - 2
    parts = (_linked(message), facts, message.why, message.intro)
    above = "\n\n".join(part for part in parts if part)
    return "\n\n".join(part for part in (cut(above, room), link) if part)


def _linked(message: Message) -> str:
    """The body, the page of each line that begins with "•" below it."""
    left = iter(message.links)
    lines: list[str] = []
    for line in message.body.split("\n"):
        page = next(left, "") if line.startswith("• ") else ""
        lines += [line, f"  {page}"] if page else [line]
    return "\n".join(lines)


SPEC = SinkSpec(
    name="apprise",
    title="Anything Apprise can notify",
    settings=AppriseSettings,
    open=Apprise,
)
