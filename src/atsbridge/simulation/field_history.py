"""Decide how the past of each field is known: from its own date, from changes, or not.

A present value is never used for the past, unless `FieldHistory.source` says so.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from operator import itemgetter
from typing import Any

from atsbridge.model import Change, Field, Found, resolve, roots
from atsbridge.rules import field_paths
from atsbridge.simulation import field_timeline
from atsbridge.simulation.field_timeline import UNKNOWN, FieldTimeline

# Statuses that follow from instants of the same record: instant -> the status from then on, "" for
# the present one. The record did not exist before the first instant.
CHAINS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "application.status": (("applied_at", "active"), ("closed_at", "")),
    "requisition.status": (("opened_at", "open"), ("closed_at", "")),
    "offer.status": (
        ("drafted_at", "draft"),
        ("approved_at", "approved"),
        ("sent_at", "sent"),
        ("resolved_at", ""),
    ),
    "approval.status": (("requested_at", "due"), ("decided_at", "")),
}
# Fields that are known since an instant of the same record, and not before.
_SINCE = {
    "assignee": "assignee_since",
    "assignee_role": "assignee_since",
    "assignee_since": "assignee_since",
}
# Fields that are the latest of records below: kind, reference, instant.
_LATEST_OF = {"requisition.last_submission_at": ("application", "requisition", "submitted_at")}
_INSTANT = itemgetter(0)
_STATES = ("status", "response")  # values of a present position, which was another in the past
_STAGE = "application.stage"
_ENTERED = "application.stage_entered_at"
STAYS = ("stage_stay", "application", ("stage_stay.stage", "stage_stay.entered_at"))


@dataclass(slots=True)
class HistoryRow:
    """One subject with everything that is stored about its past.

    `log`: (kind, id, field) -> changes, oldest first. `below`: kind -> rows that refer to it.
    `stages`: (stage id, field) -> present value.
    """

    found: Found
    log: Mapping[tuple[str, str, str], Sequence[Change]] = field(default_factory=dict)
    below: Mapping[str, Sequence[Found]] = field(default_factory=dict)
    stages: Mapping[tuple[str, str], Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FieldHistory:
    """How the past of one path is known. `needs`: further paths that must be read for it.

    `logged`: the field whose changes are read. `stays`, `latest`: rows below that are read.
    `dated`: it happens once and has its own date. `lasts`: without a change it has always had its
    value.
    """

    path: str
    source: str
    read: Callable[[HistoryRow], FieldTimeline]
    needs: tuple[str, ...] = ()
    logged: Field | None = None
    stays: bool = False
    latest: tuple[str, str, str] | None = None
    dated: bool = False
    lasts: bool = False

    def is_constant(self, changed: Container[str]) -> bool:
        """Whether it has always had its present value. `changed`: "kind.field"s with changes."""
        return self.lasts and (self.logged is None or self.logged.path not in changed)


def operand(subject: str, path: str) -> FieldHistory:
    """How the past of this path is known for subjects of this kind."""
    found = resolve(subject, path)
    field = found.field
    if _STAGE in (field.path, *(ref.path for ref in found.refs)):
        return _by_stays(subject, path)
    if field.path == _ENTERED:
        return _entered(path)
    if field.name in _SINCE and field.derived:
        return _since(path, _SINCE[field.name])
    if field.path in _LATEST_OF and not found.refs:
        return _latest_of(path, _LATEST_OF[field.path])
    if field.type in field_paths.DATED and not field.planned:
        return _dated(path, field)
    if field.path in CHAINS:
        return _chained(subject, path, field)
    return _kept(subject, path, field)


def beside(path: str, name: str) -> str:
    """The path of another field of the same record."""
    return f"{path.rpartition('.')[0]}.{name}"


def _instant(value: Any) -> datetime | None:
    """The instant; for a date, the start of the day in UTC."""
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    return None


def _dated(path: str, field: Field) -> FieldHistory:
    """A field with its own date is unknown before it. Of several dates only the latest is known."""
    latest = field.name.startswith("last_") or field.name in ("rescheduled_at", "updated_at")
    before = UNKNOWN if latest else None
    source = "dated; only the latest is known" if latest else "dated"

    def read(row: HistoryRow) -> FieldTimeline:
        value = row.found.facts.get(path)
        at = _instant(value)
        return field_timeline.steady(None) if at is None else FieldTimeline((at,), (before, value))

    return FieldHistory(path, source, read, dated=not latest)


def _by_stays(subject: str, path: str) -> FieldHistory:
    """The stage then, from stage stays; its name and kind as they are now."""
    base = next((p for p in _stage_paths(subject, path)), path)
    entered = beside(base, "stage_entered_at")
    name = "" if base == path else path.rpartition(".")[2]

    def value(row: HistoryRow, stage: str | None) -> Any:
        if not name or stage is None:
            return stage
        return row.stages.get((stage, name), UNKNOWN)

    def read(row: HistoryRow) -> FieldTimeline:
        events = [
            (at, value(row, stay.facts["stage_stay.stage"]))
            for stay in row.below.get("stage_stay", ())
            if (at := stay.facts["stage_stay.entered_at"]) is not None
        ]
        if now := row.found.facts.get(entered):
            events.append((now, row.found.facts.get(path)))
        return field_timeline.of(events)

    deep = bool(resolve(subject, base).refs)
    source = "known since it entered its present stage" if deep else "by stage stays"
    return FieldHistory(path, source, read, needs=(base, entered), stays=not deep)


def _stage_paths(subject: str, path: str) -> Iterable[str]:
    """The path of the application's stage that this path goes through."""
    if resolve(subject, path).field.path == _STAGE:
        return (path,)
    return ("application.stage",) if "application" in roots(subject) else ()


