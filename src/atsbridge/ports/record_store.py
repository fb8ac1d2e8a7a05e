"""The part of the store that a sync writes: pages of records, stream states, the work queue."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple, Protocol

from atsbridge.model import Fragment, Origin

if TYPE_CHECKING:
    from atsbridge.ports.stream import Stream

# A list that is not believed and has more rows than this is not read whole in every sync.
CHEAP_ROWS = 100  # one page of most vendors
FIRST_PAUSE = timedelta(hours=1)  # doubled with every whole read that was not believed either
LONGEST_PAUSE = timedelta(days=1)


class StreamStatus(StrEnum):
    """The result of the last read of a stream."""

    NEVER = "never"
    GOOD = "good"
    FAILED = "failed"  # the stored rows are believed until they are too old
    DENIED = "denied"  # the credential may not read it
    LOST = "lost"  # too many records were missing at once: the rows are not believed


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """Why the rows of a stream are not believed although it was read to its end.

    `since`: when it was first read to its end without a row that fits. `rows`: it has rows, and
    none of them is what other lists refer to. `referring`: "kind.field"s of other lists that refer
    to rows of it which are not stored, or kinds whose records never exist without rows of it.
    `vouched`: why the connector says that the list was shown in full, "" if it does not.
    `accepted`: the value of `referring` when the operator accepted the answer; None if nobody did.
    `partial`: its rows fit, but it left out some that the vendor shows by id.
    """

    since: datetime
    rows: bool = False
    referring: tuple[str, ...] = ()
    vouched: str = ""
    accepted: tuple[str, ...] | None = None
    partial: bool = False

    @property
    def settled(self) -> bool:
        """Whether the list is believed anyway: it was accepted or vouched for, and there is no
        evidence that is newer."""
        if self.accepted is not None and set(self.referring) <= set(self.accepted):
            return True
        return bool(self.vouched) and not self.referring and not self.rows

    @property
    def bare(self) -> bool:
        """Whether there is no evidence for or against the empty answer."""
        return not (self.settled or self.rows or self.referring)


@dataclass(frozen=True, slots=True)
class WholeRead:
    """The last whole read of a long list that is not believed.

    `attempts`: how many whole reads in a row were not believed. Each doubles the pause before the
    next one, from `FIRST_PAUSE` to `LONGEST_PAUSE`.
    """

    at: datetime
    attempts: int

    def is_due(self, now: datetime) -> bool:
        """Whether to read the list whole again. A clock that went backward makes it due."""
        pause = min(FIRST_PAUSE * 2 ** min(self.attempts - 1, 10), LONGEST_PAUSE)
        return not self.at <= now < self.at + pause


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamState:
    """What the store knows of a stream.

    `bookmark`: every change before it is stored. `read_at`: when it was last read to its end.
    `since`: of the changes before it only the first read is stored; None: nothing is missing.
    `open`: how many rows the first read returned the last time. `returned`: it has returned rows
    that fit at least once; until then `doubt` says why its rows are not believed.
    `fingerprints`: "kind.field" -> fingerprint of what fills it. `whole_read`: set for a long list
    that is not believed. `token`: the vendor's sync token of the last read to the end, "" if the
    list has none. `whole_at`: when it was last read whole to its end.
    """

    stream: str
    status: StreamStatus = StreamStatus.NEVER
    bookmark: datetime | None = None
    read_at: datetime | None = None
    detail: str = ""
    fingerprints: Mapping[str, str] = field(default_factory=dict)
    since: datetime | None = None
    open: int = 0
    returned: bool = False
    doubt: Doubt | None = None
    whole_read: WholeRead | None = None
    token: str = ""
    whole_at: datetime | None = None

    @property
    def doubted(self) -> bool:
        """Whether its rows are not believed."""
        return self.doubt is not None and not self.doubt.settled

    def after_whole_read(self, at: datetime, rows: int) -> StreamState:
        """The state after a whole read that began at `at` and returned so many rows."""
        believed = self.status is StreamStatus.GOOD and not self.doubted
        if believed or rows <= CHEAP_ROWS:
            return replace(self, whole_read=None)
        attempts = 1 + (self.whole_read.attempts if self.whole_read is not None else 0)
        return replace(self, whole_read=WholeRead(at, attempts))


@dataclass(frozen=True, slots=True)
class Work:
    """A parent in the work queue of a child stream: its children must be read.

    `kind`: the kind of record of the parent; needed only to queue it.
    """

    stream: str
    parent: str
    kind: str = field(default="", compare=False)


class RowWrite(NamedTuple):
    """One raw row that differs from the stored one, with its fragments."""

    id: str
    digest: bytes
    fragments: Sequence[Fragment]


@dataclass(frozen=True, slots=True, kw_only=True)
class PageWrite:
    """Everything that one page changes, written in one transaction.

    `owns`: kind -> the stream's columns, mapped ones included. `remapped`: the "kind.field"s whose
    changes have origin `mapping`. `wanted`, `done`: parents to add to and to take from the work
    queue. `complete`: (kind, field, parent id)s of which this page has every record; others are
    marked deleted. `seen`: raw ids of unchanged rows. `state`: stored with the last page.
    `asked`: parents whose children were read, for streams that store when.

    `creates`: the kinds whose records exist because this stream shows them (None: all of `owns`).
    A record of another kind is neither created nor restored: its values are kept until a stream
    that creates its kind shows it. `facts`: the "kind.field"s of which the stream shows every
    value, so that a record without one has none.
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
    creates: frozenset[str] | None = None
    facts: frozenset[str] = frozenset()

    @property
    def created(self) -> frozenset[str]:
        """The kinds of record that this stream creates and restores."""
        return frozenset(self.owns) if self.creates is None else self.creates


