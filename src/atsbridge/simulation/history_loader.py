"""Load the history of a batch of subjects: their changes, and the rows below them.

It takes a few statements per batch, however many subjects it has.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from atsbridge.errors import require
from atsbridge.model import KINDS, All, Change, Field, Found, Key, Query, paths, resolve, roots
from atsbridge.model import field as field_of
from atsbridge.ports import Store
from atsbridge.rules import Below, Owner, Rule, field_paths, split_recipient
from atsbridge.simulation.backtest_prefilter import narrowed
from atsbridge.simulation.field_history import STAYS, FieldHistory, HistoryRow, beside, operand
from atsbridge.simulation.past_rows import BacktestWindow, PastRow
from atsbridge.store import spans
from atsbridge.worktime import Pause

_EVER = datetime(1970, 1, 1, tzinfo=UTC)  # the interval was open before the first observation
Logged = Mapping[tuple[str, str, str], Sequence[Change]]  # (kind, id, field) -> oldest first


@dataclass(slots=True)
class LoadedHistory:
    """The history of one batch of subjects."""

    log: Logged
    below: Mapping[str, Mapping[str, Sequence[Found]]] = field(default_factory=dict)
    under: Mapping[str, Sequence[PastRow]] = field(default_factory=dict)
    pauses: Mapping[tuple[Key, str], Sequence[Pause]] = field(default_factory=dict)

    def intervals(self, record: Key, interval: str) -> Sequence[Pause]:
        return self.pauses.get((record, interval), ())

    def changes(self, key: Key, fields: Sequence[str]) -> Sequence[Change]:
        found = [c for name in fields for c in self.log.get((key.kind, key.id, name), ())]
        return sorted(found, key=lambda change: change.observed_at)


class HistoryLoader:
    """The fields that one rule reads, and how their past is loaded for a batch of subjects."""

    def __init__(self, account: str, rule: Rule, store: Store, window: BacktestWindow) -> None:
        self.account, self.rule, self.store, self.window = account, rule, store, window
        self.changed = store.history.find_changed_fields(account)
        self.operands = _operands(rule.subject, _read(rule))
        self.moving = self._moving(self.operands)
        self.pause_paths = rule.clock.pause if rule.clock else ()
        self.check_below = rule.check.below if rule.check else None
        under = self.check_below
        self.theirs = self._moving(_operands(under.kind, under.columns)) if under else {}
        self._stages: Mapping[tuple[str, str], Any] | None = None

    def _moving(self, operands: Mapping[str, FieldHistory]) -> Mapping[str, FieldHistory]:
        """Those that may have had another value in the past."""
        return {path: one for path, one in operands.items() if not one.is_constant(self.changed)}

    def query(self) -> Query:
        """Query subjects that can have had a case in the window, with every path that is read."""
        rule = self.rule
        where = narrowed(rule, self.operands, self.window.start, self.changed)
        fields = (f"{rule.subject}.created_at", f"{rule.subject}.first_seen_at")
        statuses = (beside(interval, _source(interval)) for interval in self.pause_paths)
        record_paths = (
            field_paths.find_interval_record(rule.subject, path)[1] for path in self.operands
        )
        wanted = (*rule.open.columns, *_columns(self.operands), *fields, *statuses, *record_paths)
        return Query(rule.subject, where, field_paths.unique(wanted))

    def keep(self, piece: Sequence[Found]) -> LoadedHistory:
        """Load the changes of these subjects, and the rows below them."""
        ids = [found.id for found in piece]
        log = self._log(piece, self.rule.subject, self.operands, self._more())
        kept = LoadedHistory(log)
        kept.pauses = dict(self._pauses(piece, log))
        kept.below = dict(self._below(ids))
        if self.check_below is not None:
            kept.under = self._under(ids)
        return kept

    def past(self, kept: LoadedHistory, found: Found) -> PastRow:
        """The past of one subject."""
        below = {kind: rows.get(found.id, ()) for kind, rows in kept.below.items()}
        row = HistoryRow(found, kept.log, below, self._stage_fields())
        return PastRow(row, self.moving, self.window)

    def under(self, kept: LoadedHistory, past: PastRow) -> Sequence[PastRow]:
        """The rows below a subject that its check reads."""
        return kept.under.get(past.row.found.id, ())

    def owners(self, kept: LoadedHistory, found: Found, path: str) -> Sequence[Owner]:
        """The assignees over time. As in a run, only for a reference of the subject itself."""
        resolved = resolve(found.kind, path)
        if resolved.refs:
            return ()
        changes = kept.log.get((found.kind, found.id, resolved.field.name), ())
        if not changes:
            return ()
        later = [Owner(c.occurred_at or c.observed_at, c.new) for c in changes]
        return [Owner(_EVER, changes[0].old), *later]

    def _more(self) -> Iterator[str]:
        """Further paths of the subject whose changes count: sources of pauses, watched fields."""
        yield from (beside(interval, _source(interval)) for interval in self.pause_paths)
        yield from self.rule.check.watched if self.rule.check else ()

    def _log(
        self,
        piece: Sequence[Found],
        kind: str,
        operands: Mapping[str, FieldHistory],
        more: Iterable[str] = (),
    ) -> Logged:
        """Load the changes of all records involved, kind by kind."""
        logged = [one.path for one in operands.values() if one.logged]
        wanted: dict[str, tuple[set[str], set[str]]] = {}
        for path in field_paths.unique((*logged, *more)):
            declared = resolve(kind, path).field
            if declared.path not in self.changed:
                continue
            ids, fields = wanted.setdefault(declared.kind, (set(), set()))
            fields.add(declared.name)
            to = field_paths.find_interval_record(kind, path)[1]
            ids.update(one for f in piece if (one := f.facts.get(to) if to else f.id))
        found: dict[tuple[str, str, str], list[Change]] = {}
        for name, (ids, fields) in wanted.items():
            changes = self.store.history.read_many_changes(
                self.account, name, sorted(ids), sorted(fields)
            )
            for one, several in changes.items():
                for change in several:
                    found.setdefault((name, one, change.field), []).append(change)
        return found

    def _pauses(
        self, piece: Sequence[Found], log: Logged
    ) -> Iterator[tuple[tuple[Key, str], Sequence[Pause]]]:
        for interval in self.pause_paths:
            kind, to = field_paths.find_interval_record(self.rule.subject, interval)
            source, value = _source(interval), _values(interval)
            status = beside(interval, source)
            for found in piece:
                record = found.facts.get(to) if to else found.id
                if record is None:
                    continue
                present, changes = found.facts.get(status), log.get((kind, record, source), ())
                if changes or present == value:
                    held = spans(present, changes, value)
                    pauses = [Pause(a or _EVER, b, interval) for a, b in held]
                    yield (Key(self.account, kind, record), interval), pauses

    def _below(self, ids: Sequence[str]) -> Iterator[tuple[str, Mapping[str, Sequence[Found]]]]:
        """Load stage stays and the records of "latest" fields: kind -> subject -> rows."""
        wanted: dict[str, tuple[str, tuple[str, ...]]] = {}
        for one in self.operands.values():
            if one.stays and self.rule.subject == "application":
                wanted[STAYS[0]] = STAYS[1:]
            if one.latest and one.latest[1] == self.rule.subject:
                kind, ref, name = one.latest
                wanted[kind] = (ref, (f"{kind}.{name}",))
        for kind, (ref, columns) in wanted.items():
            query = Query(kind, All(), (f"{kind}.{ref}", *columns))
            grouped: dict[str, list[Found]] = {}
            for found in self.store.history.find_children(self.account, query, ref, ids):
                grouped.setdefault(found.facts[f"{kind}.{ref}"], []).append(found)
            yield kind, grouped

    def _under(self, ids: Sequence[str]) -> Mapping[str, Sequence[PastRow]]:
        """The records that the check reads, by subject."""
        below = require(self.check_below, "what the check reads")
        refs = _find_refs(below, self.rule.subject)
        kinds = [below.kind]
        for ref in refs[:-1]:
            kinds.append(KINDS[kinds[-1]].fields[ref].ref)
        above = list(ids)
        for kind, ref in reversed(list(zip(kinds[1:], refs[1:], strict=True))):
            query = Query(kind, All(), ())
            above = [
                one.id for one in self.store.history.find_children(self.account, query, ref, above)
            ]
        created = (f"{below.kind}.created_at",)
        record_paths = (
            field_paths.find_interval_record(below.kind, path)[1] for path in self.theirs
        )
        columns = (*below.columns, *below.named, *_columns(self.theirs), *created, *record_paths)
        query = Query(below.kind, All(), field_paths.unique(columns))
        rows = list(self.store.history.find_children(self.account, query, refs[0], above))
        log = self._log(rows, below.kind, self.theirs)
        grouped: dict[str, list[PastRow]] = {}
        for found in rows:
            past = PastRow(HistoryRow(found, log), self.theirs, self.window)
            grouped.setdefault(found.facts[below.parent], []).append(past)
        return grouped

    def _stage_fields(self) -> Mapping[tuple[str, str], Any]:
        """The name and kind of each stage, read once."""
        if self._stages is None:
            names = {
                path.rpartition(".")[2] for path, one in self.operands.items() if one.stays
            } & KINDS["stage"].fields.keys()
            columns = tuple(f"stage.{name}" for name in sorted(names))
            rows = (
                self.store.subjects.select(self.account, Query("stage", All(), columns))
                if names
                else ()
            )
            self._stages = {
                (one.id, path.rpartition(".")[2]): value
                for one in rows
                for path, value in one.facts.items()
            }
        return self._stages


def _read(rule: Rule) -> Iterator[str]:
    """Every path that a verdict or the recipient of a step depends on."""
    yield from paths(rule.where)
    for exemption in rule.exemptions:
        yield from paths(exemption.where)
    if spec := rule.clock:
        yield from (p for p in (spec.start, spec.stop, spec.owed_by) if p)
        yield from (*spec.reset, *spec.cancel)
        yield from (spec.targets.path,) if spec.targets else ()
        twin = field_paths.twin(rule.subject, spec.start)
        yield from (twin,) if twin else ()
    if rule.check is not None:
        yield from rule.check.reads
        yield from (ours for _, ours in rule.check.below.same) if rule.check.below else ()
    for step in rule.steps:
        if "." in (path := split_recipient(step.to).path):
            yield field_paths.part(rule.subject, path)[0]


def _operands(subject: str, read: Iterable[str]) -> dict[str, FieldHistory]:
    return {path: operand(subject, path) for path in field_paths.unique(read)}


def _find_refs(below: Below, subject: str) -> tuple[str, ...]:
    """The refs to follow from a record below to its subject, which may be a person it names."""
    known = roots(below.kind)
    if subject in known:
        return known[subject]
    record, _, ref = below.parent.rpartition(".")
    return (*known[record], ref)


def _columns(operands: Mapping[str, FieldHistory]) -> Iterator[str]:
    for one in operands.values():
        yield from (one.path, *one.needs)


def _source(interval: str) -> str:
    """The field whose value makes an interval: "status" of requisition.on_hold."""
    return _of(interval).sources[0].partition(".")[2]


def _values(interval: str) -> str:
    return _of(interval).name


def _of(interval: str) -> Field:
    return field_of(".".join(interval.split(".")[-2:]))
