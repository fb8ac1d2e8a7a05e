"""Reading the list of applications: atsbridge beside singer-sdk, dlt and Airbyte's runner.

All read the same pages from the same server. A round runs every tool once over a whole list, once
more after 2% of it has changed, and once over a list of one page. Time is that of the whole list
less that of the one page, so that start-up and imports do not count. After the rounds each tool
reads the page once more without some of its records, and its store is asked whether it noticed.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.peers.costs import Cost, Pipeline, run
from benchmarks.peers.environments import PeerSkipped, prepare
from benchmarks.peers.readers import OURS, READERS, Reader, Reading, Stored, lines_of
from benchmarks.peers.table import Row, ratio
from benchmarks.sync import served, tell

PAGE = 500
TOO_NOISY = "too noisy"
DELETED = 5  # records that a shorter list no longer has
_QUIET = {"RUNTIME__DLTHUB_TELEMETRY": "false", "DO_NOT_TRACK": "true", "PYTHONWARNINGS": "ignore"}


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
        for number in range(rounds):
            with tempfile.TemporaryDirectory() as folder:
                places = [
                    Reading("", Path(folder) / str(n), pythons[r.environment])
                    for n, r in enumerate(able)
                ]
                took = _round(able, places, (whole, page), records, clock)
                if number == rounds - 1:
                    _check_deletions(able, places)
            for one, all_of_it in zip(took, found, strict=True):
                all_of_it.append(one)
    return [
        row_of(r, mine, found[0], records) for r, mine in zip(able, found, strict=True)
    ], skipped


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
            if change == "changed":
                check_history(reader, reader.stored(place))
            mine.append(_read(reader, _page_of(place, page), PAGE))
    return [
        Round(
            (one.seconds(clock) - one_page.seconds(clock)) / (records - PAGE),
            (two.seconds(clock) - two_page.seconds(clock)) / (records - PAGE),
            max(one.memory, two.memory),
        )
        for one, one_page, two, two_page in costs
    ]


def _page_of(place: Reading, url: str) -> Reading:
    """The same tool's readings of the list of one page."""
    return replace(place, url=url, folder=place.folder.with_name(f"{place.folder.name}-page"))


def _read(reader: Reader, reading: Reading, records: int) -> Cost:
    """Run once. SystemExit where the tool does not have all records afterwards."""
    cost = _start(reader, reading)
    stored = reader.stored(reading)
    if stored and stored.current != records:
        raise SystemExit(
            f"{reader.row.tool} has {stored.current:,} records, the list has {records:,}"
        )
    print(f"  {records:>7,} {reader.row.tool}: {cost.wall:.1f} s, {cost.cpu:.1f} s of CPU")
    return cost


def _start(reader: Reader, reading: Reading) -> Cost:
    reading.folder.mkdir(exist_ok=True)
    variables = {**_QUIET, "HOME": str(reading.folder)}  # nothing is left in the user's own home
    return run(Pipeline(reader.commands(reading), reading.folder, variables))


def _check_deletions(readers: Sequence[Reader], places: Sequence[Reading]) -> None:
    with served(PAGE - DELETED, 0.0) as shorter:
        for reader, place in zip(readers, places, strict=True):
            page = replace(_page_of(place, shorter), shorter=True)
            _start(reader, page)
            check_deletions(reader, reader.stored(page))


def check_history(reader: Reader, stored: Stored | None) -> None:
    """SystemExit where a store has old values after a change and the table denies it, or not."""
    kept = bool(stored and stored.older)
    if kept is (reader.row.history == "no"):
        raise SystemExit(f"{reader.row.tool}: the table is wrong about old values, {stored}")


def check_deletions(reader: Reader, stored: Stored | None) -> None:
    """The same for records that were deleted: they are not current any more."""
    noticed = bool(stored and stored.lasting and stored.current == PAGE - DELETED)
    if noticed is (reader.row.deletions == "no"):
        raise SystemExit(f"{reader.row.tool}: the table is wrong about deletions, {stored}")


def row_of(reader: Reader, mine: Sequence[Round], ours: Sequence[Round], records: int) -> Row:
    """A tool's row, of its rounds and those of atsbridge."""
    first = [one.first for one in mine], [one.first for one in ours]
    again = [one.again for one in mine], [one.again for one in ours]
    own = reader.row.tool == OURS
    return replace(
        reader.row,
        job=f"{reader.row.job} ({records:,})",
        time=_each(first[0], " each") if own else _against(*first),
        again=_each(again[0], "") if own else _against(*again),
        memory=f"{statistics.median(one.memory for one in mine):.0f}",
        lines=str(lines_of(reader.code)),
    )


def _against(mine: Sequence[float], ours: Sequence[float]) -> str:
    """The median ratio. TOO_NOISY where start-up took longer than the whole list did."""
    if min(*mine, *ours) <= 0:
        return TOO_NOISY
    return ratio(statistics.median(m / o for m, o in zip(mine, ours, strict=True)))


def _each(mine: Sequence[float], what: str) -> str:
    middle = statistics.median(mine) * 1e6
    return f"1 = {middle:.0f} µs{what}" if min(mine) > 0 else TOO_NOISY
