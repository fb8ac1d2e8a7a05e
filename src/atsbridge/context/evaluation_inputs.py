"""What a verdict depends on besides rule and record: calendars, pauses, past owners, market data.

Each is read from the store when it is first needed, and kept for the rest of the run.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from atsbridge.context.calendars import Calendars
from atsbridge.context.record_batches import RecordBatches
from atsbridge.model import KINDS, Ahead, Found, Key, Query, resolve
from atsbridge.model import field as field_of
from atsbridge.ports import ConnectorSpec, Store
from atsbridge.rules import EvaluationContext, Market, Owner, Rule, ahead, bound
from atsbridge.worktime import Pause

_EVER = datetime(1970, 1, 1, tzinfo=UTC)  # "open since before we first looked"


@dataclass(slots=True)
class EvaluationInputs:
    """The inputs of one account at `now`. `unreadable`: "kind.field"s that are not believed.

    `opened`: (rule, subject) -> when their open case opened.
    """

    account: str
    store: Store
    spec: ConnectorSpec
    calendars: Calendars
    now: datetime
    unreadable: frozenset[str] = frozenset()
    opened: Mapping[tuple[str, Key], datetime] = field(default_factory=dict)
    market: Market = field(default_factory=Market)
    _pauses: dict[tuple[Key, str], Sequence[Pause]] = field(default_factory=dict)
    _handed_ids: dict[str, frozenset[str]] = field(default_factory=dict)
    _records: RecordBatches | None = None

    def evaluation_context(self, *, explain: bool = False) -> EvaluationContext:
        """What a rule is evaluated with; `explain` fills in the spans of every clock."""
        return EvaluationContext(
            now=self.now,
            calendars=self.calendars.of,
            intervals=self._intervals,
            owners=self._owners,
            changes=self.store.history.read_changes,
            others=self._others,
            market=self.market,
            opened=lambda rule, subject: self.opened.get((rule, subject)),
            unreadable=self.unreadable,
            never=unsupplied_fields(self.spec),
            explain=explain,
        )

    def ahead(self, rule: Rule) -> Ahead | None:
        """What `prefilter` leaves for later; None for a rule without a clock."""
        if rule.clock is None:
            return None
        return ahead(rule, self.now, self.calendars.every(rule.clock.calendar))

    def prefilter(self, rule: Rule) -> Query:
        """Those whose first step can have come by now."""
        if rule.clock is None:
            return rule.open
        return bound(rule, self.now, self.calendars.every(rule.clock.calendar))

    def handed_over(self, rule: Rule) -> frozenset[str]:
        """Ids of subjects whose owner changed: more time may have counted than the present
        owner's calendar says."""
        path = rule.clock.owed_by if rule.clock else None
        return self._handed_over(rule.subject, path) if path else frozenset()

    def _intervals(self, record: Key, path: str) -> Sequence[Pause]:
        """The spans of an interval field ("requisition.on_hold") of a record."""
        if (record, path) not in self._pauses:
            source, name = field_of(path).sources[0].partition(".")[2], field_of(path).name
            found = self.store.history.read_intervals(
                self.account, record.kind, record.id, source, name
            )
            self._pauses[record, path] = [Pause(a or _EVER, b, path) for a, b in found]
        return self._pauses[record, path]

    def batch(self, several: Iterable[Found]) -> Iterator[Sequence[Found]]:
        """Split the subjects of a rule into batches; what is below a batch is read at once."""
        return self._batches().split(several)

    def _others(self, query: Query) -> Sequence[Found]:
        return self._batches().find(query)

    def _batches(self) -> RecordBatches:
        if self._records is None:
            self._records = RecordBatches(self._select)
        return self._records

    def _select(self, query: Query) -> Iterable[Found]:
        return self.store.subjects.select(self.account, query, unreadable=self.unreadable)

    def _owners(self, found: Found, path: str) -> Sequence[Owner]:
        """Who owed since when, oldest first, from the Changes of the ref that names the person.

        A derived ref has none unless its Changes are kept: there, who owes now counts as having
        owed from the start.
        """
        if found.id not in self._handed_over(found.kind, path):
            return ()
        key = Key(self.account, found.kind, found.id)
        changes = self.store.history.read_changes(key, (path.rpartition(".")[2],))
        owners = [Owner(_EVER, changes[0].old)]
        owners += [Owner(c.occurred_at or c.observed_at, c.new) for c in changes]
        return owners

    def _handed_over(self, kind: str, path: str) -> frozenset[str]:
        resolved = resolve(kind, path)
        if resolved.refs or (resolved.field.derived and not resolved.field.logged):
            return frozenset()
        if path not in self._handed_ids:
            self._handed_ids[path] = self.store.history.find_changed(
                self.account, kind, resolved.field.name
            )
        return self._handed_ids[path]


def unsupplied_fields(spec: ConnectorSpec) -> frozenset[str]:
    """Every "kind.field" that no stream of this connector supplies: it never happens there."""
    owned = {f"{k}.{c}" for s in spec.streams for k, columns in s.owns.items() for c in columns}
    supplied = (f"{kind.name}.{name}" for kind in KINDS.values() for name in kind.supplied)
    return frozenset(path for path in supplied if path not in owned)