def _entered(path: str) -> FieldHistory:
    def read(row: HistoryRow) -> FieldTimeline:
        times = [stay.facts["stage_stay.entered_at"] for stay in row.below.get("stage_stay", ())]
        return field_timeline.latest([*times, row.found.facts.get(path)])

    return FieldHistory(path, "by stage stays", read, stays=True)


def _since(path: str, name: str) -> FieldHistory:
    since, closed = beside(path, name), beside(path, "closed_at")

    def read(row: HistoryRow) -> FieldTimeline:
        began = row.found.facts.get(since) or row.found.facts.get(closed)
        if began is None:
            return field_timeline.steady(UNKNOWN)
        return FieldTimeline((began,), (UNKNOWN, row.found.facts[path]))

    source = "known since the present assignee has to act"
    return FieldHistory(path, source, read, needs=(since, closed))


def _latest_of(path: str, of: tuple[str, str, str]) -> FieldHistory:
    kind, _, name = of

    def read(row: HistoryRow) -> FieldTimeline:
        times = [one.facts[f"{kind}.{name}"] for one in row.below.get(kind, ())]
        return field_timeline.latest(times, before=None)

    return FieldHistory(path, f"by {kind}.{name} of each", read, latest=of)


def _since_first_seen(
    subject: str, path: str, field: Field
) -> Callable[[HistoryRow], FieldTimeline]:
    """The field by its changes, as it was first seen before the first of them."""
    to = field_paths.find_interval_record(subject, path)[1]

    def read(row: HistoryRow) -> FieldTimeline:
        facts = row.found.facts
        one = facts.get(to) if to else row.found.id
        changes = row.log.get((field.kind, one, field.name), ()) if one is not None else ()
        return field_timeline.undone(facts.get(path), changes)

    return read


def _chained(subject: str, path: str, field: Field) -> FieldHistory:
    """From changes since the first observation; before that, from the dates of the same record."""
    chain, observed = CHAINS[field.path], _since_first_seen(subject, path, field)
    dates, since = tuple(beside(path, name) for name, _ in chain), beside(path, "first_seen_at")

    def read(row: HistoryRow) -> FieldTimeline:
        facts, later = row.found.facts, observed(row)
        first = later.values[0]
        events: list[tuple[datetime, Any]] = []
        for place, (_, value) in zip(dates, chain, strict=True):
            if at := _instant(facts.get(place)):
                events.append((at, value or first))
        if not events or max(events, key=_INSTANT)[1] != first:
            events = []  # the dates contradict the observed value
        earlier, seen = field_timeline.of(events), _instant(facts.get(since))
        return field_timeline.joined(earlier, seen, later) if seen else earlier

    instants = ", ".join(name for name, _ in chain)
    source = f"by {instants}, and by Changes"
    needs = (*dates, since)
    return FieldHistory(path, source, read, needs=needs, logged=field)


def _kept(subject: str, path: str, field: Field) -> FieldHistory:
    """From changes. A status is not known before its first observation."""
    state, since = field.name in _STATES, beside(path, "first_seen_at")
    if field.derived and not field.logged:
        return FieldHistory(path, "as it is now: its past is not kept", _present(path), lasts=True)
    source = (
        "by Changes; not known before it was first seen"
        if state
        else "by Changes; before those as first seen"
    )
    observed = _since_first_seen(subject, path, field)

    def read(row: HistoryRow) -> FieldTimeline:
        later, seen = observed(row), _instant(row.found.facts.get(since))
        return field_timeline.joined(field_timeline.steady(UNKNOWN), seen, later) if seen else later

    if not state:
        return FieldHistory(path, source, observed, logged=field, lasts=True)
    return FieldHistory(path, source, read, needs=(since,), logged=field)


def _present(path: str) -> Callable[[HistoryRow], FieldTimeline]:
    return lambda row: field_timeline.steady(row.found.facts.get(path))
