"""What one table fills, worked out from its settings: which headers, which kinds, which columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from zlib import crc32

import msgspec

from atsbridge.api import KINDS
from atsbridge_files.cell_values import is_dated, template_headers
from atsbridge_files.header_names import HeaderSearch
from atsbridge_files.mappable_columns import INTERVIEWERS, TEAM_ROLES
from atsbridge_files.settings import ColumnSource, FilesSettings, RecordMap, TableSettings

BY_NAME = ("user", "stage", "reason", "office", "department")
"""Kinds of which an export may hold the names only: records are then made of these."""

_MAIN = (
    *("application", "seat", "interview", "scorecard", "offer", "opening", "approval"),
    *("team_member", "stage_stay", "requisition", "user", "stage", "reason", "office"),
    "department",
)


@dataclass(frozen=True, slots=True)
class ColumnPlan:
    """One column: its source, the positions of its headers among the wanted ones, its terms.

    `refers`: the kind that it refers to, "" if none.
    """

    column: str
    source: ColumnSource
    places: tuple[int, ...]
    terms: Mapping[str, str]
    refers: str
    dated: bool


@dataclass(frozen=True, slots=True)
class RecordPlan:
    """The records of one kind that the rows of a table become. `stream`: the name of their list.

    `reading`: what the account and the table say about how cells are read.
    """

    table: str
    files: str
    kind: str
    stream: str
    record: RecordMap
    key: tuple[int, ...]
    columns: tuple[ColumnPlan, ...]
    main: bool
    reading: str = ""

    @property
    def used(self) -> tuple[int, ...]:
        """The positions of all cells that make the record."""
        places = (*self.key, *(at for column in self.columns for at in column.places))
        return tuple(sorted(set(places)))

    @property
    def version(self) -> int:
        """A number that differs when the mapping does, so that all rows are read again."""
        return crc32(f"{self.record.model_dump_json()}{self.reading}".encode()) or 1


@dataclass(frozen=True, slots=True)
class TablePlan:
    """One table: the wanted headers, and what its rows become. `decimal`: as in the settings."""

    name: str
    settings: TableSettings
    search: HeaderSearch
    records: tuple[RecordPlan, ...]
    decimal: str = "."


@dataclass(slots=True)
class _Wanted:
    """The headers that are wanted so far."""

    groups: dict[tuple[str, ...], int] = field(default_factory=dict)

    def place(self, names: tuple[str, ...]) -> int:
        return self.groups.setdefault(names, len(self.groups))


def plan_tables(settings: FilesSettings) -> tuple[TablePlan, ...]:
    """The plan of every table, in the order of the settings."""
    return tuple(
        _read_as(_plan(name, table), table, settings) for name, table in settings.tables.items()
    )


def _read_as(plan: TablePlan, table: TableSettings, settings: FilesSettings) -> TablePlan:
    """The plan with what the settings say about how cells are read."""
    stated = "decimal" in settings.model_fields_set
    how = (settings.dates_timezone, settings.decimal, stated, table.encoding, table.delimiter)
    records = tuple(replace(one, reading=repr(how)) for one in plan.records)
    return replace(plan, decimal=settings.decimal, records=records)


def _plan(name: str, table: TableSettings) -> TablePlan:
    wanted = _Wanted()
    records = table.records
    main = _main_kind(records)
    plans = []
    for kind, record in records.items():
        key = _places(wanted, record.id, record.key)
        columns = tuple(_columns(kind, record, wanted))
        stream = name if kind == main else f"{name}.{kind}"
        plans.append(
            RecordPlan(name, table.files, kind, stream, record, key, columns, kind == main)
        )
    first = next(plan for plan in plans if plan.main)
    search = HeaderSearch(tuple(wanted.groups), frozenset(first.key))
    return TablePlan(name, table, search, tuple(plans))


def _main_kind(records: Mapping[str, RecordMap]) -> str:
    """The kind that every row is one of; records of other kinds may be missing in a row."""
    return next(kind for kind in _MAIN if kind in records)


def _places(wanted: _Wanted, header: tuple[str, ...], key: Sequence[str]) -> tuple[int, ...]:
    if header:
        return (wanted.place(header),)
    return tuple(wanted.place((name,)) for name in key)


def _columns(kind: str, record: RecordMap, wanted: _Wanted) -> Iterator[ColumnPlan]:
    for column, source in record.columns.items():
        names = [source.header] if source.header else []
        names.extend((one,) for one in (*source.key, *template_headers(source.template)))
        places = tuple(wanted.place(one) for one in names)
        terms = record.values.get(column, {})
        yield ColumnPlan(
            column, source, places, terms, _refers(kind, column), is_dated(kind, column)
        )


def _refers(kind: str, column: str) -> str:
    if (column in TEAM_ROLES and kind == "requisition") or column == INTERVIEWERS:
        return "user"
    found = KINDS[kind].fields.get(column)
    return found.ref if found is not None else ""


def fingerprint(settings: FilesSettings) -> str:
    """A text that differs when anything differs that the rows depend on besides the files."""
    given = settings.model_dump(mode="json", exclude={"password", "token", "username"})
    return f"{crc32(msgspec.json.encode(given, order='sorted')):08x}"


def mapped_kinds(plans: Sequence[TablePlan]) -> frozenset[str]:
    """The kinds that a table maps."""
    return frozenset(record.kind for plan in plans for record in plan.records)


def named_only(plans: Sequence[TablePlan]) -> Mapping[str, list[tuple[TablePlan, ColumnPlan]]]:
    """Kinds of which there are names only -> the columns that name them."""
    found: dict[str, list[tuple[TablePlan, ColumnPlan]]] = {}
    mapped = mapped_kinds(plans)
    for plan in plans:
        for record in plan.records:
            for column in record.columns:
                if column.refers in BY_NAME and column.refers not in mapped:
                    found.setdefault(column.refers, []).append((plan, column))
    return {kind: found[kind] for kind in BY_NAME if kind in found}
