"""What a verdict depends on besides rule and facts: calendars, pauses, who owed before, trust.

Read from the store when a judge asks, and kept for the rest of the tick.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from atsbridge.context.calendars import Calendars
from atsbridge.model import KINDS, Ahead, Found, Key, Query, resolve
from atsbridge.model import field as field_of
from atsbridge.ports import ConnectorSpec, Store
from atsbridge.rules import EvaluationContext, Market, Owner, Rule, ahead, bound
from atsbridge.worktime import Pause

_EVER = datetime(1970, 1, 1, tzinfo=UTC)  # "open since before we first looked"


@dataclass(slots=True)
class Around:
    """The surroundings of one account in one tick. `unreadable`: "kind.field"s not believed.

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
    _handed: dict[str, frozenset[str]] = field(default_factory=dict)

    def surroundings(self, *, explain: bool = False) -> EvaluationContext:
        """What `judge` is given; `explain` fills in the spans of every clock."""
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
            never=never(self.spec),
            explain=explain,
        )

    def ahead(self, rule: Rule) -> Ahead | None:
        """What `bounded` leaves for later; None for a rule that is judged whole."""
        if rule.clock is None:
            return None
        return ahead(rule, self.now, self.calendars.every(rule.clock.calendar))

    def bounded(self, rule: Rule) -> Query:
        """Those whose first step can have come by now."""
        if rule.clock is None:
            return rule.open
        return bound(rule, self.now, self.calendars.every(rule.clock.calendar))

    def handed(self, rule: Rule) -> frozenset[str]:
        """Subjects whose owner changed: more may have been counted than the present one's
        calendar says."""
        path = rule.clock.owed_by if rule.clock else None
        return self._handed_over(rule.subject, path) if path else frozenset()

    def _intervals(self, bearer: Key, word: str) -> Sequence[Pause]:
        """The spans of an interval word ("requisition.on_hold") on the record that bears it."""
        if (bearer, word) not in self._pauses:
            source, name = field_of(word).sources[0].partition(".")[2], field_of(word).name
            found = self.store.history.read_intervals(
                self.account, bearer.kind, bearer.id, source, name
            )
            self._pauses[bearer, word] = [Pause(a or _EVER, b, word) for a, b in found]
        return self._pauses[bearer, word]

    def _others(self, query: Query) -> Sequence[Found]:
        return list(self.store.subjects.select(self.account, query, unreadable=self.unreadable))

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
        if path not in self._handed:
            self._handed[path] = self.store.history.find_changed(
                self.account, kind, resolved.field.name
            )
        return self._handed[path]


def never(spec: ConnectorSpec) -> frozenset[str]:
    """Every "kind.field" that no stream of this connector supplies: it never happens here."""
    owned = {f"{k}.{c}" for s in spec.streams for k, columns in s.owns.items() for c in columns}
    supplied = (f"{kind.name}.{name}" for kind in KINDS.values() for name in kind.supplied)
    return frozenset(path for path in supplied if path not in owned)
