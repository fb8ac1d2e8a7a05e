"""Judging one account: which subjects to look at, each rule's verdict on them, when to look again.

SQL finds them (`store`), the rules judge them (`rules`); what follows is decided in `cases`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from atsbridge.model.case import Case
from atsbridge.model.catalogue import resolve
from atsbridge.model.query import Found, Query
from atsbridge.model.verdict import Verdict
from atsbridge.ports import CaseStore, Look
from atsbridge.rules.judge import judge
from atsbridge.rules.rule import Rule
from atsbridge.run.surroundings import Around


@dataclass(slots=True)
class Judged:
    """What was judged. `ids`: subject kind -> ids, None for all of them."""

    verdicts: list[Verdict] = field(default_factory=list)
    ids: dict[str, Sequence[str] | None] = field(default_factory=dict)
    looks: list[Look] = field(default_factory=list)

    def covers(self, kind: str, subject: str) -> bool:
        """Whether the subject was among those looked at."""
        ids = self.ids.get(kind, ())
        return ids is None or subject in ids


def judge_account(
    account: str,
    store: CaseStore,
    rules: Iterable[Rule],
    around: Around,
    cases: Sequence[Case],
    *,
    now: datetime,
    everything: bool,
) -> Judged:
    """Judge what changed, what the agenda names and what has an open case; or `everything`.

    A subject with an open case is always judged, by id and without the rule's filter: only a
    verdict may close a case.
    """
    judged = Judged()
    by_subject: dict[str, list[Rule]] = {}
    for rule in rules:
        by_subject.setdefault(rule.subject, []).append(rule)
    for subject, its_rules in by_subject.items():
        ids = None if everything else _ids(account, store, subject, its_rules, cases, now)
        judged.ids[subject] = ids
        earliest: dict[str, datetime] = {}
        for rule in its_rules:
            for verdict in _verdicts(account, store, rule, around, cases, ids):
                judged.verdicts.append(verdict)
                if verdict.look_at is not None:
                    seen = earliest.get(verdict.subject.id)
                    if seen is None or verdict.look_at < seen:
                        earliest[verdict.subject.id] = verdict.look_at
        judged.looks += [Look(subject, one, at) for one, at in sorted(earliest.items())]
    return judged


def _ids(
    account: str,
    store: CaseStore,
    subject: str,
    rules: Sequence[Rule],
    cases: Sequence[Case],
    now: datetime,
) -> Sequence[str] | None:
    """Who has to be looked at: None for all."""
    touched = store.touched(account, subject, _refs(rules))
    if touched is None:
        return None
    with_cases = (case.subject.id for case in cases if case.subject.kind == subject)
    return sorted({*touched, *store.looking(account, subject, now), *with_cases})


def _refs(rules: Iterable[Rule]) -> Sequence[str]:
    """Every ref ("seat.interview") that the rules' paths follow."""
    paths = {(rule.subject, path) for rule in rules for path in rule.open.columns}
    return sorted({ref.path for subject, path in paths for ref in resolve(subject, path).refs})


def _verdicts(
    account: str,
    store: CaseStore,
    rule: Rule,
    around: Around,
    cases: Sequence[Case],
    ids: Sequence[str] | None,
) -> Iterator[Verdict]:
    query: Query = replace(rule.open, bound=None)
    seen: set[str] = set()
    for found in _batched(
        store.select(account, query, ids=ids, unreadable=around.unreadable)
    ):
        around.prepare(rule, found)
        for one in found:
            seen.add(one.id)
            yield judge(rule, one, around.of(rule))
    missing = sorted({c.subject.id for c in cases if c.rule == rule.id} - seen)
    if missing:
        rest = list(
            store.select(
                account, query, ids=missing, filtered=False, unreadable=around.unreadable
            )
        )
        around.prepare(rule, rest)
        for one in rest:
            yield judge(rule, one, around.of(rule))


def _batched(found: Iterable[Found], size: int = 500) -> Iterator[list[Found]]:
    batch: list[Found] = []
    for one in found:
        batch.append(one)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


def disagreements(judged: Judged, moved: Iterable[tuple[str, str, str]]) -> list[str]:
    """Cases a full pass moved that the agenda had not named: each "rule subject", in order.

    `moved`: (rule, kind, id) of every transition the full pass made.
    """
    missed = {f"{rule} {kind}/{one}" for rule, kind, one in moved if not judged.covers(kind, one)}
    return sorted(missed)


def counts(verdicts: Iterable[Verdict]) -> Mapping[str, int]:
    """How many verdicts of each state, by its name."""
    found: dict[str, int] = {}
    for verdict in verdicts:
        found[verdict.state] = found.get(verdict.state, 0) + 1
    return dict(sorted(found.items()))
