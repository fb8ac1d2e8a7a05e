"""Which streams supply the records of an account, and which of them have queued parents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from sqlalchemy import Connection

from atsbridge.store.database import read_once
from atsbridge.store.records.stream_states import StoredSupplier, list_suppliers, read_suppliers
from atsbridge.store.select import PendingStream, waiting


@dataclass(frozen=True, slots=True)
class ColumnSupplier:
    """A stream that supplies columns of a kind. `main`: it creates the records."""

    bit: int
    main: bool


@dataclass(frozen=True, slots=True, eq=False)
class Supply:
    """How an account's records are supplied. `read_supply` makes equal ones once.

    `parts`: "kind.field" -> its part, for kinds that several streams supply. Fields of which a
    stream shows every value are left out: a record without one has none. `waiting`: streams read
    per parent that have some to read.
    """

    parts: Mapping[str, ColumnSupplier] = field(default_factory=dict)
    waiting: Sequence[PendingStream] = ()


def read_supply(connection: Connection, account: str) -> Supply:
    """Which streams supply the records of the account now; read once in a `view`."""
    return read_once(connection, ("supply", account), lambda: _read(connection, account))


def _read(connection: Connection, account: str) -> Supply:
    stored = (one._replace(number=0) for one in read_suppliers(connection, account))
    return _supply(tuple(stored), waiting(connection, account))


@lru_cache(maxsize=256)
def _supply(stored: tuple[StoredSupplier, ...], queued: tuple[PendingStream, ...]) -> Supply:
    """`stored`: without numbers, so that accounts of one connector share what is made of it."""
    owners: dict[str, list[tuple[ColumnSupplier, Sequence[str]]]] = {}
    supplied = list_suppliers(stored)
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
    return _shared(frozenset(found.items()), queued)


@lru_cache(maxsize=256)
def _shared(
    parts: frozenset[tuple[str, ColumnSupplier]], queued: tuple[PendingStream, ...]
) -> Supply:
    """One Supply for all lists that supply the same: statements are kept by it."""
    return Supply(dict(parts), queued)
