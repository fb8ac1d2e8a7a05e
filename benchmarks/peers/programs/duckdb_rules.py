"""Answer the script of SQL with DuckDB, over a copy of an SQLite store.

python duckdb_rules.py STORE SCRIPT FOLDER

The copy is made first. Then each line on standard input is answered with one round: its seconds on
the wall clock and of CPU, and the first column of each answer, as one line of JSON.
"""

import csv
import json
import sqlite3
import sys
import time
from pathlib import Path

import duckdb

TABLES = ("users", "requisitions", "stages", "applications", "interviews", "scorecards", "seats")


def copy(store: str, folder: Path) -> duckdb.DuckDBPyConnection:
    """Every table as it stands in SQLite, in DuckDB's own file."""
    copied = duckdb.connect(folder / "rules.duckdb")
    with sqlite3.connect(store) as source:
        for table in TABLES:
            columns = source.execute(f"PRAGMA table_info({table})").fetchall()
            types = {
                name: "BIGINT" if "INT" in kind else "VARCHAR" for _, name, kind, *_ in columns
            }
            path = folder / f"{table}.csv"
            with path.open("w", encoding="utf-8", newline="") as lines:
                names = ", ".join(f'"{name}"' for name in types)
                csv.writer(lines).writerows(source.execute(f"SELECT {names} FROM {table}"))
            copied.execute(
                f"CREATE TABLE {table} AS SELECT * FROM read_csv('{path}', header = false,"
                f" columns = {types!r}, quote = '\"', escape = '\"')"
            )
            path.unlink()
    return copied


def main() -> None:
    store, script, folder = sys.argv[1:]
    copied = copy(store, Path(folder))
    statements = json.loads(Path(script).read_text("utf-8"))
    print("ready", flush=True)
    for _ in sys.stdin:
        began, busy = time.perf_counter(), time.process_time()
        answers = [copied.execute(sql, which).fetchall() for sql, which in statements]
        took = [time.perf_counter() - began, time.process_time() - busy]
        print(json.dumps([took, [[row[0] for row in rows] for rows in answers]]), flush=True)


main()
