"""Counts of applications and times in stages, in SQL. Percentiles are nearest rank."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from atsbridge.ports import PipelineCount, StageTime
from atsbridge.store.database import Database, ms, sql

_MS = timedelta(milliseconds=1)
_COUNTS = """\
SELECT a.requisition, COALESCE(s.kind, '') AS stage, COALESCE(a.status, '') AS status,
 count(*) AS number,
 sum(CASE WHEN a.applied_at >= :start AND a.applied_at < :end THEN 1 ELSE 0 END) AS new
 FROM applications a LEFT JOIN stages s ON s.account = a.account AND s.id = a.stage
 WHERE a.account = :account AND a.deleted_at IS NULL{among}
 GROUP BY a.requisition, COALESCE(s.kind, ''), COALESCE(a.status, '')"""
_REACHED = """\
SELECT COALESCE(s.kind, '') AS kind, count(DISTINCT y.application) AS number
 FROM stage_stays y
 JOIN applications a ON a.account = y.account AND a.id = y.application AND a.deleted_at IS NULL
 LEFT JOIN stages s ON s.account = y.account AND s.id = y.stage
 WHERE y.account = :account AND y.deleted_at IS NULL
 AND y.entered_at >= :start AND y.entered_at < :end{among}
 GROUP BY COALESCE(s.kind, '')"""
_TIMES = """\
WITH stays AS (SELECT COALESCE(s.name, '') AS name, COALESCE(s.kind, '') AS kind,
 s."order" AS place, y.left_at - y.entered_at AS took,
 CASE WHEN y.left_at >= :start AND y.left_at < :end AND y.left_at >= y.entered_at
 THEN 1 ELSE 0 END AS counts,
 CASE WHEN y.left_at IS NULL AND a.status = 'active' AND a.stage = y.stage
 THEN 1 ELSE 0 END AS stands
 FROM stage_stays y
 JOIN applications a ON a.account = y.account AND a.id = y.application AND a.deleted_at IS NULL
 JOIN stages s ON s.account = y.account AND s.id = y.stage
 WHERE y.account = :account AND y.deleted_at IS NULL AND y.entered_at IS NOT NULL
 AND (y.left_at IS NULL OR (y.left_at >= :start AND y.left_at < :end)){among}),
 ranked AS (SELECT stays.*,
 row_number() OVER (PARTITION BY name, kind, counts ORDER BY took) AS rank,
 sum(counts) OVER (PARTITION BY name, kind) AS total FROM stays)
SELECT name, kind, min(place) AS place, max(total) AS total, sum(stands) AS stands,
 max(CASE WHEN counts = 1 AND rank = (total + 1) / 2 THEN took END) AS median,
 max(CASE WHEN counts = 1 AND rank = (9 * total + 9) / 10 THEN took END) AS ninetieth
 FROM ranked GROUP BY name, kind"""


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
        rows = self._rows(_REACHED, account, window, requisitions)
        return {row.kind: int(row.number) for row in sorted(rows, key=lambda row: str(row.kind))}

    def measure_stages(
        self, account: str, window: tuple[datetime, datetime], requisitions: Sequence[str] | None
    ) -> Sequence[StageTime]:
        """Times in stages of these requisitions, or of all, in order of the pipeline."""
        rows = self._rows(_TIMES, account, window, requisitions)
        ordered = sorted(rows, key=lambda row: (row.place is None, row.place, row.name, row.kind))
        return [
            StageTime(
                row.name,
                row.kind,
                int(row.total),
                None if row.median is None else int(row.median) * _MS,
                None if row.ninetieth is None else int(row.ninetieth) * _MS,
                int(row.stands),
            )
            for row in ordered
        ]

    def _rows(
        self,
        statement: str,
        account: str,
        window: tuple[datetime, datetime],
        requisitions: Sequence[str] | None,
    ) -> Sequence[Any]:
        among, which = "", {"account": account, "start": ms(window[0]), "end": ms(window[1])}
        more: dict[str, object] = {}
        if requisitions is not None:
            among = f" AND {self._database.ids_in('a.requisition')}"
            more["ids"] = self._database.ids(requisitions)
        with self._database.read() as connection:
            return connection.execute(sql(statement.format(among=among)), {**which, **more}).all()
