"""The protocol of a sink: a service that delivers notices."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from atsbridge.model import Sensitivity

if TYPE_CHECKING:
    from pydantic import BaseModel

    from atsbridge.model import Destination, Message, Receipt
    from atsbridge.ports.connector import CheckResult, Tools


class Sink(Protocol):
    """One configured sink. Raises only `AtsbridgeError`s.

    FatalError: this message will never be taken. RetryableError: the next run tries again.
    AmbiguousError: the message may have arrived. A process opens each sink once and serves several
    accounts at a time: threads call it at the same time, in every method except `close`.
    """

    spec: SinkSpec

    def find_address(self, email: str) -> str | None:
        """The address of a person in this sink. None if the sink does not know the person."""
        ...

    def send(self, to: Destination, message: Message, *, thread: Receipt | None = None) -> Receipt:
        """Send the message. Sinks with threads put it in the thread of the receipt `thread`."""
        ...

    def edit(self, to: Destination, sent: Receipt, message: Message) -> Receipt:
        """Replace a message that was sent before. Called only if `spec.edits`."""
        ...

    def find(self, to: Destination, key: str, *, thread: Receipt | None = None) -> Receipt | None:
        """Look for the message with this key. None if it did not arrive.

        Called only if `spec.looks_up`. `thread`: the message whose thread it was sent to.
        """
        ...

    def close(self) -> None:
        """Close all connections."""
        ...


@dataclass(frozen=True, slots=True)
class DeliveredMessage:
    """A message that people may have replied to.

    `key`: of its notice. `at`: when it was sent, UTC. `read_to`: the `mark` of the newest reply
    already read, "" if none was.
    """

    key: str
    to: Destination
    receipt: Receipt
    at: datetime
    read_to: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """An emoji on the message `key`, or a text in its thread.

    `mark` is unique among the replies to one message. The marks of texts in a thread sort by time
    and have no blank; those of emoji and buttons have one. `email` and `name` are the author's; ""
    for a program or a deleted user.
    """

    key: str
    mark: str
    email: str
    name: str
    emoji: str = ""
    text: str = ""

    @property
    def is_written(self) -> bool:
        """Whether it was written in the thread: no emoji, and no button."""
        return " " not in self.mark


class ReplySource(Protocol):
    """A sink that reads replies (`spec.replies`). Raises only `AtsbridgeError`s."""

    spec: SinkSpec

    def fetch_replies(self, sent: Sequence[DeliveredMessage]) -> Iterator[Reply]:
        """All emoji on these messages and all new texts in their threads, in few requests.

        A deleted message has no replies.
        """
        ...


@dataclass(frozen=True, slots=True)
class ReplyOutcome:
    """What to answer at once to somebody who replied. `text`: "" for nothing.

    `in_thread`: it answers below the message, where every reader of the message may see it;
    otherwise only the author of the reply may. `confirm` is to be called once the text was
    sent; until then the next run answers.
    """

    text: str = ""
    in_thread: bool = False
    confirm: Callable[[], None] | None = field(default=None, compare=False)


ReplyHandler: TypeAlias = Callable[[Reply], ReplyOutcome]
"""Takes one reply that has just arrived, and stores it. Threads may share it. It raises StoreError
where the reply could not be stored."""


class ReplyListener(Protocol):
    """An open connection on which replies arrive."""

    def run(self) -> None:
        """Receive until `stop`. Connects again by itself. Raises an AtsbridgeError only where it
        cannot begin: a bad credential, or a service that does not answer.
        """
        ...

    def stop(self) -> None:
        """Let `run` return within two seconds. From any thread, any number of times."""
        ...


class ListeningSink(Protocol):
    """A sink to which replies come over a connection of its own (`spec.listens`)."""

    def open_listener(
        self, receive: ReplyHandler, note: Callable[[Mapping[str, object]], None]
    ) -> ReplyListener:
        """A listener that passes each reply to `receive` and says what it returns.

        `note` writes a line of the log; it never gets a name, an address or a text of people.
        """
        ...


@dataclass(frozen=True, slots=True)
class SinkRequest:
    """A request of a chat service to `/replies/SINK`. `headers`: names in lower case."""

    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class SinkResponse:
    """The answer to a `SinkRequest`. `body`: a value that becomes JSON, None for an empty body."""

    status: int
    body: object = None


class RequestSink(Protocol):
    """A sink whose service delivers replies by requests (`spec.takes_requests`)."""

    def answer_request(self, request: SinkRequest, receive: ReplyHandler) -> SinkResponse:
        """Verify one request, and pass the reply that it carries to `receive`.

        Called by `atsbridge serve`, one request at a time. A request that is not genuine gets 401
        or 403 and an empty body, and nothing of it is passed on. If it cannot be verified now, an
        AtsbridgeError is raised that quotes nothing of it.
        """
        ...


class CheckableSink(Protocol):
    """A sink that `doctor` can check (`spec.checks`). Raises only `AtsbridgeError`s."""

    def check(self) -> Iterator[CheckResult]:
        """Check the credential and each permission, cheapest first. Sends nothing."""
        ...


class ZoneSource(Protocol):
    """A sink that knows people's time zones. Raises only `AtsbridgeError`s."""

    def find_zone(self, email: str) -> str:
        """The IANA time zone in the person's profile, "" if there is none."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SinkSpec:
    """A kind of sink as data.

    `name`: what `sink = "..."` in the configuration names. `title`: the service's own name.
    `settings`: the pydantic model of `[sinks.NAME]`. `open(settings, tools)` makes the sink.
    `edits`: it can replace a sent message. `threads`: it has threads. `looks_up`: it can find a
    message by its key. `direct_messages`: it reaches single people. `replies`: it is a
    `ReplySource`. `buttons`: it offers `Message.buttons`. `buttons_key`: it offers them only if its
    settings have this key. `listens`: it is a `ListeningSink`. `takes_requests`: it is a
    `RequestSink`. `checks`: it is a `CheckableSink`. `clearance`: the most sensitive data it may
    show. `fake`: "module:callable" of a fake service for the sandbox, "" for none.
    `preview(message, tools)`: the message as plain text, as its reader sees it; it sends nothing.
    Without it, a preview shows plain lines.
    """

    name: str
    title: str
    settings: type[BaseModel]
    open: Callable[[Any, Tools], Sink]  # `Any`: the model that `settings` names
    edits: bool = False
    threads: bool = False
    looks_up: bool = False
    direct_messages: bool = False
    replies: bool = False
    buttons: bool = False
    buttons_key: str = ""
    listens: bool = False
    takes_requests: bool = False
    checks: bool = False
    clearance: Sensitivity = Sensitivity.PERSONAL
    fake: str = ""
    preview: Callable[[Message, Tools], str] | None = None
