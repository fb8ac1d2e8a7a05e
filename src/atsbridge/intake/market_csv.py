"""Market tables from CSV, each mistake at its line and column.

What a row means is `rules.market`'s. The first line names the columns, in any order:
title, level, department, country, location, currency, period, p25, p50, p75, days_to_fill,
source, as_of. Blank lines and lines that begin with # are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

from atsbridge.errors import RuleError
from atsbridge.intake.input_files import text_of
from atsbridge.rules import COLUMNS, MarketRow, nearest, remedy, row

_NEEDED = ("title", "source", "as_of")
_SAMPLE = "title,location,currency,period,p25,p50,p75,source,as_of"
MAX_ROWS = 20_000  # a table of every role in every country has some thousands; rows stay in memory
MAX_ERRORS = 100  # a table with more is the wrong file, or saved by another program
MAX_CELL = 1_000  # characters; a quote that is never closed would swallow the rest of the file

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_CELL_END = re.compile(r"[,\n]")
_OTHER_COMMAS = {";": "semicolons", "\t": "tabs", "|": "bars"}
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
    """The rows of a table; a row with a mistake is left out, and every mistake is told.

    What is wrong with the whole file (no commas, a quote that is not closed, too many rows or
    mistakes) is one error, and then no row counts.
    """
    reader = _Reader(name)
    try:
        reader.read(cells(text))
    except _Unusable as error:
        where = f"{name}:{error.cell.line}:{error.cell.column}"
        return Table(name, (), (RuleError(error.what, where=where, remedy=error.remedy),))
    return Table(name, tuple(reader.rows), tuple(reader.errors))


class _Unusable(Exception):
    """The whole table cannot be read."""

    def __init__(self, cell: Cell, what: str, remedy: str) -> None:
        super().__init__(what)
        self.cell, self.what, self.remedy = cell, what, remedy


@dataclass(slots=True)
class _Reader:
    """One table while it is read."""

    name: str
    rows: list[MarketRow] = field(default_factory=list)
    errors: list[RuleError] = field(default_factory=list)

    def wrong(self, cell: Cell, what: str, mend: str = "") -> None:
        if len(self.errors) >= MAX_ERRORS:
            what = f"this table has more than {MAX_ERRORS} mistakes, the first at "
            raise _Unusable(cell, what + self.errors[0].where, "Look whether it is the right file")
        where = f"{self.name}:{cell.line}:{cell.column}"
        self.errors.append(RuleError(what, where=where, remedy=mend))

    def read(self, lines: Iterator[list[Cell]]) -> None:
        head = next(lines, None)
        if head is None:
            raise _Unusable(Cell("", 1, 1), "this table is empty", f"Write first: {_SAMPLE}")
        if len(head) == 1 and (mark := next((m for m in _OTHER_COMMAS if m in head[0].text), "")):
            what = f"the cells of this table are separated by {_OTHER_COMMAS[mark]}"
            raise _Unusable(head[0], what, "Use commas: save it as CSV (comma delimited), UTF-8")
        for cell, what, mend in _heading(head):
            self.wrong(cell, what, mend)
        if self.errors:
            return
        names = [cell.text.strip() for cell in head]
        number = 0
        for number, line in enumerate(lines, 1):
            if number > MAX_ROWS:
                what = f"this table has more than {MAX_ROWS:,} rows"
                raise _Unusable(line[0], what, "Leave out what no requisition needs")
            self.row(names, line)
        if not number:
            self.wrong(head[0], "this table has a heading and no rows", "Write one row at least")

    def row(self, names: list[str], line: list[Cell]) -> None:
        if len(line) != len(names):
            what = f"this line has {len(line)} cells, the first has {len(names)}"
            self.wrong(line[0], what, "Put text with commas in quotes")
            return
        at = dict(zip(names, line, strict=True))
        made, mistakes = row({word: cell.text for word, cell in at.items()})
        strange = [(cell, what) for cell in line if (what := _strange(cell.text))]
        for cell, what in strange:
            self.wrong(cell, what, "Type its value anew")
        for word, what in mistakes:
            self.wrong(at.get(word, line[0]), what)
        if made is not None and not strange:
            self.rows.append(made)


def _strange(text: str) -> str:
    """Why a cell can be no text and no figure; "" where it can."""
    if text.lstrip()[:1] in ("=", "@"):
        return "this cell holds a formula"
    return "this cell holds a control character" if _CONTROL.search(text) else ""


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
            if len(cell) > MAX_CELL:
                what = f"a cell has more than {MAX_CELL:,} characters"
                mend = "Look for a quote that is not closed"
                raise _Unusable(Cell("", number, column), what, mend)
            row_cells.append(Cell(cell, number, column))
            number += text.count("\n", at, end)
            at = end + 1
            if end >= len(text) or text[end] == "\n":
                break
        number += 1
        values = [cell.text.strip() for cell in row_cells]
        if any(values) and not values[0].startswith("#"):
            yield row_cells


def _cell(text: str, at: int) -> tuple[str, int]:
    """The cell that begins there, and where it ends: at a comma, a line's end, the text's end."""
    if text[at : at + 1] != '"':
        match = _CELL_END.search(text, at)
        end = match.start() if match else len(text)
        return text[at:end], end
    found, at = [], at + 1
    while (end := text.find('"', at)) >= 0:
        found.append(text[at:end])
        at = end + 1
        if text[at : at + 1] != '"':
            break
        found.append('"')
        at += 1
    else:
        return "x" * (MAX_CELL + 1), len(text)  # never closed
    match = _CELL_END.search(text, at)
    end = match.start() if match else len(text)
    return "".join(found) + text[at:end].rstrip(" "), end  # what follows the quote is kept


def stale(tables: Sequence[Table], today: date) -> Iterator[tuple[str, str]]:
    """Each table whose newest row is more than a year old: its name, and why that matters."""
    for one in tables:
        newest = max((row.as_of for row in one.rows), default=today)
        if today - newest > _OLD:
            yield one.name, f"its figures are of {newest}: pay has moved since"
