"""The queue of parents whose children must be read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from atsbridge.errors import require
from atsbridge.model import has_turn
from atsbridge.ports import ChildWatch, Stream, Work
from atsbridge.store.database import Database, instant, ms, sql, table_name

_WATCHED = (
    'SELECT DISTINCT "{ref}" FROM {table} r WHERE account = :account AND deleted_at IS NULL'
    ' AND "{ref}" IS NOT NULL AND "{at}" BETWEEN :until AND :ahead'
    ' AND ("{at}" >= :back OR "{field}" = :value)'
    " AND NOT EXISTS (SELECT 1 FROM asked a WHERE a.account = r.account AND a.stream = :stream"
    ' AND a.parent = r."{ref}" AND a.at > :asked)'
    " AND NOT EXISTS (SELECT 1 FROM work w WHERE w.account = r.account AND w.stream = :stream"
    ' AND w.parent = r."{ref}") ORDER BY "{ref}"'
)

_ASKED = (
    "SELECT a.parent, a.at FROM asked a WHERE a.account = :account AND a.stream = :stream"
    " AND EXISTS (SELECT 1 FROM digests d WHERE d.id = a.parent AND d.stream ="
    " (SELECT number FROM streams WHERE account = :account AND stream = :above))"
    " AND NOT EXISTS (SELECT 1 FROM work w WHERE w.account = a.account AND w.stream = :stream"
    " AND w.parent = a.parent) ORDER BY a.parent"
)


@dataclass(frozen=True)
class WorkQueue:
    """Reads the work queue. Pages add to it and take from it (`PageWriter`)."""

    _database: Database

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
        """Parents whose children the stream's `watch` or `every` wants read again now, by id.

        Parents that are queued already are left out.
        """
        if stream.parent is None:
            return ()
        overdue = self._find_overdue(account, stream, now)
        if stream.parent.watch is None:
            return overdue
        return sorted({*overdue, *self._find_near(account, stream, stream.parent.watch, now)})

    def _find_overdue(self, account: str, stream: Stream, now: datetime) -> Sequence[str]:
        """Live parents whose turn has come since they were last asked for (`Parent.every`)."""
        parent = stream.parent
        if parent is None or parent.every is None:
            return ()
        given = {"account": account, "stream": stream.name, "above": parent.stream}
        with self._database.read() as connection:
            asked = connection.execute(sql(_ASKED), given).all()
        return [one for one, at in asked if has_turn(one, instant(at), now, parent.every)]

    def _find_near(
        self, account: str, stream: Stream, watch: ChildWatch, now: datetime
    ) -> Sequence[str]:
        """Parents of children whose instant is near (`ChildWatch`)."""
        parent = require(stream.parent, f"the parent of {stream.name}")
        ref = watch.parent_ref or dict(parent.complete)[watch.kind]
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
