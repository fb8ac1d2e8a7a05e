"""Every figure of the exports equals one that a slow script counts from the rows of the store.

The script shares no code with the report: it reads SQLite row by row and counts in plain Python.
"""

from __future__ import annotations

import csv
import io
import math
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks.report_store import StoreSize
from tests.report.conftest import NOW, filled

from atsbridge.report import ReportOptions, collect_report, to_csv

SIZE = StoreSize(requisitions=25, applications=200, promises=1500, cases=10, pairs=6)
WEEK = 7 * 86_400_000


def _monday() -> int:
    """Milliseconds of the first Monday of twelve weeks."""
    day = datetime(NOW.year, NOW.month, NOW.day, tzinfo=UTC) - timedelta(days=NOW.weekday())
    return int((day - timedelta(weeks=11)).timestamp() * 1000)


def _rows(folder: Path) -> Iterator[dict[str, Any]]:
    """Promises of the twelve weeks, with the name of their stage and of the pair."""
    with sqlite3.connect(folder / "atsbridge.db") as base:
        base.row_factory = sqlite3.Row
        stages = {row["id"]: row["name"] for row in base.execute("SELECT id, name FROM stages")}
        people = {
            row["id"]: row["name"].strip() for row in base.execute("SELECT id, name FROM users")
        }
        for row in base.execute("SELECT * FROM promises"):
            at = row["counted_at"]
            if at is None or not _monday() <= at <= int(NOW.timestamp() * 1000):
                continue
            week = datetime.fromtimestamp((_monday() + (at - _monday()) // WEEK * WEEK) / 1000, UTC)
            yield {
                **dict(row),
                "stage": stages.get(row["stage"]),
                "week": f"{week:%Y-%m-%d}",
                "recruiter": people[row["recruiter"]],
                "manager": people[row["manager"]],
            }


def _count(rows: list[dict[str, Any]], *, timed: bool) -> dict[str, str]:
    """One line of the table, as text."""
    outcomes = [row["outcome"] for row in rows]
    worked = sorted(row["worked"] for row in rows if row["worked"] is not None)
    due = outcomes.count("on_time") + outcomes.count("late")

    def rank(share: float) -> str:
        if len(worked) < 5 or not timed:
            return ""
        return str(round(worked[math.ceil(len(worked) * share) - 1] / 3_600_000, 2))

    return {
        "due": str(due),
        "on_time": str(outcomes.count("on_time")),
        "late": str(outcomes.count("late")),
        "cancelled": str(outcomes.count("cancelled")),
        "unknown": str(outcomes.count("unknown")),
        "on_time_rate": str(round(outcomes.count("on_time") / due, 4)) if due >= 5 else "",
        "median_hours": rank(0.5),
        "ninetieth_hours": rank(0.9),
    }


_KEYS = {
    "total": (),
    "side": ("side",),
    "rule": ("rule",),
    "stage": ("stage",),
    "requisition": ("requisition", "side"),
    "week": ("side", "week"),
    "pair": ("side", "recruiter", "manager"),
}
_UNTIMED = ("requisition", "week")  # groups that are too small for response times


def test_every_line_of_the_table(tmp_path: Path) -> None:
    with filled(tmp_path, SIZE) as services:
        table = list(csv.DictReader(io.StringIO(to_csv(collect_report(services, ReportOptions())))))
    rows = list(_rows(tmp_path))
    seen: dict[str, int] = {}
    for line in table:
        section = line["section"]
        wanted = {key: line[key].strip() for key in _KEYS[section]}
        own = [row for row in rows if all((row[k] or "").strip() == v for k, v in wanted.items())]
        slow = _count(own, timed=section not in _UNTIMED)
        assert {name: line[name] for name in slow} == slow, (section, wanted)
        seen[section] = seen.get(section, 0) + sum(map(int, (slow["due"], slow["cancelled"])))
    # nothing is left out: every section adds up to all that was due or canceled
    everything = _count(rows, timed=False)
    whole = int(everything["due"]) + int(everything["cancelled"])
    assert set(seen) == set(_KEYS)
    assert {section: number for section, number in seen.items() if section != "pair"} == (
        dict.fromkeys(set(_KEYS) - {"pair"}, whole)
    )
