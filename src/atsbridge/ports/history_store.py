"""The part of the store that returns records and their Changes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from atsbridge.model import Change, Found, Key, Query, Record


class HistoryStore(Protocol):
    """Reads records and their Changes."""

    def read_record(self, key: Key) -> Record | None:
        """The record, deleted or not. None if no list has shown it."""
        ...

    def read_records(
        self, account: str, kind: str, *, include_deleted: bool = False
    ) -> Iterator[Record]:
        """All records of a kind in order of id."""
        ...

    def read_changes(self, key: Key, fields: Sequence[str] = ()) -> Sequence[Change]:
        """The Changes of a record, oldest first. `fields`: only these; empty: all."""
        ...

    def find_changed(self, account: str, kind: str, field: str) -> frozenset[str]:
        """Ids of the records of a kind with a Change of the field."""
        ...

    def read_intervals(
        self,
        account: str,
        kind: str,
        id: str,  # noqa: A002
        field: str,
        value: str,
    ) -> Sequence[tuple[datetime | None, datetime | None]]:
        """The intervals (start, end) during which the field was `value`, in order.

        Start None: the field had the value when first seen, or since a change of the account's
        map. End None: it still has it.
        """
        ...

    def find_changed_fields(self, account: str) -> frozenset[str]:
        """Every "kind.field" with a Change."""
        ...

    def read_many_changes(
        self, account: str, kind: str, ids: Sequence[str], fields: Sequence[str]
    ) -> Mapping[str, Sequence[Change]]:
        """Id -> Changes of these fields, oldest first. Records without a Change are left out."""
        ...

    def find_children(
        self, account: str, query: Query, ref: str, parents: Sequence[str]
    ) -> Iterator[Found]:
        """The matches of the Query whose field `ref` holds one of the ids `parents`."""
        ...
