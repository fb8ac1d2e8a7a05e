"""Which subjects of an account to evaluate, the verdicts on them, and their next evaluations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from atsbridge.context import EvaluationInputs
from atsbridge.errors import StoreError
from atsbridge.model import (
    KINDS,
    Ahead,
    All,
    Case,
    Clock,
    Found,
    Handling,
    Query,
    Verdict,
    resolve,
)
from atsbridge.ports import Look
from atsbridge.rules import Below, Rule, evaluate_rule


@dataclass(slots=True)
class Evaluated:
    """The verdicts of one account. `ids`: subject kind -> evaluated ids, None for all of them.

    `looks`: when each subject has to be evaluated again. `ahead`: what an evaluation of everything
    left for later. `failed`: rule -> what it raised.
    """

    verdicts: list[Verdict] = field(default_factory=list)
    ids: dict[str, Sequence[str] | None] = field(default_factory=dict)
    looks: list[Look] = field(default_factory=list)
    ahead: list[Ahead] = field(default_factory=list)
    failed: dict[str, Exception] = field(default_factory=dict)


def evaluate_account(
    inputs: EvaluationInputs,
    rules: Iterable[Rule],
    cases: Sequence[Case],
    *,
    everything: bool,
) -> Evaluated:
    """Evaluate the subjects that changed, are due or may move without either; or `everything`.

    `cases`: the open ones. A rule evaluates the subjects of its open cases even if they no longer
    meet its filter or were deleted: only a verdict may close a case. A rule that raises is left
    out; StoreError is raised.
    """
    with inputs.store.view():
        return _evaluate_all(inputs, rules, cases, everything=everything)


def _evaluate_all(
    inputs: EvaluationInputs,
    rules: Iterable[Rule],
    cases: Sequence[Case],
    *,
    everything: bool,
) -> Evaluated:
    found = Evaluated(ids=dict.fromkeys(KINDS) if everything else {})
    by_kind = _by_kind(cases)
    for subject, its_rules in _by_subject(rules).items():
        its_cases = by_kind.get(subject, [])
        ids = None if everything else _ids(inputs, subject, its_rules, its_cases)
        found.ids[subject] = ids
        if ids is not None and not ids:
            continue
        earliest: dict[str, datetime] = {}
        with_case = _with_case(its_cases)
        for rule in its_rules:
            try:
                verdicts = list(_verdicts(inputs, rule, with_case.get(rule.id, set()), ids))
                left = inputs.ahead(rule) if ids is None else None
            except StoreError:
                raise
            except Exception as error:  # noqa: BLE001  one rule's fault costs that rule
                found.failed[rule.id] = error
                continue
            found.verdicts += verdicts
            _note_earliest(verdicts, earliest)
            if left is not None:
                found.ahead.append(left)
        found.looks += [Look(subject, one, at) for one, at in sorted(earliest.items())]
    return found


def _by_subject(rules: Iterable[Rule]) -> dict[str, list[Rule]]:
    found: dict[str, list[Rule]] = {}
    for rule in rules:
        found.setdefault(rule.subject, []).append(rule)
    return found


def _by_kind(cases: Iterable[Case]) -> dict[str, list[Case]]:
    found: dict[str, list[Case]] = {}
    for case in cases:
        found.setdefault(case.subject.kind, []).append(case)
    return found


def _with_case(cases: Iterable[Case]) -> dict[str, set[str]]:
    """Rule -> ids of the subjects of its open cases, of `cases` on subjects of one kind."""
    found: dict[str, set[str]] = {}
    for case in cases:
        found.setdefault(case.rule, set()).add(case.subject.id)
    return found


def _note_earliest(verdicts: Iterable[Verdict], earliest: dict[str, datetime]) -> None:
    """Subject id -> the earliest instant at which time alone changes a verdict on it."""
    for verdict in verdicts:
        if verdict.look_at is not None:
            seen = earliest.get(verdict.subject.id)
            if seen is None or verdict.look_at < seen:
                earliest[verdict.subject.id] = verdict.look_at


def _ids(
    inputs: EvaluationInputs, subject: str, rules: Sequence[Rule], cases: Sequence[Case]
) -> Sequence[str] | None:
    """The subjects that have to be evaluated: None for all. `cases`: those on this kind."""
    account, subjects = inputs.account, inputs.store.subjects
    dirty = subjects.find_dirty(account, subject, _refs(rules))
    if dirty is None:
        return None
    for rule in rules:
        if rule.check is not None and rule.check.below is not None:
            above = _above(inputs, rule.check.below)
            if above is None:
                return None
            dirty = [*dirty, *above]
            if (
                above and rule.personal
            ):  # a record that another one referred to before matters only if it has a case
                dirty += [case.subject.id for case in cases if case.rule == rule.id]
    restless = [*_restless(cases)]
    if cases:
        restless += subjects.find_unread(account, subject, [case.subject.id for case in cases])
    return sorted({*dirty, *subjects.find_due(account, subject, inputs.now), *restless})


def _restless(cases: Sequence[Case]) -> Iterator[str]:
    """Subjects of open cases that may move although no fact changed and no instant came.

    Somebody handled the case, or its clock is unknown.
    """
    unhandled, unknown = Handling.NONE, Clock.UNKNOWN
    for case in cases:
        if case.handling is not unhandled or case.clock is unknown:
            yield case.subject.id


def find_waiting(
    verdicts: Iterable[Verdict], cases: Iterable[Case], now: datetime
) -> Iterator[Look]:
    """Next evaluations, in the next run, for subjects with a step that is due and was suppressed.

    The reason is a silence, or another case that people were notified about. Of two `cases` of one
    rule and subject the later counts.
    """
    latest = {(case.rule, case.subject): case for case in cases}
    for verdict in verdicts:
        case = latest.get((verdict.rule, verdict.subject))
        if case is None or case.end is not None or not verdict.open:
            continue
        if not set(verdict.steps_due) <= set(case.steps_done):
            yield Look(verdict.subject.kind, verdict.subject.id, now)


def _above(inputs: EvaluationInputs, below: Below) -> set[str] | None:
    """The subjects above dirty records, or above what those lead to: None for all."""
    refs = {ref.path for path in below.columns for ref in resolve(below.kind, path).refs}
    subjects = inputs.store.subjects
    dirty = subjects.find_dirty(inputs.account, below.kind, sorted(refs))
    if not dirty:
        return None if dirty is None else set()
    query = Query(below.kind, All(), (below.parent,))
    found = subjects.select(inputs.account, query, ids=dirty, filtered=False)
    above = {parent for one in found if (parent := one.facts[below.parent]) is not None}
    return above | set(_former(inputs, below, dirty))


def _former(inputs: EvaluationInputs, below: Below, dirty: Sequence[str]) -> Iterator[str]:
    """The records that dirty records referred to before, for refs whose Changes are kept."""
    resolved = resolve(below.kind, below.parent)
    link = resolved.field
    if resolved.refs or (link.derived and not link.logged):
        return
    read = inputs.store.history.read_many_changes
    for changes in read(inputs.account, below.kind, dirty, (link.name,)).values():
        yield from (change.old for change in changes if change.old is not None)


def _refs(rules: Iterable[Rule]) -> Sequence[str]:
    """Every ref ("seat.interview") that the rules' paths follow."""
    paths = {(rule.subject, path) for rule in rules for path in rule.open.columns}
    return sorted({ref.path for subject, path in paths for ref in resolve(subject, path).refs})


