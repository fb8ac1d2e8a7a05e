"""Read CSV that people write, with the line and column of each cell for errors.

The `csv` module of Python tells no columns, and reads on over a quote that is never closed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

MAX_CELL = 1_000  # characters; an unclosed quote would include the rest of the file

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_CELL_END = re.compile(r"[,\n]")
_OTHER_COMMAS = {";": "semicolons", "\t": "tabs", "|": "bars"}


class Cell(NamedTuple):
    """One value and its position; lines and columns count from 1."""

    text: str
    line: int
    column: int


class UnusableCsvError(Exception):
    """The whole file cannot be read as CSV: where, what is wrong, and what to do."""

    def __init__(self, cell: Cell, what: str, remedy: str) -> None:
        super().__init__(what)
        self.cell, self.what, self.remedy = cell, what, remedy


def read_cells(text: str) -> Iterator[list[Cell]]:
    """The lines of a CSV as cells, quoted as usual ("" for a quote).

    Blank lines and lines that begin with # are left out. UnusableCsvError for a cell of more than
    MAX_CELL characters.
    """
    number, at = 1, 0
    while at < len(text):
        start_line, row_cells, start = number, list[Cell](), at
        while True:
            column = at - start + 1 if number == start_line else at - text.rfind("\n", 0, at)
            cell, end = _read_cell(text, at)
            if len(cell) > MAX_CELL:
                what = f"a cell has more than {MAX_CELL:,} characters"
                remedy = "Look for a quote that is not closed"
                raise UnusableCsvError(Cell("", number, column), what, remedy)
            row_cells.append(Cell(cell, number, column))
            number += text.count("\n", at, end)
            at = end + 1
            if end >= len(text) or text[end] == "\n":
                break
        number += 1
        values = [cell.text.strip() for cell in row_cells]
        if any(values) and not values[0].startswith("#"):
            yield row_cells


def check_separator(head: Sequence[Cell]) -> None:
    """UnusableCsvError if the first line shows that cells are not separated by commas."""
    if len(head) != 1:
        return
    if mark := next((one for one in _OTHER_COMMAS if one in head[0].text), ""):
        what = f"the cells of this table are separated by {_OTHER_COMMAS[mark]}"
        remedy = "Use commas: save it as CSV (comma delimited), UTF-8"
        raise UnusableCsvError(head[0], what, remedy)


def find_strange(text: str) -> str:
    """Why a cell is neither text nor a figure; "" if it is one."""
    if text.lstrip()[:1] in ("=", "@"):
        return "this cell holds a formula"
    return "this cell holds a control character" if _CONTROL.search(text) else ""


def _read_cell(text: str, at: int) -> tuple[str, int]:
    """The cell that begins at `at`, and its end: a comma, a line end, or the end of the text."""
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
    return "".join(found) + text[at:end].rstrip(" "), end  # text after the closing quote is kept
