"""Make records of colleagues, stages and so on of which an export has only the names."""

from __future__ import annotations

import msgspec

from atsbridge.api import guess_stage_kind
from atsbridge_files.cell_values import Cells, Misfit
from atsbridge_files.record_writer import WritingRules, make_reader
from atsbridge_files.row_structs import NamedRow
from atsbridge_files.table_plan import ColumnPlan

MAX_NAMES = 100_000
"""Of one kind. More than that are no stages or colleagues: the column holds something else."""


class NameCollector:
    """Collects the names of one kind."""

    def __init__(self, kind: str, rules: WritingRules) -> None:
        self._kind = kind
        self._rules = rules
        self._found: dict[str, str] = {}  # id -> name as first seen
        self._seen: dict[int, set[str]] = {}  # column -> cells that were looked at
        self._readers: dict[int, object] = {}

    def add(self, column: ColumnPlan, cells: Cells) -> None:
        """Look at a column of one more row."""
        seen = self._seen.setdefault(id(column), set())
        text = cells[column.places[0]] if column.places else ""
        if text in seen or len(self._found) > MAX_NAMES:
            return
        seen.add(text)
        owner = "interview" if column.column == "interviewers" else "requisition"
        made = make_reader(owner, column, self._rules)(cells)
        for one in made if isinstance(made, list) else [made]:
            if isinstance(one, str) and not isinstance(one, Misfit):
                self._found.setdefault(one, one)

    def rows(self) -> list[msgspec.Raw]:
        """One row for each, in the order of the files."""
        return [msgspec.Raw(msgspec.json.encode(self._row(one))) for one in self._found]

    def _row(self, found: str) -> NamedRow:
        if self._kind == "user":
            email = found if "@" in found else None
            return NamedRow(found, None if email else found.title(), email)
        kind = guess_stage_kind(found).kind if self._kind == "stage" else None
        return NamedRow(found, found, None, kind)
