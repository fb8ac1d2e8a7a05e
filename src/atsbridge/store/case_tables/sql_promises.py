"""Promises: how each run of a clock ended, and the figures counted from them in SQL."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from atsbridge.model import Key, Promise, PromiseOutcome
from atsbridge.ports import Dimension, FigureRow
from atsbridge.store.case_tables.promise_tally import CODES, PromiseTally
from atsbridge.store.database import Database, instant, instant_or_none, ms, ms_or_none, sql

_NAMES = (
    *("account", "rule", "kind", "id", "started_at", "side", "outcome", "due_at", "ended_at"),
    *("counted_at", "worked", "paused", "holidays", "owed_by", "requisition", "stage"),
    *("recruiter", "manager", "why"),
)
_COLUMNS = ", ".join(_NAMES)
_PUT = (
    f"INSERT INTO promises ({_COLUMNS}) VALUES ({', '.join(f':{name}' for name in _NAMES)})"
    " ON CONFLICT (account, rule, kind, id, started_at) DO UPDATE SET "
    + ", ".join(f"{name} = excluded.{name}" for name in _NAMES[5:])
)
_SAME = "account = :account AND rule = :rule AND kind = :kind AND id = :id"
_DROP_OPEN = f"DELETE FROM promises WHERE {_SAME} AND ended_at IS NULL"
_DROP_OTHERS = f"DELETE FROM promises WHERE {_SAME} AND started_at <> :started_at"
_DROP_OVERLAPS = (
    f"{_DROP_OTHERS} AND (ended_at IS NULL OR ended_at > :started_at)"
    " AND (CAST(:ended_at AS BIGINT) IS NULL OR started_at < :ended_at)"
)
_WEEK = timedelta(weeks=1) // timedelta(milliseconds=1)
_MS = timedelta(milliseconds=1)
_CHUNK = 5000
# The plus keeps SQLite from the index by time: nearly all rows are read, in the order of the table.
_COUNTED = f"""\
SELECT {CODES}{{dimensions}}, worked
 FROM promises WHERE account = :account AND +counted_at >= :start AND +counted_at < :end{{only}}"""
_STAGE_NAMES = "SELECT id, name FROM stages WHERE account = :account AND {among}"


@dataclass(frozen=True, slots=True)
class SqlPromises:
    """Promises and their figures. See `ports.PromiseStore`."""

    _database: Database

    def save_promises(
        self,
        account: str,
        promises: Sequence[Promise],
        dropped: Sequence[tuple[str, Key]] = (),
        *,
        single: frozenset[str] = frozenset(),
    ) -> None:
        """Store promises in one transaction; see the port for what is replaced."""
        if not promises and not dropped:
            return
        rows = [_row(account, one) for one in promises]
        with self._database.write() as connection:
            if dropped:
                connection.execute(
                    sql(_DROP_OPEN),
                    [
                        {"account": account, "rule": rule, "kind": key.kind, "id": key.id}
                        for rule, key in dropped
                    ],
                )
            for statement, chosen in (
                (_DROP_OTHERS, [row for row in rows if row["rule"] in single]),
                (_DROP_OVERLAPS, [row for row in rows if row["rule"] not in single]),
                (_PUT, rows),
            ):
                if chosen:
                    used = [
                        {n: v for n, v in row.items() if f":{n}" in statement} for row in chosen
                    ]
                    connection.execute(sql(statement), used)

    def read_open_promises(
        self, account: str, kind: str, ids: Sequence[str] | None = None
    ) -> Sequence[Promise]:
        """The promises that have not ended; of these subjects, if ids are given."""
        where = "account = :account AND kind = :kind AND ended_at IS NULL"
        return [
            _promise(row) for row in self._select(where, {"account": account, "kind": kind}, ids)
        ]

    def read_ends(self, account: str, rule: str, ids: Sequence[str]) -> Mapping[str, datetime]:
        """Subject id -> when its latest promise of the rule ended, if its outcome is known."""
        where = (
            "account = :account AND rule = :rule AND ended_at IS NOT NULL AND outcome <> 'unknown'"
        )
        found: dict[str, datetime] = {}
        for row in self._select(where, {"account": account, "rule": rule}, ids):
            ended = instant(row.ended_at)
            found[row.id] = max(ended, found.get(row.id, ended))
        return found

    def find_unknown_promises(self, account: str, rule: str, limit: int) -> Sequence[str]:
        """Ids of subjects with a promise that ended and whose outcome is unknown; latest first."""
        statement = (
            "SELECT id FROM promises WHERE account = :account AND rule = :rule"
            " AND outcome = 'unknown' AND ended_at IS NOT NULL"
            " ORDER BY counted_at DESC, id LIMIT :limit"
        )
        which = {"account": account, "rule": rule, "limit": limit}
        with self._database.read() as connection:
            return [row[0] for row in connection.execute(sql(statement), which)]

    def count_promises(
        self,
        account: str,
        window: tuple[datetime, datetime],
        groupings: Sequence[Sequence[Dimension]],
        only: Mapping[Dimension, Sequence[str]] | None = None,
        without: Sequence[str] = (),
    ) -> Sequence[Sequence[FigureRow]]:
        """Count promises that were decided in [start, end), by each grouping in turn."""
        read = sorted({one for by in groupings for one in by})
        tallies = [PromiseTally(read, by) for by in groupings]
        narrowed, which = self._narrow(only or {}, without)
        statement = _COUNTED.format(
            dimensions="".join(f", {_selected(one)}" for one in read), only=narrowed
        )
        which |= {"account": account, "start": ms(window[0]), "end": ms(window[1])}
        which |= {"week": _WEEK} if Dimension.WEEK in read else {}
        with self._database.read() as connection:
            options = {"stream_results": True, "yield_per": _CHUNK}
            found = connection.execute(sql(statement), which, execution_options=options)
            for rows in found.partitions(_CHUNK):
                answered = [row for row in rows if row[1]]
                for tally in tallies:
                    tally.add(rows, answered)
            stages = frozenset[str]().union(*(tally.stages for tally in tallies))
            names = self._stage_names(connection, account, stages)
        return [tally.figures(names) for tally in tallies]

    def _stage_names(
        self, connection: Connection, account: str, stages: frozenset[str]
    ) -> Mapping[str, str | None]:
        if not stages:
            return {}
        statement = sql(_STAGE_NAMES.format(among=self._database.ids_in()))
        which = {"account": account, "ids": self._database.ids(stages)}
        return {row[0]: row[1] for row in connection.execute(statement, which)}

    def _narrow(
        self, only: Mapping[Dimension, Sequence[str]], without: Sequence[str]
    ) -> tuple[str, dict[str, Any]]:
        """Further conditions, and their parameters."""
        which: dict[str, Any] = {}
        narrowed = ""
        for dimension, values in only.items():
            # A parameter for each value: `ids_in` has one name for all of them.
            numbered = [f"{dimension.value}_{number}" for number in range(len(values))]
            which.update(zip(numbered, values, strict=True))
            among = ", ".join(f":{name}" for name in numbered) or "NULL"
            narrowed += f" AND {dimension.value} IN ({among})"
        if without:
            which["ids"] = self._database.ids(without)
            among = self._database.ids_in("requisition")
            narrowed += f" AND (requisition IS NULL OR NOT ({among}))"
        return narrowed, which

    def _select(
        self, where: str, which: Mapping[str, object], ids: Sequence[str] | None
    ) -> Iterator[Any]:
        among = "" if ids is None else f" AND {self._database.ids_in()}"
        statement = f"SELECT {_COLUMNS} FROM promises WHERE {where}{among} ORDER BY id, started_at"
        pieces: list[Sequence[str] | None] = [None]
        if ids is not None:
            ordered = sorted(set(ids))
            pieces = [ordered[at : at + _CHUNK] for at in range(0, len(ordered), _CHUNK)]
        with self._database.read() as connection:
            for piece in pieces:
                more = {} if piece is None else {"ids": self._database.ids(piece)}
                yield from connection.execute(sql(statement), {**which, **more})


def _selected(dimension: Dimension) -> str:
    if dimension is Dimension.WEEK:
        return "(counted_at - :start) / :week AS week"
    return dimension.value


def _span(stored: Any) -> timedelta | None:
    return None if stored is None else int(stored) * _MS


def _row(account: str, one: Promise) -> dict[str, Any]:
    return {
        "account": account,
        "rule": one.rule,
        "kind": one.subject.kind,
        "id": one.subject.id,
        "started_at": ms(one.started_at),
        "side": one.side,
        "outcome": one.outcome.value,
        "due_at": ms_or_none(one.due_at),
        "ended_at": ms_or_none(one.ended_at),
        "counted_at": ms_or_none(one.counted_at),
        "worked": None if one.worked is None else one.worked // _MS,
        "paused": one.paused // _MS,
        "holidays": one.holidays // _MS,
        "owed_by": one.owed_by,
        "requisition": one.requisition,
        "stage": one.stage,
        "recruiter": one.recruiter,
        "manager": one.manager,
        "why": one.why,
    }


def _promise(row: Any) -> Promise:
    return Promise(
        rule=row.rule,
        side=row.side,
        subject=Key(row.account, row.kind, row.id),
        started_at=instant(row.started_at),
        outcome=PromiseOutcome(row.outcome),
        due_at=instant_or_none(row.due_at),
        ended_at=instant_or_none(row.ended_at),
        counted_at=instant_or_none(row.counted_at),
        worked=_span(row.worked),
        paused=row.paused * _MS,
        holidays=row.holidays * _MS,
        owed_by=row.owed_by,
        requisition=row.requisition,
        stage=row.stage,
        recruiter=row.recruiter,
        manager=row.manager,
        why=row.why,
    )
