"""The part of the store that finds subjects, and those that a run must evaluate."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from atsbridge.model import Found, Query


class SubjectStore(Protocol):
    """Finds the subjects of rules, and those that a run must evaluate."""

    def select(
        self,
        account: str,
        query: Query,
        *,
        ids: Sequence[str] | None = None,
        filtered: bool = True,
        unreadable: frozenset[str] = frozenset(),
    ) -> Iterator[Found]:
        """The subjects that match the Query, in order of id; only `ids`, if given.

        `filtered=False` returns every subject, deleted ones too; `Found.unknown` still tells
        whether the condition was unknown. Conditions on `unreadable` "kind.field"s are unknown.
        Columns that are never stored (intervals) are not in `facts`. Rows are read in pieces from
        one snapshot of the store.
        """
        ...

    def find_unread(self, account: str, subject: str, ids: Sequence[str]) -> Sequence[str]:
        """The subjects among these that depend on a queued parent, in order of id."""
        ...

    def derive(self, account: str, at: datetime) -> None:
        """Compute the derived fields of dirty records and of records that depend on them."""
        ...

    def find_dirty(self, account: str, subject: str, refs: Iterable[str]) -> Sequence[str] | None:
        """Ids of dirty subjects and of live subjects that refer to a dirty record, in order of id.

        `refs`: the "kind.field"s to follow, those that the rules of this subject read. None: all
        subjects of the account are dirty.
        """
        ...

    def find_due(self, account: str, subject: str, now: datetime) -> Sequence[str]:
        """Ids whose next evaluation is due at `now`, in order of id."""
        ...

    def is_idle(self, account: str, now: datetime) -> bool:
        """Whether nothing is dirty, no evaluation is due, no case is open and no notice waits."""
        ...

    def save_calendars(self, account: str, calendars: Mapping[str, str | None]) -> int:
        """Store user id -> key of their calendar, where it differs. Returns how many did.

        Users that are not stored are left out.
        """
        ...
