"""Draft the tables of an account from the headers of its exports, for `atsbridge init`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from atsbridge.api import KINDS, SettingsDraft, Tools
from atsbridge_files.cell_values import filled, is_dated, spaced
from atsbridge_files.export_files import FolderStore
from atsbridge_files.export_glance import GlancedColumn, GlancedFile, glance_all
from atsbridge_files.header_terms import STATUS_TERMS, guess_column
from atsbridge_files.mappable_columns import INTERVIEWERS, TEAM_ROLES
from atsbridge_files.settings import ColumnSource, FilesSettings

_SHOWN = 12  # terms or headers in one note
Section = dict[str, Any]

REQUISITION_ID, REQUISITION_TITLE = "requisition.id", "requisition.title"
APPLICATION_ID = "application.id"
CANDIDATES = ("application.candidate_id", "application.candidate")


def draft_tables(settings: FilesSettings, tools: Tools) -> SettingsDraft:
    """The tables of the folder's files, and what a person has to look at.

    Nothing is drafted for exports at an address: nobody knows their names.
    """
    if settings.tables or settings.base_url:
        return SettingsDraft({})
    store = FolderStore(tools.folder / settings.folder, settings, tools.time)
    if why := store.check():
        return SettingsDraft({}, (f"{settings.folder}: {why}. Create it and put exports into it",))
    found = list(glance_all(store))
    files = [one for one in found if isinstance(one, GlancedFile)]
    notes = [one for one in found if isinstance(one, str)]
    draft = _Draft(_one_of_each(files))
    tables = draft.tables()
    notes += draft.notes
    if not tables:
        notes.append("No file has headers that are known: write the tables by hand")
    inline = ColumnSource.model_fields.keys()
    return SettingsDraft({"tables": tables} if tables else {}, tuple(notes), inline)


def _one_of_each(files: Sequence[GlancedFile]) -> list[GlancedFile]:
    """Of files that one pattern means, the last."""
    return list({(file.pattern, file.sheet): file for file in files}.values())


class _Draft:
    """The tables of all files together: references must lead from one to the other."""

    def __init__(self, files: Sequence[GlancedFile]) -> None:
        self.notes: list[str] = []
        self._files = files
        with_candidates = [one for one in files if _has_candidates(one)]
        self._pipeline = max(with_candidates, key=_worth, default=None)
        self._roles = next((one for one in files if _is_role_list(one)), None)
        self._people = next((one for one in files if _is_people_list(one)), None)
        naming = [*with_candidates, *([self._roles] if self._roles else [])]
        by_id = all(REQUISITION_ID in one.columns for one in naming)
        self._role_path = REQUISITION_ID if by_id else REQUISITION_TITLE
        self._application_id = bool(with_candidates) and all(
            APPLICATION_ID in one.columns for one in with_candidates
        )

    def tables(self) -> dict[str, Section]:
        """Table -> its section."""
        found: dict[str, Section] = {}
        for file in self._files:
            records = dict(self._records(file))
            if not records:
                shown = ", ".join(file.unknown[:_SHOWN]) or "no headers"
                self.notes.append(
                    f"{file.label}: left out, because it was not understood ({shown})"
                )
                continue
            where = {"files": file.pattern, **({"sheet": file.sheet} if file.sheet else {})}
            found[_free(file.table, found)] = {**where, **records}
            unused = list(dict.fromkeys(file.unknown))
            for one in unused:
                if file.unknown.count(one) > 1 and guess_column(one):
                    what = f'two columns are called "{one}". Rename one, and map the other'
                    self.notes.append(f"{file.label}: {what}")
            if unused:
                shown = ", ".join(f'"{one}"' for one in unused[:_SHOWN])
                self.notes.append(f"{file.label}: not used: {shown}")
            self._note_dates(file)
        return found

    def _records(self, file: GlancedFile) -> Iterator[tuple[str, Section]]:
        if file is self._people:
            yield "user", self._user(file)
        elif file is self._roles:
            yield "requisition", self._requisition(file)
        elif _has_candidates(file) and self._role_path in file.columns:
            if self._roles is None and file is self._pipeline:
                yield "requisition", self._requisition(file)
            yield from self._candidates(file)

    def _user(self, file: GlancedFile) -> Section:
        columns = {
            path.partition(".")[2]: one.header
            for path, one in file.columns.items()
            if path.startswith("user.") and path != "user.id"
        }
        key = file.columns.get("user.id") or file.columns["user.email"]
        return {"id": key.header, "columns": columns}

    def _requisition(self, file: GlancedFile) -> Section:
        columns: Section = {}
        for path, one in file.columns.items():
            kind, _, column = path.partition(".")
            if kind == "requisition" and column != "id":
                columns[column] = self._person(one) if column in TEAM_ROLES else one.header
        if REQUISITION_TITLE not in file.columns:
            columns["title"] = file.columns[self._role_path].header
        section: Section = {"id": file.columns[self._role_path].header, "columns": columns}
        if "status" in columns:
            self._add_terms(file, "requisition", section)
        else:
            columns["status"] = {"value": "open"}
            self.notes.append(f"{file.label}: no column says which roles are open: all are open")
        for role in ("hiring_manager", "recruiter"):
            if role not in columns:
                self.notes.append(f"{file.label}: no column names the {role.replace('_', ' ')}")
        return section

    def _person(self, column: GlancedColumn) -> Any:
        """The source of a column with colleagues: by address, by name, or as it stands."""
        if self._people is not None and not column.has_addresses:
            return {"header": column.header, "by": "name"}
        if self._people is not None and "user.id" in self._people.columns:
            return {"header": column.header, "by": "email"}
        if not column.has_addresses:
            self.notes.append(
                f'"{column.header}" holds names: write an address for each in values, or add an'
                " export of your colleagues with names and addresses"
            )
        return column.header

    def _candidates(self, file: GlancedFile) -> Iterator[tuple[str, Section]]:
        columns = file.columns
        key = self._application_key(file)
        if file is self._pipeline:
            yield "application", self._application(file, key)
        if "application.stage" in columns and "stage_stay.entered_at" in columns:
            stay = {
                "application": _reference(key),
                "stage": columns["application.stage"].header,
                "entered_at": columns["stage_stay.entered_at"].header,
            }
            yield "stage_stay", {"key": [*key, stay["stage"]], "columns": stay}
        if "interview.starts_at" in columns:
            yield "interview", self._interview(file, key)
        if "offer.sent_on" in columns:
            offer: Section = {"application": _reference(key)}
            offer |= {
                path.partition(".")[2]: one.header
                for path, one in columns.items()
                if path.startswith("offer.")
            }
            offer.setdefault("status", {"value": "sent"})
            yield "offer", {"key": [*key, columns["offer.sent_on"].header], "columns": offer}

    def _application_key(self, file: GlancedFile) -> list[str]:
        if self._application_id:
            return [file.columns[APPLICATION_ID].header]
        candidate = next(file.columns[one] for one in CANDIDATES if one in file.columns)
        return [candidate.header, file.columns[self._role_path].header]

    def _application(self, file: GlancedFile, key: Sequence[str]) -> Section:
        candidate = next(file.columns[one] for one in CANDIDATES if one in file.columns)
        columns: Section = {
            "candidate": {"key": [candidate.header]},
            "requisition": file.columns[self._role_path].header,
        }
        for path, one in file.columns.items():
            kind, _, column = path.partition(".")
            if kind == "application" and column in KINDS["application"].supplied:
                columns.setdefault(column, one.header)
        section: Section = {"key": list(key), "columns": columns}
        if "status" in columns:
            self._add_terms(file, "application", section)
        else:
            columns["status"] = {"value": "active"}
            self.notes.append(f"{file.label}: no column says who is still active: all rows count")
        return section

    def _interview(self, file: GlancedFile, key: Sequence[str]) -> Section:
        begins = file.columns["interview.starts_at"]
        columns: Section = {"application": _reference(key)}
        if "application.stage" in file.columns:
            columns["stage"] = file.columns["application.stage"].header
        if begins.has_times:
            columns["starts_at"] = begins.header
        else:
            columns |= {"starts_on": begins.header, "ends_on": begins.header}
        for name in ("ends_at", "status", INTERVIEWERS, "feedback_at"):
            if one := file.columns.get(f"interview.{name}"):
                columns[name] = self._person(one) if name == INTERVIEWERS else one.header
        return {"key": [*key, begins.header], "columns": columns}

    def _add_terms(self, file: GlancedFile, kind: str, section: Section) -> None:
        """The terms of a status, as far as they are known; a note about the others."""
        terms = list(filter(filled, file.columns[f"{kind}.status"].terms))
        known = {spaced(term): _status(kind, term) for term in terms if _status(kind, term)}
        section["values"] = {"status": {term: value for term, value in known.items() if value}}
        other = [term for term in terms if not _status(kind, term)]
        if other:
            few, one = len(other) <= _SHOWN, len(other) == 1
            shown = ": " + ", ".join(f'"{term}"' for term in other) if few else ""
            what = f"status of a{'n' if kind == 'application' else ''} {kind}"
            subject = f"a {what} is" if one else f"{len(other)} terms for the {what} are"
            self.notes.append(
                f"{file.label}: {subject} not known{shown}. Translate {'it' if one else 'them'} in"
                " values.status"
            )

    def _note_dates(self, file: GlancedFile) -> None:
        for path, one in file.columns.items():
            kind, _, column = path.partition(".")
            if not is_dated(kind, column) or one.dates.formats:
                continue
            why = (
                f"fit {' and '.join(one.dates.candidates)}: name the right one with dates ="
                if one.dates.ambiguous
                else f"cannot be read: line {one.dates.first_misfit} {one.dates.misfit}"
            )
            self.notes.append(f'{file.label}: the dates of "{one.header}" {why}')


def _status(kind: str, term: str) -> str:
    plain = spaced(term).casefold()
    return STATUS_TERMS[kind].get(plain, "") or STATUS_TERMS[kind].get(plain.replace("-", " "), "")


def _reference(key: Sequence[str]) -> Mapping[str, Sequence[str]]:
    return {"key": list(key)}


def _has_candidates(file: GlancedFile) -> bool:
    named = any(one in file.columns for one in CANDIDATES)
    return named and (REQUISITION_ID in file.columns or REQUISITION_TITLE in file.columns)


def _is_role_list(file: GlancedFile) -> bool:
    named = REQUISITION_ID in file.columns or REQUISITION_TITLE in file.columns
    return named and not _has_candidates(file)


def _is_people_list(file: GlancedFile) -> bool:
    others = [path for path in file.columns if not path.startswith("user.")]
    named = any(one.startswith("requisition.") for one in others)
    return "user.email" in file.columns and not named


def _worth(file: GlancedFile) -> int:
    """How much a file tells of applications."""
    return sum(path.startswith("application.") for path in file.columns)


def _free(name: str, taken: Mapping[str, Any]) -> str:
    found, number = name, 2
    while found in taken:
        found, number = f"{name}_{number}", number + 1
    return found
