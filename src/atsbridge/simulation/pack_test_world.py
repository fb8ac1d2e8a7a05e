"""The records, changes and people of a pack test, as an evaluation reads them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from atsbridge.model import Change, Found, Key, Query, parents, paths, resolve
from atsbridge.rules import (
    Owner,
    PackTest,
    PackTestPerson,
    Rule,
    field_paths,
    predicates,
    split_recipient,
)
from atsbridge.worktime import Absence, Calendar, Pause, parse_hours, public_holidays

ACCOUNT, ID = "rehearsal", "1"
ZONE = "UTC"  # of people that the test does not describe
_EVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class PackTestWorld:
    """The facts of a test as known at `now`. Facts with a later date have not happened yet."""

    rule: Rule
    example: PackTest
    now: datetime

    def subject(self) -> Found:
        """The subject. Recipients that the facts do not name are added, named by their path."""
        recipients = {split_recipient(step.to).path for step in self.rule.steps}
        facts: dict[str, Any] = {
            path: path if path in recipients else None for path in self.rule.open.columns
        }
        for path in recipients:
            column, key = field_paths.part(self.rule.subject, path)
            if key:
                facts[column] = {**(facts[column] or {}), key: path}
        for interval in self.example.intervals:
            if path := field_paths.find_interval_record(self.rule.subject, interval)[1]:
                facts[path] = ID  # none if the subject itself has the field
        for path, value in self.example.facts.items():
            facts[path] = self._known(self.rule.subject, path, value)
        for one in reversed(self.example.changes):
            if one.at > self.now:
                facts[one.path] = one.old
        for one in self.example.changes:
            if one.at <= self.now:
                facts[one.path] = one.new
        return Found(ACCOUNT, self.rule.subject, ID, facts)

    def others(self, query: Query) -> Sequence[Found]:
        """The records that a query finds, in the order of the test."""
        wanted = field_paths.unique((*query.columns, *paths(query.where)))
        return [
            found
            for number, row in enumerate(self.example.records.get(query.subject, ()), 1)
            if (found := self._met(query, str(number), row, wanted)) is not None
        ]

    def _met(
        self, query: Query, number: str, row: Mapping[str, Any], wanted: Sequence[str]
    ) -> Found | None:
        kind = query.subject
        above = self._above(kind)
        facts = {
            path: self._known(kind, path, row[path]) if path in row else above.get(path)
            for path in wanted
        }
        unknown = [p for p in wanted if facts[p] is None and field_paths.silent(kind, p)]
        holds = predicates.evaluate(query.where, facts, unknown, kind)
        if holds is False:
            return None
        return Found(ACCOUNT, kind, number, facts, unknown=holds is None)

    def _above(self, kind: str) -> dict[str, Any]:
        """The parents of a record; by default the subject, and the parents of the subject."""
        mine = self.subject().facts
        own = {root: mine.get(path) or ID for root, path in parents(self.rule.subject).items()}
        own[self.rule.subject] = ID
        below = self.rule.check.below if self.rule.check else None
        if below is not None and below.kind == kind and self.rule.personal:
            return {below.parent: ID}
        return {path: own[root] for root, path in parents(kind).items() if root in own}

    def _known(self, kind: str, path: str, value: Any) -> Any:
        ahead = isinstance(value, datetime) and value > self.now
        return None if ahead and not field_paths.planned(kind, path) else value

    def changes(self, of: Key, fields: Sequence[str]) -> Sequence[Change]:
        """The changes of these fields so far, oldest first."""
        found = []
        for one in self.example.changes:
            field = resolve(self.rule.subject, one.path).field
            if one.at <= self.now and field.kind == of.kind and field.name in fields:
                found.append(Change(of, field.name, one.old, one.new, one.at, one.origin))
        return found

    def owners(self, _found: Found, path: str) -> Sequence[Owner]:
        """The assignees over time, if the test has changes of the assignee."""
        handed = [one for one in self.example.changes if one.path == path and one.at <= self.now]
        return (
            [Owner(_EVER, handed[0].old), *(Owner(c.at, c.new) for c in handed)] if handed else ()
        )

    def spans(self, _record: Key, interval: str) -> Sequence[Pause]:
        """The spans of an interval field."""
        return [Pause(a, b, interval) for a, b in self.example.intervals.get(interval, ())]

    def person(self, user: str | None) -> PackTestPerson:
        """The person; a user in UTC if the test does not describe them."""
        return self.example.people.get(user or "", PackTestPerson())

    def away(self, user: str) -> str:
        """The reason for their absence on their present day; "" if they are present."""
        person = self.person(user)
        today = self.now.astimezone(ZoneInfo(person.timezone or ZONE)).date()
        return next((a.reason for a in person.away if a.first <= today <= a.last), "")

    def calendar(self, user: str | None, name: str, hours: str) -> Calendar:
        """The working calendar of that person, with these office hours."""
        person = self.person(user)
        zone = person.timezone or ZONE
        years = tuple(sorted({at.year + more for at in self._instants() for more in (-1, 0, 1)}))
        days = tuple(person.holidays.items())
        return _make_calendar(
            _CalendarParts(name, hours, zone, person.country, years, days, person.away)
        )

    def _instants(self) -> Iterator[datetime]:
        yield from (expected.at for expected in self.example.expects)
        yield from (v for v in self.example.facts.values() if isinstance(v, datetime))


class _CalendarParts(NamedTuple):
    """What a calendar is made of. `days`: holidays of the test, with their names."""

    name: str
    hours: str
    zone: str
    country: str
    years: tuple[int, ...]
    days: tuple[tuple[date, str], ...]
    away: tuple[Absence, ...]


@cache
def _make_calendar(parts: _CalendarParts) -> Calendar:
    known = public_holidays(parts.country, list(parts.years)) if parts.country else {}
    key = f"{parts.name}|{parts.zone}|{parts.country}"
    days = {**known, **dict(parts.days)}
    return Calendar(key, parts.zone, parse_hours(parts.hours), days, parts.away)
