"""People from CSV files: `[directory] files`. A row has the keys of `[people."E-MAIL"]`.

The first line names the columns in any order; `email` is needed. A row with an error costs that
row only. A person who is in `[people]` too keeps every key that is written there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from atsbridge.cases import without_circles
from atsbridge.csvfile import Cell, UnusableCsvError, check_separator, find_strange, read_cells
from atsbridge.errors import ConfigError
from atsbridge.model import did_you_mean
from atsbridge.settings.model_validation import validated
from atsbridge.settings.section_references import check_person
from atsbridge.settings.sections import PersonSettings
from atsbridge.settings.settings_model import Settings
from atsbridge.settings.value_types import check_email
from atsbridge.textfile import matching, name_of, read_text

_EMAIL = "email"
_COLUMNS = (
    "manager",
    "timezone",
    "country",
    "region",
    "calendar",
    "delegate",
    "chat",
    "prefer",
    "absence_calendar",
)
_IGNORED = ("name", "note")  # for the person who keeps the file; never stored
_SAMPLE = "email,manager,timezone,country"
_WILD = frozenset("*?[")
MAX_ROWS = 100_000  # people; rows stay in memory, some 300 bytes each
MAX_ERRORS = 100  # a file with more errors is probably the wrong one


@dataclass(slots=True)
class PeopleFiles:
    """People by e-mail, and the errors of the rows that were left out."""

    people: dict[str, PersonSettings] = field(default_factory=dict)
    errors: list[ConfigError] = field(default_factory=list)
    _places: dict[str, str] = field(default_factory=dict)  # e-mail -> file:line

    def read(self, settings: Settings) -> None:
        """Read every file of `[directory] files`."""
        for pattern in settings.directory.files:
            found = matching(pattern, settings.folder)
            if not found and _WILD.isdisjoint(pattern):
                where = settings.place("directory", "files")
                self._wrong(where, f'there is no file "{pattern}"', "Correct the name")
            for file in found:
                self._read_file(file, settings)
        managers = {email: one.manager for email, one in self.people.items() if one.manager}
        kept = without_circles(managers)
        for email in (one for one in managers if one not in kept):
            self._wrong(
                self._places[email],
                "the managers of this person go in a circle",
                "Correct one of them; until then nobody here has a manager",
            )
            self.people[email] = self.people[email].model_copy(update={"manager": ""})

    def _wrong(self, where: str, what: str, remedy: str = "") -> None:
        self.errors.append(ConfigError(what, where=where, remedy=remedy))

    def _read_file(self, file: Path, settings: Settings) -> None:
        name = name_of(file, settings.folder)
        try:
            lines = read_cells(read_text(file, name=name))
            head = next(lines, None)
            if head is None:
                self._wrong(f"{name}:1:1", "this file is empty", f"Write first: {_SAMPLE}")
                return
            check_separator(head)
            if columns := self._heading(name, head):
                self._rows(name, columns, lines, settings)
        except ConfigError as error:
            self.errors.append(error)
        except UnusableCsvError as error:
            where = f"{name}:{error.cell.line}:{error.cell.column}"
            self._wrong(where, error.what, error.remedy)

    def _heading(self, name: str, head: Sequence[Cell]) -> list[str]:
        """The columns; none where one is unknown, missing or there twice."""
        columns, before = [cell.text.strip().lower() for cell in head], len(self.errors)
        for cell, column in zip(head, columns, strict=True):
            where = f"{name}:{cell.line}:{cell.column}"
            if column not in (_EMAIL, *_COLUMNS, *_IGNORED):
                remedy = did_you_mean(column, (_EMAIL, *_COLUMNS), "Columns")
                self._wrong(where, f'"{column}" is no column of people', remedy)
            elif columns.count(column) > 1:
                self._wrong(where, f'the column "{column}" is there twice', "Keep one of them")
        if _EMAIL not in columns:
            self._wrong(f"{name}:1:1", 'the column "email" is missing', f"Write: {_SAMPLE}")
        return columns if len(self.errors) == before else []

    def _rows(
        self, name: str, columns: Sequence[str], lines: Iterable[list[Cell]], settings: Settings
    ) -> None:
        first = len(self.errors)
        for number, line in enumerate(lines, 1):
            where = f"{name}:{line[0].line}"
            if number > MAX_ROWS or len(self.errors) - first >= MAX_ERRORS:
                limit = f"{MAX_ROWS:,} rows" if number > MAX_ROWS else f"{MAX_ERRORS} errors"
                self._wrong(where, f"this file has more than {limit}", "The rest is not read")
                return
            if len(line) != len(columns):
                what = f"this line has {len(line)} cells, the first has {len(columns)}"
                self._wrong(f"{where}:1", what, "Put text with commas in quotes")
                continue
            self._row(name, dict(zip(columns, line, strict=True)), settings)

    def _row(self, name: str, row: Mapping[str, Cell], settings: Settings) -> None:
        cell = row[_EMAIL]
        email = cell.text.strip().lower()
        problems = list(_find_problems(row, email, settings))
        if not problems and email in self.people:
            problems.append((_EMAIL, "this person is there twice", "Keep one of the two rows"))
        for column, what, remedy in problems:
            at = row.get(column, cell)
            self._wrong(f"{name}:{at.line}:{at.column}", f"{column}: {what}", remedy)
        if not problems:
            self.people[email] = PersonSettings.model_validate(_values(row))
            self._places[email] = f"{name}:{cell.line}"


def add_people(settings: Settings) -> Settings:
    """The settings with the people of `[directory] files`, and the errors in those files."""
    found = PeopleFiles()
    found.read(settings)
    return settings.with_people(_merged(found.people, settings.people), found.errors)


def add_plugin_people(
    settings: Settings, rows: Iterable[tuple[str, str, Mapping[str, object]]]
) -> Settings:
    """The settings with people of plugins: (plugin, e-mail, keys). Errors name the plugin."""
    found: dict[str, PersonSettings] = {}
    errors = list(settings.file_errors)
    for number, (plugin, email, keys) in enumerate(rows, 1):
        texts = {_EMAIL: email, **{name: str(text) for name, text in keys.items() if text}}
        row = {name: Cell(text, number, 1) for name, text in texts.items()}
        address = email.strip().lower()
        problems = list(_find_problems(row, address, settings))
        for column, what, remedy in problems[:1]:
            where = f"plugin {plugin}, person {number}"
            errors.append(ConfigError(f"{column}: {what}", where=where, remedy=remedy))
        if not problems:
            found[address] = PersonSettings.model_validate(_values(row))
    return settings.with_people(_merged(found, settings.people), errors)


def _merged(
    below: Mapping[str, PersonSettings], above: Mapping[str, PersonSettings]
) -> dict[str, PersonSettings]:
    """Merge both; keys in `above` take precedence."""
    people = {**below, **above}
    for email in below.keys() & above.keys():
        own = above[email]
        written = {name: getattr(own, name) for name in own.model_fields_set}
        people[email] = below[email].model_copy(update=written)
    return people


def _values(row: Mapping[str, Cell]) -> dict[str, str]:
    return {name: text for name in _COLUMNS if name in row and (text := row[name].text.strip())}


def _find_problems(
    row: Mapping[str, Cell], email: str, settings: Settings
) -> Iterator[tuple[str, str, str]]:
    """(column, what is wrong, remedy) of everything in the row."""
    strange = [(column, what) for column, cell in row.items() if (what := find_strange(cell.text))]
    yield from ((column, what, "Type the value anew") for column, what in strange)
    if strange:
        return
    try:
        check_email(email)
    except ValueError as error:
        yield _EMAIL, str(error), ""
    person, problems = validated(PersonSettings, _values(row))
    problems += list(check_person(settings, (), email, person)) if person is not None else []
    for problem in problems:
        yield str(problem.keys[0] if problem.keys else _EMAIL), problem.what, problem.remedy
