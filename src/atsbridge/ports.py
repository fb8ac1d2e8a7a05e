"""The ports: what a connector, a sink, a rule kind and a store promise to the rest.

Only shapes; the built-in implementations are in `net`, `sinks`, `rules.kinds` and `store`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from atsbridge.model.case import Case, Transition
from atsbridge.model.change import Change, Origin
from atsbridge.model.fields import Sensitivity
from atsbridge.model.fragment import Fragment
from atsbridge.model.notice import Destination, Message, Notice, NoticeState, Receipt
from atsbridge.model.query import Found, Query
from atsbridge.model.record import Key, Record
from atsbridge.timesource import TimeSource

if TYPE_CHECKING:
    from pydantic import BaseModel

API = 1  # the number a plugin names in its module as ATSBRIDGE_API; see docs/architecture.md


# --- connectors -------------------------------------------------------------------------------


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
    `until` ago, those that still stand as `open` = (field, value) says.
    """

    kind: str
    field: str
    every: timedelta
    back: timedelta
    ahead: timedelta
    open: tuple[str, str]
    until: timedelta


@dataclass(frozen=True, slots=True)
class Parent:
    """The rows of a stream are asked for by rows of another stream.

    `param` takes up to `batch` parent ids joined by commas; with no `param`, the stream's path
    has `{parent}` in it and one request reads one parent's children. `wanted` says from a
    changed parent row whether its children are worth reading. Where an answer lists all
    children of its parents, `complete` names (kind, ref to the parent): others are gone.
    `watch`: parents asked again though nothing shows on them; its kind stands in `complete`.
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
    of the past, where those cannot be asked for by `since`. `again`: how often the questions of
    the first leg are asked besides the window, for what moves without a sign.
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
    again: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """One answer: the raw JSON slice of every row, as received; `gone`: ids said to be deleted."""

    rows: Sequence[Any]  # msgspec.Raw
    last: bool
    gone: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Checked:
    """One line of `doctor`: what was tried, whether it was good, what to do if not."""

    what: str
    good: bool
    detail: str = ""
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Hint:
    """What a webhook tells to `refresh` now. `key`: the same if a delivery comes again."""

    kind: str
    ids: tuple[str, ...]
    key: str
    at: datetime | None  # when it happened, where the vendor says


@dataclass(frozen=True, slots=True)
class Note:
    """A note to leave in the ATS. `key` is the marker it is found again by."""

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

    def check(self) -> Iterator[Checked]:
        """For `doctor`: host, credential, acting user, each permission; cheapest first."""
        ...

    def close(self) -> None:
        """Give back connections."""
        ...


@dataclass(frozen=True, slots=True)
class Tools:
    """What the core lends a connector or sink: its name in the configuration, and time."""

    name: str
    time: TimeSource
    connectors: Mapping[str, Connector] = field(default_factory=dict)  # for sinks that write back


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectorSpec:
    """A connector as data. `fake` is "module:callable", imported only when asked for.

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
    reminders: Mapping[str, str] = field(default_factory=dict)
    fake: str = ""
    typical: Callable[[int], Mapping[str, Sequence[int]]] | None = None

    def stream(self, name: str) -> Stream:
        """The stream of that name. KeyError if there is none."""
        for stream in self.streams:
            if stream.name == name:
                return stream
        raise KeyError(name)


# --- sinks ------------------------------------------------------------------------------------


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


# --- rule kinds -------------------------------------------------------------------------------


class RuleKind(Protocol):
    """A kind of rule: the pydantic schema of its own keys, and how it compiles."""

    name: str
    judge: str  # "clock" or "check"
    schema: type[BaseModel]

    def compile(self, rule: Any) -> Any:
        """A parsed rule -> a `rules.rule.Rule` with its two Queries."""
        ...


# --- the store --------------------------------------------------------------------------------


class StreamStatus(StrEnum):
    """How a stream of an account stands."""

    NEVER = "never"
    GOOD = "good"
    FAILED = "failed"  # the last try failed: what is stored ages
    DENIED = "denied"  # the credential may not read it
    LOST = "lost"  # too much vanished at once: nothing is believed


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamState:
    """What is known of a stream. `mark`: all that changed before it is stored.

    `since`: of what changed before it, only what a first leg asks for; None: nothing is missing.
    """

    stream: str
    status: StreamStatus = StreamStatus.NEVER
    mark: datetime | None = None
    read_at: datetime | None = None  # when it was last read to its end
    detail: str = ""
    fingerprints: Mapping[str, str] = field(default_factory=dict)  # "kind.field" -> fingerprint
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Work:
    """A parent whose children are still to be read, for the child stream of that name."""

    stream: str
    parent: str


@dataclass(frozen=True, slots=True)
class RowWrite:
    """One raw row that differs from what is stored: its id, its digest, what it holds."""

    id: str
    digest: bytes
    fragments: Sequence[Fragment]


