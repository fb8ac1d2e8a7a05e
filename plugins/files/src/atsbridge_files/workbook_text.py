"""Turn a sheet of an Excel workbook into the text of a CSV file, which is then read as any other.

A row of the sheet is one line of the text, so that errors name the row that people see. Cells have
the values that Excel saved: of a formula its last result, of a date or number no matter how it is
shown. Memory grows with the sheet, and is bounded.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, BinaryIO

from atsbridge_files.export_text import ZIP, refuse

if TYPE_CHECKING:
    from openpyxl.workbook.workbook import Workbook

ENDINGS = (".xlsx", ".xlsm")
MAX_UNPACKED = 256 * 2**20  # bytes of all parts: 400,000 rows of twelve columns, and no bomb
MAX_TEXT = 256 * 2**20  # bytes of the text of one sheet
MAX_PARTS = 5_000  # files in a workbook
_BEGINNING = 21  # rows: titles and the header, of which the widest gives the width
_LINE_BREAKS = str.maketrans({"\r": None, "\n": "\u2028"})  # white space, and no end of a line
_HALF_SECOND = timedelta(milliseconds=500)  # Excel stores 09:30 as a fraction of a day
_INSTALL = "Install the extra: pip install 'atsbridge-files[xlsx]'; or save it as CSV (UTF-8)"
_SAVE = "Save it anew in Excel, or as CSV (UTF-8)"


def is_workbook(stream: BinaryIO, name: str) -> bool:
    """Whether the file is a workbook, by its name and first bytes. Leaves it at its beginning."""
    start = stream.read(len(ZIP))
    stream.seek(0)
    return start == ZIP and name.lower().endswith(ENDINGS)


def sheet_names(stream: BinaryIO, name: str) -> list[str]:
    """The sheets with cells that Excel shows. FatalError if the workbook cannot be read."""
    with _opened(stream, name) as workbook:
        return _visible(workbook)


def sheet_text(stream: BinaryIO, name: str, sheet: str, decimal: str) -> bytes:
    """The sheet as CSV in UTF-8, with a byte order mark.

    `sheet`: its name; "" for the only one that Excel shows. `decimal`: what the account separates
    decimals with. FatalError if there is no such sheet, or the workbook cannot be read.
    """
    with _opened(stream, name) as workbook:
        found = workbook[_chosen(workbook, name, sheet)]
        found.reset_dimensions()  # as the file declares them, which need not be true
        return _text(found.iter_rows(values_only=True), name, decimal)


@contextmanager
def _opened(stream: BinaryIO, name: str) -> Iterator[Workbook]:
    try:
        from openpyxl import load_workbook
    except ImportError:
        raise refuse("this file is an Excel workbook", name, _INSTALL) from None
    _check_size(stream, name)
    try:
        workbook = load_workbook(stream, read_only=True, data_only=True, keep_links=False)
        try:
            yield workbook
        finally:
            workbook.close()
    except (ArithmeticError, AttributeError, LookupError, OSError, SyntaxError) as fault:
        raise _broken(name, fault) from None
    except (TypeError, ValueError, zipfile.BadZipFile, EOFError) as fault:
        raise _broken(name, fault) from None


def _broken(name: str, fault: Exception) -> Exception:
    what = f"this Excel workbook is damaged or not whole ({type(fault).__name__})"
    return refuse(what, name, _SAVE)


def _check_size(stream: BinaryIO, name: str) -> None:
    """FatalError if the parts are too many or too large unpacked. A part that is larger than the
    archive declares is found damaged when it is read."""
    try:
        with zipfile.ZipFile(stream) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, EOFError):
        raise refuse("this Excel workbook is not whole", name, _SAVE) from None
    stream.seek(0)
    if any(part.flag_bits & 1 for part in parts):
        raise refuse("this Excel workbook is encrypted", name, "Save it without a password")
    if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED:
        what = f"this Excel workbook is larger than {MAX_UNPACKED >> 20} MB unpacked"
        raise refuse(what, name, "Export CSV, of which any size is read")


def _visible(workbook: Workbook) -> list[str]:
    return [one.title for one in workbook.worksheets if one.sheet_state == "visible"]


def _chosen(workbook: Workbook, name: str, sheet: str) -> str:
    sheets, visible = [one.title for one in workbook.worksheets], _visible(workbook)
    if not sheet and len(visible) == 1:
        return visible[0]
    found = next((one for one in sheets if one.strip().casefold() == sheet.strip().casefold()), "")
    if found:
        return found
    what = f'this workbook has no sheet "{sheet}"' if sheet else "this workbook has several sheets"
    shown = ", ".join(f'"{one}"' for one in visible) or "no sheet that Excel shows"
    raise refuse(f"{what}: it has {shown}", name, 'Name one of them with sheet = "..."')


def _text(rows: Iterable[Sequence[Any]], name: str, decimal: str) -> bytes:
    """All rows as CSV, as wide as the widest of the first ones: what stands beside the table in a
    later row has no header."""
    made = io.BytesIO()
    text = io.TextIOWrapper(made, "utf-8-sig", newline="", write_through=True)
    write, cell = csv.writer(text, lineterminator="\n").writerow, _cell_writer(decimal)
    begun, width = [], 0
    for number, row in enumerate(rows, 1):
        cells = list(map(cell, row))
        if number <= _BEGINNING:
            width = max(width, len(cells))
            begun.append(cells)
            continue
        for one in begun:
            write(_fitted(one, width))
        begun = []
        write(_fitted(cells, width))
        if made.tell() > MAX_TEXT:
            raise refuse(f"this sheet has more than {MAX_TEXT >> 20} MB of text", name, "Split it")
    for one in begun:
        write(_fitted(one, width))
    text.flush()
    return made.getvalue()


def _fitted(cells: list[str], width: int) -> list[str]:
    """As many cells as the table is wide; none for an empty row."""
    return [*cells[:width], *[""] * (width - len(cells))] if any(cells) else []


def _cell_writer(decimal: str) -> Callable[[Any], str]:
    """A function from the value of a cell to text that says the same in every account."""

    def write(value: Any) -> str:
        if value is None:
            return ""
        if isinstance(value, str):
            return value.translate(_LINE_BREAKS)
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, int):
            return str(value)
        if isinstance(value, float):
            text = f"{value:.15g}"  # as many digits as Excel has
            return (f"{Decimal(text):f}" if "e" in text else text).replace(".", decimal)
        return _date_text(value)

    return write


def _date_text(value: Any) -> str:
    """ISO 8601. Excel knows no zone, and no difference between a day and its midnight."""
    if isinstance(value, datetime):
        rounded = (value + _HALF_SECOND).replace(microsecond=0)
        day = rounded.time() == time()
        return rounded.date().isoformat() if day else rounded.isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value)
