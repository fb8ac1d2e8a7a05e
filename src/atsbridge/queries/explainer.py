"""Explains why a rule says what it says about a subject. It evaluates and writes nothing.

Derived facts are those of the last run.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from atsbridge.cases import find_drop_reason, inhibits, recipient
from atsbridge.context import AccountContext, Services
from atsbridge.errors import ConfigError
from atsbridge.model import (
    All,
    AnyOf,
    Case,
    Condition,
    Found,
    Handling,
    Key,
    Notice,
    Operator,
    Query,
    Verdict,
    Where,
    roots,
)
from atsbridge.presentation import describe_drop, describe_recipient, explanation_text, wanted
from atsbridge.queries.explanation import ConditionResult, ExplainedEvent, Explanation, StepOutcome
from atsbridge.replies import Remarks, handled
from atsbridge.rules import Moment, Rule, evaluate_rule, field_paths, silent

_CODE = "requisition.code"


def explain_case(services: Services, number: int) -> Explanation:
    """Explain a case as it is now, with its history.

    ConfigError if there is no such case, or no rule or subject of it any more.
    """
    case = services.store.cases.read_case(number)
    if case is None:
        raise ConfigError(f"there is no case {number}", remedy="See `atsbridge cases`")
    context = AccountContext(services, case.subject.account)
    rule = context.rules.get(case.rule)
    remedy = f"`atsbridge cases show {number}` tells what happened"
    if rule is None:
        what = f"the rule {case.rule!r} of case {number} is not configured any more"
        raise ConfigError(what, remedy=remedy)
    found = explain_ids(context, rule, [case.subject.id], case)
    if not found:
        what = f"what case {number} is about ({case.subject}) is not stored any more"
        raise ConfigError(what, remedy=remedy)
    return found[0]


def explain_cases(context: AccountContext, cases: Sequence[Case]) -> dict[int, Explanation]:
    """Explain several cases of one account: case number -> explanation.

    Cases of rules that are not configured any more, and of subjects that are not stored, are left
    out.
    """
    explanations: dict[int, Explanation] = {}
    by_rule: dict[str, dict[str, Case]] = {}
    for case in cases:
        by_rule.setdefault(case.rule, {})[case.subject.id] = case
    for name, its in by_rule.items():
        rule = context.rules.get(name)
        for one in explain_ids(context, rule, sorted(its)) if rule is not None else ():
            explanations[its[one.verdict.subject.id].number] = one
    return explanations


def explain_subject(
    services: Services, rule: Rule, text: str, account: str | None
) -> list[Explanation]:
    """The rule on what `text` names: an id, "kind/id", "account/kind/id" or a requisition's code.

    A code leads to every subject of the rule below that requisition, in order of id. ConfigError
    where nothing is found, or several accounts have what is named.
    """
    names = [account] if account else sorted(services.settings.accounts)
    there = {n: ids for n in names if (ids := _ids(services, n, rule.subject, text)) is not None}
    if not any(there.values()):
        kind = rule.subject.replace("_", " ")
        raise ConfigError(
            f"{text!r} names no {kind} and no requisition that has one",
            where=", ".join(names),
            remedy=f"Write an id of this kind ({kind}), or the code of a requisition",
        )
    if len(there) > 1:
        raise ConfigError(
            f"{text!r} is found in several accounts: {', '.join(there)}",
            remedy=f"Add --account {next(iter(there))}",
        )
    ((name, ids),) = there.items()
    context = AccountContext(services, name)
    return explain_ids(context, context.rules[rule.id], ids)


def explain_ids(
    context: AccountContext, rule: Rule, ids: Sequence[str], case: Case | None = None
) -> list[Explanation]:
    """The rule on these subjects now, in order of id; `case`: the one asked for, ended or not."""
    account, store = context.account, context.store
    open_cases = store.cases.read_open_cases(account)
    explainer = _Explainer(context, rule, open_cases)
    columns = field_paths.unique((*rule.open.columns, *wanted(rule.subject)))
    query = replace(rule.open, columns=columns, bound=None)
    unknown = context.unknown_fields
    rows = store.subjects.select(account, query, ids=ids, filtered=False, unreadable=unknown)
    opened = {one.subject.id: one for one in open_cases if one.rule == rule.id}
    return [explainer.explain(found, case or opened.get(found.id)) for found in rows]


def _ids(services: Services, account: str, subject: str, text: str) -> list[str] | None:
    """The ids of the rule's subjects that `text` names in an account; None: it names nothing."""
    one = text.removeprefix(f"{account}/").removeprefix(f"{subject}/")
    if services.store.history.read_record(Key(account, subject, one)) is not None:
        return [one]
    if "requisition" not in roots(subject):
        return None
    named = Condition(_CODE, Operator.EQ, text)
    if not list(services.store.subjects.select(account, Query("requisition", named, (_CODE,)))):
        return None
    query = Query(subject, named, (_CODE,))
    return [
        found.id for found in services.store.subjects.select(account, query) if not found.unknown
    ]


