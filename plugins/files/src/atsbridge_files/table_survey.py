"""Read a table once before its rows are used: is it whole, and how are its dates written?

Nothing of a file is stored before all of it was read without an error.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from operator import itemgetter
from typing import BinaryIO

from atsbridge_files.cell_values import Cells, filled
from atsbridge_files.export_dates import DateColumn
from atsbridge_files.export_files import FileStore, FoundFile, opened
from atsbridge_files.export_rows import ExportReader, ExportRow, ReadOptions, open_rows
from atsbridge_files.export_text import TextShape, inspect_text
from atsbridge_files.record_writer import WritingRules, id_reader
from atsbridge_files.table_plan import RecordPlan, TablePlan

_BUCKETS = 64


class RepeatedIds:
    """Which ids of one kind come with different values, in 16 bytes a row."""

    def __init__(self) -> None:
        self._ids = [array("q") for _ in range(_BUCKETS)]
        self._values = [array("q") for _ in range(_BUCKETS)]

    def add(self, found: str, values: object) -> None:
        """One row: its id, and everything that its record is made of."""
        code = hash(found)
        self._ids[code % _BUCKETS].append(code)
        self._values[code % _BUCKETS].append(hash(values))

    def conflicts(self) -> frozenset[int]:
        """The hashes of the ids that came with different values."""
        found = set[int]()
        for ids, values in zip(self._ids, self._values, strict=True):
            first: dict[int, int] = {}
            for code, value in zip(ids, values, strict=True):
                if first.setdefault(code, value) != value:
                    found.add(code)
        return frozenset(found)


@dataclass(frozen=True, slots=True)
class SurveyedFile:
    """One file that was read to its end. `absent`: positions of headers that it does not have."""

    file: FoundFile
    shape: TextShape
    form: str
    headers: tuple[str, ...]
    picked: tuple[str, ...]
    rows: int
    absent: frozenset[int]


@dataclass(frozen=True, slots=True)
class TableSurvey:
    """What is known of a table before its rows are used.

    `dates`: position -> its column of dates. `conflicts`: kind -> hashes of the ids that come with
    different values. `nameless`: rows of the main kind without an id, and where the first stands.
    """

    files: tuple[SurveyedFile, ...]
    dates: Mapping[int, DateColumn]
    conflicts: Mapping[str, frozenset[int]]
    nameless: int
    first_nameless: str

    @property
    def digest(self) -> str:
        """The digests of all files together."""
        return "-".join(one.shape.digest[:32] for one in self.files)


@dataclass(slots=True)
class _Notes:
    """What the rows of all files of a table showed so far."""

    dates: dict[int, DateColumn]
    repeated: dict[str, RepeatedIds] = field(default_factory=dict)
    nameless: int = 0
    first_nameless: str = ""


def survey_table(plan: TablePlan, store: FileStore, rules: WritingRules) -> TableSurvey:
    """Read all files of the table. Raises what `FileStore` and `open_rows` raise."""
    notes = _Notes(_date_columns(plan), {one.kind: RepeatedIds() for one in plan.records})
    files = []
    for file in store.find(plan.settings):
        with opened(store, file) as stream:
            files.append(_survey(plan, file, stream, notes, rules))
    conflicts = {kind: one.conflicts() for kind, one in notes.repeated.items()}
    return TableSurvey(tuple(files), notes.dates, conflicts, notes.nameless, notes.first_nameless)


def read_file(plan: TablePlan, file: SurveyedFile, stream: BinaryIO) -> ExportReader:
    """The reader of a file that was surveyed before."""
    return open_rows(stream, file.file.name, file.shape, plan.search, _options(plan))


def _options(plan: TablePlan) -> ReadOptions:
    return ReadOptions(plan.settings.delimiter, plan.settings.rows, plan.decimal)


def _date_columns(plan: TablePlan) -> dict[int, DateColumn]:
    """Position -> its column. A header that two columns use has one format."""
    found: dict[int, DateColumn] = {}
    for column in chain.from_iterable(record.columns for record in plan.records):
        if column.dated and column.places:
            known = found.setdefault(column.places[0], DateColumn())
            known.declared = known.declared or column.source.dates
    return found


def _survey(
    plan: TablePlan, file: FoundFile, stream: BinaryIO, notes: _Notes, rules: WritingRules
) -> SurveyedFile:
    shape = inspect_text(stream, file.name, plan.settings.encoding)
    reader = open_rows(stream, file.name, shape, plan.search, _options(plan))
    looks = [_id_look(record, rules, notes, file.name) for record in plan.records]
    dated = [(at, one) for at, one in notes.dates.items() if not one.declared]
    missing = [
        at
        for at, names in enumerate(plan.search.wanted)
        if plan.search.missing(reader.headers) and names in plan.search.missing(reader.headers)
    ]
    rows, last = 0, {at: "" for at, _ in dated}
    for row in reader.rows():
        rows += 1
        cells = row.cells
        for look in looks:
            look(row)
        for at, column in dated:
            text = cells[at]
            if text and text != last[at]:  # neighbors often have one date
                last[at] = text
                column.add(filled(text), row.line)
        if missing:
            missing = [at for at in missing if not cells[at]]
    return SurveyedFile(
        file, shape, reader.form, reader.headers, reader.picked, rows, frozenset(missing)
    )


def _id_look(
    record: RecordPlan, rules: WritingRules, notes: _Notes, name: str
) -> Callable[[ExportRow], None]:
    """A function that notes the id of each row of one kind, and what its record is made of."""
    read, used = id_reader(record, rules), record.used
    values: Callable[[Cells], object] = itemgetter(*used)
    add = notes.repeated[record.kind].add

    def look(row: ExportRow) -> None:
        found = read(row.cells)
        if found:
            add(found, values(row.cells))
        elif record.main:
            notes.nameless += 1
            notes.first_nameless = notes.first_nameless or f"{name}:{row.line}"

    return look


def unread_dates(survey: TableSurvey, record: RecordPlan) -> Iterator[tuple[str, str]]:
    """ "kind.field" -> why its dates cannot be read, for each such column of a record."""
    names: Sequence[str] = survey.files[0].picked if survey.files else ()
    for column in record.columns:
        dates = survey.dates.get(column.places[0]) if column.dated and column.places else None
        if dates is None or dates.formats:
            continue
        kind = "scorecard" if column.column == "feedback_at" else record.kind
        name = "submitted_at" if kind == "scorecard" else column.column
        header, files = names[column.places[0]], ", ".join(one.file.name for one in survey.files)
        if dates.ambiguous:
            either = " or ".join(dates.candidates)
            why = f'dates fit {either}; name one with {{header = "{header}", dates = "..."}}'
        else:
            why = (
                f"line {dates.first_misfit} {dates.misfit}; export one format, or name all with"
                f' {{header = "{header}", dates = [...]}}'
            )
        yield f"{kind}.{name}", f'{files}, column "{header}": {why}'
