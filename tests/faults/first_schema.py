"""Turns a store of today into one of schema 1, with everything that schema could hold."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

SCRIPT = Path(__file__).parents[1] / "store/schema_1.sql"
TABLES = {"unjudged": "dirty"}  # then -> now
COLUMNS = {  # then -> now
    "gone_at": "deleted_at",
    "holder": "assignee",
    "holder_role": "assignee_role",
    "holder_since": "assignee_since",
    "mark": "bookmark",
}
HOLDS = {  # now -> then
    "quiet_hours": "quiet hours",
    "suppressed": "muted",
    "daily_limit": "quiet hours",
}
ENDS = {"cleared": "the check finds nothing any more", "deleted": "gone"}


def make_first_schema(source: Path, target: Path) -> None:
    """Write `source`, a SQLite store of today, as a store of schema 1 to `target`."""
    target.unlink(missing_ok=True)
    with closing(sqlite3.connect(source)) as now, closing(sqlite3.connect(target)) as then:
        now.row_factory = sqlite3.Row
        then.execute("PRAGMA page_size = 16384")  # as every release creates it
        then.executescript(SCRIPT.read_text("utf-8"))
        names = [
            row[0] for row in then.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        ]
        known = {row[0] for row in now.execute("SELECT name FROM sqlite_master")}
        for name in names:
            then.execute(f"DELETE FROM {name}")
            # What the cache holds is computed or asked again; one table exists no more.
            if name != "cache" and TABLES.get(name, name) in known:
                _copy(now, then, name)
        then.execute("UPDATE meta SET value = '1' WHERE name = 'schema'")
        then.execute("UPDATE meta SET value = 'f681dcd40d5a5a15' WHERE name = 'columns'")
        for new, old in ((new, old) for old, new in COLUMNS.items()):
            then.execute("UPDATE changes SET field = ? WHERE field = ?", (old, new))
        then.commit()


def _copy(now: sqlite3.Connection, then: sqlite3.Connection, name: str) -> None:
    columns = [row[1] for row in then.execute(f"PRAGMA table_info({name})")]
    marks = ", ".join("?" * len(columns))
    quoted = ", ".join(f'"{one}"' for one in columns)
    for row in now.execute(f"SELECT * FROM {TABLES.get(name, name)}"):
        values = {**dict(row), **_older(name, row)}
        found = [values.get(COLUMNS.get(one, one), values.get(one)) for one in columns]
        then.execute(f"INSERT INTO {name} ({quoted}) VALUES ({marks})", found)


def _older(name: str, row: sqlite3.Row) -> dict[str, Any]:
    """The columns that said the same in other words."""
    if name == "cases":
        path = json.loads(row["end_params"] or "{}").get("path", "")
        ended = f"{row['end_reason']} by {path}" if path else ENDS.get(row["end_reason"], "")
        return {"baseline": int(row["first_look"] == "summary"), "end_reason": ended}
    if name == "transitions":
        return {"reason": "due has come" if row["reason"] == "due" else row["reason"]}
    if name == "notices":
        return _older_notice(row)
    return {}


def _older_notice(row: sqlite3.Row) -> dict[str, Any]:
    receipt = json.loads(row["receipt"] or "{}")
    if row["summary_cases"]:
        receipt["cases"] = json.loads(row["summary_cases"])
    if row["digest"]:
        receipt["digest"] = row["digest"]
    if row["headline"] is not None:
        receipt |= {"headline": row["headline"], "body": row["body"]}
    destination = json.loads(row["destination"])
    destination["why"] = "seat.user"
    reason = HOLDS.get(row["hold"] or "", row["hold"] or "")
    return {
        "receipt": json.dumps(receipt, separators=(",", ":")),
        "destination": json.dumps(destination, separators=(",", ":")),
        "reason": reason,
    }
