"""What a store gives back: records and their Changes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from atsbridge.model import Change, Found, Key, Query, Record


class HistoryStore(Protocol):
    """Records and their Changes, as evaluation, explanations and backtests need them."""

    def read_record(self, key: Key) -> Record | None:
        """The record as it is, gone or not; None if it was never seen."""
        ...

    def read_records(self, account: str, kind: str, *, gone: bool = False) -> Iterator[Record]:
        """All records of a kind in order of id; with `gone`, those that are gone too."""
        ...

    def read_changes(self, key: Key, fields: Sequence[str] = ()) -> Sequence[Change]:
        """Oldest first; of these fields only, if any are named."""
        ...

    def find_changed(self, account: str, kind: str, field: str) -> frozenset[str]:
        """Ids of the records of a kind with any Change of the field."""
        ...

    def read_intervals(
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

    def find_changed_fields(self, account: str) -> frozenset[str]:
        """Every "kind.field" of which there is any Change."""
        ...

    def read_many_changes(
        self, account: str, kind: str, ids: Sequence[str], fields: Sequence[str]
    ) -> Mapping[str, Sequence[Change]]:
        """Changes of these fields of these records: id -> oldest first. No Change: no entry."""
        ...

    def find_children(
        self, account: str, query: Query, ref: str, parents: Sequence[str]
    ) -> Iterator[Found]:
        """What the Query finds among rows whose own ref of that name leads to one of `parents`."""
        ...
