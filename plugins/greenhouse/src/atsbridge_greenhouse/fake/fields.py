"""The definitions of the customer's own fields of jobs and offers, with their options."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from atsbridge_greenhouse.fake.truth import Entry

# name_key -> (field_type, label, value_type, options)
FIELDS: dict[str, tuple[str, str, str, tuple[str, ...]]] = {
    "priority": ("job", "Priority", "single_select", ("P1", "P2", "P3")),
    "hiring_status": ("job", "Hiring status", "single_select", ("Active", "On hold")),
    "employment_type": ("job", "Employment type", "single_select", ("Full-time", "Part-time")),
    "budget_approved": ("job", "Budget approved", "yes_no", ()),
    "target_start": ("job", "Target start", "date", ()),
    "salary_range": ("job", "Salary", "currency_range", ()),
    "old_cost_center": ("job", "Cost center", "short_text", ()),  # switched off
    "base_salary": ("offer", "Base salary", "currency", ()),
}
_LONG_AGO = datetime(2023, 1, 1, tzinfo=UTC)


def definitions() -> Iterator[Entry]:
    """Newest id first."""
    for key in reversed(FIELDS):
        of, label, kind, _ = FIELDS[key]
        values = {"name": label, "name_key": key, "value_type": kind, "field_type": of}
        yield _entry(_id(key), {**values, "active": not key.startswith("old")})


def options() -> Iterator[Entry]:
    """Newest id first."""
    for key in reversed(FIELDS):
        names = FIELDS[key][3]
        for name in reversed(names):
            yield _entry(
                option_id(key, name), {"custom_field_id": _id(key), "name": name, "active": True}
            )


def option_id(key: str, name: str) -> int:
    """The id of that option."""
    return _id(key) * 10 + FIELDS[key][3].index(name)


def _id(key: str) -> int:
    return 62000 + list(FIELDS).index(key)


def _entry(id_: int, values: dict[str, object]) -> Entry:
    return Entry(id_, _LONG_AGO, _LONG_AGO, values)
