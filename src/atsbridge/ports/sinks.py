"""What a sink promises: reach, send, edit, find.

Who gets a message is decided in `cases`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from atsbridge.model.fields import Sensitivity
from atsbridge.model.notice import Destination, Message, Receipt
from atsbridge.ports.connectors import Tools

if TYPE_CHECKING:
    from pydantic import BaseModel


class Sink(Protocol):
    """One place notices go to. Raises only `errors`."""

    spec: SinkSpec

    def reach(self, email: str) -> str | None:
        """The address a person has here, or None."""
        ...

    def send(self, to: Destination, message: Message, *, thread: Receipt | None = None) -> Receipt:
        """Deliver it; into the thread of an earlier message where there are threads."""
        ...

    def edit(self, to: Destination, sent: Receipt, message: Message) -> Receipt:
        """Put the message in the place of one sent earlier (only if `spec.edits`)."""
        ...

    def find(self, to: Destination, key: str, *, thread: Receipt | None = None) -> Receipt | None:
        """The message that bears this key, if it arrived (only if `spec.looks_up`).

        `thread`: the message it was to answer, where it was sent into a thread.
        """
        ...

    def close(self) -> None:
        """Give back connections."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SinkSpec:
    """A kind of sink as data."""

    name: str
    title: str
    settings: type[BaseModel]
    open: Callable[[Any, Tools], Sink]
    edits: bool = False
    threads: bool = False
    looks_up: bool = False
    dms: bool = False
    clearance: Sensitivity = Sensitivity.PERSONAL
    fake: str = ""
