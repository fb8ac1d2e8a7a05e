"""The protocol of the store, with one repository for each concern."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from atsbridge.model import Change, Key, Silence
    from atsbridge.ports.brief_store import BriefStore
    from atsbridge.ports.calibration_store import CalibrationStore
    from atsbridge.ports.choice_store import ChoiceStore
    from atsbridge.ports.decision_store import CaseStore
    from atsbridge.ports.hint_store import HintStore
    from atsbridge.ports.history_store import HistoryStore
    from atsbridge.ports.outbox_store import OutboxStore
    from atsbridge.ports.pipeline_store import PipelineStore
    from atsbridge.ports.promise_store import PromiseStore
    from atsbridge.ports.pulse_store import PulseStore
    from atsbridge.ports.rate_store import RateStore
    from atsbridge.ports.record_store import RecordStore
    from atsbridge.ports.reply_inbox import ReplyInbox
    from atsbridge.ports.subject_store import SubjectStore
    from atsbridge.ports.worker_queue import JobQueue


class Remains(StrEnum):
    """Where erased data can still be found on disk, although no query returns it."""

    NOWHERE = "nowhere"  # SQLite overwrites what it deletes, and the write-ahead log was emptied
    WRITE_AHEAD_LOG = "write-ahead log"  # a reader kept SQLite from emptying it
    DEAD_ROWS = "dead rows"  # PostgreSQL keeps them until its next VACUUM


@dataclass(frozen=True, slots=True)
class Erased:
    """What was erased, and what cannot be.

    `rows`: what -> how many rows. `sent`: sink -> how many messages it still shows. `remains`:
    where erased data can still be found on disk.
    """

    rows: Mapping[str, int]
    sent: Mapping[str, int]
    remains: Remains


class SilenceStore(Protocol):
    """Silences and reassignments."""

    def add_silence(self, silence: Silence) -> None:
        """Store a silence. It gets a number."""
        ...

    def end_silence(self, number: int, at: datetime) -> None:
        """End a silence at that instant. It stays in the list."""
        ...

    def read_silences(
        self, account: str, at: datetime, *, every: bool = False
    ) -> Sequence[Silence]:
        """The silences in force at that instant, oldest first; `every`: all stored ones."""
        ...

    def reassign(self, subject: Key, person: str, instead: str) -> None:
        """Notify `instead` of cases of this subject, in place of the user with id `person`.

        `instead`: an e-mail address; "": the owner of the rule.
        """
        ...

    def undo_reassign(self, subject: Key) -> None:
        """Remove all reassignments of this subject."""
        ...

    def read_reassigned(self, account: str) -> Mapping[tuple[Key, str], str]:
        """(subject, user id) -> e-mail address of the person to notify instead."""
        ...


class AnnouncementStore(Protocol):
    """Changes that people announced before the ATS showed them."""

    def announce(self, change: Change, *, takes: bool = False) -> None:
        """Store a Change that somebody announced.

        With `takes` the record gets the new value and is dirty. Without, the record changes when
        the ATS shows the new value. Raises StoreError if the field cannot hold the value.
        """
        ...

    def read_announced(self, account: str, kind: str, name: str) -> Sequence[Change]:
        """Announced Changes of a field of records of a kind, oldest first.

        Changes from a file have no author and are left out.
        """
        ...


class OwnWriteStore(Protocol):
    """What atsbridge wrote into the ATS."""

    def remember_write(self, account: str, subject: Key, written: str, at: datetime) -> None:
        """Store that atsbridge wrote on the subject at that instant. `written`: the ATS's id."""
        ...

    def read_own_writes(self, account: str, subject: Key) -> Sequence[tuple[str, datetime]]:
        """(ATS's id, instant) of everything that atsbridge wrote on the subject, oldest first."""
        ...


class RunStateStore(Protocol):
    """Bytes that are kept between runs. Losing them costs time only."""

    def get(self, key: str) -> bytes | None:
        """The value under the key, or None."""
        ...

    def put(self, key: str, value: bytes) -> None:
        """Store a value under the key."""
        ...


class PrivacyStore(Protocol):
    """Erases data about people."""

    def find_candidate(self, account: str, kind: str, id: str) -> str | None:  # noqa: A002
        """The id of the candidate with that id, or of the application with it; None if neither
        exists."""
        ...

    def forget(self, account: str, candidate: str, at: datetime) -> Erased:
        """Erase everything that identifies the candidate. Ids, instants and states stay."""
        ...

    def forget_person(self, person: str) -> int:
        """Erase what a colleague chose and answered, by e-mail address: how many rows."""
        ...

    def remember(self, account: str, candidate: str) -> bool:
        """Undo `forget`: the next sync reads the candidate's rows as new. False if the candidate
        was not forgotten."""
        ...

    def expire(self, account: str, before: datetime, limit: int = 2000) -> Mapping[str, int]:
        """Erase one batch of data about what ended before that instant.

        `limit`: rows of one kind in the batch. Returns what -> rows; empty when nothing is left.
        """
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
    def choices(self) -> ChoiceStore: ...
    @property
    def pulses(self) -> PulseStore: ...
    @property
    def announcements(self) -> AnnouncementStore: ...
    @property
    def briefs(self) -> BriefStore: ...
    @property
    def calibrations(self) -> CalibrationStore: ...
    @property
    def own_writes(self) -> OwnWriteStore: ...
    @property
    def hints(self) -> HintStore: ...
    @property
    def reply_inbox(self) -> ReplyInbox: ...
    @property
    def run_state(self) -> RunStateStore: ...
    @property
    def privacy(self) -> PrivacyStore: ...
    @property
    def rates(self) -> RateStore: ...

    @property
    def queue(self) -> JobQueue | None:
        """What workers share; None where the database cannot keep a queue."""
        ...

    @property
    def at_once(self) -> int | None:
        """How many threads may use it at once without waiting for each other; None: any number."""
        ...

    def view(self) -> AbstractContextManager[None]:
        """Answer what this thread reads from one connection until the block ends.

        It makes many small reads cheaper. What the thread writes meanwhile may not be seen.
        """
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

    def is_current(self) -> bool:
        """Whether the tables are those of this version: another one may migrate them meanwhile."""
        ...

    def check_locks(self) -> None:
        """StoreError where locks cannot be kept, as behind a pooler that shares sessions."""
        ...

    def close(self) -> None:
        """Give back every connection."""
        ...
