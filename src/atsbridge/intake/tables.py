"""Market tables from CSV, each mistake at its line and column.

What a row means is `rules.market`'s. The first line names the columns, in any order:
title, level, department, country, location, currency, period, p25, p50, p75, days_to_fill,
source, as_of. Blank lines and lines that begin with # are left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

from atsbridge.errors import RuleError
from atsbridge.intake.files import text_of
from atsbridge.rules.market import COLUMNS, MarketRow, row
from atsbridge.rules.mistakes import nearest, remedy

_NEEDED = ("title", "source", "as_of")
_SAMPLE = "title,location,currency,period,p25,p50,p75,source,as_of"
_OLD = timedelta(days=365)  # pay moves by some percent a year: older tables mislead


class Cell(NamedTuple):
    """One value and where it begins; lines and columns count from 1."""

    text: str
    line: int
    column: int


class Table(NamedTuple):
    """A file's good rows, and everything that is wrong in it."""

    name: str
    rows: tuple[MarketRow, ...]
    errors: tuple[RuleError, ...]


def read(files: Sequence[Path], folder: Path) -> list[Table]:
    """Each file as a table. A file that cannot be read, or is no table, has errors and no rows."""
    found = []
    for file in files:
        try:
            name, text = text_of(file, folder)
        except RuleError as error:
            found.append(Table(error.where, (), (error,)))
            continue
        found.append(table(name, text))
    return found


def table(name: str, text: str) -> Table:
    """The rows of a table; a row with a mistake is left out, and every mistake is told."""
    lines = cells(text)
    head = next(lines, None)
    errors: list[RuleError] = []

    def wrong(cell: Cell, what: str, mend: str = "") -> None:
        errors.append(RuleError(what, where=f"{name}:{cell.line}:{cell.column}", remedy=mend))

    if head is None:
        wrong(Cell("", 1, 1), "this table is empty", f"Write first: {_SAMPLE}")
        return Table(name, (), tuple(errors))
    for cell, what, mend in _heading(head):
        wrong(cell, what, mend)
    if errors:
        return Table(name, (), tuple(errors))
    names, rows = [cell.text.strip() for cell in head], []
    for line in lines:
        if len(line) != len(head):
            what = f"this line has {len(line)} cells, the first has {len(head)}"
            wrong(line[0], what, "Put text with commas in quotes")
            continue
        at = dict(zip(names, line, strict=True))
        made, mistakes = row({word: cell.text for word, cell in at.items()})
        for word, what in mistakes:
            wrong(at.get(word, line[0]), what)
        rows += [made] if made else []
    return Table(name, tuple(rows), tuple(errors))


def _heading(head: Sequence[Cell]) -> Iterator[tuple[Cell, str, str]]:
    seen: set[str] = set()
    for cell in head:
        word = cell.text.strip()
        if word not in COLUMNS:
            near = nearest(word, COLUMNS)
            mend = remedy(near, near) if near else f"There are {', '.join(COLUMNS)}"
            yield cell, f'"{word}" is no column of a market table', mend
        elif word in seen:
            yield cell, f'the column "{word}" stands here twice', f'Keep one "{word}"'
        seen.add(word)
    for word in _NEEDED:
        if word not in seen:
            yield head[0], f'the column "{word}" is missing', f"Write for example: {_SAMPLE}"


def cells(text: str) -> Iterator[list[Cell]]:
    """The lines of a CSV as cells: comma between, quotes around what holds one, "" for a quote."""
    number, at = 1, 0
    while at < len(text):
        start_line, row_cells, start = number, list[Cell](), at
        while True:
            column = at - start + 1 if number == start_line else at - text.rfind("\n", 0, at)
            cell, end = _cell(text, at)
            row_cells.append(Cell(cell, number, column))
            number += text.count("\n", at, end)
            at = end + 1
            if end >= len(text) or text[end] == "\n":
                break
        number += 1
        said = [cell.text.strip() for cell in row_cells]
        if any(said) and not said[0].startswith("#"):
            yield row_cells


def _cell(text: str, at: int) -> tuple[str, int]:
    """The cell that begins there, and where it ends: at a comma, a line's end, the text's end."""
    if text[at : at + 1] != '"':
        ends = [end for mark in ",\n" if (end := text.find(mark, at)) >= 0]
        end = min(ends, default=len(text))
        return text[at:end].rstrip("\r"), end
    found, at = [], at + 1
    while at < len(text):
        if text[at] != '"':
            found.append(text[at])
        elif text[at + 1 : at + 2] == '"':
            found.append('"')
            at += 1
        else:
            break
        at += 1
    at += 1
    while at < len(text) and text[at] not in ",\n":
        at += 1
    return "".join(found), at


def stale(tables: Sequence[Table], today: date) -> Iterator[tuple[str, str]]:
    """Each table whose newest row is more than a year old: its name, and why that matters."""
    for one in tables:
        newest = max((row.as_of for row in one.rows), default=today)
        if today - newest > _OLD:
            yield one.name, f"its figures are of {newest}: pay has moved since"
