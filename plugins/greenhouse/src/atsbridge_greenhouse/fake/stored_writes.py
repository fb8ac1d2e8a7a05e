"""What was written into the fake besides notes on candidates: tags, job notes, custom fields."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

FIELDS = {  # name_key -> (name, type, options)
    "sla": ("SLA", "short_text", ()),
    "sla_state": ("SLA state", "single_select", ("On time", "Late")),
    "flagged": ("Flagged", "yes_no", ()),
    "days_late": ("Days late", "number", ()),
}


class Row(NamedTuple):
    """A row made by a write."""

    id: int
    at: datetime
    values: dict[str, Any]


@dataclass(slots=True)
class Written:
    """Rows by id, and what fields of applications say: application -> name_key -> value."""

    job_notes: dict[int, Row] = field(default_factory=dict)
    tags: dict[int, Row] = field(default_factory=dict)
    applied: dict[int, Row] = field(default_factory=dict)
    field_values: dict[str, dict[str, Any]] = field(default_factory=dict)
    made: int = 0

    def add(self, rows: dict[int, Row], at: datetime, **values: Any) -> Row:
        """A new row with the next id."""
        self.made += 1
        row = Row(77 * 10**12 + self.made, at, values)
        rows[row.id] = row
        return row

    def fields(self, application: str) -> dict[str, Any]:
        """The custom fields of an application as rows show them."""
        return {
            key: {"name": FIELDS[key][0], "type": _shown(FIELDS[key][1]), "value": value}
            for key, value in self.field_values.get(application, {}).items()
        }


def _shown(kind: str) -> str:
    return "boolean" if kind == "yes_no" else kind
