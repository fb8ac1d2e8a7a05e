"""The tools that read a list of applications, how each is started, and what each has stored.

What the table says of a tool, whether it keeps old values and finds deletions, is checked by asking
its store: see `reading`.
"""

from __future__ import annotations

import ast
import json
import sqlite3
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.peers.table import Row

PROGRAMS = Path(__file__).parent / "programs"
OURS = "atsbridge"
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
    shorter: bool = False  # some records have been deleted since; not timed


@dataclass(frozen=True, slots=True)
class Stored:
    """What a tool has after a reading: records that are there now, and values that were."""

    current: int
    older: int = 0
    lasting: bool = True  # False for output that each reading writes anew


@dataclass(frozen=True, slots=True)
class Reader:
    """A tool, how it is started, what it has stored, and what it gives."""

    row: Row  # without times, memory and lines
    environment: str  # a file of requirements; empty for atsbridge's own
    commands: Callable[[Reading], Sequence[Sequence[str]]]
    stored: Callable[[Reading], Stored | None]  # None: nothing at all
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
    job = "whole" if reading.shorter else "relist" if store.exists() else "first"
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


def _messages(reading: Reading) -> Stored:
    """The records that were printed as messages."""
    with (reading.folder / "output.txt").open("rb") as lines:
        return Stored(sum(b'"RECORD"' in line[:40] for line in lines), lasting=False)


_ROWS = "SELECT count(*), 0 FROM {}"
_OURS_STORED = """SELECT count(*), (SELECT count(*) FROM changes WHERE kind = 'application')
    FROM applications WHERE deleted_at IS NULL"""
_VERSIONS = "SELECT count(*) - count(_dlt_valid_to), count(_dlt_valid_to) FROM {}"


def _sqlite(name: str, query: str) -> Callable[[Reading], Stored]:
    def count(reading: Reading) -> Stored:
        with sqlite3.connect(reading.folder / name) as database:
            return Stored(*database.execute(query.format("applications")).fetchone())

    return count


def _duckdb(query: str) -> Callable[[Reading], Stored]:
    def count(reading: Reading) -> Stored:
        store = str(reading.folder / "store.duckdb")
        script = (
            f"import duckdb, json; d = duckdb.connect({store!r});"
            f" print(json.dumps(d.sql({query.format('ats.applications')!r}).fetchall()[0]))"
        )
        command = [str(reading.python), "-c", script]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        return Stored(*json.loads(done.stdout))

    return count


_JOB = "read a list of applications"
_SINGER, _DLT, _LITE = "singer-sdk tap", "dlt REST source", "SQLite, latest rows"
READERS = (
    Reader(
        Row(_JOB, OURS, history="yes", deletions="yes", result="SQLite, the fields that rules use"),
        "",
        _ours,
        _sqlite("store.db", _OURS_STORED),
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
        _sqlite("store.db", _ROWS),
        ("singer_tap.py", "singer_target.py"),
    ),
    Reader(
        Row(_JOB, f"{_DLT}, replace", history="no", deletions="row goes", result=_LITE),
        "dlt",
        _dlt("sqlite", "replace"),
        _sqlite("store__ats.db", _ROWS),
        ("dlt_load.py",),
    ),
    Reader(
        Row(_JOB, f"{_DLT}, merge", history="no", deletions="no", result="DuckDB, latest rows"),
        "dlt",
        _dlt("duckdb", "delete-insert"),
        _duckdb(_ROWS),
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
        _duckdb(_VERSIONS),
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
