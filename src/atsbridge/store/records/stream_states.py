"""What is known of the streams: their state, the digests of their rows, the work queue.

Writing the records themselves is `records`'.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from atsbridge.ports import Stream, StreamState, StreamStatus, WholeRead, Work
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
    """The store's own row of a stream. `bit` is its place in the parts of a record."""

    number: int
    bit: int
    read: bool  # to its end, at least once
    owns: str
    creates: str


@dataclass(frozen=True, slots=True)
class Supplier:
    """What a stream supplies: columns by kind, and the kinds whose records it creates."""

    number: int
    bit: int
    columns: Mapping[str, Sequence[str]]
    creates: frozenset[str]


_KNOWN = (
    "SELECT number, bit, read_at, owns, creates FROM streams"
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
    " detail = :detail, fingerprints = :fingerprints, doubt = :doubt"
    " WHERE account = :account AND stream = :stream"
)
_WATCHED = (
    'SELECT DISTINCT "{ref}" FROM {table} r WHERE account = :account AND deleted_at IS NULL'
    ' AND "{ref}" IS NOT NULL AND "{at}" BETWEEN :until AND :ahead'
    ' AND ("{at}" >= :back OR "{field}" = :value)'
    " AND NOT EXISTS (SELECT 1 FROM asked a WHERE a.account = r.account AND a.stream = :stream"
    ' AND a.parent = r."{ref}" AND a.at > :asked)'
    " AND NOT EXISTS (SELECT 1 FROM work w WHERE w.account = r.account AND w.stream = :stream"
    ' AND w.parent = r."{ref}") ORDER BY "{ref}"'
)


def known(connection: Connection, account: str, stream: str) -> Known:
    """The stream's own row, made where it is not there yet. Inside a write."""
    which = {"account": account, "stream": stream}
    row = connection.execute(sql(_KNOWN), which).one_or_none()
    if row is None:
        connection.execute(sql(_ENTER), which)
        row = connection.execute(sql(_KNOWN), which).one()
    return Known(row.number, 1 << row.bit, row.read_at is not None, row.owns, row.creates)


def suppliers(connection: Connection, account: str) -> Sequence[Supplier]:
    """What every stream of an account supplies, in a stable order.

    A stream last written to before `creates` was kept creates what it supplies most columns of.
    """
    rows = connection.execute(
        sql("SELECT number, bit, owns, creates FROM streams WHERE account = :account ORDER BY bit"),
        {"account": account},
    ).all()
    most: dict[str, int] = {}
    columns = [load(row.owns) for row in rows]
    for supplied in columns:
        for kind, its in supplied.items():
            most[kind] = max(most.get(kind, 0), len(its))
    return [
        Supplier(
            row.number,
            1 << row.bit,
            its,
            frozenset(
                load(row.creates) if row.creates else (k for k in its if len(its[k]) == most[k])
            ),
        )
        for row, its in zip(rows, columns, strict=True)
    ]


def save(connection: Connection, account: str, state: StreamState) -> None:
    """Store the state of a stream. Inside a write."""
    known(connection, account, state.stream)
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
            "whole_reads": None if state.whole_read is None else state.whole_read.attempts,
        },
    )


def remember_owns(
    connection: Connection,
    known: Known,
    owns: Mapping[str, tuple[str, ...]],
    creates: Iterable[str],
) -> None:
    """Keep which columns the stream supplies, for `select` tells a missing part by them, and
    which kinds it creates."""
    said = dump({kind: list(columns) for kind, columns in owns.items()})
    made = dump(sorted(creates))
    if (said, made) != (known.owns, known.creates):
        connection.execute(
            sql("UPDATE streams SET owns = :owns, creates = :creates WHERE number = :number"),
            {"owns": said, "creates": made, "number": known.number},
        )


