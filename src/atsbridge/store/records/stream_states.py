"""The state of each stream, and the digests of its rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection

from atsbridge.ports import PageWrite, StreamState, StreamStatus, WholeRead
from atsbridge.store.database import (
    Database,
    deferred_indexes,
    dump,
    instant,
    instant_or_none,
    load,
    ms,
    ms_or_none,
    sql,
    table_name,
)
from atsbridge.store.records import doubt_evidence
from atsbridge.store.records.row_origins import deleted_along


@dataclass(frozen=True, slots=True)
class Known:
    """The row of a stream. `bit`: its bit in the `parts` of records."""

    number: int
    bit: int
    read: bool  # it was read to its end at least once
    owns: str
    creates: str
    facts: str


class StoredSupplier(NamedTuple):
    """What the row of a stream says of what it supplies. See Supplier."""

    number: int
    bit: int
    owns: str
    creates: str | None
    facts: str | None


@dataclass(frozen=True, slots=True)
class Supplier:
    """What a stream supplies: kind -> columns, and the kinds that it creates.

    `facts`: the "kind.field"s of which it shows every value (`Stream.absent_is_fact`).
    """

    number: int
    bit: int
    columns: Mapping[str, Sequence[str]]
    creates: frozenset[str]
    facts: frozenset[str] = frozenset()


_PIECE = 5_000  # ids that are read at once
_NUMBER = "(SELECT number FROM streams WHERE account = :account AND stream = :stream)"
# A join: SQLite copies the ids of `IN (SELECT …)` into an index first, which takes half as long
# again.
_DIGESTS_BY_JSON = (
    "SELECT d.id, d.hash FROM json_each(:ids) asked CROSS JOIN digests d"
    f" ON d.stream = {_NUMBER} AND d.id = asked.value"
)
_DIGESTS_BY_ARRAY = f"SELECT id, hash FROM digests WHERE stream = {_NUMBER} AND id = ANY(:ids)"
_KNOWN = (
    "SELECT number, bit, read_at, owns, creates, facts FROM streams"
    " WHERE account = :account AND stream = :stream"
)
_ENTER = (
    "INSERT INTO streams (account, stream, bit, status, detail, fingerprints, owns)"
    " SELECT :account, :stream, count(*), 'never', '', '{}', '{}'"
    " FROM streams WHERE account = :account"
)
_SAVE = (
    "UPDATE streams SET status = :status, bookmark = :bookmark, read_at = :read_at, since = :since,"
    " open = :open, whole_read_at = :whole_read_at, whole_reads = :whole_reads,"
    " detail = :detail, fingerprints = :fingerprints, doubt = :doubt, token = :token,"
    " whole_at = :whole_at"
    " WHERE account = :account AND stream = :stream"
)


def known(connection: Connection, account: str, stream: str) -> Known:
    """The row of the stream, inserted if there is none. Inside a write."""
    which = {"account": account, "stream": stream}
    row = connection.execute(sql(_KNOWN), which).one_or_none()
    if row is None:
        connection.execute(sql(_ENTER), which)
        row = connection.execute(sql(_KNOWN), which).one()
    read, facts = row.read_at is not None, row.facts or "[]"
    return Known(row.number, 1 << row.bit, read, row.owns, row.creates, facts)


def suppliers(connection: Connection, account: str) -> Sequence[Supplier]:
    """What every stream of an account supplies, in order of `bit`."""
    return list_suppliers(read_suppliers(connection, account))


def read_suppliers(connection: Connection, account: str) -> tuple[StoredSupplier, ...]:
    """What is stored of every stream of an account, in order of `bit`."""
    rows = connection.execute(
        sql(
            "SELECT number, bit, owns, creates, facts FROM streams WHERE account = :account"
            " ORDER BY bit"
        ),
        {"account": account},
    )
    return tuple(map(StoredSupplier._make, rows))


def list_suppliers(stored: Sequence[StoredSupplier]) -> Sequence[Supplier]:
    """What these streams supply.

    A stream that was last written before `creates` was stored creates the kinds of which it
    supplies the most columns.
    """
    most: dict[str, int] = {}
    columns = [load(one.owns) for one in stored]
    for supplied in columns:
        for kind, its in supplied.items():
            most[kind] = max(most.get(kind, 0), len(its))
    return [
        Supplier(
            one.number,
            1 << one.bit,
            its,
            frozenset(
                load(one.creates) if one.creates else (k for k in its if len(its[k]) == most[k])
            ),
            frozenset(load(one.facts) if one.facts else ()),
        )
        for one, its in zip(stored, columns, strict=True)
    ]


def save(connection: Connection, account: str, state: StreamState) -> None:
    """Store the state of a stream whose row is `known`. Inside a write."""
    connection.execute(
        sql(_SAVE),
        {
            "account": account,
            "stream": state.stream,
            "status": state.status.value,
            "bookmark": ms_or_none(state.bookmark),
            "read_at": ms_or_none(state.read_at),
            "since": ms_or_none(state.since),
            "open": state.open,
            "detail": state.detail,
            "fingerprints": dump(dict(state.fingerprints)),
            "doubt": doubt_evidence.dumped(state),
            "whole_read_at": None if state.whole_read is None else ms(state.whole_read.at),
            "token": state.token or None,
            "whole_at": ms_or_none(state.whole_at),
            "whole_reads": None if state.whole_read is None else state.whole_read.attempts,
        },
    )


def remember_owns(connection: Connection, known: Known, page: PageWrite) -> None:
    """Store which columns the stream supplies, and which kinds it creates.

    Queries use them to tell a missing part of a record from an absent value.
    """
    supplied = dump({kind: list(columns) for kind, columns in page.owns.items()})
    made, facts = dump(sorted(page.created)), dump(sorted(page.facts))
    if (supplied, made, facts) != (known.owns, known.creates, known.facts):
        connection.execute(
            sql(
                "UPDATE streams SET owns = :owns, creates = :creates, facts = :facts"
                " WHERE number = :number"
            ),
            {"owns": supplied, "creates": made, "facts": facts, "number": known.number},
        )


@dataclass(frozen=True)
class StreamStates:
    """Reads and writes the states of streams."""

    _database: Database

    def read_state(self, account: str, stream: str) -> StreamState:
        """The state of a stream; status `never` if it was never read."""
        for state in self._states(account, "AND stream = :stream", stream):
            return state
        return StreamState(stream=stream)

    def read_states(self, account: str) -> Mapping[str, StreamState]:
        """Stream name -> state, for every stream that was ever read."""
        return {state.stream: state for state in self._states(account)}

    def _states(self, account: str, which: str = "", stream: str = "") -> Sequence[StreamState]:
        with self._database.read() as connection:
            rows = connection.execute(
                sql(
                    "SELECT stream, status, bookmark, read_at, since, open, detail, fingerprints,"
                    " doubt, whole_read_at, whole_reads, token, whole_at"
                    f" FROM streams WHERE account = :account {which} ORDER BY stream"
                ),
                {"account": account, **({"stream": stream} if which else {})},
            ).all()
        return [
            StreamState(
                stream=row.stream,
                status=StreamStatus(row.status),
                bookmark=instant_or_none(row.bookmark),
                read_at=instant_or_none(row.read_at),
                detail=row.detail,
                fingerprints=load(row.fingerprints),
                since=instant_or_none(row.since),
                open=row.open or 0,
                returned=row.doubt == doubt_evidence.NONE,
                doubt=doubt_evidence.loaded(row.doubt),
                whole_read=None
                if row.whole_read_at is None
                else WholeRead(instant(row.whole_read_at), row.whole_reads),
                token=row.token or "",
                whole_at=instant_or_none(row.whole_at),
            )
            for row in rows
        ]

    def save_state(self, account: str, state: StreamState) -> None:
        """Store the state of a stream without a page (with one: `PageWrite.state`)."""
        with self._database.write() as connection:
            before = known(connection, account, state.stream)
            save(connection, account, state)
            if self._database.sqlite and not before.read:  # read or failed
                deferred_indexes.build(connection, load(before.owns) if before.owns else ())

    def read_digests(self, account: str, stream: str, ids: Sequence[str]) -> Mapping[str, bytes]:
        """The stored digest of each raw row that has one."""
        if not ids:
            return {}
        statement = _DIGESTS_BY_JSON if self._database.sqlite else _DIGESTS_BY_ARRAY
        with self._database.read() as connection:
            rows = connection.execute(
                sql(statement),
                {"account": account, "stream": stream, "ids": self._database.ids(ids)},
            ).all()
        return {row[0]: row[1] for row in rows}

    def read_live_ids(
        self,
        account: str,
        stream: str,
        *,
        kind: str = "",
        since: datetime | None = None,
        where: tuple[str, Sequence[str]] = ("", ()),
    ) -> Iterator[str]:
        """Raw ids of a stream whose records are not deleted, in order of id, read in pieces.

        Rows whose records were all deleted with an application are left out too.
        """
        only, given = _narrowed(kind, since, where)
        which = {"account": account, "stream": stream, **given}
        last = ""
        while True:
            with self._database.read() as connection:
                rows = connection.execute(
                    sql(
                        f"SELECT id, brought FROM digests WHERE stream = {_NUMBER}"
                        f" AND id > :last{only} ORDER BY id LIMIT {_PIECE}"
                    ),
                    {**which, "last": last},
                ).all()
                along = deleted_along(
                    self._database, connection, account, [(row[0], row[1]) for row in rows]
                )
            ids = [row[0] for row in rows]
            yield from [one for one in ids if one not in along] if along else ids
            if len(rows) < _PIECE:
                return
            last = ids[-1]


def _narrowed(
    kind: str, since: datetime | None, where: tuple[str, Sequence[str]]
) -> tuple[str, Mapping[str, object]]:
    """A SQL condition on the digests of a stream, and its parameters."""
    only, given = "", dict[str, object]()
    if since is not None:
        only += " AND r.updated_at >= :since"
        given["since"] = ms(since)
    column, values = where
    if column:
        named = {f"value{number}": value for number, value in enumerate(values)}
        only += f' AND r."{column}" IN ({", ".join(f":{name}" for name in named)})'
        given |= named
    if only:
        only = (
            f" AND EXISTS (SELECT 1 FROM {table_name(kind)} r WHERE r.account = :account"
            f" AND r.id = digests.id{only} AND r.deleted_at IS NULL)"
        )
    return only, given
