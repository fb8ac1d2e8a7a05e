"""Records and their Changes, read back.

Finding the subjects of rules is `decisions`'.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from atsbridge.model import Change, Key, Record


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
