"""What a connector promises: itself as data, and what it is asked to do.

Its lists are in `streams`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from atsbridge.model import Key, Mark, Receipt
from atsbridge.ports.http_bounds import Bounds
from atsbridge.ports.stream import Page, Signal, Stream
from atsbridge.timesource import TimeSource

if TYPE_CHECKING:
    from pydantic import BaseModel


@dataclass(frozen=True, slots=True)
class Checked:
    """One line of `doctor`: what was tried, whether it was good, what to do if not.

    `warning`: not good, but a run works without it, so that `doctor` does not fail.
    """

    what: str
    good: bool
    detail: str = ""
    remedy: str = ""
    warning: bool = False


@dataclass(frozen=True, slots=True)
class Guess:
    """What a connector takes a name for that the vendor does not explain, for a person to confirm.

    `path`: the "kind.field" it fills; `name`: as the vendor writes it; `value`: what it is taken
    for; `words`: what told it, "" where nothing did.
    """

    path: str
    name: str
    value: str
    words: str = ""


@dataclass(frozen=True, slots=True)
class Hint:
    """What a webhook tells to `refresh` now. `key`: the same if a delivery comes again."""

    kind: str
    ids: tuple[str, ...]
    key: str
    at: datetime | None  # when it happened, where the vendor says


@dataclass(frozen=True, slots=True)
class Note:
    """A note to leave in the ATS. `key` is the marker it is found again by.

    `subject` is an application, or a requisition where the connector writes "job_note".
    """

    subject: Key
    text: str
    key: str
    candidate: str | None = None  # id, where the ATS hangs notes on candidates


class Connector(Protocol):
    """Speaks one ATS's API for one account. Raises only `errors`; never logs a secret.

    `requests` counts the HTTP requests sent so far.
    """

    spec: ConnectorSpec

    @property
    def requests(self) -> int:
        """How many HTTP requests were sent so far."""
        ...

    def pages(
        self,
        stream: Stream,
        *,
        window: tuple[datetime, datetime] | None = None,
        parents: Sequence[str] = (),
    ) -> Iterator[Page]:
        """The stream's pages, in the vendor's order, to the last; `parents` at most a batch."""
        ...

    def refresh(self, kind: str, ids: Sequence[str]) -> Iterator[tuple[Stream, Page]]:
        """The newest facts of some records, and of what they lead to, in few requests."""
        ...

    def write_note(self, note: Note) -> Receipt:
        """Leave the note. AmbiguousError where it cannot be known whether it was written."""
        ...

    def find_note(self, note: Note) -> Receipt | None:
        """The note that bears this key, if it is there."""
        ...

    def put(self, record: Key, mark: Mark) -> Receipt:
        """Put the mark on an application. Twice is as once.

        The receipt says as `on` what bears it ("candidate/7": as seen in every application of
        theirs), and as `had` whether it was there before. AmbiguousError as for notes.
        """
        ...

    def take(self, record: Key, mark: Mark) -> Receipt:
        """Take the mark off; what somebody changed meanwhile is left as it is."""
        ...

    def bears(self, record: Key, mark: Mark) -> Receipt | None:
        """As `put` would answer, if the mark is there."""
        ...

    def may(self, capability: str) -> Checked:
        """For `doctor`: whether this may be written, as far as it shows without writing."""
        ...

    def shown_in_full(self, stream: Stream) -> Checked:
        """Whether the credential is proved to see all there is of a list that returned no row.

        Good only where the vendor itself says so (scopes and role of a token); `detail` says by
        what. Not good is no error: nobody can tell, and the operator is asked.
        """
        ...

    def check(self) -> Iterator[Checked]:
        """For `doctor`: host, credential, acting user, each permission; cheapest first."""
        ...

    def close(self) -> None:
        """Give back connections."""
        ...


@runtime_checkable
class Guessing(Protocol):
    """A connector that guesses by names: `doctor` shows what, so that a map can correct it."""

    def guesses(self) -> Iterator[Guess]:
        """Each name once that the account does not map, in the vendor's order; few requests."""
        ...


@dataclass(frozen=True, slots=True)
class Reminder:
    """What the ATS itself sends to whoever owes something, so that we need not.

    It reminds the person at path `to` until `about` ("kind.field") has an instant, from `first`
    to `last` after the clock's start, by the wall clock.
    """

    about: str
    to: str
    first: timedelta
    last: timedelta
    says: str


@dataclass(frozen=True, slots=True)
class Tools:
    """What the core lends a connector or sink: its name in the configuration, and time.

    `map`: of a connector, the account's own map as it is written in the configuration. `bounds`:
    what its host is believed at most; hand them to `Session` and to the limiter.
    `recall` and `keep`: of a sink, bytes under a key that outlast the process; they may be lost at
    any time, so keep only what can be asked for again.
    """

    name: str
    time: TimeSource
    connectors: Mapping[str, Connector] = field(default_factory=dict)  # for sinks that write back
    writes: Callable[[str], Sequence[str]] = field(default=lambda _: ())  # what an account allows
    map: Mapping[str, Any] = field(default_factory=dict)
    templates: Path | None = None  # where a customer's own layouts of messages are
    bounds: Bounds = field(default_factory=Bounds)
    recall: Callable[[str], bytes | None] = field(default=lambda _: None)
    keep: Callable[[str, bytes], None] = field(default=lambda _, __: None)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectorSpec:
    """A connector as data. `fake` is "module:callable", imported only when asked for.

    `writes`: what it can write (`model.writing`); an account allows each by its name.
    `reminders`: by the name of a preset, what the ATS sends of its own.
    `typical(active)`: how long the lists of a first sync are at a customer with that many active
    applications, as `sync.cost` counts them.
    """

    name: str
    title: str
    settings: type[BaseModel]
    streams: tuple[Stream, ...]
    open: Callable[[Any, Tools], Connector]
    signals: Mapping[str, Signal] = field(default_factory=dict)
    writes: tuple[str, ...] = ()
    reminders: Mapping[str, Sequence[Reminder]] = field(default_factory=dict)
    fake: str = ""
    typical: Callable[[int], Mapping[str, Sequence[int]]] | None = None

    def stream(self, name: str) -> Stream:
        """The stream of that name. KeyError if there is none."""
        for stream in self.streams:
            if stream.name == name:
                return stream
        raise KeyError(name)
