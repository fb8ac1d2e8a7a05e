"""Read the rows of an export: CSV, JSON or JSON Lines, with the line of each for errors.

Memory does not grow with a CSV or JSON Lines file. A JSON file is held as raw slices.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from operator import itemgetter
from typing import Any, BinaryIO, NamedTuple, cast

import msgspec

from atsbridge_files.export_text import TextShape, refuse
from atsbridge_files.header_names import HeaderSearch, plain_header

MAX_COLUMNS = 16_384  # the most that a sheet of Excel has
MAX_CELL = 32_767  # characters; likewise
_TITLES = 20  # lines of title that reports put above the header
_DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
_SAMPLE = 1 << 16  # bytes of the header and its titles
_JSON_LIMIT = 512 * 2**20  # bytes
_LIST_IN_CELL = "; "


class ExportRow(NamedTuple):
    """One row: its first line (of JSON: its number), and the cells of the wanted headers."""

    line: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How a table is read. `delimiter` and `member` are "" if they are to be found.

    `decimal`: what the account separates decimals with; numbers of JSON are written so.
    """

    delimiter: str = ""
    member: str = ""
    decimal: str = "."


@dataclass(frozen=True, slots=True)
class ExportReader:
    """The rows of one file. `form`: what it was found to be, for `doctor`. `headers`: all of them.

    `rows()` reads the file from its beginning, again at each call. It raises FatalError at the row
    that breaks the form of the file.
    """

    form: str
    headers: tuple[str, ...]
    picked: tuple[str, ...]
    rows: Callable[[], Iterator[ExportRow]]


def open_rows(
    stream: BinaryIO, name: str, shape: TextShape, search: HeaderSearch, options: ReadOptions
) -> ExportReader:
    """The reader of a file by what its first character shows.

    `search`: the headers whose cells are wanted. FatalError if the file is empty or has not all of
    them.
    """
    start = _decoded(stream, shape, _SAMPLE)
    first = start.lstrip()[:1]
    if not first:
        raise refuse("this file is empty", name, "Look whether the export ended with an error")
    if first == "[" or (first == "{" and not _is_lines(start, name)):
        return _json(stream, name, shape, search, options)
    if first == "{":
        return _json_lines(stream, name, shape, search, options)
    if first == "<":
        raise refuse("this file is a web page or XML", name, "Export CSV, JSON or JSON Lines")
    return _csv(stream, name, shape, search, _find_head(start, name, search, options.delimiter))


def _decoded(stream: BinaryIO, shape: TextShape, size: int) -> str:
    stream.seek(0)
    raw = stream.read(size)
    stream.seek(0)
    return raw.decode(shape.encoding, "ignore").lstrip("\ufeff")


def _text(stream: BinaryIO, shape: TextShape) -> io.TextIOWrapper:
    """The stream as text from its beginning. `detach` it at the end: it is read again."""
    stream.seek(0)
    return io.TextIOWrapper(cast("io.BufferedReader", stream), shape.encoding, newline="")


def _release(text: io.TextIOWrapper) -> None:
    """Leave the stream open for its owner, who may have closed it already."""
    with suppress(ValueError):
        text.detach()


# --- CSV ------------------------------------------------------------------------------------------


class _Head(NamedTuple):
    """The header of a CSV: its record (from 0), delimiter and cells."""

    record: int
    delimiter: str
    cells: tuple[str, ...]


def _find_head(start: str, name: str, search: HeaderSearch, delimiter: str) -> _Head:
    """The first line that has every wanted header, under the delimiter that shows them."""
    heads = list[_Head]()
    for mark in (delimiter,) if delimiter else _DELIMITERS:
        for record, cells in enumerate(_records(start, mark)):
            head = _Head(record, mark, cells)
            if not search.missing(cells):
                return head
            heads.append(head)
    nothing = _Head(0, "", ())
    best = max(heads, key=lambda head: _score(head, search), default=nothing)
    raise search.refusal(best.cells, f"{name}:{best.record + 1}")


