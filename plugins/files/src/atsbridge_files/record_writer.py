"""Write the rows of an export as the JSON rows that the engine reads."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from atsbridge.api import KINDS, FieldType
from atsbridge_files.cell_values import (
    Cells,
    Misfit,
    ReadCell,
    ValueRules,
    bare_address,
    date_reader,
    fill_template,
    filled,
    is_nobody,
    list_reader,
    person_id,
    plain_id,
    plain_reader,
    read_key,
    signs_read,
    spaced,
    template_headers,
    translated,
)
from atsbridge_files.export_rows import ExportRow
from atsbridge_files.mappable_columns import FEEDBACK, INTERVIEWERS, TEAM_ROLES
from atsbridge_files.table_plan import BY_NAME, ColumnPlan, RecordPlan

Lookup = Mapping[str, str | None]  # e-mail address or name -> id; None: several have it


@dataclass(frozen=True, slots=True)
class WritingRules:
    """What a writer needs besides its plan.

    `formats`: position of a column -> the formats of its dates, () for one that cannot be read.
    `absent`: positions of headers that this file does not have. `lookups`: (kind, field) -> ids.
    `mapped`: the kinds that a table maps; of others there are names only.
    """

    values: ValueRules
    formats: Mapping[int, Sequence[str]]
    lookups: Mapping[tuple[str, str], Lookup]
    mapped: frozenset[str]
    absent: frozenset[int] = frozenset()


class RecordWriter:
    """Makes raw rows of one kind from the rows of one file."""

    def __init__(
        self, plan: RecordPlan, rules: WritingRules, name: str, headers: Sequence[str]
    ) -> None:
        self._name = name
        self._plan = plan
        self._encode = msgspec.json.Encoder().encode
        self.read_id = id_reader(plan, rules)
        self._columns: list[tuple[str, str, ReadCell]] = [
            (
                column.column,
                headers[column.places[0]] if column.places else "",
                make_reader(plan.kind, column, rules),
            )
            for column in plan.columns
            if not (column.places and set(column.places) <= rules.absent)
            and not (column.dated and column.places and not _formats(column, rules))
        ]

    def write(self, row: ExportRow) -> msgspec.Raw | None:
        """The raw row; one without an id if the cells of its key are empty.

        None for a record beside the main one that this row does not have.
        """
        cells = row.cells
        found = self.read_id(cells)
        if not found and not self._plan.main:
            return None
        made: dict[str, Any] = {"id": found} if found else {}
        for column, header, read in self._columns:
            value = read(cells)
            if type(value) is Misfit:
                value = Misfit(f'{self._name}:{row.line}, column "{header}": {value.misfit}')
            made[column] = value
        return msgspec.Raw(self._encode(made))

    def write_conflict(self, row: ExportRow) -> msgspec.Raw:
        """The raw row of an id that comes with different values: it is left out, by its line."""
        why = f"{self._name}:{row.line}: this id stands there twice, with different values"
        return msgspec.Raw(self._encode({"id": self.read_id(row.cells), "conflict": why}))


def _formats(column: ColumnPlan, rules: WritingRules) -> Sequence[str]:
    return rules.formats.get(column.places[0], ())


def id_reader(plan: RecordPlan, rules: WritingRules) -> Callable[[Cells], str]:
    """A function row -> id of its record; "" if it has none."""
    salt = rules.values.salt
    if plan.record.key:
        return read_key(plan.key, salt)
    at = plan.key[0]
    make = _id_maker(plan.kind, rules)
    return lambda cells: make(text) if (text := filled(cells[at])) else ""


def _id_maker(kind: str, rules: WritingRules) -> Callable[[str], str]:
    """A function text -> id of a record of that kind. Users may be known by their address."""
    salt = rules.values.salt
    if kind == "user":
        mapped = "user" in rules.mapped
        return lambda text: spaced(text) if mapped and "@" not in text else person_id(text)
    if kind in BY_NAME and kind not in rules.mapped:
        return spaced
    return lambda text: plain_id(text, salt)


def make_reader(kind: str, column: ColumnPlan, rules: WritingRules) -> ReadCell:
    """A function row -> the JSON value of one column."""
    source, places = column.source, column.places
    if source.template:
        return fill_template(
            source.template, dict(zip(template_headers(source.template), places, strict=True))
        )
    if source.key:
        key = read_key(places, rules.values.salt)
        return lambda cells: key(cells) or None
    read = signs_read(_text_reader(kind, column, rules))
    terms = translated(column.column, column.terms)
    if source.value is not None:
        constant = read(terms(source.value))
        return lambda _: constant
    at = places[0]
    if not column.terms:
        return lambda cells: read(cells[at])
    return lambda cells: read(terms(cells[at]))


def _text_reader(kind: str, column: ColumnPlan, rules: WritingRules) -> Callable[[str], Any]:
    source = column.source
    people = column.column == INTERVIEWERS or (
        kind == "requisition" and column.column in TEAM_ROLES
    )
    if column.refers:
        one = _reference_reader(column, rules)
        return _several(one, list_reader(source.split), column) if people else one
    if column.dated:
        wanted = FieldType.INSTANT if column.column == FEEDBACK else _type(kind, column.column)
        formats = _formats(column, rules) if column.places else source.dates or ("ISO 8601",)
        return date_reader(wanted, formats, rules.values.zone)
    return plain_reader(KINDS[kind].fields[column.column], source.split, rules.values)


def _type(kind: str, column: str) -> FieldType:
    return KINDS[kind].fields[column].type


def _several(
    one: Callable[[str], Any], parts: Callable[[str], list[str]], column: ColumnPlan
) -> Callable[[str], Any]:
    """A function text -> the ids of all people in a cell; `column.terms` apply to each."""
    terms = translated(column.column, column.terms)

    def read(text: str) -> Any:
        found = [one(terms(part)) for part in map(filled, parts(text)) if part]
        wrong = next((each for each in found if isinstance(each, Misfit)), None)
        return wrong or [each for each in found if each]

    return read


def _reference_reader(column: ColumnPlan, rules: WritingRules) -> Callable[[str], Any]:
    make, person = _id_maker(column.refers, rules), column.refers == "user"
    lookup = rules.lookups.get((column.refers, column.source.by), {})

    def read(text: str) -> Any:
        if not text or (person and is_nobody(text)):
            return None
        if person and text.count("@") > 1:
            return Misfit("several people stand where one is expected")
        if not column.source.by:
            return make(text)
        name = (bare_address(text) if person else spaced(text)).casefold()
        if name not in lookup:
            return Misfit(f"no {column.refers} of the exports has this {column.source.by}")
        return lookup[name] or Misfit(f"several records have this {column.source.by}")

    return read
