"""The connector: lists out of exports, which are read whole whenever a file changes.

A file is read twice: once to see that it is whole and how its dates are written, then for its rows.
Where it cannot be read, the list fails and its stored rows stay.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec

from atsbridge.api import (
    AuthError,
    CheckResult,
    ConnectorSpec,
    DeniedError,
    Guess,
    Page,
    RetryableError,
    SourceError,
    Stream,
    SyncTokenError,
    Tools,
    guess_stage_kind,
)
from atsbridge_files.cell_values import ValueRules
from atsbridge_files.export_files import AddressStore, FileStore, FolderStore, opened
from atsbridge_files.export_text import UnusableExportError
from atsbridge_files.name_collector import NameCollector
from atsbridge_files.read_only import ReadOnlyConnector
from atsbridge_files.read_state import TOKEN, ReadState, short_digest
from atsbridge_files.record_writer import Lookup, RecordWriter, WritingRules
from atsbridge_files.session import open_session
from atsbridge_files.settings import FilesSettings
from atsbridge_files.table_plan import (
    RecordPlan,
    TablePlan,
    fingerprint,
    mapped_kinds,
    named_only,
    plan_tables,
)
from atsbridge_files.table_streams import NAMED, tables_of
from atsbridge_files.table_survey import (
    SurveyedFile,
    TableSurvey,
    read_file,
    survey_table,
    unread_dates,
)

_PAGE = 2_000  # rows


class ExportConnector(ReadOnlyConnector):
    """The exports of one account. It reads only."""

    def __init__(self, spec: ConnectorSpec, settings: FilesSettings, tools: Tools) -> None:
        self.spec = spec
        self.name = tools.name
        self._plans = plan_tables(settings)
        self._print = fingerprint(settings)
        self._records = {one.stream: (plan, one) for plan in self._plans for one in plan.records}
        self._session = open_session(settings, tools) if settings.base_url else None
        folder = tools.folder / settings.folder
        self._store: FileStore = (
            AddressStore(self._session)
            if self._session
            else FolderStore(folder, settings, tools.time)
        )
        zone, stated = ZoneInfo(settings.dates_timezone), "decimal" in settings.model_fields_set
        values = ValueRules(zone, settings.decimal, tools.name, stated)
        self._rules = WritingRules(values, {}, {}, mapped_kinds(self._plans))
        self._surveys: dict[str, TableSurvey] = {}
        self._readers: dict[str, set[str]] = {}  # table -> lists that have used its survey
        self._refused = False  # the credential was refused: nothing further can be read
        self._stage_kinds = tools.read_map_table("stage_kind")

    @property
    def requests(self) -> int:
        """How many requests were sent to the address of the exports; 0 for a folder."""
        return self._session.requests if self._session else 0

    def pages(
        self,
        stream: Stream,
        *,
        window: tuple[datetime, datetime] | None = None,
        parents: Sequence[str] = (),
    ) -> Iterator[Page]:
        """All rows of the list, in the order of the files.

        RetryableError where a file is missing or being written; FatalError, with file and line,
        where it is not what the table says.
        """
        del window, parents
        plans, given = tables_of(self._plans, stream.name), str(stream.params.get(TOKEN, ""))
        stamp = self._stamp(plans)
        if stamp and ReadState.parse(given).stamp == stamp:
            yield Page((), last=True, token=given)
            return
        surveys = {plan.name: self._survey(plan, stream.name) for plan in plans}
        state = ReadState(stamp, "-".join(one.digest for one in surveys.values()))
        if given:
            if ReadState.parse(given).digest != state.digest:
                raise SyncTokenError("the export changed", where=self.name, expected=True)
            yield Page((), last=True, token=str(state))
            return
        for page in self._read(stream, surveys):
            yield replace(page, token=str(state)) if page.last else page

    def _stamp(self, plans: Sequence[TablePlan]) -> str:
        """What differs if one of the files may have changed, or what they mean; "" if unknown."""
        stamps = [self._print]
        for plan in plans:
            try:
                stamps += [file.stamp for file in self._store.find(plan.settings)]
            except SourceError as error:
                raise self._placed(plan, error) from None
        return short_digest(stamps) if all(stamps) else ""

    def _read(self, stream: Stream, surveys: Mapping[str, TableSurvey]) -> Iterator[Page]:
        """All pages of a list whose tables were surveyed."""
        if stream.name.startswith(NAMED):
            yield Page(self._names(stream.name.removeprefix(NAMED), surveys), last=True)
            return
        plan, record = self._records[stream.name]
        survey = surveys[plan.name]
        unknown = dict(unread_dates(survey, record))
        rules = self._writing_rules(record, survey)
        batch: list[msgspec.Raw] = []
        for raw in self._raws(plan, record, survey, rules):
            batch.append(raw)
            if len(batch) == _PAGE:
                yield Page(batch, last=False, unknown=unknown)
                batch = []
        yield Page(batch, last=True, unknown=unknown)

    def _survey(self, plan: TablePlan, reader: str = "") -> TableSurvey:
        """What is known of a table: read once for all lists that need it, and again in each sync.

        `reader`: the list that needs it; one that asks again begins a new sync. "": what is known.
        """
        asked = self._readers.setdefault(plan.name, set())
        if reader in asked:
            asked.clear()
            self._surveys.pop(plan.name, None)
            self._store.forget(plan.settings)
        asked |= {reader} if reader else set()
        if plan.name not in self._surveys:
            try:
                self._surveys[plan.name] = survey_table(plan, self._store, self._rules)
            except SourceError as error:
                asked.clear()
                self._store.forget(plan.settings)
                raise self._placed(plan, error) from None
        return self._surveys[plan.name]

    def _placed(self, plan: TablePlan, error: SourceError) -> SourceError:
        """The error with its table. What an address sends in pieces may be whole the next time."""
        where = f"{self.name}/{plan.name}: {error.where}".rstrip(": ")
        if self._session and isinstance(error, UnusableExportError):
            return RetryableError(error.what, where=where, remedy=error.remedy)
        error.where = where
        return error

    def _writing_rules(self, record: RecordPlan, survey: TableSurvey) -> WritingRules:
        formats = {at: one.formats for at, one in survey.dates.items()}
        asked: set[tuple[str, str]] = {
            (column.refers, column.source.by) for column in record.columns if column.source.by
        }
        lookups = {one: self._lookup(*one) for one in asked}
        return WritingRules(self._rules.values, formats, lookups, self._rules.mapped)

    def _raws(
        self, plan: TablePlan, record: RecordPlan, survey: TableSurvey, rules: WritingRules
    ) -> Iterator[msgspec.Raw]:
        conflicts, seen = survey.conflicts[record.kind], set[int]()
        for file in survey.files:
            its = WritingRules(
                rules.values, rules.formats, rules.lookups, rules.mapped, file.absent
            )
            writer = RecordWriter(record, its, file.file.name, file.picked)
            with opened(self._store, file.file) as stream:
                for row in read_file(plan, file, stream).rows():
                    if conflicts or not record.main:
                        code = hash(writer.read_id(row.cells))
                        if code in conflicts:
                            if code not in seen:
                                seen.add(code)
                                yield writer.write_conflict(row)
                            continue
                        if not record.main:
                            if code in seen:
                                continue
                            seen.add(code)
                    if (raw := writer.write(row)) is not None:
                        yield raw
            self._check_unchanged(plan, file)

    def _check_unchanged(self, plan: TablePlan, file: SurveyedFile) -> None:
        """RetryableError if the file was replaced while it was read: it was read twice."""
        now = next(
            (one for one in self._store.find(plan.settings) if one.place == file.file.place), None
        )
        if file.file.stamp and (now is None or now.stamp != file.file.stamp):
            self._surveys.pop(plan.name, None)
            raise RetryableError(
                "this file changed while it was read",
                where=f"{self.name}/{plan.name}: {file.file.name}",
                remedy="The next run reads it again",
            )

    def _lookup(self, kind: str, field: str) -> Lookup:
        """E-mail addresses or names of a kind -> id; None for what several have."""
        found: dict[str, str | None] = {}
        for plan, record in self._records.values():
            column = next((one for one in record.columns if one.column == field), None)
            if record.kind != kind or column is None:
                continue
            survey = self._survey(plan)
            rules = WritingRules(self._rules.values, {}, {}, self._rules.mapped)
            for raw in self._raws(plan, record, survey, rules):
                row = msgspec.json.decode(raw)
                text = str(row.get(field) or "").casefold()
                if text and row.get("id"):
                    known = found.setdefault(text, row["id"])
                    found[text] = row["id"] if known == row["id"] else None
        return found

    def _names(self, kind: str, surveys: Mapping[str, TableSurvey]) -> list[msgspec.Raw]:
        """A row for each colleague, stage and so on that a table names."""
        collector = NameCollector(kind, self._rules)
        for plan, column in named_only(self._plans)[kind]:
            for file in surveys[plan.name].files:
                with opened(self._store, file.file) as stream:
                    for row in read_file(plan, file, stream).rows():
                        collector.add(column, row.cells)
        return collector.rows()

    def guesses(self) -> Iterator[Guess]:
        """What stages of which there are names only are taken for."""
        if "stage" in named_only(self._plans):
            plans = [plan for plan, _ in named_only(self._plans)["stage"]]
            surveys = {plan.name: self._survey(plan) for plan in plans}
            for raw in self._names("stage", surveys):
                name = msgspec.json.decode(raw)["name"]
                if name not in self._stage_kinds:
                    guess = guess_stage_kind(name)
                    yield Guess("stage.kind", name, guess.kind, guess.evidence)

    def check(self) -> Iterator[CheckResult]:
        """For `doctor`: each table is read to its end; then what was taken for granted in it."""
        if isinstance(self._store, FolderStore) and (why := self._store.check()):
            yield CheckResult(
                "folder of the exports", good=False, detail=why, remedy="Correct folder"
            )
            return
        if not self._plans:
            yield CheckResult(
                "tables",
                good=False,
                detail="no table is mapped",
                remedy="Add [accounts.NAME.tables.TABLE]",
            )
        self._surveys.clear()
        for plan in self._plans:
            self._store.forget(plan.settings)
            lines = list(self._check_table(plan))
            yield from lines
            if self._refused:
                return

    def _check_table(self, plan: TablePlan) -> Iterator[CheckResult]:
        what, main = f"read {plan.name}", next(one for one in plan.records if one.main)
        try:
            survey = self._survey(plan)
        except SourceError as error:
            self._refused = isinstance(error, AuthError)
            where = f"{error.where}: " if error.where else ""
            remedy = error.remedy
            if isinstance(error, DeniedError):
                scope = self.spec.stream(main.stream).scope
                remedy = f"Allow the credential of account {self.name} to read {scope}"
            yield CheckResult(what, False, f"{where}{error.what}", remedy, stream=main.stream)
            return
        rows = sum(file.rows for file in survey.files)
        forms = ", ".join(f"{file.file.name} ({file.form})" for file in survey.files)
        yield CheckResult(what, True, f"{rows:,} rows of {forms}", stream=main.stream)
        yield from _doubts(plan, survey)

    def check_visibility(self, stream: Stream) -> CheckResult:
        """A file that was read to its end without rows shows all there is."""
        return CheckResult(f"see all of {stream.name}", True, "the export was read to its end")

    def close(self) -> None:
        """Close the connections."""
        if self._session:
            self._session.close()


def _rows(count: int) -> str:
    return "1 row has" if count == 1 else f"{count:,} rows have"


def _doubts(plan: TablePlan, survey: TableSurvey) -> Iterator[CheckResult]:
    """What `doctor` says aloud of a table: guesses, columns that cannot be read, repeated ids."""
    for file in survey.files:
        if file.shape.guessed:
            yield CheckResult(
                f"encoding of {file.file.name}",
                good=False,
                detail=f"guessed: {file.shape.encoding}",
                remedy=f'If names look wrong, write encoding = "..." in table {plan.name}',
                warning=True,
            )
    for record in plan.records:
        for path, why in unread_dates(survey, record):
            yield CheckResult(f"dates of {path}", good=False, detail=why, warning=True)
        if count := len(survey.conflicts[record.kind]):
            yield CheckResult(
                f"ids of {record.stream}",
                good=False,
                detail=f"{count} ids stand there twice with different values; those are left out",
                remedy="Correct id or key of this table, or map fewer columns",
                warning=True,
            )
    if survey.nameless:
        yield CheckResult(
            f"ids of {plan.name}",
            good=False,
            detail=f"{_rows(survey.nameless)} no id, left out; the first: {survey.first_nameless}",
            remedy="Fill the cells of its id or key. Of merged cells only the first is filled",
            warning=True,
        )
