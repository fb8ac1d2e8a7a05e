"""What syncing needs of a store: pages in, streams' states, the work queue."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple, Protocol

from atsbridge.model import Fragment, Origin
from atsbridge.ports.stream import Stream


class StreamStatus(StrEnum):
    """How a stream of an account stands."""

    NEVER = "never"
    GOOD = "good"
    FAILED = "failed"  # the last try failed: what is stored ages
    DENIED = "denied"  # the credential may not read it
    LOST = "lost"  # too much vanished at once: nothing is believed


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """Why a stream that was read is not believed: an empty answer proves nothing.

    `since`: when it was first read to its end without a row that fits. `rows`: there are rows,
    and none of them fits what other lists refer to. `referring`: "kind.field"s of other lists
    that name rows of it, or kinds that never come without rows of it, and are not found.
    `vouched`: why the connector says the list was shown in full, "" if it does not. `accepted`:
    what was `referring` when the operator accepted the answer, None if nobody did.
    """

    since: datetime
    rows: bool = False
    referring: tuple[str, ...] = ()
    vouched: str = ""
    accepted: tuple[str, ...] | None = None

    @property
    def settled(self) -> bool:
        """Whether the list may be believed all the same; evidence that is new counts again."""
        if self.accepted is not None and set(self.referring) <= set(self.accepted):
            return True
        return bool(self.vouched) and not self.referring and not self.rows

    @property
    def bare(self) -> bool:
        """Whether the empty answer is all there is: nothing speaks against it, nothing for it."""
        return not (self.settled or self.rows or self.referring)


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamState:
    """What is known of a stream. `bookmark`: all that changed before it is stored.

    `since`: of what changed before it, only what a first leg asks for; None: nothing is missing.
    `open`: how many rows the questions of a first leg brought when they were last asked.
    `returned`: it has returned rows that fit, at least once; until then `doubt` says why its
    answers are not believed.
    """

    stream: str
    status: StreamStatus = StreamStatus.NEVER
    bookmark: datetime | None = None
    read_at: datetime | None = None  # when it was last read to its end
    detail: str = ""
    fingerprints: Mapping[str, str] = field(default_factory=dict)  # "kind.field" -> fingerprint
    since: datetime | None = None
    open: int = 0
    returned: bool = False
    doubt: Doubt | None = None

    @property
    def doubted(self) -> bool:
        """Whether its answers are not believed."""
        return self.doubt is not None and not self.doubt.settled


@dataclass(frozen=True, slots=True)
class Work:
    """A parent whose children are still to be read, for the child stream of that name.

    `kind`: the kind of record that has the parent's id; needed to put it in the queue only.
    """

    stream: str
    parent: str
    kind: str = field(default="", compare=False)


class RowWrite(NamedTuple):
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

    `creates`: the kinds whose records exist because this stream shows them (None: all of `owns`).
    A record of any other kind is neither created nor brought back: what the page says of it is
    kept until a stream that creates its kind shows it.
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

    @property
    def created(self) -> frozenset[str]:
        """The kinds of record that this stream creates and brings back."""
        return frozenset(self.owns) if self.creates is None else self.creates


@dataclass(frozen=True, slots=True)
class PageCounts:
    """What a page did to the records. What is kept for a record nobody has shown is no record."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    gone: int = 0


class RecordStore(Protocol):
    """What `sync` needs. The caller holds the account's lock (`Store.lock`)."""

    def read_state(self, account: str, stream: str) -> StreamState:
        """How the stream stands; status `never` for one that was never read."""
        ...

    def read_states(self, account: str) -> Mapping[str, StreamState]:
        """How every stream that was ever asked stands, by name."""
        ...

    def save_state(self, account: str, state: StreamState) -> None:
        """Store the state of a stream by itself; with a page, `PageWrite.state` does it."""
        ...

    def read_digests(self, account: str, stream: str, ids: Sequence[str]) -> Mapping[str, bytes]:
        """The stored digest of each raw row that has one."""
        ...

    def write_page(self, page: PageWrite) -> PageCounts:
        """Store what one page changes, in one transaction. Counts are of records."""
        ...

    def read_work(self, account: str, stream: str, limit: int) -> Sequence[Work]:
        """The oldest items of the work queue of a child stream, oldest first."""
        ...

    def count_work(self, account: str) -> Mapping[str, int]:
        """How many parents wait, by child stream; streams with none are left out."""
        ...

    def find_child_reads(
        self, account: str, parents: Sequence[str]
    ) -> Mapping[tuple[str, str], datetime]:
        """When the children of these parents were last read: (child stream, parent) -> instant."""
        ...

    def find_watched(self, account: str, stream: Stream, now: datetime) -> Sequence[str]:
        """Parents that the stream's `watch` wants asked again now, in order of id.

        Those that wait in its work queue anyway are left out.
        """
        ...

    def read_live_ids(
        self,
        account: str,
        stream: str,
        *,
        kind: str = "",
        since: datetime | None = None,
        words: tuple[str, Sequence[str]] = ("", ()),
    ) -> Iterable[str]:
        """Raw ids of a stream whose records are not gone; read in pieces, not held at once.

        With `since` only those whose record of that kind and id changed at or after it; with
        `words` those whose field of that name is one of the words.
        """
        ...

    def count_references(self, account: str, kind: str) -> Mapping[str, tuple[int, int]]:
        """Every "kind.field" whose records name a record of `kind`: how many do, and how many of
        the named ones are stored. Fields that name none are left out."""
        ...

    def find_parents(
        self, account: str, kind: str, ref: str, parents: Sequence[str] | None, limit: int
    ) -> Sequence[str]:
        """Parents that live records of `kind` name as their `ref`, in order, at most `limit`; of
        these parents only, if any are given."""
        ...

    def has_records(self, account: str, kind: str) -> bool:
        """Whether there is a record of that kind that is not gone."""
        ...

    def delete_rows(self, account: str, stream: str, ids: Sequence[str], at: datetime) -> int:
        """The records these raw rows brought are gone; their digests are cleared.

        Only those of a kind that the stream creates, and that no other stream which creates it
        still shows.
        """
        ...
