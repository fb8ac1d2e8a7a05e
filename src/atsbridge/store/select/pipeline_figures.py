"""Counts of applications and times in stages, in SQL. Percentiles are nearest rank."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from atsbridge.ports import PipelineCount, StageTime
from atsbridge.store.database import Database, ms, sql

_COUNTS = """\
SELECT a.requisition, COALESCE(s.kind, '') AS stage, COALESCE(a.status, '') AS status,
 count(*) AS number,
 sum(CASE WHEN a.applied_at >= :start AND a.applied_at < :end THEN 1 ELSE 0 END) AS new
 FROM applications a LEFT JOIN stages s ON s.account = a.account AND s.id = a.stage
 WHERE a.account = :account AND a.deleted_at IS NULL{among}
 GROUP BY a.requisition, COALESCE(s.kind, ''), COALESCE(a.status, '')"""
_KINDS = "SELECT DISTINCT kind FROM stages WHERE account = :account"
# The rows of an application are one after the other in the index: no database has to keep the ids
# of all applications to count each once.
_REACHED = """\
SELECT {sums} FROM (SELECT {reached} FROM stage_stays y
 JOIN applications a ON a.account = y.account AND a.id = y.application AND a.deleted_at IS NULL
 LEFT JOIN stages s ON s.account = y.account AND s.id = y.stage
 WHERE y.account = :account AND y.deleted_at IS NULL
 AND y.entered_at >= :start AND y.entered_at < :end{{among}}
 GROUP BY y.application) AS once"""
# By whole hours: a handful of rows for each stage, however many stays there were.
_TIMES = """\
SELECT COALESCE(s.name, '') AS name, COALESCE(s.kind, '') AS kind, min(s."order") AS place,
 (y.left_at - y.entered_at) / 3600000 AS hours, count(*) AS number
 FROM stage_stays y
 JOIN applications a ON a.account = y.account AND a.id = y.application AND a.deleted_at IS NULL
 JOIN stages s ON s.account = y.account AND s.id = y.stage
 WHERE y.account = :account AND y.deleted_at IS NULL AND y.left_at >= y.entered_at
 AND y.left_at >= :start AND y.left_at < :end{among}
 GROUP BY COALESCE(s.name, ''), COALESCE(s.kind, ''), (y.left_at - y.entered_at) / 3600000
 ORDER BY hours"""
_STANDING = """\
SELECT COALESCE(s.name, '') AS name, COALESCE(s.kind, '') AS kind, min(s."order") AS place,
 count(*) AS number FROM applications a
 JOIN stages s ON s.account = a.account AND s.id = a.stage
 WHERE a.account = :account AND a.deleted_at IS NULL AND a.status = 'active'{among}
 GROUP BY COALESCE(s.name, ''), COALESCE(s.kind, '')"""


@dataclass(frozen=True, slots=True)
class SqlPipeline:
    """Counts of applications and stages. See `ports.PipelineStore`."""

    _database: Database

    def count_applications(
        self, account: str, window: tuple[datetime, datetime], requisitions: Sequence[str] | None
    ) -> Sequence[PipelineCount]:
        """Counts of these requisitions, or of all; in order of requisition, stage and status."""
        found = [
            PipelineCount(row.requisition, row.stage, row.status, int(row.number), int(row.new))
            for row in self._rows(_COUNTS, account, window, requisitions)
        ]
        return sorted(found, key=lambda one: (one.requisition or "", one.stage, one.status))

    def count_reached(
        self, account: str, window: tuple[datetime, datetime], requisitions: Sequence[str] | None
    ) -> dict[str, int]:
        """Kind of stage -> applications that came into a stage of this kind in [start, end)."""
        with self._database.read() as connection:
            found = connection.execute(sql(_KINDS), {"account": account}).scalars()
            kinds = sorted({"", *(kind or "" for kind in found)})
        numbered = {f"kind{place}": kind for place, kind in enumerate(kinds)}
        (row,) = self._rows(_reached(len(kinds)), account, window, requisitions, numbered)
        return {kind: int(row[place]) for place, kind in enumerate(kinds) if row[place]}

    def measure_stages(
        self, account: str, window: tuple[datetime, datetime], requisitions: Sequence[str] | None
    ) -> Sequence[StageTime]:
        """Times in stages of these requisitions, or of all, in order of the pipeline."""
        stays: dict[tuple[str, str], list[tuple[int, int]]] = {}
        places: dict[tuple[str, str], int] = {}
        for row in self._rows(_TIMES, account, window, requisitions):
            stays.setdefault((row.name, row.kind), []).append((row.hours, row.number))
            places[row.name, row.kind] = _first(places.get((row.name, row.kind)), row.place)
        now: dict[tuple[str, str], int] = {}
        for row in self._rows(_STANDING, account, window, requisitions):
            now[row.name, row.kind] = row.number
            places[row.name, row.kind] = _first(places.get((row.name, row.kind)), row.place)
        return [
            StageTime(
                *stage,
                left=sum(number for _, number in stays.get(stage, ())),
                median=_percentile(stays.get(stage, ()), 50),
                ninetieth=_percentile(stays.get(stage, ()), 90),
                now=now.get(stage, 0),
            )
            for stage in sorted(places, key=lambda stage: (places[stage], stage))
        ]

    def _rows(
        self,
        statement: str,
        account: str,
        window: tuple[datetime, datetime],
        requisitions: Sequence[str] | None,
        further: Mapping[str, str] | None = None,
    ) -> Sequence[Any]:
        """The rows of a statement with the parameters that it names, and `further` ones."""
        among, which = "", {"account": account, "start": ms(window[0]), "end": ms(window[1])}
        which = {name: value for name, value in which.items() if f":{name}" in statement}
        more: dict[str, object] = {**(further or {})}
        if requisitions is not None:
            among = f" AND {self._database.ids_in('a.requisition')}"
            more["ids"] = self._database.ids(requisitions)
        with self._database.read() as connection:
            return connection.execute(sql(statement.format(among=among)), {**which, **more}).all()


def _reached(kinds: int) -> str:
    """A statement with a sum for each of so many kinds of stages."""
    sums = ", ".join(f"sum(k{place})" for place in range(kinds))
    reached = ", ".join(
        f"max(CASE WHEN COALESCE(s.kind, '') = :kind{place} THEN 1 ELSE 0 END) AS k{place}"
        for place in range(kinds)
    )
    return _REACHED.format(sums=sums, reached=reached)


_LAST = 10**9  # the place of a stage that has none


def _first(known: int | None, place: int | None) -> int:
    return min(_LAST if known is None else known, _LAST if place is None else place)


def _percentile(stays: Sequence[tuple[int, int]], percent: int) -> timedelta | None:
    """Of (hours, how many) in order of hours; None without any."""
    rank = -(-percent * sum(number for _, number in stays) // 100)
    for hours, number in stays:
        rank -= number
        if rank <= 0:
            return timedelta(hours=hours)
    return None