def _score(head: _Head, search: HeaderSearch) -> tuple[int, int]:
    return -len(search.missing(head.cells)), len(head.cells) if head.record == 0 else 0


def _records(start: str, delimiter: str) -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = []
    with suppress(csv.Error):  # the whole file is read strictly later
        reader = csv.reader(io.StringIO(start, newline=""), delimiter=delimiter)
        found.extend(tuple(cells) for cells in islice(reader, _TITLES))
    return found or [()]


def _csv(
    stream: BinaryIO, name: str, shape: TextShape, search: HeaderSearch, head: _Head
) -> ExportReader:
    if len(head.cells) > MAX_COLUMNS:
        raise refuse(f"this file has more than {MAX_COLUMNS:,} columns", name)
    places = search.places(head.cells, f"{name}:{head.record + 1}")
    form = f"CSV with {_DELIMITERS[head.delimiter]}, {shape.encoding}"

    def rows() -> Iterator[ExportRow]:
        return _csv_rows(_text(stream, shape), name, head, places)

    return ExportReader(form, head.cells, tuple(head.cells[at] for at in places), rows)


def _csv_rows(
    text: io.TextIOWrapper, name: str, head: _Head, places: Sequence[int]
) -> Iterator[ExportRow]:
    reader = csv.reader(text, delimiter=head.delimiter, strict=True)
    pick, width, line = _picker(places), len(head.cells), 1
    try:
        for number, cells in enumerate(reader):
            begun, line = line, reader.line_num + 1
            if number <= head.record:
                continue
            if len(cells) != width:
                if not any(map(str.strip, cells)):
                    continue
                what = f"this row has {len(cells)} cells, and the header has {width}"
                raise refuse(f"{what}: the file may be cut off", f"{name}:{begun}", _BROKEN)
            picked = pick(cells)
            if any(picked):
                if max(map(len, picked)) > MAX_CELL:
                    raise refuse(f"a cell has over {MAX_CELL:,} characters", f"{name}:{begun}")
                yield ExportRow(begun, picked)
            # A row without any wanted cell is an empty line, or one of totals.
    except csv.Error:
        what = "a quote that begins in this row is not closed, or stands in the middle of a cell"
        raise refuse(what, f"{name}:{line}", _BROKEN) from None
    finally:
        _release(text)


_BROKEN = "Export the file again; the rows of the last good one stay"


def _picker(places: Sequence[int]) -> Callable[[Sequence[str]], tuple[str, ...]]:
    if len(places) == 1:
        only = places[0]
        return lambda cells: (cells[only].strip(),)
    get = itemgetter(*places)
    return lambda cells: tuple([cell.strip() for cell in get(cells)])


# --- JSON -----------------------------------------------------------------------------------------


def _is_lines(start: str, name: str) -> bool:
    """Whether a file that begins with an object has one object in each line."""
    first, _, rest = start.lstrip().partition("\n")
    named = name.lower().endswith((".jsonl", ".ndjson"))
    return named or (first.rstrip().endswith("}") and rest.lstrip()[:1] == "{")


def _json(
    stream: BinaryIO, name: str, shape: TextShape, search: HeaderSearch, options: ReadOptions
) -> ExportReader:
    if shape.size > _JSON_LIMIT:
        what = f"a JSON file of more than {_JSON_LIMIT >> 20} MB is not read"
        raise refuse(what, name, "Export JSON Lines or CSV")
    raws = _json_list(_whole(stream, shape), name, options.member)
    headers = _json_headers(islice(raws, 200), name)
    if raws:
        search.check_identity(headers, name)
    cells = _json_picker(search, options)

    def rows() -> Iterator[ExportRow]:
        for number, raw in enumerate(raws, 1):
            row = _object(raw, f"{name}: row {number}")
            yield ExportRow(number, cells(row, f"{name}: row {number}"))

    return ExportReader(f"JSON, {shape.encoding}", headers, search.names(headers), rows)


def _whole(stream: BinaryIO, shape: TextShape) -> bytes:
    stream.seek(0)
    raw = stream.read()
    return raw if shape.encoding == "utf-8" else raw.decode(shape.encoding).encode()


