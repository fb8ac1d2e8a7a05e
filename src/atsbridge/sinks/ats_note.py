"""A note in the ATS as a sink: the candidate's own file says what is waited for.

The connector writes it, and puts the marker behind it by which it is found again.
"""

# ruff: noqa: ARG001, ARG002  a sink answers every question of the protocol, whatever it can do

from __future__ import annotations

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict

from atsbridge.errors import ConfigError
from atsbridge.model.notice import Destination, Message, Receipt
from atsbridge.model.record import Key
from atsbridge.model.text import cut
from atsbridge.ports import Connector, Note, SinkSpec, Tools
from atsbridge.sinks.safety import harmless

_ROOM = 1500  # characters; the shortest a connector is known to take is 2,000


class AtsNoteSettings(BaseModel):
    """Notes need no settings: an account allows them with `write`."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class AtsNote:
    """Leaves notes through the connector of the account that the address names."""

    def __init__(self, connectors: Mapping[str, Connector]) -> None:
        self.spec = SPEC
        self._connectors = connectors

    def reach(self, email: str) -> str | None:
        return None

    def send(self, to: Destination, message: Message, *, thread: Receipt | None = None) -> Receipt:
        key = subject(to)
        return self._connector(key).write_note(Note(key, text(message), message.key))

    def edit(self, to: Destination, sent: Receipt, message: Message) -> Receipt:
        return sent  # a note cannot be taken back

    def find(self, to: Destination, key: str, *, thread: Receipt | None = None) -> Receipt | None:
        record = subject(to)
        return self._connector(record).find_note(Note(record, "", key))

    def close(self) -> None:
        """The connectors are closed by who opened them."""

    def _connector(self, record: Key) -> Connector:
        try:
            return self._connectors[record.account]
        except KeyError:
            raise ConfigError(
                f"there is no account {record.account!r} to leave a note in", where="sink ats"
            ) from None


def subject(to: Destination) -> Key:
    """The record that bears the note, from the address "account/kind/id"."""
    account, kind, id_ = to.address.split("/", 2)
    return Key(account, kind, id_)


def text(message: Message) -> str:
    """The note in plain lines: what is owed and who is waited for. No link: it is there already."""
    message = harmless(message)
    facts = " · ".join(f"{label} {value}" for label, value in message.facts)
    return cut("\n".join(part for part in (message.headline, message.body, facts) if part), _ROOM)


def _open(settings: AtsNoteSettings, tools: Tools) -> AtsNote:
    return AtsNote(tools.connectors)


SPEC = SinkSpec(
    name="ats",
    title="A note in the ATS",
    settings=AtsNoteSettings,
    open=_open,
    looks_up=True,
)
