"""Reading the list of applications: atsbridge beside singer-sdk, dlt and Airbyte's runner.

All read the same pages from the same server. A round runs every tool once over a whole list, once
more after 2% of it has changed, and once over a list of one page. Time is that of the whole list
less that of the one page, so that start-up and imports do not count.
"""

from __future__ import annotations

import ast
import json
import sqlite3
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.peers.costs import Cost, Pipeline, run
from benchmarks.peers.environments import PeerSkipped, prepare
from benchmarks.peers.table import Row, ratio
from benchmarks.sync import served, tell

PROGRAMS = Path(__file__).parent / "programs"
PAGE = 500
OURS = "atsbridge"
_QUIET = {"RUNTIME__DLTHUB_TELEMETRY": "false", "DO_NOT_TRACK": "true", "PYTHONWARNINGS": "ignore"}
_CATALOG = {
    "stream": {
        "name": "applications",
        "json_schema": {},
        "supported_sync_modes": ["full_refresh"],
    },
    "sync_mode": "full_refresh",
    "destination_sync_mode": "overwrite",
}


@dataclass(frozen=True, slots=True)
class Reading:
    """One run of a tool: the server's address, a folder that its runs share, its Python."""

    url: str
    folder: Path
    python: Path


@dataclass(frozen=True, slots=True)
class Reader:
    """A tool, how it is started, how many records it has stored, and what it gives."""

    row: Row  # without times, memory and lines
    environment: str  # a file of requirements; empty for atsbridge's own
    commands: Callable[[Reading], Sequence[Sequence[str]]]
    stored: Callable[[Reading], int | None]
    code: tuple[str, ...]


def _program(name: str) -> str:
    return str(PROGRAMS / name)


def _config(reading: Reading) -> str:
    """The settings file of tools that want one, written anew."""
    path = reading.folder / "config.json"
    text = json.dumps({"url": reading.url, "path": str(reading.folder / "store.db")})
    path.write_text(text, "utf-8")
    return str(path)


def _ours(reading: Reading) -> list[list[str]]:
    store = reading.folder / "store.db"
    job = "relist" if store.exists() else "first"
    script = str(PROGRAMS.parents[1] / "sync.py")
    return [
        [str(reading.python), script, f"--job={job}", f"--url={reading.url}", f"--store={store}"]
    ]


def _tap(reading: Reading) -> list[str]:
    return [str(reading.python), _program("singer_tap.py"), "--config", _config(reading)]


def _tap_and_target(reading: Reading) -> list[list[str]]:
    target = [str(reading.python), _program("singer_target.py"), "--config", _config(reading)]
    return [_tap(reading), target]


def _dlt(kind: str, strategy: str) -> Callable[[Reading], list[list[str]]]:
    def commands(reading: Reading) -> list[list[str]]:
        place = [reading.url, str(reading.folder), kind, strategy]
        return [[str(reading.python), _program("dlt_load.py"), *place]]

    return commands


def _airbyte(reading: Reading) -> list[list[str]]:
    catalog = reading.folder / "catalog.json"
    catalog.write_text(json.dumps({"streams": [_CATALOG]}), "utf-8")
    runner = str(reading.python.with_name("source-declarative-manifest"))
    files = ["--config", _config(reading), "--catalog", str(catalog)]
    return [[runner, "read", *files, "--manifest-path", _program("airbyte_manifest.yaml")]]


def _messages(reading: Reading) -> int:
    """How many records were printed as messages."""
    with (reading.folder / "output.txt").open("rb") as lines:
        return sum(b'"RECORD"' in line[:40] for line in lines)


def _rows(name: str) -> Callable[[Reading], int]:
    def count(reading: Reading) -> int:
        with sqlite3.connect(reading.folder / name) as database:
            return int(database.execute("SELECT count(*) FROM applications").fetchone()[0])

    return count


def _duckdb_rows(reading: Reading) -> int:
    """The rows that hold now; a row that has been replaced keeps an end of its time."""
    script = (
        f"import duckdb; d = duckdb.connect({str(reading.folder / 'store.duckdb')!r});"
        " print(d.sql('SELECT count(DISTINCT id) FROM ats.applications').fetchall()[0][0])"
    )
    command = [str(reading.python), "-c", script]
    return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


