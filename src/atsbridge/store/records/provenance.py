"""Which streams supply the records of an account, and which of them have queued parents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection

from atsbridge.store.records.stream_states import suppliers
from atsbridge.store.select import PendingStream, waiting


@dataclass(frozen=True, slots=True)
class ColumnSupplier:
    """A stream that supplies columns of a kind. `main`: it creates the records."""

    bit: int
    main: bool


@dataclass(frozen=True, slots=True)
class Supply:
    """How an account's records are supplied.

    `parts`: "kind.field" -> its part, for kinds that several streams supply. Fields of which a
    stream shows every value are left out: a record without one has none. `waiting`: streams read
    per parent that have some to read.
    """

    parts: Mapping[str, ColumnSupplier] = field(default_factory=dict)
    waiting: Sequence[PendingStream] = ()


def parts_of(connection: Connection, account: str) -> Supply:
    """Which streams supply the records of the account now."""
    owners: dict[str, list[tuple[ColumnSupplier, Sequence[str]]]] = {}
    supplied = suppliers(connection, account)
    facts = frozenset().union(*(one.facts for one in supplied))
    for one in supplied:
        for kind, columns in one.columns.items():
            part = ColumnSupplier(one.bit, kind in one.creates)
            owners.setdefault(kind, []).append((part, columns))
    found = {
        f"{kind}.{column}": part
        for kind, several in owners.items()
        if len(several) > 1
        for part, columns in several
        for column in columns
        if f"{kind}.{column}" not in facts
    }
    return Supply(found, waiting(connection, account))
