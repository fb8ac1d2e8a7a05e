"""Write one page in one transaction: records, Changes, digests, work queue and dirty marks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import repeat
from typing import Any

from sqlalchemy import Connection

from atsbridge.errors import PluginError
from atsbridge.model import Origin
from atsbridge.ports import PageCounts, PageWrite, RowWrite
from atsbridge.store.database import Database, deferred_indexes, dump, log, ms
from atsbridge.store.privacy import read_forgotten
from atsbridge.store.records import stream_states
from atsbridge.store.records.deletion_marker import DeletionMarker
from atsbridge.store.records.own_writes import keep_own_activity
from atsbridge.store.records.row_origins import RowRecord, read_former_records
from atsbridge.store.records.write_plans import HEAD, Plan, Row, plan
from atsbridge.store.select import mark_all, mark_dirty

_CHANGE = (
    "INSERT INTO changes (account, kind, id, field, old, new, observed_at, origin)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
)
_DIGEST = (
    "INSERT INTO digests (stream, id, hash, brought) VALUES (?, ?, ?, ?)"
    " ON CONFLICT (stream, id) DO UPDATE SET hash = excluded.hash, brought = excluded.brought"
)
_WANTED = (
    "INSERT INTO work (account, stream, parent, since, kind) VALUES (?, ?, ?, ?, ?)"
    " ON CONFLICT (account, stream, parent) DO NOTHING"
)
_DONE = "DELETE FROM work WHERE account = ? AND stream = ? AND parent = ?"
_ASKED = (
    "INSERT INTO asked (account, stream, parent, at) VALUES (?, ?, ?, ?)"
    " ON CONFLICT (account, stream, parent) DO UPDATE SET at = excluded.at"
)


@dataclass(slots=True)
class _Tally:
    """What a page has changed so far. `marked`: (kind, id) of the records that are dirty."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    deleted: int = 0
    marked: list[tuple[str, str]] = field(default_factory=list)


