"""The messages of a rule on real subjects, before any is sent. It evaluates and writes nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice

from atsbridge.cases import DecisionOptions, decide
from atsbridge.context import AccountContext, EvaluationInputs, Services
from atsbridge.delivery import candidate_names
from atsbridge.errors import require
from atsbridge.model import Case, Found, Key, Notice, State, Verdict
from atsbridge.queries.explainer import explain_ids, explain_subject
from atsbridge.queries.explanation import Explanation
from atsbridge.queries.rehearsals import Rehearsals, RehearsedNotice
from atsbridge.rules import Rule, RuleStatus, evaluate_rule

# Subjects that are evaluated in search of some with a message: about ten seconds.
MOST_LOOKS = 5_000

_AHEAD = (State.PENDING, State.RUNNING, State.PAUSED)


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewOptions:
    """`subject`: as in `explain_subject`, "" for any. `account`: "" for all. `limit`: of subjects.

    `forms`: kinds of sink in whose form messages are shown besides their own.
    """

    subject: str = ""
    account: str = ""
    limit: int = 3
    forms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PreviewedSubject:
    """One subject, why the rule says what it says of it, and its messages in order of time."""

    explanation: Explanation
    notices: tuple[RehearsedNotice, ...]


@dataclass(frozen=True, slots=True)
class RulePreview:
    """The messages of one rule on one account.

    `looked_at`: state -> subjects that were evaluated in search of messages. `personal`: the rule
    is about people, so that nobody else may read its messages. `unnamed`: the names of some of its
    candidates are not stored yet. `unreadable`: paths for lack of which some cannot be evaluated.
    """

    rule: Rule
    account: str
    subjects: tuple[PreviewedSubject, ...] = ()
    looked_at: Mapping[State, int] = field(default_factory=dict)
    personal: bool = False
    unnamed: bool = False
    unreadable: tuple[str, ...] = ()


def preview_rule(services: Services, rule: Rule, options: PreviewOptions) -> list[RulePreview]:
    """The messages of a rule of any status, by account.

    Subjects with something due come first, then those whose clock runs. ConfigError where
    `options.subject` names nothing.
    """
    if options.subject:
        found = explain_subject(services, rule, options.subject, options.account or None)
        account = found[0].verdict.subject.account
        context = AccountContext(services, account)
        return [_preview(context, rule, found[: options.limit], options.forms)]
    names = [options.account] if options.account else sorted(services.settings.accounts)
    return [_search(AccountContext(services, name), rule, options) for name in names]


def preview_explained(
    services: Services, explanations: Sequence[Explanation], forms: tuple[str, ...] = ()
) -> dict[Key, tuple[RehearsedNotice, ...]]:
    """The messages of explained subjects of one account and rule; none of a rule on people."""
    if not explanations:
        return {}
    context = AccountContext(services, explanations[0].verdict.subject.account)
    shown = _preview(context, explanations[0].rule, explanations, forms)
    return {one.explanation.verdict.subject: one.notices for one in shown.subjects}


def _search(context: AccountContext, rule: Rule, options: PreviewOptions) -> RulePreview:
    """Find subjects of an account that have a message."""
    context.services.account(context.account)
    rule = context.rules.get(rule.id, rule)
    if rule.personal:
        return RulePreview(rule, context.account, personal=True)
    ids, looked_at, unreadable = _find_ids(context, rule, options.limit)
    found = explain_ids(context, rule, ids) if ids else []
    found.sort(key=lambda one: ids.index(one.verdict.subject.id))
    shown = _preview(context, rule, found, options.forms)
    return replace(shown, looked_at=looked_at, unreadable=unreadable)


def _find_ids(
    context: AccountContext, rule: Rule, limit: int
) -> tuple[list[str], Mapping[State, int], tuple[str, ...]]:
    """The subjects to show, the states of all that were evaluated, and what could not be read."""
    cases = context.store.cases.read_open_cases(context.account)
    inputs = context.evaluation_inputs(context.time.now(), cases)
    looked_at, due, ahead = Counter[State](), list[str](), list[str]()
    unreadable: dict[str, None] = {}
    for verdict in _verdicts(inputs, rule):
        looked_at[verdict.state] += 1
        unreadable |= dict.fromkeys(verdict.unknown if verdict.state is State.UNKNOWN else ())
        if verdict.open and verdict.due is not None:
            due.append(verdict.subject.id)
        elif verdict.state in _AHEAD and verdict.due is not None and len(ahead) < limit:
            ahead.append(verdict.subject.id)
        if len(due) >= limit:
            break
    return [*due, *ahead][:limit], dict(looked_at), tuple(unreadable)


def _verdicts(inputs: EvaluationInputs, rule: Rule) -> Iterator[Verdict]:
    context = inputs.evaluation_context()
    select, unknown = inputs.store.subjects.select, inputs.unreadable
    rows: Iterator[Found] = islice(
        select(inputs.account, rule.open, unreadable=unknown), MOST_LOOKS
    )
    for piece in inputs.batch(rows):
        for found in piece:
            yield evaluate_rule(rule, found, context)


def _preview(
    context: AccountContext,
    rule: Rule,
    explanations: Sequence[Explanation],
    forms: tuple[str, ...],
) -> RulePreview:
    rule = context.rules.get(rule.id, rule)
    if rule.personal:
        return RulePreview(rule, context.account, personal=True)
    live = replace(rule, status=RuleStatus.LIVE)
    room = Rehearsals(context, {rule.id: live}, alone=True, forms=forms)
    subjects = [PreviewedSubject(one, tuple(_messages(room, live, one))) for one in explanations]
    ids = [one.verdict.subject.id for one in explanations]
    unnamed = candidate_names.find_unnamed_among(context.account, context.store, rule, ids)
    return RulePreview(rule, context.account, tuple(subjects), unnamed=bool(unnamed))


def _messages(room: Rehearsals, rule: Rule, one: Explanation) -> Iterator[RehearsedNotice]:
    """The notices of each step at its own instant, as runs would make them one after the other."""
    verdict, context = one.verdict, room.context
    if verdict.due is None or not (verdict.open or verdict.state in _AHEAD):
        return
    case: Case | None = None
    options = DecisionOptions(
        directory=context.directory,
        calendars=context.calendars.of,
        digest_at=context.settings.notify.digest_at,
        read_notices=lambda number: room.store.outbox.read_notices(context.account, case=number),
    )
    for at in sorted({at for at in verdict.due.steps if at is not None}):
        decision = decide(
            context.account,
            at,
            [_at_step(verdict, at)],
            [case] if case is not None else [],
            room.rules,
            options,
        )
        notices: list[Notice] = room.store.add(decision)
        case = room.store.find_case(rule.id, verdict.subject)
        for notice in notices:
            yield room.show(notice, at)


def _at_step(verdict: Verdict, at: datetime) -> Verdict:
    """The verdict at a step, while nothing but time passes."""
    due = require(verdict.due, "the due instant of a verdict with steps")
    come = tuple(i for i, step in enumerate(due.steps) if step is not None and step <= at)
    state = State.BREACHED if due.at <= at else State.WARNED
    return replace(verdict, at=at, state=state, steps_due=come)
