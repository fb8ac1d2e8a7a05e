"""Promises: how each run of a clock ended, and the figures counted from them in SQL."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from atsbridge.model import Key, Promise, PromiseOutcome
from atsbridge.ports import Dimension, FigureRow
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
_STAGE_NAME = (
    "(SELECT stages.name FROM stages"
    " WHERE stages.account = promises.account AND stages.id = promises.stage)"
)
_WEEK = timedelta(weeks=1) // timedelta(milliseconds=1)
_MS = timedelta(milliseconds=1)
_CHUNK = 5000
_COUNTS = """\
 sum(CASE WHEN outcome = 'on_time' THEN 1 ELSE 0 END) AS on_time,
 sum(CASE WHEN outcome = 'late' THEN 1 ELSE 0 END) AS late,
 sum(CASE WHEN outcome = 'late' AND ended_at IS NULL THEN 1 ELSE 0 END) AS overdue,
 sum(CASE WHEN outcome = 'cancelled' THEN 1 ELSE 0 END) AS cancelled,
 sum(CASE WHEN outcome = 'unknown' THEN 1 ELSE 0 END) AS unknown,
 sum(CASE WHEN paused > 0 THEN 1 ELSE 0 END) AS paused,
 sum(CASE WHEN holidays > 0 THEN 1 ELSE 0 END) AS holidays"""
# The plus keeps SQLite from the index by time: nearly all rows are read, in the order of the table.
_COUNTED = """\
(SELECT {dimensions}, outcome, ended_at, worked, paused, holidays
 FROM promises WHERE account = :account AND +counted_at >= :start AND +counted_at < :end{only})
 AS counted"""
_PLAIN = f"""\
SELECT {{names}}, {_COUNTS}, count(worked) AS answered, NULL AS median, NULL AS ninetieth
 FROM {_COUNTED} GROUP BY {{names}}"""
# Nearest rank: the smallest value that at least half, or nine tenths, of all do not exceed.
_FIGURES = f"""\
WITH ranked AS (SELECT counted.*, row_number() OVER
 (PARTITION BY {{names}}, CASE WHEN worked IS NULL THEN 1 ELSE 0 END ORDER BY worked) AS place,
 count(worked) OVER (PARTITION BY {{names}}) AS answered FROM {_COUNTED})
SELECT {{names}}, {_COUNTS}, max(answered) AS answered,
 max(CASE WHEN worked IS NOT NULL AND place = (answered + 1) / 2 THEN worked END) AS median,
 max(CASE WHEN worked IS NOT NULL AND place = (9 * answered + 9) / 10 THEN worked END)
 AS ninetieth
 FROM ranked GROUP BY {{names}}"""
# Groups too small for a response time, and too many to sort in memory for it.
_SMALL_GROUPS = frozenset({Dimension.REQUISITION, Dimension.WEEK, Dimension.WHY})


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
        by: Sequence[Dimension],
        only: Mapping[Dimension, Sequence[str]] | None = None,
        without: Sequence[str] = (),
    ) -> Sequence[FigureRow]:
        """Count promises that were decided in [start, end), in groups, in order of keys."""
        which: dict[str, Any] = {
            "account": account,
            "start": ms(window[0]),
            "end": ms(window[1]),
            "week": _WEEK,
        }
        narrowed = ""
        for dimension, values in (only or {}).items():
            # A parameter for each value: `ids_in` has one name for all of them.
            numbered = [f"{dimension.value}_{number}" for number in range(len(values))]
            which.update(zip(numbered, values, strict=True))
            among = ", ".join(f":{name}" for name in numbered) or "NULL"
            narrowed += f" AND {dimension.value} IN ({among})"
        if without:
            which["ids"] = self._database.ids(without)
            among = self._database.ids_in("requisition")
            narrowed += f" AND (requisition IS NULL OR NOT ({among}))"
        names = ", ".join(one.value for one in by) or "whole"
        template = _FIGURES if _SMALL_GROUPS.isdisjoint(by) else _PLAIN
        statement = template.format(
            dimensions=", ".join(map(_selected, by)) or "0 AS whole", names=names, only=narrowed
        )
        used = {name: value for name, value in which.items() if f":{name}" in statement}
        with self._database.read() as connection:
            rows = connection.execute(sql(statement), used).all()
        width = len(by)
        found = [_figure(tuple(row[:width]), row) for row in rows]
        return sorted(found, key=lambda one: [(key is not None, key) for key in one.keys])

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
    if dimension is Dimension.STAGE:
        return f"{_STAGE_NAME} AS stage"
    return dimension.value


def _figure(keys: tuple[str | int | None, ...], row: Any) -> FigureRow:
    return FigureRow(
        keys=keys,
        on_time=int(row.on_time),
        late=int(row.late),
        overdue=int(row.overdue),
        cancelled=int(row.cancelled),
        unknown=int(row.unknown),
        answered=int(row.answered),
        median=_span(row.median),
        ninetieth=_span(row.ninetieth),
        paused=int(row.paused),
        holidays=int(row.holidays),
    )


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
