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
    row = list[Cell]()
    line, line_start, at = 1, 0, 0
    while at < len(text) or row:  # a comma at the very end is followed by an empty cell
        value, end = _read_cell(text, at)
        column = at - line_start + 1
        if value is None or len(value) > MAX_CELL:
            what = f"a cell has more than {MAX_CELL:,} characters"
            remedy = "Look for a quote that is not closed"
            raise UnusableCsvError(Cell("", line, column), what, remedy)
        row.append(Cell(value, line, column))
        if breaks := text.count("\n", at, end):  # inside quotes
            line += breaks
            line_start = text.rindex("\n", at, end) + 1
        at = end + 1
        if end >= len(text) or text[end] == "\n":
            if _has_content(row):
                yield row
            row, line, line_start = [], line + 1, at


def _has_content(row: Sequence[Cell]) -> bool:
    """Whether the line is neither blank nor a comment."""
    values = [cell.text.strip() for cell in row]
    return any(values) and not values[0].startswith("#")


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


def _read_cell(text: str, at: int) -> tuple[str | None, int]:
    """The cell that begins at `at`, and its end: a comma, a line end, or the end of the text.

    None for a quote that is never closed. Text after the closing quote belongs to the cell.
    """
    if not text.startswith('"', at):
        end = _find_cell_end(text, at)
        return text[at:end], end
    parts, at = list[str](), at + 1
    while True:
        quote = text.find('"', at)
        if quote < 0:
            return None, len(text)
        parts.append(text[at:quote])
        at = quote + 1
        if not text.startswith('"', at):
            break
        parts.append('"')  # two quotes stand for one
        at += 1
    end = _find_cell_end(text, at)
    return "".join(parts) + text[at:end].rstrip(" "), end


def _find_cell_end(text: str, at: int) -> int:
    match = _CELL_END.search(text, at)
    return match.start() if match else len(text)