@dataclass(frozen=True)
class StreamStates:
    """How the streams of an account stand, and the queue of parents still to be read."""

    _database: Database

    def read_state(self, account: str, stream: str) -> StreamState:
        """How the stream stands; status `never` for one nobody has read."""
        for state in self._states(account, "AND stream = :stream", stream):
            return state
        return StreamState(stream=stream)

    def read_states(self, account: str) -> Mapping[str, StreamState]:
        """How every stream that was ever asked stands, by name."""
        return {state.stream: state for state in self._states(account)}

    def _states(self, account: str, which: str = "", stream: str = "") -> Sequence[StreamState]:
        with self._database.read() as connection:
            rows = connection.execute(
                sql(
                    "SELECT stream, status, bookmark, read_at, since, open, detail, fingerprints,"
                    " doubt, whole_read_at, whole_reads"
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
            )
            for row in rows
        ]

    def save_state(self, account: str, state: StreamState) -> None:
        """Store the state of a stream by itself; with a page, `PageWrite.state` does it."""
        with self._database.write() as connection:
            before = known(connection, account, state.stream)
            save(connection, account, state)
            if self._database.sqlite and not before.read:  # whether it was read now or failed
                deferred_indexes.build(connection, load(before.owns) if before.owns else ())

    def read_digests(self, account: str, stream: str, ids: Sequence[str]) -> Mapping[str, bytes]:
        """The stored digest of each raw row that has one."""
        with self._database.read() as connection:
            rows = connection.execute(
                sql(
                    "SELECT id, hash FROM digests WHERE stream = (SELECT number FROM streams"
                    " WHERE account = :account AND stream = :stream)"
                    f" AND {self._database.ids_in()}"
                ),
                {"account": account, "stream": stream, "ids": self._database.ids(ids)},
            )
            return {row[0]: row[1] for row in rows}

    def read_work(self, account: str, stream: str, limit: int) -> Sequence[Work]:
        """The oldest items of the work queue of a child stream, oldest first."""
        with self._database.read() as connection:
            rows = connection.execute(
                sql(
                    "SELECT parent FROM work WHERE account = :account AND stream = :stream"
                    " ORDER BY since, parent LIMIT :limit"
                ),
                {"account": account, "stream": stream, "limit": limit},
            )
            return [Work(stream, row.parent) for row in rows]

    def count_work(self, account: str) -> Mapping[str, int]:
        """How many parents wait, by child stream; streams with none are left out."""
        with self._database.read() as connection:
            rows = connection.execute(
                sql(
                    "SELECT stream, count(*) FROM work WHERE account = :account"
                    " GROUP BY stream ORDER BY stream"
                ),
                {"account": account},
            )
            return {row[0]: row[1] for row in rows}

    def find_child_reads(
        self, account: str, parents: Sequence[str]
    ) -> Mapping[tuple[str, str], datetime]:
        """When the children of these parents were last read: (child stream, parent) -> instant."""
        with self._database.read() as connection:
            rows = connection.execute(
                sql(
                    "SELECT stream, parent, at FROM asked WHERE account = :account"
                    f" AND {self._database.ids_in('parent')}"
                ),
                {"account": account, "ids": self._database.ids(parents)},
            )
            return {(row[0], row[1]): instant(row[2]) for row in rows}

    def find_watched(self, account: str, stream: Stream, now: datetime) -> Sequence[str]:
        """Parents that the stream's `watch` wants asked again now, in order of id.

        Those that wait in its work queue anyway are left out.
        """
        if stream.parent is None or stream.parent.watch is None:
            return ()
        watch = stream.parent.watch
        ref = watch.parent_ref or dict(stream.parent.complete)[watch.kind]
        field, value = watch.unfinished
        with self._database.read() as connection:
            rows = connection.execute(
                sql(
                    _WATCHED.format(
                        ref=ref, table=table_name(watch.kind), at=watch.field, field=field
                    )
                ),
                {
                    "account": account,
                    "stream": stream.name,
                    "until": ms(now - watch.unfinished_for),
                    "back": ms(now - watch.back),
                    "ahead": ms(now + watch.ahead),
                    "asked": ms(now - watch.every),
                    "value": value,
                },
            )
            return [row[0] for row in rows]

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
                        "SELECT id, brought FROM digests WHERE stream = (SELECT number FROM"
                        " streams WHERE account = :account AND stream = :stream)"
                        f" AND id > :last{only} ORDER BY id LIMIT 5000"
                    ),
                    {**which, "last": last},
                ).all()
                along = deleted_along(
                    self._database, connection, account, [(row[0], row[1]) for row in rows]
                )
            if not rows:
                return
            yield from (row[0] for row in rows if row[0] not in along)
            last = rows[-1][0]


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
