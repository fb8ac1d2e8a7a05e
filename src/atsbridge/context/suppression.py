"""Why nobody is notified now: silences, requisitions on hold, inhibition; and quiet hours."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime

from atsbridge.cases import Attention, Directory, inhibits
from atsbridge.context.calendars import Calendars
from atsbridge.model import (
    All,
    Case,
    Clock,
    Condition,
    Destination,
    Hold,
    Key,
    Notice,
    NoticeState,
    Operator,
    Query,
    Silence,
    Where,
    parents,
    roots,
)
from atsbridge.ports import Store
from atsbridge.rules import Rule
from atsbridge.settings import Settings
from atsbridge.worktime import Calendar

_STATUS = "requisition.status"


def held_by_breaker(store: Store, account: str) -> frozenset[str]:
    """Rules of which the breaker holds notices."""
    held = store.outbox.read_notices(account, states=[NoticeState.HELD])
    return frozenset(one.rule for one in held if one.hold is Hold.BREAKER)


def attention(settings: Settings, calendars: Calendars, directory: Directory) -> Attention:
    """What may be asked of people, as the settings have it and as they chose.

    A person's own `calendar` comes before the one that quiet hours name.
    """
    notify = settings.notify

    def calendar(to: Destination) -> Calendar:
        own = settings.person(to.address).calendar
        return calendars.awake(to.person, own or notify.quiet_calendar or "office")

    return Attention(
        calendar=calendar,
        quiet=bool(notify.quiet_calendar),
        per_day=notify.max_interruptions_per_day,
        digest_at=notify.digest_at,
        digest_only=frozenset(email for email, one in directory.preferences.items() if one.morning),
    )


@dataclass(slots=True)
class CaseNotices:
    """The notices of the open cases of an account, all read at the first use."""

    store: Store
    account: str
    _by_case: Mapping[int, Sequence[Notice]] | None = None

    def of_case(self, case: int) -> Sequence[Notice]:
        """The notices of one case so far, oldest first."""
        if self._by_case is None:
            self._by_case = self.store.outbox.read_open_notices(self.account)
        return self._by_case.get(case, ())


@dataclass(slots=True)
class Suppression:
    """Why nobody is notified about a rule on a subject at `now`. Read on demand."""

    store: Store
    account: str
    now: datetime
    _lines: dict[Key, frozenset[Key]] = field(default_factory=dict)
    _on_hold_ids: dict[str, frozenset[str]] = field(default_factory=dict)
    _silences: Sequence[Silence] | None = None

    def find_reason(self, rule: Rule, subject: Key, breaches: Set[tuple[str, Key]]) -> str:
        """The reason, "" if people are notified. `breaches`: the (rule, subject) that are late.

        A requisition on hold does not suppress news, nor rules that read that status themselves.
        A silenced cause does not suppress its consequences, because nobody is notified about it.
        """
        if not rule.news and not _reads(rule.where, _STATUS) and self._on_hold(subject):
            return "the requisition is on hold"
        if silence := self.silence(rule.id, subject):
            until = f"{silence.end:%Y-%m-%d %H:%M} UTC"
            return f"silenced by {silence.author} until {until}: {silence.comment}"
        for cause in rule.muted_by:
            late = [one for one in self._line(subject) if (cause, one) in breaches]
            if any(self.silence(cause, one) is None for one in late):
                return f"it follows from {cause}, which is told already"
        return ""

    def silence(self, rule: str, subject: Key) -> Silence | None:
        """The oldest silence that holds for a rule on a subject or what it belongs to."""
        if self._silences is None:
            self._silences = self.store.silences.read_silences(self.account, self.now)
        for one in self._silences:
            here = one.subject is None or one.subject in self._line(subject)
            if one.rule in ("", rule) and here:
                return one
        return None

    def _on_hold(self, subject: Key) -> bool:
        """Whether its requisition is; asked by kind, and not at all where none is."""
        for kind in ("requisition", subject.kind):
            if kind not in self._on_hold_ids:
                query = Query(kind, Condition(_STATUS, Operator.EQ, "on_hold"), ())
                found = (
                    self.store.subjects.select(self.account, query)
                    if _has_requisition(kind)
                    else ()
                )
                self._on_hold_ids[kind] = frozenset(one.id for one in found if not one.unknown)
            if not self._on_hold_ids[kind]:
                return False
        return subject.id in self._on_hold_ids[subject.kind]

    def _line(self, subject: Key) -> frozenset[Key]:
        """The subject and the records that it belongs to."""
        if subject not in self._lines:
            paths = parents(subject.kind)
            query = Query(subject.kind, All(), tuple(paths.values()))
            found = self.store.subjects.select(
                self.account, query, ids=[subject.id], filtered=False
            )
            facts = next((one.facts for one in found), {})
            above = {
                Key(self.account, kind, str(facts[path]))
                for kind, path in paths.items()
                if facts.get(path)
            }
            self._lines[subject] = frozenset({subject, *above})
        return self._lines[subject]


def suppression_check(
    store: Store,
    account: str,
    now: datetime,
    rules: Mapping[str, Rule],
    stopped: Callable[[str], bool],
) -> Callable[[Case, Rule], str]:
    """A function that returns why nobody is notified about an open case now; "" if people are.

    It is called before each notice is sent: a silence, a hold or a cause may be new.
    """
    suppression = Suppression(store, account, now)
    causes: list[frozenset[tuple[str, Key]]] = []

    def why(case: Case, rule: Rule) -> str:
        if case.clock is Clock.PAUSED:
            return "its clock stands still"
        if case.clock is Clock.UNKNOWN:
            return "what the rule needs cannot be read now"
        if rule.muted_by and not causes:
            found = (
                one
                for one in store.cases.read_open_cases(account)
                if inhibits(one, rules.get(one.rule), now, stopped=stopped(one.rule))
            )
            causes.append(frozenset((one.rule, one.subject) for one in found))
        return suppression.find_reason(rule, case.subject, causes[0] if causes else frozenset())

    return why


def _has_requisition(kind: str) -> bool:
    return "requisition" in roots(kind)


def _reads(where: Where, path: str) -> bool:
    """Whether a rule's own conditions read the path."""
    if isinstance(where, Condition):
        return where.path == path
    return any(_reads(part, path) for part in where.parts)
