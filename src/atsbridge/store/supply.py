"""How an account's records are supplied: which streams share a kind, and which have some to read.

What that makes of a Query is `select`'s.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection

from atsbridge.store.codec import load
from atsbridge.store.database import sql
from atsbridge.store.waiting import Waiting, waiting


@dataclass(frozen=True, slots=True)
class Part:
    """A stream that supplies some columns of a kind. `main`: most of them; it makes the rows."""

    bit: int
    main: bool


@dataclass(frozen=True, slots=True)
class Supply:
    """How an account's records are supplied.

    `parts`: "kind.field" -> its part, for kinds that several streams supply. `waiting`: streams
    read per parent that have some to read.
    """

    parts: Mapping[str, Part] = field(default_factory=dict)
    waiting: Sequence[Waiting] = ()


def parts_of(connection: Connection, account: str) -> Supply:
    """How the records of the account are supplied now."""
    rows = connection.execute(
        sql("SELECT bit, owns FROM streams WHERE account = :account ORDER BY bit"),
        {"account": account},
    )
    owners: dict[str, list[tuple[int, list[str]]]] = {}
    for bit, owns in rows:
        for kind, columns in load(owns).items():
            owners.setdefault(kind, []).append((1 << bit, columns))
    found: dict[str, Part] = {}
    for kind, several in owners.items():
        most = max(len(columns) for _, columns in several)
        if len(several) > 1:
            found |= {
                f"{kind}.{column}": Part(bit, len(columns) == most)
                for bit, columns in several
                for column in columns
            }
    return Supply(found, waiting(connection, account))
