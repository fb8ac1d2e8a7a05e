"""The rows that the connector makes of an export, and the records in them.

A row is JSON with an `id` and the columns of its kind, so that the engine compares, decodes and
stores it like a vendor's. A cell that could not be read is a `Misfit` in its place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec

from atsbridge.api import KINDS, FieldType, Fragment, SkipRecord, read_enum
from atsbridge_files.cell_values import Misfit
from atsbridge_files.mappable_columns import FEEDBACK, INTERVIEWERS, TEAM_ROLES
from atsbridge_files.table_plan import RecordPlan

_TYPES: dict[FieldType, Any] = {
    FieldType.TEXT: str | Misfit | None,
    FieldType.ENUM: str | Misfit | None,
    FieldType.REF: str | Misfit | None,
    FieldType.INT: int | Misfit | None,
    FieldType.NUMBER: float | Misfit | None,
    FieldType.BOOL: bool | Misfit | None,
    FieldType.INSTANT: datetime | Misfit | None,
    FieldType.DATE: date | Misfit | None,
    FieldType.LIST: list[str] | Misfit | None,
}
_PEOPLE: Any = list[str] | Misfit | None
TEAM = ("requisition", "user", "role", "responsible")
SEAT = ("interview", "user")
SEAT_WITH_FEEDBACK = (*SEAT, "feedback_required", "scorecard")
SCORECARD = ("application", "interview", "author", "submitted_at")
HOUR = timedelta(hours=1)
"""How long an interview is taken to last if the export says only when it begins."""

Columns = dict[str, tuple[str, ...]]  # kind -> columns


class RowLayout:
    """The Struct, the columns and the pure `normalize` of the records of one plan."""

    def __init__(self, plan: RecordPlan) -> None:
        self.kind = plan.kind
        named = [column.column for column in plan.columns]
        self._roles = [one for one in named if plan.kind == "requisition" and one in TEAM_ROLES]
        self._seats = INTERVIEWERS in named
        self._feedback = FEEDBACK in named
        self._plain = [one for one in named if one in KINDS[plan.kind].fields]
        declared = {one: KINDS[plan.kind].fields[one] for one in self._plain}
        self._terms = {
            one: field.values for one, field in declared.items() if field.type is FieldType.ENUM
        }
        self._ends = (
            plan.kind == "interview"
            and "starts_at" in named
            and not ({"ends_at", "ends_on"} & set(named))
        )
        fields = [(one, self._type(one), None) for one in named]
        self.row: type[msgspec.Struct] = msgspec.defstruct(
            "".join(part.title() for part in f"{plan.table}_{plan.kind}_row".split("_")),
            [("id", str), *fields, ("conflict", str | None, None)],
        )
        self.owns = self._owns()

    def _type(self, column: str) -> Any:
        if column in (*self._roles, INTERVIEWERS):
            return _PEOPLE
        if column == FEEDBACK:
            return _TYPES[FieldType.INSTANT]
        return _TYPES[KINDS[self.kind].fields[column].type]

    def _owns(self) -> Columns:
        own = (*self._plain, *(("ends_at",) if self._ends else ()))
        found: Columns = {self.kind: own}
        if self._roles:
            found["team_member"] = TEAM
        if self._seats:
            found["seat"] = SEAT_WITH_FEEDBACK if self._feedback else SEAT
        if self._seats and self._feedback:
            found["scorecard"] = SCORECARD
        return found

    def normalize(self, row: Any) -> Iterator[Fragment]:
        """The record of the row, then its hiring team or its seats and scorecards.

        SkipRecord for a row with a cell that cannot be read, or whose id came with other values.
        """
        if row.conflict:
            raise SkipRecord(row.conflict)
        values = {column: _value(row, column) for column in self._plain}
        for column, known in self._terms.items():
            values[column] = read_enum(values[column], known)
        if self._ends:
            starts = values["starts_at"]
            values["ends_at"] = None if starts is None else starts + HOUR
        yield Fragment(self.kind, row.id, values)
        for role in self._roles:
            yield from _team(row.id, role, _value(row, role) or [])
        if self._seats:
            yield from self._seated(row, values)

    def _seated(self, row: Any, values: dict[str, Any]) -> Iterator[Fragment]:
        given = _value(row, FEEDBACK) if self._feedback else None
        for person in _value(row, INTERVIEWERS) or []:
            seat = f"{row.id}:{person}"
            held: dict[str, Any] = {"interview": row.id, "user": person}
            if self._feedback:
                yield Fragment("seat", seat, {**held, "feedback_required": True, "scorecard": seat})
                card = {"application": values.get("application"), "interview": row.id}
                yield Fragment("scorecard", seat, {**card, "author": person, "submitted_at": given})
            else:
                yield Fragment("seat", seat, held)


def _value(row: Any, column: str) -> Any:
    value = getattr(row, column)
    if isinstance(value, Misfit):
        raise SkipRecord(value.misfit, field=column)
    if isinstance(value, datetime):
        return value.astimezone(UTC)
    return None if value == "" else value


def _team(requisition: str, role: str, people: list[str]) -> Iterator[Fragment]:
    for number, person in enumerate(people):
        key = f"{requisition}:{role}:{number}" if number else f"{requisition}:{role}"
        held = {"requisition": requisition, "user": person, "role": role}
        yield Fragment("team_member", key, {**held, "responsible": number == 0})


class NamedRow(msgspec.Struct):
    """A record of which an export has the name only. `email`: of a colleague."""

    id: str
    name: str | None = None
    email: str | None = None
    kind: str | None = None


NAMED_COLUMNS: Columns = {
    "user": ("name", "email", "active"),
    "stage": ("requisition", "name", "kind"),
    "reason": ("name",),
    "office": ("name",),
    "department": ("name",),
}


def read_named(kind: str) -> Callable[[NamedRow], Iterator[Fragment]]:
    """The `normalize` of such rows."""
    columns = NAMED_COLUMNS[kind]

    def normalize(row: NamedRow) -> Iterator[Fragment]:
        given = {"name": row.name, "email": row.email, "kind": row.kind, "active": True}
        yield Fragment(kind, row.id, {column: given.get(column) for column in columns})

    return normalize
