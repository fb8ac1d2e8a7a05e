"""What a connector promises: its streams as data, its pages, its notes.

How they are fetched over HTTP is `net`'s; how they are stored is `sync`'s.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from atsbridge.model.fragment import Fragment
from atsbridge.model.notice import Receipt
from atsbridge.model.record import Key
from atsbridge.model.writing import Mark
from atsbridge.ports.bounds import Bounds
from atsbridge.timesource import TimeSource

if TYPE_CHECKING:
    from pydantic import BaseModel


class History(StrEnum):
    """How far back an ATS dates a signal."""

    FULL = "full"
    SINCE_INSTALL = "since_install"  # we date it ourselves, from the first sync on
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Signal:
    """What a connector can say of one "kind.field" where it is less than all of it."""

    history: History
    why: str
    with_mapping: bool = False  # only once the account maps it


@dataclass(frozen=True, slots=True)
class Watch:
    """Children that may change without a sign on their parent: it is asked again `every` so often.

    Those of `kind` whose `field` lies between `back` ago and `ahead` from now; and longer, until
    `until` ago, those that still stand as `open` = (field, value) says. `ref` leads to the parent,
    where the stream is no `complete` list of that kind.
    """

    kind: str
    field: str
    every: timedelta
    back: timedelta
    ahead: timedelta
    open: tuple[str, str]
    until: timedelta
    ref: str = ""


@dataclass(frozen=True, slots=True)
class Parent:
    """The rows of a stream are asked for by rows of another stream.

    `param` takes up to `batch` parent ids joined by commas; with no `param`, the stream's path
    has `{parent}` in it and one request reads one parent's children. `wanted` says from a
    changed parent row whether its children are worth reading. Where an answer lists all
    children of its parents, `complete` names (kind, ref to the parent): others are gone.
    `watch`: parents asked again though nothing shows on them.
    `later`: no rule waits for them on the first day; the sync of a first leg leaves them out.
    """

    stream: str
    param: str = ""
    batch: int = 1
    wanted: Callable[[Any], bool] = bool
    complete: tuple[tuple[str, str], ...] = ()
    watch: Watch | None = None
    later: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """One list of an ATS as data.

    `row` is a msgspec Struct with an `id`; `normalise` is pure: a row -> the fragments it
    holds, each with exactly the columns of `owns[kind]`. `since(start, end)` gives the query
    parameters that ask for what changed in [start, end); without it the list is always read
    whole. `whole` streams tell us what is gone by what a full list no longer holds. `lag` is
    how old the vendor may leave its own answers; `version` is raised when `normalise` changes.

    A long list is read in two legs. `first(now)` gives the questions of the first one, each a set
    of parameters: together what live rules can fire on, none at all being allowed. What they
    leave out is read by later syncs in windows of `since`, back to the account's `history`; until
    then the "kind.field"s of `partial` are not believed. `ids`: parameters that ask for nothing
    but ids, by which a nightly sync finds what vanished. `looks_up`: further lists from which
    its rows are completed (`sync.cost` counts them). `past(start, end)`: as `since`, for windows
    of the past, where those cannot be asked for by `since`. `again(rows)`: how often the questions
    of the first leg are asked besides the window, for what moves without a sign, where they bring
    so many rows; children show no sooner. `open`: kind, field and the words that the records have
    which those questions bring: one of them that they bring no more is asked for by id, at night.
    `by_map`: "kind.field" -> another whose line in the account's map the connector fills it by.
    `mapped`: asked only for an account whose map reads a column of it. `implied`: kinds whose
    records never come without rows of this list, so that it cannot be empty beside them.

    `creates`: the kinds of `owns` whose records exist because this list shows them. Only such a
    list makes a record, brings a deleted one back, or proves by its absence that it is deleted;
    what another list says of a record nobody has shown yet is kept until somebody does. Left out,
    it is derived: see `creators`.
    """

    name: str
    path: str
    row: type[Any]
    normalise: Callable[[Any], Iterable[Fragment]]
    owns: Mapping[str, tuple[str, ...]]
    params: Mapping[str, str] = field(default_factory=dict)
    since: Callable[[datetime, datetime], Mapping[str, str]] | None = None
    look_back: timedelta = timedelta(hours=1)
    lag: timedelta = timedelta(minutes=5)
    parent: Parent | None = None
    whole: bool = False
    version: int = 1
    scope: str = ""  # the vendor's name of the permission it needs
    first: Callable[[datetime], Sequence[Mapping[str, str]]] | None = None
    partial: tuple[str, ...] = ()
    ids: Mapping[str, str] = field(default_factory=dict)
    looks_up: tuple[str, ...] = ()
    besides: int = 0  # requests that each reading of the list takes besides its own pages
    joined: int = 0  # further lists, each about as long as its own, read with it every time
    deleted: int = 0  # further requests of each window: lists of what was deleted
    past: Callable[[datetime, datetime], Mapping[str, str]] | None = None
    again: Callable[[int], timedelta] | None = None
    open: tuple[str, str, tuple[str, ...]] | None = None
    by_map: Mapping[str, str] = field(default_factory=dict)
    mapped: bool = False
    creates: tuple[str, ...] | None = None
    implied: tuple[str, ...] = ()


def creators(streams: Sequence[Stream]) -> Mapping[str, frozenset[str]]:
    """Stream name -> the kinds of record that it creates, all streams of a connector considered.

    What a stream declares as `creates` holds. For a kind that nobody declares, the streams that
    own the most columns of it create it: those that only add to a record own few.
    """
    declared = {kind for stream in streams for kind in stream.creates or ()}
    most: dict[str, int] = {}
    for stream in streams:
        for kind, columns in stream.owns.items():
            if stream.creates is None:
                most[kind] = max(most.get(kind, 0), len(columns))
    return {
        stream.name: frozenset(
            stream.creates
            if stream.creates is not None
            else (
                kind
                for kind, columns in stream.owns.items()
                if kind not in declared and len(columns) == most[kind]
            )
        )
        for stream in streams
    }


@dataclass(frozen=True, slots=True)
class Page:
    """One answer: the raw JSON slice of every row, as received; `gone`: ids said to be deleted.

    `unknown`: "kind.field"s that its rows cannot tell this time -> why, in a sentence for ops.
    """

    rows: Sequence[Any]  # msgspec.Raw
    last: bool
    gone: Sequence[str] = ()
    unknown: Mapping[str, str] = field(default_factory=dict)


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