_JOB = "read a list of applications"
_SINGER, _DLT, _LITE = "singer-sdk tap", "dlt REST source", "SQLite, latest rows"
READERS = (
    Reader(
        Row(_JOB, OURS, history="yes", deletions="yes", result="SQLite, the fields that rules use"),
        "",
        _ours,
        _rows("store.db"),
        ("atsbridge.toml",),
    ),
    Reader(
        Row(_JOB, "requests and json.loads", history="no", deletions="no", result="nothing stored"),
        "",
        lambda one: [[str(one.python), _program("floor.py"), one.url]],
        lambda _: None,
        ("floor.py",),
    ),
    Reader(
        Row(_JOB, "Airbyte manifest", history="no", deletions="no", result="messages in a file"),
        "airbyte",
        _airbyte,
        _messages,
        ("airbyte_manifest.yaml",),
    ),
    Reader(
        Row(_JOB, _SINGER, history="no", deletions="no", result="messages in a file"),
        "singer",
        lambda one: [_tap(one)],
        _messages,
        ("singer_tap.py",),
    ),
    Reader(
        Row(
            _JOB,
            f"{_SINGER} and SQL target",
            history="no",
            deletions="no",
            result=_LITE,
        ),
        "singer",
        _tap_and_target,
        _rows("store.db"),
        ("singer_tap.py", "singer_target.py"),
    ),
    Reader(
        Row(_JOB, f"{_DLT}, replace", history="no", deletions="the row goes", result=_LITE),
        "dlt",
        _dlt("sqlite", "replace"),
        _rows("store__ats.db"),
        ("dlt_load.py",),
    ),
    Reader(
        Row(_JOB, f"{_DLT}, merge", history="no", deletions="no", result="DuckDB, latest rows"),
        "dlt",
        _dlt("duckdb", "delete-insert"),
        _duckdb_rows,
        ("dlt_load.py",),
    ),
    Reader(
        Row(
            _JOB,
            f"{_DLT}, scd2",
            history="whole rows",
            deletions="yes",
            result="DuckDB, every version of a row",
        ),
        "dlt",
        _dlt("duckdb", "scd2"),
        _duckdb_rows,
        ("dlt_load.py",),
    ),
)


def lines_of(names: Sequence[str]) -> int:
    """Lines that a user writes: without blank lines, comments and the docstring of the module."""
    count = 0
    for name in names:
        text = (PROGRAMS / name).read_text("utf-8")
        lines = text.splitlines()
        if name.endswith(".py"):
            tree = ast.parse(text)
            if ast.get_docstring(tree):
                lines = lines[tree.body[0].end_lineno :]
        count += sum(bool(line.strip()) and not line.strip().startswith("#") for line in lines)
    return count


@dataclass(frozen=True, slots=True)
class Round:
    """What one tool took in one round, start-up taken off."""

    first: float
    again: float
    memory: float


def compare(records: int, rounds: int, clock: str) -> tuple[list[Row], list[str]]:
    """The rows of this job, and a sentence for each tool that was skipped."""
    pythons: dict[str, Path] = {"": Path(sys.executable)}
    skipped: list[str] = []
    for name in sorted({reader.environment for reader in READERS} - {""}):
        try:
            pythons[name] = prepare(name)
        except PeerSkipped as why:
            skipped.append(str(why))
    able = [reader for reader in READERS if reader.environment in pythons]
    found: list[list[Round]] = [[] for _ in able]
    with served(records, 0.0) as whole, served(PAGE, 0.0) as page:
        for _ in range(rounds):
            with tempfile.TemporaryDirectory() as folder:
                places = [
                    Reading("", Path(folder) / str(n), pythons[r.environment])
                    for n, r in enumerate(able)
                ]
                took = _round(able, places, (whole, page), records, clock)
            for one, all_of_it in zip(took, found, strict=True):
                all_of_it.append(one)
    return [_row(r, mine, found[0], records) for r, mine in zip(able, found, strict=True)], skipped


def _round(
    readers: Sequence[Reader],
    places: Sequence[Reading],
    urls: tuple[str, str],
    records: int,
    clock: str,
) -> list[Round]:
    whole, page = urls
    costs: list[list[Cost]] = [[] for _ in readers]
    for change in ("unchanged", "changed"):
        tell(whole, change)
        for reader, place, mine in zip(readers, places, costs, strict=True):
            mine.append(_read(reader, replace(place, url=whole), records))
            alone = replace(
                place, url=page, folder=place.folder.with_name(place.folder.name + "-page")
            )
            mine.append(_read(reader, alone, PAGE))
    return [
        Round(
            (one.seconds(clock) - one_page.seconds(clock)) / (records - PAGE),
            (two.seconds(clock) - two_page.seconds(clock)) / (records - PAGE),
            max(one.memory, two.memory),
        )
        for one, one_page, two, two_page in costs
    ]


def _read(reader: Reader, reading: Reading, records: int) -> Cost:
    reading.folder.mkdir(exist_ok=True)
    variables = {**_QUIET, "HOME": str(reading.folder)}  # nothing is left in the user's own home
    pipeline = Pipeline(reader.commands(reading), reading.folder, variables)
    cost = run(pipeline)
    stored = reader.stored(reading)
    if stored not in (None, records):
        raise SystemExit(f"{reader.row.tool} has {stored:,} records, the list has {records:,}")
    print(f"  {records:>7,} {reader.row.tool}: {cost.wall:.1f} s, {cost.cpu:.1f} s of CPU")
    return cost


def _row(reader: Reader, mine: Sequence[Round], ours: Sequence[Round], records: int) -> Row:
    first = statistics.median(m.first / o.first for m, o in zip(mine, ours, strict=True))
    again = statistics.median(m.again / o.again for m, o in zip(mine, ours, strict=True))
    times = ratio(first), ratio(again)
    if reader.row.tool == OURS:
        micros = [
            statistics.median(values) * 1e6
            for values in ([m.first for m in mine], [m.again for m in mine])
        ]
        times = f"1 ({micros[0]:.0f} µs each)", f"1 ({micros[1]:.0f} µs each)"
    return replace(
        reader.row,
        job=f"{reader.row.job} ({records:,})",
        time=times[0],
        again=times[1],
        memory=f"{statistics.median(m.memory for m in mine):.0f}",
        lines=str(lines_of(reader.code)),
    )
