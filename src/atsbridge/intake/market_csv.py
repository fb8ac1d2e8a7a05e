"""Market tables from CSV; every error has line and column.

The first line names the columns, in any order:
title, level, department, country, location, currency, period, p25, p50, p75, days_to_fill,
source, as_of. Blank lines and lines that begin with # are left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

from atsbridge.csvfile import Cell, UnusableCsvError, check_separator, find_strange, read_cells
from atsbridge.errors import RuleError
from atsbridge.intake.input_files import read_input
from atsbridge.model import suggest
from atsbridge.rules import COLUMNS, MarketRow, remedy, row

_NEEDED = ("title", "source", "as_of")
_SAMPLE = "title,location,currency,period,p25,p50,p75,source,as_of"
MAX_ROWS = 20_000  # rows stay in memory; a table of all roles in all countries has some thousands
MAX_ERRORS = 100  # a table with more errors is probably the wrong file
_OLD = timedelta(days=365)  # pay changes by a few percent a year
_AHEAD = timedelta(days=1)  # it is already tomorrow in some zone


class MarketTable(NamedTuple):
    """The valid rows of a file, and all its errors."""

    name: str
    rows: tuple[MarketRow, ...]
    errors: tuple[RuleError, ...]


def read_tables(files: Sequence[Path], folder: Path) -> list[MarketTable]:
    """Parse each file. A file that cannot be read, or is not a table, has errors and no rows."""
    found = []
    for file in files:
        try:
            name, text = read_input(file, folder)
        except RuleError as error:
            found.append(MarketTable(error.where, (), (error,)))
            continue
        found.append(parse_table(name, text))
    return found


def parse_table(name: str, text: str) -> MarketTable:
    """Parse a table. A row with an error is left out, and every error is reported.

    A problem of the whole file (other separators, an unclosed quote, too many rows or errors) is
    one error, and then no row counts.
    """
    reader = _Parser(name)
    try:
        reader.read(read_cells(text))
    except UnusableCsvError as error:
        where = f"{name}:{error.cell.line}:{error.cell.column}"
        return MarketTable(name, (), (RuleError(error.what, where=where, remedy=error.remedy),))
    return MarketTable(name, tuple(reader.rows), tuple(reader.errors))


@dataclass(slots=True)
class _Parser:
    """The parser of one table."""

    name: str
    rows: list[MarketRow] = field(default_factory=list)
    errors: list[RuleError] = field(default_factory=list)

    def wrong(self, cell: Cell, what: str, remedy_text: str = "") -> None:
        if len(self.errors) >= MAX_ERRORS:
            what = f"this table has more than {MAX_ERRORS} mistakes, the first at "
            raise UnusableCsvError(
                cell, what + self.errors[0].where, "Look whether it is the right file"
            )
        where = f"{self.name}:{cell.line}:{cell.column}"
        self.errors.append(RuleError(what, where=where, remedy=remedy_text))

    def read(self, lines: Iterator[list[Cell]]) -> None:
        head = next(lines, None)
        if head is None:
            raise UnusableCsvError(Cell("", 1, 1), "this table is empty", f"Write first: {_SAMPLE}")
        check_separator(head)
        for cell, what, remedy_text in _check_heading(head):
            self.wrong(cell, what, remedy_text)
        if self.errors:
            return
        names = [cell.text.strip() for cell in head]
        number = 0
        for number, line in enumerate(lines, 1):
            if number > MAX_ROWS:
                what = f"this table has more than {MAX_ROWS:,} rows"
                raise UnusableCsvError(line[0], what, "Leave out what no requisition needs")
            self.row(names, line)
        if not number:
            self.wrong(head[0], "this table has a heading and no rows", "Write one row at least")

    def row(self, names: list[str], line: list[Cell]) -> None:
        if len(line) != len(names):
            what = f"this line has {len(line)} cells, the first has {len(names)}"
            self.wrong(line[0], what, "Put text with commas in quotes")
            return
        at = dict(zip(names, line, strict=True))
        made, errors = row({column: cell.text for column, cell in at.items()})
        strange = [(cell, what) for cell in line if (what := find_strange(cell.text))]
        for cell, what in strange:
            self.wrong(cell, what, "Type its value anew")
        for column, what in errors:
            self.wrong(at.get(column, line[0]), what)
        if made is not None and not strange:
            self.rows.append(made)


def _check_heading(head: Sequence[Cell]) -> Iterator[tuple[Cell, str, str]]:
    seen: set[str] = set()
    for cell in head:
        column = cell.text.strip()
        if column not in COLUMNS:
            near = suggest(column, COLUMNS)
            remedy_text = remedy(near, near) if near else f"There are {', '.join(COLUMNS)}"
            yield cell, f'"{column}" is no column of a market table', remedy_text
        elif column in seen:
            yield cell, f'the column "{column}" stands here twice', f'Keep one "{column}"'
        seen.add(column)
    for column in _NEEDED:
        if column not in seen:
            yield head[0], f'the column "{column}" is missing', f"Write for example: {_SAMPLE}"


def find_stale(tables: Sequence[MarketTable], today: date) -> Iterator[tuple[str, str]]:
    """(name, warning) of each table whose newest row is over a year old, or of a day to come."""
    for one in tables:
        newest = max((row.as_of for row in one.rows), default=today)
        if newest - today > _AHEAD:
            yield one.name, f"its figures are of {newest}, a day to come: correct as_of"
        if today - newest > _OLD:
            yield one.name, f"its figures are of {newest}: pay has moved since"
