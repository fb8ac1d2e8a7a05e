"""A sink that writes into the ATS: a note on the record, or a mark while a case is open.

The connector writes it, and puts behind a note the marker by which it is found again.
"""

# ruff: noqa: ARG001, ARG002  a sink answers every question of the protocol, whatever it can do

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from pydantic import BaseModel, ConfigDict

from atsbridge.errors import ConfigError, DeniedError
from atsbridge.model import Destination, Key, Message, Receipt, capabilities, cut, read
from atsbridge.ports import Connector, Note, SinkSpec, Tools
from atsbridge.sinks.plain_text import harmless

_ROOM = 1500  # characters; the shortest a connector is known to take is 2,000


class AtsNoteSettings(BaseModel):
    """Notes need no settings: an account allows them with `write`."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class AtsNote:
    """Writes through the connector of the account in the address.

    Only what that account allows, each by its name, and what its connector can: DeniedError for
    anything else, asked anew before every write.
    """

    def __init__(
        self, connectors: Mapping[str, Connector], allowed: Callable[[str], Sequence[str]]
    ) -> None:
        self.spec = SPEC
        self._connectors = connectors
        self._allowed = allowed

    def find_address(self, email: str) -> str | None:
        return None

    def send(self, to: Destination, message: Message, *, thread: Receipt | None = None) -> Receipt:
        record, mark = read(to.address)
        connector = self._writing(to)
        if mark is not None:
            return connector.add_mark(record, mark)
        return connector.write_note(Note(record, text(message), message.key))

    def edit(self, to: Destination, sent: Receipt, message: Message) -> Receipt:
        """Remove a mark. A note cannot be taken back."""
        record, mark = read(to.address)
        return sent if mark is None else self._writing(to).remove_mark(record, mark)

    def find(self, to: Destination, key: str, *, thread: Receipt | None = None) -> Receipt | None:
        record, mark = read(to.address)
        connector = self._connector(record)
        if mark is not None:
            return connector.find_mark(record, mark)
        return connector.find_note(Note(record, "", key))

    def close(self) -> None:
        """Do nothing: whoever opened the connectors closes them."""

    def _writing(self, to: Destination) -> Connector:
        """The connector of the account, if it may write this. DeniedError otherwise."""
        record, _ = read(to.address)
        capability = next(
            iter(capabilities(to.address)), f"a note on a record of kind {record.kind}"
        )
        connector = self._connector(record)
        if capability not in self._allowed(record.account):
            raise DeniedError(
                f"the account does not allow {capability} to be written",
                where=f"[accounts.{record.account}] write",
                remedy=f'Add "{capability}" to write, or take the step out of the rule',
            )
        if capability not in connector.spec.writes:
            raise DeniedError(
                f"{connector.spec.title} cannot write {capability}",
                where=str(record),
                remedy=f"It can: {', '.join(connector.spec.writes) or 'nothing'}",
            )
        return connector

    def _connector(self, record: Key) -> Connector:
        try:
            return self._connectors[record.account]
        except KeyError:
            raise ConfigError(
                f"there is no account {record.account!r} to leave a note in", where="sink ats"
            ) from None


def text(message: Message) -> str:
    """The note as plain lines: what to do and who has to act. It needs no link to the ATS."""
    message = harmless(message)
    facts = " · ".join(f"{label} {value}" for label, value in message.facts)
    return cut("\n".join(part for part in (message.headline, message.body, facts) if part), _ROOM)


def _preview(message: Message, _tools: Tools) -> str:
    return text(message)


def _open(settings: AtsNoteSettings, tools: Tools) -> AtsNote:
    return AtsNote(tools.connectors, tools.writes)


SPEC = SinkSpec(
    name="ats",
    title="A note or a mark in the ATS",
    settings=AtsNoteSettings,
    open=_open,
    looks_up=True,
    preview=_preview,
)