def _json_list(body: bytes, name: str, member: str) -> list[msgspec.Raw]:
    try:
        if body.lstrip()[:1] == b"[":
            return msgspec.json.decode(body, type=list[msgspec.Raw])
        members = msgspec.json.decode(body, type=dict[str, msgspec.Raw])
    except (msgspec.DecodeError, RecursionError):
        raise refuse(
            "this JSON does not end, or has a mistake: the file may be cut off", name, _BROKEN
        ) from None
    lists = [one for one, raw in members.items() if bytes(raw)[:1] == b"["]
    chosen = member or (lists[0] if len(lists) == 1 else "")
    if chosen not in lists:
        found = ", ".join(lists) or "none"
        raise refuse(
            f"this JSON has not one list of rows; lists: {found}",
            name,
            'Name the list with rows = "..."',
        )
    return msgspec.json.decode(members[chosen], type=list[msgspec.Raw])


def _json_lines(
    stream: BinaryIO, name: str, shape: TextShape, search: HeaderSearch, options: ReadOptions
) -> ExportReader:
    def raws() -> Iterator[tuple[int, bytes]]:
        text = _text(stream, shape)
        try:
            for number, line in enumerate(text, 1):
                if line.strip("\ufeff \t\r\n"):
                    yield number, line.strip("\ufeff \t\r\n").encode()
        finally:
            _release(text)

    headers = _json_headers((raw for _, raw in islice(raws(), 200)), name)
    search.check_identity(headers, name)
    cells = _json_picker(search, options)

    def rows() -> Iterator[ExportRow]:
        for number, raw in raws():
            row = _object(raw, f"{name}:{number}")
            yield ExportRow(number, cells(row, f"{name}:{number}"))

    return ExportReader(f"JSON Lines, {shape.encoding}", headers, search.names(headers), rows)


def _json_headers(raws: Iterator[Any], name: str) -> tuple[str, ...]:
    """The names of members in the first rows, with dots for those inside others."""
    found: dict[str, None] = {}
    for number, raw in enumerate(raws, 1):
        found.update(dict.fromkeys(_names(_object(raw, f"{name}: row {number}"))))
    return tuple(found)


def _names(row: dict[str, Any], before: str = "") -> Iterator[str]:
    for member, value in row.items():
        yield f"{before}{member}"
        if isinstance(value, dict) and not before.count("."):
            yield from _names(value, f"{before}{member}.")


def _object(raw: Any, where: str) -> dict[str, Any]:
    try:
        return msgspec.json.decode(raw, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        what = "this row is no complete object: the file may be cut off"
        raise refuse(what, where, _BROKEN) from None


def _json_picker(
    search: HeaderSearch, options: ReadOptions
) -> Callable[[dict[str, Any], str], tuple[str, ...]]:
    """A function (row, its place) -> the cells of the wanted headers."""

    def pick(row: dict[str, Any], where: str) -> tuple[str, ...]:
        plain = {plain_header(name): value for name, value in row.items()}
        values = (_member(row, plain, names) for names in search.wanted)
        cells = tuple([_cell(value, options.decimal) for value in values])
        if max(map(len, cells), default=0) > MAX_CELL:
            raise refuse(f"a value has over {MAX_CELL:,} characters", where)
        return cells

    return pick


def _member(row: dict[str, Any], plain: dict[str, Any], names: Sequence[str]) -> Any:
    for name in names:
        if name in row:
            return row[name]
        if plain_header(name) in plain:
            return plain[plain_header(name)]
        value: Any = row
        for part in name.split("."):
            value = value.get(part) if isinstance(value, dict) else None
        if value is not None:
            return value
    return None


_NUMBER_END = re.compile(r"\.0$")


def _cell(value: Any, decimal: str) -> str:
    """A JSON value as the text of a cell; "" for null and for objects."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return _NUMBER_END.sub("", f"{Decimal(repr(value)):f}").replace(".", decimal)
    if isinstance(value, list):
        return _LIST_IN_CELL.join(filter(None, (_cell(one, decimal) for one in value)))
    return ""
