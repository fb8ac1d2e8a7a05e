"""The records of the company by kind, newest id first, and by what they belong to."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from atsbridge_greenhouse.fake.stored_writes import Written

if TYPE_CHECKING:
    from atsbridge.sandbox import Company

Json = dict[str, Any]


class Entry(NamedTuple):
    """A row before it is built: its id, its dates, and what it is built from."""

    id: int
    created_at: datetime
    updated_at: datetime
    thing: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """A list of the API: which members its rows have, what may filter it, where rows come from.

    `rows` gives entries newest id first; `asks` does so for some ids of the parameter
    `asked_by`, more quickly. `refs`: parameter -> member, up to 50 ids. `values`: parameter ->
    values it takes; `reads`: a value of a query -> that of an answer. `flags`, `instants` and
    `days` name members. `shows`: a switch that is off unless asked for -> the rows it adds;
    `narrows`: a switch -> the rows it leaves out.
    """

    name: str
    members: tuple[str, ...]
    rows: Callable[[Truth], Iterator[Entry]]
    build: Callable[[Truth, Entry], Json]
    refs: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    reads: Mapping[str, str] = field(default_factory=dict)
    flags: tuple[str, ...] = ()
    instants: tuple[str, ...] = ()
    days: tuple[str, ...] = ()
    shows: Mapping[str, Callable[[Json], bool]] = field(default_factory=dict)
    narrows: Mapping[str, Callable[[Json], bool]] = field(default_factory=dict)
    asks: Callable[[Truth, frozenset[str]], Iterator[Entry]] | None = None
    asked_by: str = ""  # the parameter whose ids `asks` takes


@dataclass(slots=True, eq=False)
class Truth:
    """The company and the options of its fake. Hold the company's lock while you read."""

    company: Company
    past_dates: bool = False  # whether stages that were left keep their dates
    stage_ids: bool = True  # whether applications name their plan stage (since July 2026)
    optional_slots: frozenset[int] = frozenset()  # slots that ask for no scorecard
    written: Written = field(default_factory=Written)  # by the API, besides notes on candidates
    _newest: dict[str, list[str]] = field(default_factory=dict)
    _children: dict[tuple[str, str], dict[str, list[str]]] = field(default_factory=dict)
    _counted: dict[tuple[str, str], int] = field(default_factory=dict)

    def get(self, kind: str, key: str | None) -> Any:
        """The record; None if it is gone or never was."""
        record = self.company.records(kind).get(key) if key else None
        return record if record is None or record.deleted_at is None else None

    def newest(self, kind: str) -> list[str]:
        """Ids, the highest first. Records are never taken away."""
        records = self.company.records(kind)
        known = self._newest.get(kind, [])
        if len(known) != len(records):
            known = sorted(records, key=int, reverse=True)
            self._newest[kind] = known
        return known

    def children(self, kind: str, ref: str, parent: str) -> list[str]:
        """Ids, in order of creation, of the records whose `ref` led there when they were made."""
        at, records = (kind, ref), self.company.records(kind)
        found = self._children.setdefault(at, {})
        if self._counted.get(at) != len(records):
            found.clear()
            for key, record in records.items():
                if record.deleted_at is None:
                    found.setdefault(getattr(record, ref) or "", []).append(key)
            self._counted[at] = len(records)
        return found.get(parent, [])


def of_kind(
    kind: str, keep: Callable[[Truth, Any], bool] | None = None
) -> Callable[[Truth], Iterator[Entry]]:
    """All records of a kind (that `keep`), newest id first."""

    def rows(truth: Truth) -> Iterator[Entry]:
        records: Mapping[str, Any] = truth.company.records(kind)
        for key in truth.newest(kind):
            record = records[key]
            if record.deleted_at is None and (keep is None or keep(truth, record)):
                yield Entry(int(key), record.created_at, record.updated_at, record)

    return rows


def number(key: str | None) -> int | None:
    """A company's id as the API writes it."""
    return int(key) if key else None


def iso(at: datetime | None) -> str | None:
    """UTC with milliseconds, as the API writes instants."""
    if at is None:
        return None
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def on(day: date | None) -> str | None:
    """A calendar day as the API writes it."""
    return day.isoformat() if day else None


def stamped(entry: Entry, **members: Any) -> Json:
    """A row with the members that every list has."""
    return {
        "id": entry.id,
        **members,
        "created_at": iso(entry.created_at),
        "updated_at": iso(entry.updated_at),
    }


def members(names: str) -> tuple[str, ...]:
    """The members of a row, in order, with those that every list has."""
    return ("id", *names.split(), "created_at", "updated_at")
