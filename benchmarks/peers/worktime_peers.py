"""Working time: atsbridge beside the libraries that people use for it, per value.

The office is open `mon-fri 09:00-18:00` in Lisbon, with two dozen holidays. Each library answers
the same question about the same instants in a process of its own; start-up is not timed. Answers
are compared with those of atsbridge.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

from benchmarks.peers.costs import Cost
from benchmarks.peers.environments import PeerSkipped, prepare, version
from benchmarks.peers.table import Row, ratio

ROOT = Path(__file__).parents[2]
ZONE = "Europe/Lisbon"
FIRST = datetime(2025, 1, 6, tzinfo=UTC)
HOLIDAYS = [date(year, month, 1) for year in (2025, 2026) for month in range(1, 13)]
SPANS = timedelta(days=20)  # the longest time between two instants
OURS = "atsbridge"


@dataclass(frozen=True, slots=True)
class Library:
    """A library and the questions that it can be asked."""

    name: str  # of the package and its file of requirements; empty for atsbridge
    program: str
    tool: str
    questions: tuple[str, ...]
    limits: str


LIBRARIES = (
    Library("", "time_atsbridge", OURS, ("elapsed", "lunch", "deadline", "days"), ""),
    Library(
        "businesstimedelta",
        "time_businesstimedelta",
        "businesstimedelta",
        ("elapsed", "lunch", "deadline"),
        "last release in 2019; zones and breaks, no single days with other hours",
    ),
    Library(
        "business-duration",
        "time_business_duration",
        "business-duration",
        ("elapsed",),
        "no zones, no breaks, no deadlines",
    ),
    Library("pandas", "time_pandas", "pandas", ("deadline",), "no time between two instants"),
    Library("numpy", "time_numpy", "numpy", ("days",), "whole days only, an array at a time"),
)
QUESTIONS = {
    "elapsed": "working hours between two instants",
    "lunch": "the same with a lunch break",
    "deadline": "24 working hours from an instant",
    "days": "working days between two dates",
}


def pairs_of(question: str, values: int) -> list[tuple[int, int]]:
    """Starts and ends, in milliseconds since 1970, UTC; for whole days, local midnights."""
    dice, zone = Random(3), ZoneInfo(ZONE)
    pairs = []
    for _ in range(values):
        start = FIRST + timedelta(minutes=dice.randrange(600_000))
        end = start + timedelta(minutes=dice.randrange(SPANS // timedelta(minutes=1)))
        if question == "days":
            start, end = (
                datetime.combine(at.astimezone(zone).date(), datetime.min.time(), zone)
                for at in (start, end)
            )
        pairs.append((int(start.timestamp() * 1000), int(end.timestamp() * 1000)))
    return pairs


def compare(values: int, rounds: int, clock: str) -> tuple[list[Row], list[str]]:
    """The rows of all questions, and a sentence for each library that was skipped."""
    pythons, skipped = {"": Path(sys.executable)}, list[str]()
    for library in LIBRARIES[1:]:
        try:
            pythons[library.name] = prepare(library.name)
        except PeerSkipped as why:
            skipped.append(str(why))
    rows: list[Row] = []
    for question in QUESTIONS:
        able = [one for one in LIBRARIES if question in one.questions and one.name in pythons]
        rows += _ask(question, able, pythons, (values, rounds, clock))
    return rows, skipped


def _ask(
    question: str,
    libraries: Sequence[Library],
    pythons: dict[str, Path],
    how: tuple[int, int, str],
) -> list[Row]:
    values, rounds, clock = how
    found: list[list[float]] = [[] for _ in libraries]
    answers: list[list[float]] = []
    with tempfile.TemporaryDirectory() as folder:
        task = Path(folder) / "task.json"
        given = {
            "question": question,
            "zone": ZONE,
            "holidays": [day.isoformat() for day in HOLIDAYS],
            "pairs": pairs_of(question, values),
        }
        task.write_text(json.dumps(given), "utf-8")
        for number in range(rounds):
            for library, mine in zip(libraries, found, strict=True):
                answer, cost = _run(pythons[library.name], library.program, task)
                mine.append(cost.seconds(clock))
                if not number:
                    answers.append(answer)
    rows = []
    for library, mine, answer in zip(libraries, found, answers, strict=True):
        equal = sum(abs(a - b) < 1 for a, b in zip(answer, answers[0], strict=True))
        micros = statistics.median(mine) * 1e6
        print(f"  {question}, {library.tool}: {micros:.2f} µs, {equal:,} of {values:,} equal")
        share = f"all {values:,}" if equal == values else f"{equal:,} of {values:,}"
        rows.append(_row(question, library, (mine, found[0]), share))
    return rows


def _row(
    question: str, library: Library, took: tuple[Sequence[float], Sequence[float]], equal: str
) -> Row:
    row = Row(QUESTIONS[question], library.tool)
    first = question == library.questions[0]  # its limits are given once
    mine, ours = took
    if not library.name:
        return replace(row, time=f"1 = {statistics.median(mine) * 1e6:.1f} µs each")
    times = ratio(statistics.median(m / o for m, o in zip(mine, ours, strict=True)))
    return replace(
        row,
        tool=f"{library.tool} {version(library.name, library.name)}",
        time=times,
        result=f"{equal} answers equal" + (f"; {library.limits}" if first else ""),
    )


def _run(python: Path, program: str, task: Path) -> tuple[list[float], Cost]:
    command = [str(python), "-m", f"benchmarks.peers.programs.{program}", str(task)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{program} failed:\n{done.stderr[-3000:]}")
    answers, took = json.loads(done.stdout)
    return answers, Cost(*took)