def _verdicts(
    inputs: EvaluationInputs, rule: Rule, with_case: set[str], ids: Sequence[str] | None
) -> Iterator[Verdict]:
    """The verdicts of a rule; `with_case`: ids of the subjects of its open cases."""
    context, seen = inputs.evaluation_context(), set[str]()
    below = rule.check.below if rule.check is not None else None
    found_all = _candidates(inputs, rule, ids)
    for several in inputs.batch(found_all) if below else ([one] for one in found_all):
        for found in several:
            seen.add(found.id)
            yield evaluate_rule(rule, found, context)
    wanted = None if ids is None else frozenset(ids)
    missing = sorted((with_case if wanted is None else with_case & wanted) - seen)
    for found in select_unfiltered(inputs, rule, missing) if missing else ():
        yield evaluate_rule(rule, found, context)


def select_unfiltered(inputs: EvaluationInputs, rule: Rule, ids: Sequence[str]) -> Sequence[Found]:
    """These subjects with the facts that the rule reads, even if they do not meet its filter."""
    query = replace(rule.open, bound=None)
    select = inputs.store.subjects.select
    unknown = inputs.unreadable
    return list(select(inputs.account, query, ids=ids, filtered=False, unreadable=unknown))


def _candidates(inputs: EvaluationInputs, rule: Rule, ids: Sequence[str] | None) -> Iterator[Found]:
    """Those of `ids` that meet the rule's filter; of all, those whose first step can be reached.

    Whoever handed over may have counted more than the calendar of who owes now says.
    """
    account, select = inputs.account, inputs.store.subjects.select
    if ids is not None:
        yield from select(account, rule.open, ids=ids, unreadable=inputs.unreadable)
        return
    seen = set()
    for found in select(account, inputs.prefilter(rule), unreadable=inputs.unreadable):
        seen.add(found.id)
        yield found
    if handed := sorted(inputs.handed_over(rule) - seen):
        yield from select(account, rule.open, ids=handed, unreadable=inputs.unreadable)


def find_subjects(
    inputs: EvaluationInputs, rules: Iterable[Rule], cases: Sequence[Case]
) -> dict[str, frozenset[str] | None]:
    """What an incremental evaluation would look at: subject kind -> ids, None for all."""
    by_kind = _by_kind(cases)
    found = {
        kind: _ids(inputs, kind, its, by_kind.get(kind, []))
        for kind, its in _by_subject(rules).items()
    }
    return {kind: None if ids is None else frozenset(ids) for kind, ids in found.items()}


def find_missed(
    on_agenda: Mapping[str, frozenset[str] | None], moved: Iterable[tuple[str, str, str]]
) -> list[str]:
    """Cases a full evaluation moved that the agenda had not named: each "rule kind/id", in order.

    `moved`: (rule, kind, id) of every transition of the full evaluation.
    """
    missed: set[str] = set()
    for rule, kind, one in moved:
        ids = on_agenda.get(kind, frozenset())
        if ids is not None and one not in ids:
            missed.add(f"{rule} {kind}/{one}")
    return sorted(missed)


def count_states(verdicts: Iterable[Verdict]) -> Mapping[str, int]:
    """How many verdicts of each state, by its name."""
    found: dict[str, int] = {}
    for verdict in verdicts:
        found[verdict.state] = found.get(verdict.state, 0) + 1
    return dict(sorted(found.items()))
