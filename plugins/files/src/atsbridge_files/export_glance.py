"""Look at the exports of a folder before any table is written: headers, and what stands below."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import islice
from typing import BinaryIO

from atsbridge.api import SourceError
from atsbridge_files.cell_values import filled
from atsbridge_files.export_dates import DateColumn
from atsbridge_files.export_files import FolderStore, FoundFile, opened
from atsbridge_files.export_rows import ReadOptions, open_rows
from atsbridge_files.export_text import TextShape, inspect_text
from atsbridge_files.header_names import HeaderSearch
from atsbridge_files.header_terms import guess_column
from atsbridge_files.settings import TableSettings

_ROWS = 5_000  # that are looked at
_TITLES = 20
_FEW = 2  # known headers that make a line the header
_TIME = re.compile(r"\d:\d\d")
_CANDIDATE = frozenset({"application.candidate", "application.candidate_id"})
_VARYING = re.compile(r"[\d._ -]*\d[\d._ -]*")


@dataclass(frozen=True, slots=True)
class GlancedColumn:
    """One column whose header is known. `path`: "kind.column". `terms`: cell -> rows."""

    path: str
    header: str
    terms: Counter[str]
    dates: DateColumn

    @property
    def has_times(self) -> bool:
        """Whether its dates have a time of day."""
        return any(_TIME.search(term) for term in self.terms)

    @property
    def has_addresses(self) -> bool:
        """Whether its cells hold e-mail addresses."""
        filled = [term for term in self.terms if term]
        return bool(filled) and sum("@" in term for term in filled) * 2 > len(filled)


@dataclass(frozen=True, slots=True)
class GlancedFile:
    """One export. `unknown`: headers whose meaning nobody could guess. `sheet`: of a workbook."""

    name: str
    columns: Mapping[str, GlancedColumn]
    unknown: Sequence[str]
    sheet: str = ""

    @property
    def label(self) -> str:
        """What to call it in notes."""
        return f"{self.name} [{self.sheet}]" if self.sheet else self.name

    @property
    def pattern(self) -> str:
        """Its name, with a star where a date or number stands."""
        stem, dot, ending = self.name.rpartition(".")
        found = _VARYING.sub("*", stem)
        return f"{found}{dot}{ending}" if found.strip("*") else self.name

    @property
    def table(self) -> str:
        """A name for its table."""
        stem = f"{self.name.rpartition('.')[0] or self.name} {self.sheet}"
        plain = re.sub(r"[^a-z]+", "_", stem.casefold().replace("ä", "ae").replace("ü", "ue"))
        return plain.strip("_") or "export"


def glance(store: FolderStore, name: str) -> Iterator[GlancedFile | str]:
    """What the file shows, or each sheet of a workbook; a sentence if it cannot be read."""
    try:
        sheets = store.sheets(name)
        for sheet in sheets:
            asked = sheet if len(sheets) > 1 else ""
            table = TableSettings.model_construct(files=name, take="latest", sheet=asked)
            (file,) = store.find(table)
            with opened(store, file) as stream:
                shape = inspect_text(stream, file.name)
                headers = _headers(stream.read(1 << 16), shape)
                stream.seek(0)
                yield replace(_glanced(file, stream, shape, headers), name=name, sheet=asked)
    except SourceError as error:
        yield f"{error.where or name}: {error.what}"


def _headers(start: bytes, shape: TextShape) -> Sequence[str]:
    """The line with the most known headers; of JSON, all names in the first rows."""
    text = start.decode(shape.encoding, "ignore").lstrip("\ufeff")
    if text.lstrip()[:1] in ("{", "["):
        return ()
    best: Sequence[str] = ()
    for mark in (",", ";", "\t", "|"):
        with suppress(csv.Error):
            for cells in islice(csv.reader(io.StringIO(text, newline=""), delimiter=mark), _TITLES):
                known = sum(bool(guess_column(one)) for one in cells)
                if known >= _FEW and known > sum(bool(guess_column(one)) for one in best):
                    best = cells
    return best


def _glanced(
    file: FoundFile, stream: BinaryIO, shape: TextShape, headers: Sequence[str]
) -> GlancedFile:
    if not headers:
        reader = open_rows(stream, file.name, shape, HeaderSearch(()), ReadOptions())
        headers = reader.headers if reader.form.startswith("JSON") else ()
    chosen: dict[str, str] = {}
    for header in headers:
        path = guess_column(header)
        if path and path not in chosen and headers.count(header) == 1:
            chosen[path] = header
    if not _CANDIDATE & chosen.keys() and any(one.startswith("application.") for one in chosen):
        name = chosen.pop("user.name", "") or chosen.pop("user.email", "")
        chosen |= {"application.candidate": name} if name else {}
    columns = {
        path: GlancedColumn(path, header, Counter(), DateColumn())
        for path, header in chosen.items()
    }
    search = HeaderSearch(tuple((header,) for header in chosen.values()))
    if columns:
        rows = open_rows(stream, file.name, shape, search, ReadOptions()).rows()
        for row in islice(rows, _ROWS):
            for column, cell in zip(columns.values(), row.cells, strict=True):
                column.terms[cell] += 1
                column.dates.add(filled(cell), row.line)
    unknown = [one.strip() for one in headers if one.strip() and one not in chosen.values()]
    return GlancedFile(file.name, columns, unknown)


def glance_all(store: FolderStore) -> Iterator[GlancedFile | str]:
    """Every file of the folder, by name."""
    for name in store.names():
        yield from glance(store, name)
