"""What a store finds for the rules: subjects, and which of them to evaluate."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from atsbridge.model import Found, Query


class SubjectStore(Protocol):
    """Finds subjects of rules, and those that a run has to evaluate."""

    def select(
        self,
        account: str,
        query: Query,
        *,
        ids: Sequence[str] | None = None,
        filtered: bool = True,
        unreadable: frozenset[str] = frozenset(),
    ) -> Iterator[Found]:
        """What the Query finds, in order of id. `ids` narrows it.

        `filtered=False` leaves out where, bound and the hiding of deleted subjects (`unknown`
        still speaks of the where). Conditions on `unreadable` "kind.field"s are unknown. Columns
        that are never stored (intervals) are not in `facts`. Read in pieces: the view of the
        store stays that of the first row until the last is taken.
        """
        ...

    def find_unread(self, account: str, subject: str, ids: Sequence[str]) -> Sequence[str]:
        """Those of the subjects, in order of id, that hang on a parent in the work queue."""
        ...

    def derive(self, account: str, at: datetime) -> None:
        """Compute the derived fields of what is dirty and of what joins to it, as of `at`."""
        ...

    def find_dirty(self, account: str, subject: str, refs: Iterable[str]) -> Sequence[str] | None:
        """Ids of subjects that are dirty, and of live ones that lead to a dirty record.

        In order of id. `refs`: the "kind.field" refs the rules of this subject follow. None: all
        of them.
        """
        ...

    def find_due(self, account: str, subject: str, now: datetime) -> Sequence[str]:
        """Ids whose next evaluation is due at `now`, in order of id."""
        ...

    def is_idle(self, account: str, now: datetime) -> bool:
        """Whether nothing is dirty, due or open, and no notice is still to go out."""
        ...

    def save_calendars(self, account: str, calendars: Mapping[str, str | None]) -> int:
        """user id -> key of the calendar that counts for them; returns how many differed.

        Only those that differ are written. Users that are not stored are left out.
        """
        ...
