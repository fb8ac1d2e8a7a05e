"""Every message goes to one address, marked for whom it was: the safety net of a pilot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from atsbridge.errors import FatalError
from atsbridge.model import Destination, Message, Receipt, RecipientCode, recipient_reason
from atsbridge.ports import Sink


class Redirected:
    """A Sink that sends everything for the sink `name` to one person in another sink."""

    def __init__(self, name: str, behind: Sink, to: Destination) -> None:
        self.spec = replace(behind.spec, direct_messages=True, replies=False, buttons=False)
        self._name = name
        self._behind = behind
        self._to = to

    def find_address(self, email: str) -> str | None:
        """Everybody: it all comes to one."""
        return email

    def send(self, to: Destination, message: Message, *, thread: Receipt | None = None) -> Receipt:
        return self._behind.send(self._to, self._marked(to, message), thread=thread)

    def edit(self, to: Destination, sent: Receipt, message: Message) -> Receipt:
        return self._behind.edit(self._to, sent, self._marked(to, message))

    def find(
        self,
        to: Destination,  # noqa: ARG002  the port's signature
        key: str,
        *,
        thread: Receipt | None = None,
    ) -> Receipt | None:
        return self._behind.find(self._to, key, thread=thread)

    def close(self) -> None:
        self._behind.close()

    def _marked(self, to: Destination, message: Message) -> Message:
        return replace(message, headline=f"[{self._name}: for {to.address}] {message.headline}")


def redirected(sinks: Mapping[str, Sink], order: tuple[str, ...], email: str) -> dict[str, Sink]:
    """Every sink of `sinks`, led to `email` in the first of `order` that reaches it.

    FatalError where none does: better nothing is sent than something to the wrong people.
    """
    for name in order:
        sink = sinks.get(name)
        if sink is not None and sink.spec.direct_messages and sink.find_address(email) is not None:
            why = (recipient_reason(RecipientCode.REDIRECTED),)
            to = Destination(name, "person", email, why=why)
            return {one: Redirected(one, sink, to) for one in sinks}
    raise FatalError(
        "nobody can be reached at redirect_to, so nothing is sent",
        where="[notify] redirect_to",
        remedy=f"Name an address that one of these reaches: {', '.join(order) or 'none'}",
    )
