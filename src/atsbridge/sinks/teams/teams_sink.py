"""A sink for one channel or chat of Microsoft Teams, through the address of a Workflow.

`teams_card` lays out the message. A Workflow can send no direct message, edit no message and look
up no message, so `via: dm` goes to the next sink of `[notify] dm`.
"""

# ruff: noqa: ARG002  a sink answers every question of the protocol, whatever it can do

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, SecretStr

from atsbridge.errors import FatalError
from atsbridge.model import Destination, Message, Receipt
from atsbridge.ports import SinkSpec, Tools
from atsbridge.sinks.secret_endpoint import Endpoint, checked


class TeamsSettings(BaseModel):
    """`url` is the Workflow's ("When a Teams webhook request is received"): a secret.

    `channel` is what rules and teams call the place it posts to; each place is a sink.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    url: Annotated[SecretStr, AfterValidator(checked)]
    channel: str


class Teams:
    """One channel or chat in Teams."""

    def __init__(self, settings: TeamsSettings, tools: Tools) -> None:
        self.spec = SPEC
        self._name = tools.name
        self._time = tools.time
        self._channel = settings.channel.removeprefix("#")
        self._endpoint = Endpoint(tools.name, settings.url, tools.time)

    def find_address(self, email: str) -> str | None:
        """None: a Workflow posts to one place and reaches no single person."""
        return None

    def send(self, to: Destination, message: Message, *, thread: Receipt | None = None) -> Receipt:
        from atsbridge.sinks.teams.teams_card import envelope

        if to.kind != "channel" or to.address.removeprefix("#") != self._channel:
            raise FatalError(
                f"its Workflow posts to #{self._channel} and nowhere else",
                where=f"{self._name}: {to.address if to.kind == 'channel' else to.kind}",
                remedy="Give each channel of Teams a sink of its own",
            )
        self._endpoint.post(envelope(message), {"Content-Type": "application/json; charset=utf-8"})
        return Receipt({"key": message.key}, self._time.now())

    def edit(self, to: Destination, sent: Receipt, message: Message) -> Receipt:
        return sent  # a Workflow returns no id of the message

    def find(self, to: Destination, key: str, *, thread: Receipt | None = None) -> Receipt | None:
        return None

    def close(self) -> None:
        """Close all connections."""
        self._endpoint.close()


SPEC = SinkSpec(
    name="teams",
    title="Microsoft Teams",
    settings=TeamsSettings,
    open=Teams,
    fake="atsbridge.sandbox.chat.fake_teams:serve",
)
