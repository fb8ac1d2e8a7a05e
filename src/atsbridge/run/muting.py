"""What keeps people from being told: silences, causes already told, quiet hours, the breaker.

What follows for a case or a notice is decided in `cases`; this reads what is configured and stored.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime

from atsbridge.cases.attention import Attention
from atsbridge.model.catalogue import KINDS, roots
from atsbridge.model.notice import Destination, Held, Notice, NoticeState
from atsbridge.model.query import All, Query
from atsbridge.model.record import Key
from atsbridge.rules.rule import Rule
from atsbridge.run.calendars import Calendars
from atsbridge.run.wiring import Wiring
from atsbridge.store import Store
from atsbridge.worktime.calendar import Calendar


def held_by_breaker(store: Store, account: str) -> frozenset[str]:
    """Rules of which the breaker holds notices."""
    held = store.notices(account, states=[NoticeState.HELD])
    return frozenset(one.rule for one in held if one.reason == Held.BREAKER)


def attention(app: Wiring, calendars: Calendars) -> Attention:
    """What may be asked of people, as the settings have it.

    A person's own `calendar` comes before the one that quiet hours name.
    """
    notify = app.settings.notify
    people = app.settings.people

    def calendar(to: Destination) -> Calendar:
        own = people[to.address].calendar if to.address in people else ""
        return calendars.of(to.person, own or notify.quiet_calendar or "office")

    return Attention(
        calendar=calendar,
        quiet=bool(notify.quiet_calendar),
        per_day=notify.max_interruptions_per_day,
        digest_at=notify.digest_at,
    )


@dataclass(slots=True)
class Told:
    """The notices of the open cases, read at once when the first is asked for."""

    store: Store
    account: str
    _by_case: Mapping[int, Sequence[Notice]] | None = None

    def of(self, case: int) -> Sequence[Notice]:
        """Those of one case so far, oldest first."""
        if self._by_case is None:
            self._by_case = self.store.told(self.account)
        return self._by_case.get(case, ())


@dataclass(slots=True)
class Muting:
    """Why nobody is to hear of a rule on a subject at `now`, read when it is asked."""

    store: Store
    account: str
    now: datetime
    _lines: dict[Key, frozenset[Key]] = field(default_factory=dict)

    def why(self, rule: Rule, subject: Key, breaches: Set[tuple[str, Key]]) -> str:
        """ "" where it is to be heard."""
        silences = self.store.silences(self.account, self.now)
        if not silences and not rule.muted_by:
            return ""
        line = self._line(subject)
        for one in silences:
            if one.rule in ("", rule.id) and (one.subject is None or one.subject in line):
                until = f"{one.end:%Y-%m-%d %H:%M} UTC"
                return f"silenced by {one.author} until {until}: {one.comment}"
        for cause in rule.muted_by:
            if any((cause, bearer) in breaches for bearer in line):
                return f"it follows from {cause}, which is told already"
        return ""

    def _line(self, subject: Key) -> frozenset[Key]:
        """The subject and what it belongs to."""
        if subject not in self._lines:
            paths = dict(_parents(subject.kind))
            query = Query(subject.kind, All(), tuple(paths.values()))
            found = self.store.select(self.account, query, ids=[subject.id], filtered=False)
            facts = next((one.facts for one in found), {})
            above = {
                Key(self.account, kind, str(facts[path]))
                for kind, path in paths.items()
                if facts.get(path)
            }
            self._lines[subject] = frozenset({subject, *above})
        return self._lines[subject]


def _parents(kind: str) -> Mapping[str, str]:
    """What a subject belongs to: kind -> the path whose value is its id."""
    found: dict[str, str] = {}
    for root, refs in roots(kind).items():
        at = kind
        for ref in refs[:-1]:
            at = KINDS[at].fields[ref].ref
        if refs:
            found[root] = f"{at}.{refs[-1]}"
    return found