@dataclass(frozen=True, slots=True)
class PageCounts:
    """How many records a page changed. Values kept for a record that no list has shown yet do not
    count."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    deleted: int = 0


class RecordStore(Protocol):
    """What a sync reads and writes. The caller holds the account's lock (`Store.lock`)."""

    def read_state(self, account: str, stream: str) -> StreamState:
        """The state of a stream; status `never` if it was never read."""
        ...

    def read_states(self, account: str) -> Mapping[str, StreamState]:
        """Stream name -> state, for every stream that was ever read."""
        ...

    def save_state(self, account: str, state: StreamState) -> None:
        """Store the state of a stream without a page (with one: `PageWrite.state`)."""
        ...

    def read_digests(self, account: str, stream: str, ids: Sequence[str]) -> Mapping[str, bytes]:
        """The stored digest of each raw row that has one."""
        ...

    def write_page(self, page: PageWrite) -> PageCounts:
        """Store what one page changes, in one transaction."""
        ...

    def read_work(self, account: str, stream: str, limit: int) -> Sequence[Work]:
        """The oldest items of the work queue of a child stream, oldest first."""
        ...

    def count_work(self, account: str) -> Mapping[str, int]:
        """Child stream -> number of queued parents. Streams without any are left out."""
        ...

    def find_child_reads(
        self, account: str, parents: Sequence[str]
    ) -> Mapping[tuple[str, str], datetime]:
        """When the children of these parents were last read: (child stream, parent) -> instant."""
        ...

    def find_watched(self, account: str, stream: Stream, now: datetime) -> Sequence[str]:
        """Parents that the stream's `watch` or `every` wants read again now, in order of id.

        Parents that are queued already are left out.
        """
        ...

    def read_live_ids(
        self,
        account: str,
        stream: str,
        *,
        kind: str = "",
        since: datetime | None = None,
        where: tuple[str, Sequence[str]] = ("", ()),
    ) -> Iterable[str]:
        """Raw ids of a stream whose records are not deleted, read in pieces.

        `since`: only those whose record of `kind` with that id changed at or after it. `where`:
        (field, values): only those whose field has one of the values.
        """
        ...

    def count_references(self, account: str, kind: str) -> Mapping[str, tuple[int, int]]:
        """References to records of `kind`: "kind.field" -> (how many, how many of them are stored).

        A deleted record counts as stored; one that its own list never returned does not.
        Fields without a reference are left out.
        """
        ...

    def count_row_references(
        self, account: str, stream: str, kind: str
    ) -> Mapping[str, tuple[int, int]]:
        """References of the records of `kind` that rows of the stream supplied, at most 1,000 rows:
        "kind.field" -> (how many, how many of them lead to a stored record).
        """
        ...

    def find_unstored(
        self, account: str, kind: str, excluded: Collection[str], limit: int
    ) -> Sequence[str]:
        """Ids that live records refer to as `kind` and that no list has shown, at most `limit`.

        `excluded`: kinds whose references do not count.
        """
        ...

    def find_parents(
        self, account: str, kind: str, ref: str, parents: Sequence[str] | None, limit: int
    ) -> Sequence[str]:
        """Ids in the field `ref` of live records of `kind`, in order, at most `limit`.

        `parents`: only ids among these; None: all.
        """
        ...

    def has_records(self, account: str, kind: str) -> bool:
        """Whether there is a live record of that kind."""
        ...

    def delete_rows(self, account: str, stream: str, ids: Sequence[str], at: datetime) -> int:
        """Mark the records of these raw rows deleted and clear the digests. Returns how many.

        Only records of a kind that the stream creates, and that no other stream which creates it
        still shows.
        """
        ...
