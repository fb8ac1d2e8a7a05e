"""Judging one account: which subjects to look at, each rule's verdict on them, when to look again.

SQL finds them (`store`), the rules judge them (`rules`); what follows is decided in `cases`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from atsbridge.context import Around
from atsbridge.errors import StoreError
from atsbridge.model import KINDS, Ahead, All, Case, Clock, Found, Handling, Query, Verdict, resolve
from atsbridge.ports import Look, Store
from atsbridge.rules import Below, Rule, evaluate_rule


@dataclass(slots=True)
class Judged:
    """What was judged. `ids`: subject kind -> ids, None for all of them.

    `ahead`: what a pass over everything left for later. `failed`: rule -> what it raised.
    """

    verdicts: list[Verdict] = field(default_factory=list)
    ids: dict[str, Sequence[str] | None] = field(default_factory=dict)
    looks: list[Look] = field(default_factory=list)
    ahead: list[Ahead] = field(default_factory=list)
    failed: dict[str, Exception] = field(default_factory=dict)


def judge_account(
    account: str,
    store: Store,
    rules: Iterable[Rule],
    around: Around,
    cases: Sequence[Case],
    *,
    now: datetime,
    everything: bool,
) -> Judged:
    """Judge what changed, what the agenda names and what may move without either; or `everything`.

    Where a subject has an open case, that rule judges it whether it meets its filter or not, and
    gone or not: only a verdict may close a case. A rule that raises is left out; StoreError is
    raised.
    """
    judged = Judged(ids=dict.fromkeys(KINDS) if everything else {})
    around = replace(around, opened={(case.rule, case.subject): case.opened_at for case in cases})
    by_subject: dict[str, list[Rule]] = {}
    for rule in rules:
        by_subject.setdefault(rule.subject, []).append(rule)
    for subject, its_rules in by_subject.items():
        ids = None if everything else _ids(account, store, subject, its_rules, cases, now)
        judged.ids[subject] = ids
        earliest: dict[str, datetime] = {}
        for rule in its_rules if ids is None or ids else ():
            try:
                verdicts = list(_verdicts(account, store, rule, around, cases, ids))
                left = around.ahead(rule) if ids is None else None
            except StoreError:
                raise
            except Exception as error:  # noqa: BLE001  one rule's fault costs that rule
                judged.failed[rule.id] = error
                continue
            judged.verdicts += verdicts
            for verdict in verdicts:
                if verdict.look_at is not None:
                    seen = earliest.get(verdict.subject.id)
                    if seen is None or verdict.look_at < seen:
                        earliest[verdict.subject.id] = verdict.look_at
            if left is not None:
                judged.ahead.append(left)
        judged.looks += [Look(subject, one, at) for one, at in sorted(earliest.items())]
    return judged


def _ids(
    account: str,
    store: Store,
    subject: str,
    rules: Sequence[Rule],
    cases: Sequence[Case],
    now: datetime,
) -> Sequence[str] | None:
    """Who has to be looked at: None for all."""
    touched = store.subjects.find_dirty(account, subject, _refs(rules))
    if touched is None:
        return None
    for rule in rules:
        if rule.check is not None and rule.check.below is not None:
            above = _above(account, store, rule.check.below)
            if above is None:
                return None
            touched = [*touched, *above]
    restless = [*_restless(subject, cases)]
    if held := sorted({case.subject.id for case in cases if case.subject.kind == subject}):
        restless += store.subjects.find_unread(account, subject, held)
    return sorted({*touched, *store.subjects.find_due(account, subject, now), *restless})


def _restless(subject: str, cases: Sequence[Case]) -> Iterator[str]:
    """Subjects of open cases that may move though neither a fact nor the time moved them.

    Somebody said something of it, or it waits to be known again.
    """
    for case in cases:
        if case.subject.kind == subject and (
            case.handling is not Handling.NONE or case.clock is Clock.UNKNOWN
        ):
            yield case.subject.id


def pending(verdicts: Iterable[Verdict], cases: Iterable[Case], now: datetime) -> Iterator[Look]:
    """Looks at the next tick for subjects of `cases` with a rung that has come and waits.

    Nobody was to hear of it now: a silence, or another case that is told already. Of two cases
    of one rule and subject the later counts.
    """
    latest = {(case.rule, case.subject): case for case in cases}
    for verdict in verdicts:
        case = latest.get((verdict.rule, verdict.subject))
        if case is None or case.end is not None or not verdict.open:
            continue
        if not set(verdict.steps_due) <= set(case.steps_done):
            yield Look(verdict.subject.kind, verdict.subject.id, now)


def _above(account: str, store: Store, below: Below) -> set[str] | None:
    """The subjects above unjudged records, or above what those lead to: None for all."""
    refs = {ref.path for path in below.columns for ref in resolve(below.kind, path).refs}
    touched = store.subjects.find_dirty(account, below.kind, sorted(refs))
    if touched is None:
        return None
    query = Query(below.kind, All(), (below.parent,))
    found = store.subjects.select(account, query, ids=touched, filtered=False)
    return {parent for one in found if (parent := one.facts[below.parent]) is not None}


def _refs(rules: Iterable[Rule]) -> Sequence[str]:
    """Every ref ("seat.interview") that the rules' paths follow."""
    paths = {(rule.subject, path) for rule in rules for path in rule.open.columns}
    return sorted({ref.path for subject, path in paths for ref in resolve(subject, path).refs})