class _Page:
    """The write of one page, inside a transaction."""

    def __init__(self, database: Database, connection: Connection, page: PageWrite) -> None:
        self.database = database
        self.connection = connection
        self.page = page
        self.at = ms(page.at)
        self.stream = stream_states.known(connection, page.account, page.stream)
        self.tally = _Tally()
        self.dropped: Mapping[str, Sequence[RowRecord]] = {}  # raw id -> its records before
        self.back: list[str] = []  # applications that are restored

    def run(self) -> PageCounts:
        page, tally = self.page, self.tally
        stream_states.remember_owns(self.connection, self.stream, page)
        first_load = self.database.sqlite and not self.stream.read
        if first_load:
            deferred_indexes.put_off(self.connection, page.owns)
        gathered = self._gathered()
        again: list[tuple[str, str]] = []
        known = read_forgotten(self.connection, page.account) if gathered else None
        if known is not None:
            gathered, again = known.blank_forgotten(gathered, self.at)
        for kind, rows in sorted(gathered.items()):
            creates = kind in page.created
            self._store(plan(kind, tuple(page.owns[kind]), self.database.sqlite, creates), rows)
        if known is not None:
            known.mark_deleted(self.database, again, self.at)
        if self.back:
            self._restore()
        self._digests()
        self._work()
        self._delete_missing()
        if tally.new and not self.stream.read:
            mark_all(self.connection, page.account)
        elif tally.marked:
            mark_dirty(self.database, self.connection, page.account, tally.marked)
        if page.state is not None:
            stream_states.save(self.connection, page.account, page.state)
            if first_load:
                deferred_indexes.build(self.connection, page.owns)
        return PageCounts(tally.new, tally.changed, tally.unchanged, tally.deleted)

    def _many(self, statement: str, rows: list[Row]) -> int:
        if not rows:
            return 0
        done = self.connection.exec_driver_sql(self.database.driver(statement), rows)
        return done.rowcount

    def _gathered(self) -> dict[str, dict[str, Mapping[str, Any]]]:
        """kind -> id -> values. If two rows supply a record, the later one counts."""
        kinds: dict[str, dict[str, Mapping[str, Any]]] = {kind: {} for kind in self.page.owns}
        for row in self.page.rows:
            for kind, record, values in row.fragments:
                try:
                    kinds[kind][record] = values
                except KeyError:
                    raise PluginError(
                        f"The stream gave a {kind!r}, which it does not own",
                        where=f"{self.page.account}/{self.page.stream}",
                    ) from None
        return {kind: rows for kind, rows in kinds.items() if rows}

    def _store(self, how: Plan, values: Mapping[str, Mapping[str, Any]]) -> None:
        """Write one kind's fragments. In a first read all are inserted first, as most are new."""
        ids = sorted(values)
        columns = self._encoded(how, [values[record] for record in ids])
        if not self.stream.read:
            new = self._insert(how, ids, columns)
            self.tally.new += new if how.creates else 0
            if new == len(ids):
                return
            before = how.find(self.connection, self.database, self.page.account, ids)
            self._compare(how, dict(zip(ids, zip(*columns, strict=True), strict=True)), before)
            self.tally.unchanged -= new if how.creates else 0
            return
        before = how.find(self.connection, self.database, self.page.account, ids)
        rows = dict(zip(ids, zip(*columns, strict=True), strict=True))
        fresh = {record: row for record, row in rows.items() if record not in before}
        new = self._insert(how, [*fresh], [*zip(*fresh.values(), strict=True)])
        if how.creates:
            self.tally.new += new
            self.tally.marked.extend((how.kind, record) for record in fresh)
        self._compare(how, {r: row for r, row in rows.items() if r in before}, before)

    def _encoded(self, how: Plan, values: Sequence[Mapping[str, Any]]) -> Sequence[Iterable[Any]]:
        try:
            return how.encode(values)
        except KeyError as error:
            raise PluginError(
                f"The stream gave a {how.kind!r} without {error.args[0]!r}, which it owns",
                where=f"{self.page.account}/{self.page.stream}",
            ) from None

    def _insert(self, how: Plan, ids: Sequence[str], columns: Sequence[Iterable[Any]]) -> int:
        """Insert the rows of these columns that are not there yet; returns how many."""
        head = (repeat(self.page.account), ids, repeat(self.stream.bit), repeat(self.at))
        return self._many(how.insert, list(zip(*head, *columns, strict=False)))

    def _compare(self, how: Plan, rows: dict[str, Row], before: Mapping[str, Row]) -> None:
        """Write the rows that differ, and a Change for each field that was supplied before."""
        if how.kind == "application":
            keep_own_activity(self.database, self.connection, self.page.account, how, rows, before)
        bit = self.stream.bit
        updates: list[Row] = []
        changes: list[Row] = []
        now = (self.at,) if how.creates else ()
        for record, row in rows.items():
            _, parts, deleted_at, seen_at = before[record][: len(HEAD)]
            old = before[record][len(HEAD) :]
            kept_aside = deleted_at is not None and not how.creates
            if old == row and parts & bit and (deleted_at is None or kept_aside):
                self.tally.unchanged += not kept_aside
                continue
            updates.append((*now, bit, *row, self.page.account, record))
            if parts & bit and old != row:
                changes.extend(self._changes(how, record, old, row))
            if kept_aside:
                continue
            self.tally.new += seen_at is None
            self.tally.changed += seen_at is not None
            self.tally.marked.append((how.kind, record))
            if how.kind == "application" and deleted_at is not None:
                self.back.append(record)
        self._many(how.update, updates)
        self._many(_CHANGE, changes)

    def _changes(self, how: Plan, record: str, old: Row, new: Row) -> Iterator[Row]:
        page = self.page
        for one, before, after in zip(how.fields, old, new, strict=True):
            if before != after:
                origin = Origin.MAPPING if one.path in page.remapped else page.origin
                yield (
                    page.account,
                    how.kind,
                    record,
                    one.name,
                    log(one, before),
                    log(one, after),
                    self.at,
                    origin.value,
                )

    def _digests(self) -> None:
        number = self.stream.number
        rows: list[Row] = [(number, row.id, row.digest, _brought(row)) for row in self.page.rows]
        rows.sort()
        ids = [row[1] for row in rows]  # a first read that broke off has stored some of them
        self.dropped = read_former_records(self.database, self.connection, number, ids)
        self._many(_DIGEST, rows)

    def _work(self) -> None:
        account = self.page.account
        self._many(_DONE, [(account, work.stream, work.parent) for work in self.page.done])
        self._many(
            _WANTED,
            [(account, work.stream, work.parent, self.at, work.kind) for work in self.page.wanted],
        )
        self._many(
            _ASKED, [(account, work.stream, work.parent, self.at) for work in self.page.asked]
        )

    def _restore(self) -> None:
        """Restore what was deleted with applications that are shown again."""
        marker = DeletionMarker(
            self.database, self.connection, self.page.account, self.stream, self.at
        )
        restored = marker.back(self.back)
        self.tally.changed += len(restored)
        self.tally.marked.extend(restored)

    def _may_drop(self) -> bool:
        """Whether a row supplied a record with another id than its own."""
        before = self.dropped.items()
        return any(record != raw for raw, records in before for _, record in records)

    def _delete_missing(self) -> None:
        """Mark deleted the children that a complete page lacks, and records that rows no longer
        supply.
        """
        page = self.page
        if not page.complete and not self._may_drop():
            return
        here = {(kind, record) for row in page.rows for kind, record, _ in row.fragments}
        if page.complete and page.seen:  # rows that did not change still supply their records
            number = self.stream.number
            same = read_former_records(self.database, self.connection, number, page.seen)
            here.update(one for records in same.values() for one in records)
        marker = DeletionMarker(self.database, self.connection, page.account, self.stream, self.at)
        deleted = marker.dropped(self.dropped, here)
        deleted += marker.children(page.complete, here)
        self.tally.deleted += len(deleted)
        self.tally.marked.extend(deleted)


def _brought(row: RowWrite) -> str:
    """The records that a raw row brings, as stored with its digest."""
    fragments = row.fragments
    if len(fragments) == 1 and fragments[0].id == row.id:
        return fragments[0].kind
    return dump([(kind, record) for kind, record, _ in fragments])


@dataclass(frozen=True)
class PageWriter:
    """Writes pages and deletions."""

    _database: Database

    def write_page(self, page: PageWrite) -> PageCounts:
        """Store what one page changes, in one transaction.

        Returns counts of records. A new record writes no Change, nor does a part of a record that
        no stream has supplied before.
        """
        with self._database.write() as connection:
            return _Page(self._database, connection, page).run()

    def delete_rows(self, account: str, stream: str, ids: Sequence[str], at: datetime) -> int:
        """Mark the records of these raw rows deleted and clear the digests. Returns how many.

        Only records of a kind that the stream creates, and that no other stream which creates it
        still shows. What the record belongs to (its candidate, its requisition) stays.
        """
        with self._database.write() as connection:
            known = stream_states.known(connection, account, stream)
            deleted = DeletionMarker(self._database, connection, account, known, ms(at)).rows(ids)
            mark_dirty(self._database, connection, account, deleted)
            return len(deleted)
