"""What a sink promises: reach, send, edit, find, and hear what people answer.

Who gets a message is decided in `cases`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from atsbridge.model import Destination, Message, Receipt, Sensitivity
from atsbridge.ports.connector import Checked, Tools

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


@dataclass(frozen=True, slots=True)
class Sent:
    """A message that may have been answered. `read_to`: the newest reply known, "" for none."""

    key: str
    to: Destination
    receipt: Receipt
    at: datetime
    read_to: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What somebody put under the message `key`: an emoji, or a reply in its thread.

    `mark` tells it from every other answer to that message; a reply's sorts after those before
    it. `email` and `name` are of who it was; "" for a program, or somebody who is gone.
    """

    key: str
    mark: str
    email: str
    name: str
    emoji: str = ""
    text: str = ""


class Answering(Protocol):
    """What a sink promises besides if `spec.answers`. Raises only `errors`."""

    spec: SinkSpec

    def answers(self, sent: Sequence[Sent]) -> Iterator[Answer]:
        """All emoji on these messages, and the replies that are new, in few requests.

        A message that is gone has none.
        """
        ...


class Checking(Protocol):
    """What a sink promises besides if `spec.checks`. Raises only `errors`."""

    def check(self) -> Iterator[Checked]:
        """For `doctor`: credential and each permission, cheapest first; nothing is sent."""
        ...


class Placing(Protocol):
    """What a sink has besides if it knows where its people are. Raises only `errors`."""

    def zone(self, email: str) -> str:
        """The IANA zone of that person's profile; "" where there is none."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SinkSpec:
    """A kind of sink as data. `answers`: it is an `Answering` too; `checks`: a `Checking`."""

    name: str
    title: str
    settings: type[BaseModel]
    open: Callable[[Any, Tools], Sink]
    edits: bool = False
    threads: bool = False
    looks_up: bool = False
    dms: bool = False
    answers: bool = False
    checks: bool = False
    clearance: Sensitivity = Sensitivity.PERSONAL
    fake: str = ""