class _Explainer:
    """Explains one rule of one account, for one subject after the other."""

    def __init__(self, context: AccountContext, rule: Rule, cases: Sequence[Case]) -> None:
        now = context.time.now()
        self.context, self.rule, self.people = context, rule, context.directory
        self.silent = silent(rule, context.spec, context.mapped_fields)
        configured = context.services.packs.rule_set.rules[rule.id]
        self.lacking = context.missing_signals(configured)
        rules, is_stopped = context.rules, context.is_stopped
        late = (
            case
            for case in cases
            if inhibits(case, rules.get(case.rule), now, stopped=is_stopped(case.rule))
        )
        self.breaches = frozenset((case.rule, case.subject) for case in late)
        self.suppression = context.suppression(now)
        inputs = context.evaluation_inputs(now, cases)
        self.evaluation = inputs.evaluation_context(explain=True)

    def explain(self, found: Found, case: Case | None) -> Explanation:
        """Evaluate the subject and say why."""
        rule, store = self.rule, self.context.store
        verdict = evaluate_rule(rule, found, self.evaluation)
        spec = rule.clock
        name = spec.calendar if spec else rule.calendar
        looks = rule.check.reads if rule.check else ()
        owes, why = self._owes(verdict)
        notices = store.outbox.read_notices(found.account, case=case.number) if case else ()
        return Explanation(
            rule=rule,
            verdict=verdict,
            about=explanation_text.about(found),
            zone=self.context.calendars.of(verdict.owed_by, name).zone,
            zone_from=self.context.calendars.origin(verdict.owed_by, name),
            calendar=name,
            owes=owes,
            owes_why=why,
            conditions=tuple(self._conditions(rule.where, found)),
            events=tuple(self._events(found)),
            steps=tuple(self._steps(verdict, case, notices)),
            looked=tuple(
                (path, explanation_text.shown(found.kind, path, found.facts)) for path in looks
            ),
            beneath=tuple(self._beneath(found)),
            case=case,
            history=tuple(store.cases.read_transitions(case.number)) if case else (),
            lacking=self.lacking,
            handling=Remarks(store, found.account, verdict.at).of(case) if case else "",
        )

    def _beneath(self, found: Found) -> Iterator[tuple[str, tuple[tuple[str, str], ...]]]:
        """The records below the subject that the check counts."""
        below = self.rule.check.below if self.rule.check else None
        if below is None:
            return
        for row in below.read(found, self.evaluation)[0]:
            values = (
                (path, explanation_text.shown(row.kind, path, row.facts)) for path in below.columns
            )
            yield f"{row.kind}/{row.id}", tuple(values)

    def _owes(self, verdict: Verdict) -> tuple[str, str]:
        """The name of the person who has to act, and why it is this person."""
        path = self.rule.clock.owed_by if self.rule.clock else None
        if path is None:
            return "nobody in particular", "the rule does not say who owes"
        if verdict.owed_by is None:
            return "nobody known", f"{path} is not set"
        name = self.people.name(verdict.owed_by) or f"user {verdict.owed_by}"
        to = recipient(path, self.rule, verdict, self.people)
        return name, f"{path}: {describe_recipient(to)}"

    def _conditions(self, where: Where, found: Found, block: str = "") -> Iterator[ConditionResult]:
        if not isinstance(where, Condition):
            inner = (
                block if isinstance(where, All) else "any" if isinstance(where, AnyOf) else "none"
            )
            for part in where.parts:
                yield from self._conditions(part, found, inner)
            return
        unknown = {where.path} if self._is_unknown(where.path, found) else set()
        moment = Moment(self.evaluation.now, self.evaluation.calendars)
        holds = moment.holds(where, found.facts, unknown, found.kind)
        path = f"{where.path}.{where.key}" if where.key else where.path
        value = (
            "cannot be read now"
            if unknown
            else explanation_text.shown(found.kind, path, found.facts)
        )
        yield ConditionResult(block, path, explanation_text.asks(where), value, holds)

    def _is_unknown(self, path: str, found: Found) -> bool:
        """Whether the value of the path cannot be known."""
        unread = field_paths.columns(found.kind, path) & self.evaluation.unreadable
        silent = found.facts.get(path) is None and field_paths.silent(found.kind, path)
        return bool(unread) or silent or path in found.missing

    def _events(self, found: Found) -> Iterator[ExplainedEvent]:
        spec = self.rule.clock
        if spec is None:
            return
        roles = [("start", spec.start), *([("stop", spec.stop)] if spec.stop else [])]
        roles += [("reset", path) for path in spec.reset]
        roles += [("cancel", path) for path in spec.cancel]
        for role, path in roles:
            at, note = found.facts.get(path), self._source(found.kind, path)
            twin = field_paths.twin(found.kind, path)
            if at is None and twin and found.facts.get(twin) is not None:
                at, path = found.facts[twin], twin
            if at is None and not note:
                note = "cannot be read now" if self._is_unknown(path, found) else "has not happened"
            yield ExplainedEvent(role, path, at, note)
        for path in spec.pause:
            yield from self._pauses(found, path)

    def _pauses(self, found: Found, path: str) -> Iterator[ExplainedEvent]:
        """The spans in which a field paused the clock."""
        note = self._source(found.kind, path)
        kind, to = field_paths.find_interval_record(found.kind, path)
        record = found.facts.get(to) if to else found.id
        known = self.evaluation.intervals(Key(found.account, kind, record), path) if record else ()
        if note or not known:
            yield ExplainedEvent("pause", path, None, note or "has not happened")
            return
        for one in known:
            yield ExplainedEvent(
                "pause", path, one.start, "still on" if one.end is None else "over"
            )

    def _source(self, kind: str, path: str) -> str:
        """A note about a field that no list of this account fills."""
        never = field_paths.declared(kind, path) in (self.evaluation.never | self.silent)
        return "never: no list of this account supplies it" if never else ""

    def _steps(
        self, verdict: Verdict, case: Case | None, notices: Sequence[Notice]
    ) -> Iterator[StepOutcome]:
        instants = verdict.due.steps if verdict.due else (None,) * len(self.rule.steps)
        for index, (step, at) in enumerate(zip(self.rule.steps, instants, strict=True)):
            to = recipient(step.to, self.rule, verdict, self.people, step.mark)
            became = self._became(index, at, verdict, case, notices)
            why = find_drop_reason(index, to, self.rule, verdict, self.people)
            if why and not any(one.step == index for one in notices):
                became = f"{became}; sends nothing: {describe_drop(why)}"
            why_there = describe_recipient(to)
            yield StepOutcome(step.when.label, step.via, at, to.address, why_there, became)

    def _became(
        self,
        index: int,
        at: datetime | None,
        verdict: Verdict,
        case: Case | None,
        notices: Sequence[Notice],
    ) -> str:
        """The outcome of a step, or why it was not taken."""
        if case is not None and index in case.steps_done:
            sent = [explanation_text.notice(one) for one in notices if one.step == index]
            if sent:
                return "taken: " + "; ".join(sent)
            if case.in_backlog:
                return "not sent: long overdue when its rule first ran, so it is in the backlog"
            if case.in_summary:
                return "taken: already late at the first run, so part of the summary"
            return "taken: a later step went to the same person"
        suppressed = self.suppression.find_reason(self.rule, verdict.subject, self.breaches)
        handling = ""
        if case is not None and case.handling is not Handling.NONE:
            handling = handled(case, self.context.store.cases.read_transitions(case.number))
        return explanation_text.waits(self.rule, at, verdict, case, handling or suppressed)