@dataclass(frozen=True, slots=True, kw_only=True)
class PageWrite:
    """All that one page changes; written in one transaction or not at all.

    `owns` are the stream's columns per kind, mapped ones included. `remapped` are the
    "kind.field"s whose changes carry origin `mapping`. `complete`: (kind, ref, parent id)s of
    which this page holds every record; the others are gone. `seen`: raw ids of its rows that did
    not change. `state` comes with the page that ends a window. `asked`: parents whose children
    were read, where it is to be known when.
    """

    account: str
    stream: str
    at: datetime
    owns: Mapping[str, tuple[str, ...]]
    rows: Sequence[RowWrite] = ()
    origin: Origin = Origin.POLL
    remapped: frozenset[str] = frozenset()
    wanted: Sequence[Work] = ()
    done: Sequence[Work] = ()
    asked: Sequence[Work] = ()
    complete: Sequence[tuple[str, str, str]] = ()
    seen: Sequence[str] = ()
    state: StreamState | None = None


@dataclass(frozen=True, slots=True)
class PageCounts:
    """What a page did to the records."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    gone: int = 0


class RecordStore(Protocol):
    """What `sync` needs. One writer per account at a time, under `lock`."""

    def lock(self, account: str) -> AbstractContextManager[None]:
        """Hold the account until the block ends or the process dies. LockedError at once."""
        ...

    def state(self, account: str, stream: str) -> StreamState: ...

    def states(self, account: str) -> Mapping[str, StreamState]:
        """How every stream that was ever asked stands, by name."""
        ...

    def save_state(self, account: str, state: StreamState) -> None: ...

    def digests(self, account: str, stream: str, ids: Sequence[str]) -> Mapping[str, bytes]:
        """The stored digest of each raw row that has one."""
        ...

    def write(self, page: PageWrite) -> PageCounts: ...

    def work(self, account: str, stream: str, limit: int) -> Sequence[Work]:
        """The oldest items of the work queue of a child stream, oldest first."""
        ...

    def work_left(self, account: str) -> Mapping[str, int]: ...

    def watched(self, account: str, stream: Stream, now: datetime) -> Sequence[str]:
        """Parents that the stream's `watch` wants asked again now, in order of id.

        Those that wait in its work queue anyway are left out.
        """
        ...

    def live(
        self, account: str, stream: str, *, kind: str = "", since: datetime | None = None
    ) -> Iterable[str]:
        """Raw ids of a stream whose records are not gone; read in pieces, not held at once.

        With `since` only those whose record of that kind and id changed at or after it.
        """
        ...

    def mark_gone(self, account: str, stream: str, ids: Sequence[str], at: datetime) -> int:
        """The records these raw rows brought are gone; their digests are cleared."""
        ...


@dataclass(frozen=True, slots=True)
class Look:
    """The agenda's row of one subject: the earliest instant at which time can change a verdict."""

    kind: str
    id: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """All that judging and deciding changes; one transaction.

    `judged`: kind -> ids whose agenda rows are replaced by `looks` (None: every one of the
    account); `unjudged_done` clears the marks of what was judged. New cases have number 0 and
    are found again by rule and subject; notices of a new case carry case 0. `cached` is put into
    the cache with it.
    """

    account: str
    at: datetime
    judged: Mapping[str, Sequence[str] | None] = field(default_factory=dict)
    looks: Sequence[Look] = ()
    cases: Sequence[Case] = ()
    transitions: Sequence[tuple[Key, str, Transition]] = ()  # subject, rule, row
    notices: Sequence[Notice] = ()
    unjudged_done: bool = False
    cached: Mapping[str, bytes] = field(default_factory=dict)


class CaseStore(Protocol):
    """What judging, deciding and delivering need."""

    def derive(self, account: str, at: datetime) -> None:
        """Compute the derived fields of what is unjudged and of what joins to it."""
        ...

    def touched(self, account: str, subject: str, refs: Iterable[str]) -> Sequence[str] | None:
        """Ids of live subjects that are unjudged, or lead to an unjudged record.

        `refs`: the "kind.field" refs the rules of this subject follow. None: all of them.
        """
        ...

    def looking(self, account: str, subject: str, now: datetime) -> Sequence[str]:
        """Ids whose agenda row has come."""
        ...

    def select(
        self,
        account: str,
        query: Query,
        *,
        ids: Sequence[str] | None = None,
        filtered: bool = True,
        unreadable: frozenset[str] = frozenset(),
    ) -> Iterator[Found]:
        """What the Query finds, by id. `ids` narrows it; `filtered=False` leaves out where, bound
        and the hiding of gone subjects. Conditions on `unreadable` "kind.field"s are unknown."""
        ...

    def record(self, key: Key) -> Record | None: ...

    def changes(self, key: Key, fields: Sequence[str] = ()) -> Sequence[Change]:
        """Oldest first."""
        ...

    def open_cases(self, account: str) -> Sequence[Case]: ...

    def decide(self, decision: Decision) -> None: ...


