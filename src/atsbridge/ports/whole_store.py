"""The store as a whole: one repository per concern, and what belongs to none of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from atsbridge.model import Change, Key, Silence
from atsbridge.ports.decision_store import CaseStore
from atsbridge.ports.history_store import HistoryStore
from atsbridge.ports.outbox_store import OutboxStore
from atsbridge.ports.pipeline_store import PipelineStore
from atsbridge.ports.promise_store import PromiseStore
from atsbridge.ports.record_store import RecordStore
from atsbridge.ports.subject_store import SubjectStore


class Remains(StrEnum):
    """Where erased bytes may still be, though no query shows them."""

    NOWHERE = "nowhere"  # SQLite overwrites what it deletes, and the write-ahead log was emptied
    WRITE_AHEAD_LOG = "write-ahead log"  # a reader kept SQLite from emptying it
    DEAD_ROWS = "dead rows"  # PostgreSQL keeps them until its next VACUUM


@dataclass(frozen=True, slots=True)
class Erased:
    """What was erased -> rows of it; and what cannot be: sink -> messages that stand there.

    `remains`: where the erased bytes can still be found.
    """

    rows: Mapping[str, int]
    sent: Mapping[str, int]
    remains: Remains


class SilenceStore(Protocol):
    """Silences, and people who answer in another's place."""

    def add_silence(self, silence: Silence) -> None:
        """Keep a silence; it gets a number."""
        ...

    def end_silence(self, number: int, at: datetime) -> None:
        """End a silence at that instant; it stays in the list of what was."""
        ...

    def read_silences(
        self, account: str, at: datetime, *, every: bool = False
    ) -> Sequence[Silence]:
        """The silences that hold at that instant, oldest first; `every`: all that are kept."""
        ...

    def reassign(self, subject: Key, person: str, instead: str) -> None:
        """For this subject `instead` (an e-mail, "": the rule's owner) stands for user `person`."""
        ...

    def undo_reassign(self, subject: Key) -> None:
        """Nobody stands for anybody on this subject any more."""
        ...

    def read_reassigned(self, account: str) -> Mapping[tuple[Key, str], str]:
        """(subject, user id) -> who answers in that person's place."""
        ...


class AnnouncementStore(Protocol):
    """What people announced before the ATS showed it, and what only people know."""

    def announce(self, change: Change, *, takes: bool = False) -> None:
        """Keep a Change that somebody announced.

        With `takes` the record has the new value from now on and is dirty; without, the Change is
        kept, and the record waits for the ATS. StoreError where the field cannot hold the value.
        """
        ...

    def read_announced(self, account: str, kind: str, name: str) -> Sequence[Change]:
        """What persons announced of a field of any record of a kind, oldest first.

        Changes of an edited file name nobody and are left out.
        """
        ...


class OwnWriteStore(Protocol):
    """What atsbridge itself wrote into the ATS."""

    def remember_write(self, account: str, subject: Key, written: str, at: datetime) -> None:
        """We wrote `written` (the ATS's id of it) on the subject at that instant."""
        ...

    def read_own_writes(self, account: str, subject: Key) -> Sequence[tuple[str, datetime]]:
        """(id, instant) of what we wrote on the subject, oldest first."""
        ...


class RunStateStore(Protocol):
    """Bytes kept between runs; losing them costs time and nothing else."""

    def get(self, key: str) -> bytes | None:
        """What `put` last kept under the key, or None."""
        ...

    def put(self, key: str, value: bytes) -> None:
        """Keep bytes under the key."""
        ...


class PrivacyStore(Protocol):
    """Forgets people."""

    def find_candidate(self, account: str, kind: str, id: str) -> str | None:  # noqa: A002
        """The candidate with that id, or of the application with it; None if there is none."""
        ...

    def forget(self, account: str, candidate: str, at: datetime) -> Erased:
        """Erase what identifies the person, for good; ids, instants and states stay."""
        ...

    def remember(self, account: str, candidate: str) -> bool:
        """Take a candidate back among those who may be known; False if they were not forgotten.

        The next sync that lists their rows reads them as new.
        """
        ...

    def expire(self, account: str, before: datetime, limit: int = 2000) -> Mapping[str, int]:
        """Erase one batch of what was over `before`: what -> rows; empty once nothing is left."""
        ...


class Store(Protocol):
    """Everything a store does, by concern. Threads may share one.

    Every write is one transaction. Whatever the database refuses comes as a StoreError.
    """

    @property
    def records(self) -> RecordStore: ...
    @property
    def history(self) -> HistoryStore: ...
    @property
    def subjects(self) -> SubjectStore: ...
    @property
    def cases(self) -> CaseStore: ...
    @property
    def outbox(self) -> OutboxStore: ...
    @property
    def promises(self) -> PromiseStore: ...
    @property
    def pipeline(self) -> PipelineStore: ...
    @property
    def silences(self) -> SilenceStore: ...
    @property
    def announcements(self) -> AnnouncementStore: ...
    @property
    def own_writes(self) -> OwnWriteStore: ...
    @property
    def run_state(self) -> RunStateStore: ...
    @property
    def privacy(self) -> PrivacyStore: ...

    @property
    def at_once(self) -> int | None:
        """How many threads may use it at once without waiting for each other; None: any number."""
        ...

    def lock(self, account: str) -> AbstractContextManager[None]:
        """Hold the account until the block ends or the process dies. LockedError at once."""
        ...

    def require_lock(self, account: str) -> None:
        """Raise LockLostError where another run has taken over an account this thread locked."""
        ...

    def rewind(self, account: str, now: datetime) -> None:
        """Count what was noted of the account for instants after `now` as of `now`.

        For a clock that was ahead. Lists are read whole again; messages that waited for a far
        instant may go. Cases and what was sent stay.
        """
        ...

    def close(self) -> None:
        """Give back every connection."""
        ...