def _verdicts(
    account: str,
    store: Store,
    rule: Rule,
    around: Around,
    cases: Sequence[Case],
    ids: Sequence[str] | None,
) -> Iterator[Verdict]:
    query = replace(rule.open, bound=None)
    surroundings = around.surroundings()
    seen: set[str] = set()
    for found in _found(account, store, rule, around, ids):
        seen.add(found.id)
        yield evaluate_rule(rule, found, surroundings)
    wanted = None if ids is None else frozenset(ids)
    open_ones = {
        case.subject.id
        for case in cases
        if case.rule == rule.id and case.subject.kind == rule.subject
    }
    missing = sorted((open_ones if wanted is None else open_ones & wanted) - seen)
    if missing:
        for found in store.subjects.select(
            account, query, ids=missing, filtered=False, unreadable=around.unreadable
        ):
            yield evaluate_rule(rule, found, surroundings)


def _found(
    account: str, store: Store, rule: Rule, around: Around, ids: Sequence[str] | None
) -> Iterator[Found]:
    """Those of `ids` that meet the rule's filter; of all, those whose first step can have come.

    Whoever handed over may have counted more than the calendar of who owes now says.
    """
    if ids is not None:
        yield from store.subjects.select(account, rule.open, ids=ids, unreadable=around.unreadable)
        return
    seen = set()
    for found in store.subjects.select(account, around.bounded(rule), unreadable=around.unreadable):
        seen.add(found.id)
        yield found
    handed = sorted(around.handed(rule) - seen)
    if handed:
        yield from store.subjects.select(
            account, rule.open, ids=handed, unreadable=around.unreadable
        )


def expected(
    account: str,
    store: Store,
    rules: Iterable[Rule],
    cases: Sequence[Case],
    now: datetime,
) -> dict[str, frozenset[str] | None]:
    """Whom a tick by agenda would look at: subject kind -> ids, None for all."""
    by_subject: dict[str, list[Rule]] = {}
    for rule in rules:
        by_subject.setdefault(rule.subject, []).append(rule)
    found = {kind: _ids(account, store, kind, its, cases, now) for kind, its in by_subject.items()}
    return {kind: None if ids is None else frozenset(ids) for kind, ids in found.items()}


def disagreements(
    on_agenda: Mapping[str, frozenset[str] | None], moved: Iterable[tuple[str, str, str]]
) -> list[str]:
    """Cases a full pass moved that the agenda had not named: each "rule kind/id", in order.

    `moved`: (rule, kind, id) of every transition the full pass made.
    """
    missed: set[str] = set()
    for rule, kind, one in moved:
        ids = on_agenda.get(kind, frozenset())
        if ids is not None and one not in ids:
            missed.add(f"{rule} {kind}/{one}")
    return sorted(missed)


def counts(verdicts: Iterable[Verdict]) -> Mapping[str, int]:
    """How many verdicts of each state, by its name."""
    found: dict[str, int] = {}
    for verdict in verdicts:
        found[verdict.state] = found.get(verdict.state, 0) + 1
    return dict(sorted(found.items()))
