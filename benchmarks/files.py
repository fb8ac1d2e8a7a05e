"""How long an export of a million candidates takes: `python -m benchmarks.files`.

The file is a CSV of 12 columns with dates of the day first. Every job is a process of its own. The
goals stand in GOALS.
"""

from __future__ import annotations

import argparse
import csv
import importlib
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

GOALS = {
    "read, a million rows, s": ("<=", 60.0),
    "unchanged, s": ("<=", 0.5),
    "memory of a million rows - memory of a tenth, MB": ("<=", 120.0),
}
_HEADERS = (
    *("Application", "Candidate", "Req", "Stage", "Status", "Applied", "Last activity", "Rejected"),
    *("Recruiter", "Source", "Notes", "Country"),
)
_STAGES = ("Application review", "Phone screen", "Onsite interview", "Offer", "Hired")
_TABLES = {
    "applications": {
        "files": "applications.csv",
        "application": {
            "id": "Application",
            "complete": True,
            "columns": {
                "candidate": {"key": ["Candidate"]},
                "requisition": "Req",
                "stage": "Stage",
                "status": "Status",
                "applied_at": "Applied",
                "rejected_at": "Rejected",
                "last_activity_at": "Last activity",
                "recruiter": "Recruiter",
                "source": "Source",
            },
            "values": {"status": {"In progress": "active"}},
        },
    }
}


def write_export(path: Path, rows: int) -> None:
    """A CSV with that many candidates."""
    begin = datetime(2026, 1, 1, 8, tzinfo=UTC)
    days = [(begin + timedelta(hours=7 * n)).strftime("%d.%m.%Y %H:%M") for n in range(1000)]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(_HEADERS)
        for n in range(rows):
            active = n % 9 == 0
            writer.writerow(
                (
                    *(f"A-{n}", f"Kim Doe {n}", f"R-{n % 2000}", _STAGES[n % 5]),
                    *("In progress" if active else "Rejected", days[n % 900], days[n % 1000]),
                    *("" if active else days[n % 950], f"recruiter{n % 300}@acme.example"),
                    *("Referral", "a note of some length; with a semicolon", "Germany"),
                )
            )


def _connector(folder: Path) -> Any:
    from atsbridge.ports import Tools
    from atsbridge.timesource import SystemTime
    from atsbridge_files.spec import SPEC

    given = {"folder": ".", "dates_timezone": "Europe/Berlin", "settle": 0, "tables": _TABLES}
    return SPEC.open(
        SPEC.settings.model_validate(given), Tools("acme", SystemTime(), folder=folder)
    )


def read(folder: Path) -> None:
    """Read the export to its end and decode every row; store nothing."""
    import msgspec

    connector = _connector(folder)
    for stream in connector.spec.streams:
        decode = msgspec.json.Decoder(stream.row).decode
        for page in connector.pages(stream):
            for raw in page.rows:
                for _ in stream.normalize(decode(raw)):
                    pass


def store(folder: Path) -> None:
    """Sync the account into a store beside the export."""
    from atsbridge.store import open_store
    from atsbridge.sync import AccountMap, SyncTarget, sync
    from atsbridge.timesource import SystemTime

    clock = SystemTime()
    database = open_store(f"sqlite:///{folder / 'files.db'}", clock)
    connector = _connector(folder)
    with database.lock("acme"):
        report = sync(SyncTarget("acme", connector, database.records, AccountMap(), clock))
    database.close()
    if wrong := [one.error or one.samples for one in report.streams if not one.good or one.bad]:
        raise SystemExit(str(wrong))


JOBS: dict[str, Callable[[Path], None]] = {"read": read, "store": store}


def measure(job: str, folder: Path) -> tuple[float, float]:
    """Seconds and peak memory in MB of a job in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.files", "--job", job, "--folder", str(folder)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    seconds, memory = json.loads(done.stdout.splitlines()[-1])
    return seconds, memory


def run_job(job: str, folder: Path) -> None:
    """Run a job and print its figures; its imports are done before."""
    for module in ("atsbridge.store.sql_store", "atsbridge.sync.engine"):
        importlib.import_module(module)
    importlib.import_module("atsbridge_files.connector")
    started = time.perf_counter()
    JOBS[job](folder)
    seconds = time.perf_counter() - started
    print(json.dumps([seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024]))


def compare(rows: int) -> dict[str, float]:
    """The figures of an export of that many rows."""
    found: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_export(folder / "applications.csv", max(rows // 10, 1))
        _, small = measure("read", folder)
        write_export(folder / "applications.csv", rows)
        size = (folder / "applications.csv").stat().st_size / 2**20
        seconds, large = measure("read", folder)
        print(f"{rows:,} rows, {size:.0f} MB: read in {seconds:.1f} s, peak {large:.0f} MB")
        found["read, a million rows, s"] = seconds * 1_000_000 / rows
        found["memory of a million rows - memory of a tenth, MB"] = large - small
        seconds, peak = measure("store", folder)
        print(f"first sync into SQLite: {seconds:.1f} s, peak {peak:.0f} MB")
        found["unchanged, s"], _ = measure("store", folder)
    return found


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rows", type=int, default=1_000_000)
    options.add_argument("--job", choices=sorted(JOBS))
    options.add_argument("--folder", type=Path)
    given = options.parse_args()
    if given.job:
        run_job(given.job, given.folder)
        return
    missed = False
    for what, figure in compare(given.rows).items():
        _, goal = GOALS[what]
        missed |= figure > goal
        print(f"{'missed' if figure > goal else 'ok':<7}{what}: {figure:.2f} (goal <= {goal:g})")
    sys.exit(missed)


if __name__ == "__main__":
    main()