class HistoryStore(Protocol):
    """Records and what became of them, as people and judges ask for them."""

    def record(self, key: Key) -> Record | None:
        """The record as it is, gone or not; None if it was never seen."""
        ...

    def records(self, account: str, kind: str, *, gone: bool = False) -> Iterator[Record]:
        """All records of a kind in order of id; with `gone`, those that are gone too."""
        ...

    def changes(self, key: Key, fields: Sequence[str] = ()) -> Sequence[Change]:
        """Oldest first; of these fields only, if any are named."""
        ...

    def changed(self, account: str, kind: str, field: str) -> frozenset[str]:
        """Ids of the records of a kind with any Change of the field."""
        ...

    def intervals(
        self,
        account: str,
        kind: str,
        id: str,  # noqa: A002
        field: str,
        value: str,
    ) -> Sequence[tuple[datetime | None, datetime | None]]:
        """(start, end) spans during which the field was `value`, in order.

        No start: it was so when first seen, or only a mapping made it so; no end: it still is.
        """
        ...

    def set_calendars(self, account: str, calendars: Mapping[str, str | None]) -> int:
        """user id -> key of the calendar that counts; only those that differ are written."""
        ...


@dataclass(frozen=True, slots=True)
class Waiting:
    """A notice that could go out now, and what of its case says how much its delay costs."""

    notice: Notice
    due_at: datetime | None = None
    owed_by: str | None = None


@dataclass(frozen=True, slots=True)
class Spent:
    """The attention people have given already, over all accounts. People go by e-mail.

    `interruptions`: (person, their local day as yyyy-mm-dd) -> messages that reached them;
    `digests`: person -> when what is held for their digest comes.
    """

    interruptions: Mapping[tuple[str, str], int]
    digests: Mapping[str, Sequence[datetime]]


@dataclass(frozen=True, slots=True)
class Admitted:
    """What is decided of one waiting notice: `sending`, or held. `day`: if it counts, when."""

    notice: Notice
    day: str = ""


Admit: TypeAlias = Callable[[Sequence[Waiting], Spent], Sequence[Admitted]]


class OutboxStore(Protocol):
    """What delivering and looking at cases need."""

    def claim(
        self, account: str, now: datetime, limit: int = 100, admit: Admit | None = None
    ) -> Sequence[tuple[Notice, bool]]:
        """Notices to send now, at most `limit` new ones; they are `sending` then.

        First come all that a dead tick left in `sending`, with True: look their keys up. Settle
        what was claimed before claiming again. `admit` is asked within the transaction who may
        be disturbed, in which order, and who has to wait; without it all go, oldest first.
        """
        ...

    def due(self, account: str, now: datetime) -> Sequence[Waiting]:
        """What could go out now, oldest first; what waits for a digest only if that has come."""
        ...

    def queue(self, notices: Sequence[Notice]) -> None:
        """Put these into the outbox. One whose key is there already stays as it is."""
        ...

    def settle(self, *notices: Notice) -> None:
        """Store how they stand, together: destination, state, reason, attempts, receipt, instants.

        What was claimed and goes back unsent gives back the attention it was counted for.
        """
        ...

    def notices(
        self,
        account: str,
        *,
        case: int | None = None,
        states: Iterable[NoticeState] | None = None,
    ) -> Sequence[Notice]:
        """Oldest first."""
        ...

    def case(self, number: int) -> Case | None: ...

    def cases(self, account: str, *, open_only: bool = False) -> Sequence[Case]:
        """In order of number."""
        ...

    def transitions(self, number: int) -> Sequence[Transition]:
        """The history of a case, oldest first."""
        ...

    def remember_write(self, account: str, subject: Key, written: str, at: datetime) -> None:
        """We wrote `written` (the ATS's id of it) on the subject at that instant."""
        ...

    def own_writes(self, account: str, subject: Key) -> Sequence[tuple[str, datetime]]:
        """(id, instant) of what we wrote on the subject, oldest first."""
        ...


class RunStore(Protocol):
    """What ticks leave for the next."""

    def save_run(self, account: str, at: datetime, summary: Mapping[str, Any]) -> None:
        """Keep the summary (plain values) of a run on an account."""
        ...

    def last_run(self, account: str) -> Mapping[str, Any] | None:
        """The summary of the newest run on an account, or None."""
        ...

    def cache_get(self, key: str) -> bytes | None: ...

    def cache_put(self, key: str, value: bytes) -> None:
        """Keep bytes that can be made again."""
        ...
