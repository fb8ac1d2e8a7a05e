"""Assemble a compiled rule: the columns that it reads, its two Queries, its evaluator."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from atsbridge.model import All, Condition, Operator, Query, Where, conjuncts, parents, paths, roots
from atsbridge.ports import RuleSource
from atsbridge.rules.evaluate import Check, CheckEvaluator, ClockEvaluator
from atsbridge.rules.language import (
    ExampleKeys,
    ExceptionKeys,
    RuleKeys,
    field_paths,
    message_template,
    split_recipient,
)
from atsbridge.rules.rule import (
    ClockSpec,
    Exemption,
    Expectation,
    FilePosition,
    PackTest,
    Rule,
    Step,
)

# Facts of every message: who has to act, since when, and the link to the ATS.
_ALWAYS_READ = (
    "application.assignee",
    "application.assignee_role",
    "application.assignee_since",
    "application.url",
    "requisition.title",
    "requisition.confidential",
    "requisition.url",
)
_FALLBACKS = {
    "application.recruiter": "requisition.recruiter",
    "application.coordinator": "requisition.coordinator",
}


@dataclass(frozen=True, slots=True)
class CheckPrefilter:
    """The part of a check that SQL can evaluate.

    `wrong` holds of every subject the check finds something wrong with, `right` of all others.
    """

    wrong: tuple[Where, ...] = ()
    right: tuple[Where, ...] = ()


def clock_rule(
    keys: RuleKeys, source: RuleSource, spec: ClockSpec, settled_by: str, *, news: bool = False
) -> Rule:
    """Build a rule with a clock. `settled_by`: the path whose instant answers the promise."""
    read = _clock_columns(source.subject, spec)
    answered = All((*conjuncts(keys.where), Condition(settled_by, Operator.SET)))
    unsettled = _unsettled(keys.where, source.subject, spec)
    rule = build_rule(keys, source, unsettled, answered, read)
    evaluator = ClockEvaluator()
    return replace(rule, evaluator=evaluator, clock=spec, settled_by=settled_by, news=news)


def check_rule(
    keys: RuleKeys,
    source: RuleSource,
    check: Check,
    prefilter: CheckPrefilter | None = None,
    *,
    optional: tuple[str, ...] = (),
    news: bool = False,
) -> Rule:
    """Build a rule with a check.

    `optional`: paths it reads besides `check.reads` and can do without.
    """
    prefilter = prefilter or CheckPrefilter()
    read = [*check.reads, *optional]
    if check.below is not None:
        read += [ours for _, ours in check.below.same]
    plain = conjuncts(keys.where)
    unsettled, settled = All((*plain, *prefilter.wrong)), All((*plain, *prefilter.right))
    rule = build_rule(keys, source, unsettled, settled, read)
    return replace(rule, evaluator=CheckEvaluator(), check=check, news=news)


def build_rule(
    keys: RuleKeys,
    source: RuleSource,
    unsettled: Where,
    settled: Where,
    reads: Iterable[str | None],
) -> Rule:
    """Build a rule without an evaluator; the kind adds its own with `dataclasses.replace`.

    `unsettled` holds of every subject whose verdict may be open, `settled` of those that were
    answered; `reads`: paths that the evaluator reads.
    """
    columns = field_paths.unique(_columns(keys, source.subject, reads))
    if keys.settle is not None:
        columns = field_paths.unique((*columns, *parents(source.subject).values()))
    return Rule(
        id=keys.id,
        kind=keys.kind,
        status=keys.status,
        title=keys.title,
        why=keys.why,
        side=keys.side,
        each=keys.each,
        subject=source.subject,
        owner=keys.owner,
        where=keys.where,
        clock=None,
        steps=_steps(keys, source),
        message=keys.message,
        message_ahead=keys.message_ahead,
        message_late=keys.message_late,
        open=Query(source.subject, unsettled, columns),
        settled=Query(source.subject, settled, columns),
        settled_by="",
        calendar=keys.calendar,
        place=source.place(()),
        muted_by=keys.muted_by,
        settle=keys.settle,
        tests=tuple(_test(test, index, source) for index, test in enumerate(keys.tests)),
    )


def add_exemption(rule: Rule, keys: ExceptionKeys, place: FilePosition) -> Rule:
    """Add an exemption, and the columns that it reads."""
    where: Where = keys.where
    more = Exemption(where, keys.until, keys.why, place)

    def reading(query: Query) -> Query:
        return replace(query, columns=field_paths.unique((*query.columns, *paths(where))))

    return replace(
        rule,
        exemptions=(*rule.exemptions, more),
        open=reading(rule.open),
        settled=reading(rule.settled),
    )


def _steps(keys: RuleKeys, source: RuleSource) -> tuple[Step, ...]:
    return tuple(
        Step(
            when=step.at,
            to=step.to,
            via=step.via,
            max=step.max,
            place=source.place(("steps", index)),
            mark=step.mark,
            message=step.message,
        )
        for index, step in enumerate(keys.steps)
    )


def _unsettled(where: Where, subject: str, spec: ClockSpec) -> All:
    """Conditions on subjects whose clock may still be open.

    A reset brings an ended clock back, a planned stop may lie ahead and a `last_…` stop before
    the start: none of those may be left out.
    """
    ends = [] if spec.reset else [*spec.cancel, *_once(spec)]
    over = [Condition(p, Operator.UNSET) for p in ends if not field_paths.planned(subject, p)]
    begun = [] if field_paths.twin(subject, spec.start) else [Condition(spec.start, Operator.SET)]
    return All((*conjuncts(where), *begun, *over))


def _once(spec: ClockSpec) -> tuple[str, ...]:
    if spec.stop is None or spec.stop.rpartition(".")[2].startswith("last_"):
        return ()
    return (spec.stop,)


def _clock_columns(subject: str, spec: ClockSpec) -> Iterator[str | None]:
    yield from (spec.start, field_paths.twin(subject, spec.start), spec.stop)
    yield from (*spec.reset, *spec.cancel, spec.owed_by)
    yield spec.targets.path if spec.targets else None
    for path in spec.pause:
        yield from (
            field_paths.find_interval_record(subject, path)[1],
            field_paths.origin(subject, path),
        )


def _columns(keys: RuleKeys, subject: str, read: Iterable[str | None]) -> Iterator[str | None]:
    yield from paths(keys.where)
    yield from read
    for step in keys.steps:
        if "." in (path := split_recipient(step.to).path):
            yield field_paths.part(subject, path)[0]
            fallback = _FALLBACKS.get(path)
            yield fallback if "requisition" in roots(subject) else None
    for text in keys.texts:
        yield from (
            field_paths.part(subject, path)[0]
            for path in message_template.placeholders(text)
            if path not in message_template.PLACEHOLDERS and path[:6] not in ("clock.", "check.")
        )
    yield f"{subject}.url"
    yield from (path for path in _ALWAYS_READ if path.partition(".")[0] in roots(subject))


def _test(keys: ExampleKeys, index: int, source: RuleSource) -> PackTest:
    def at(*loc: str | int) -> FilePosition:
        return source.place(("tests", index, *loc))

    expects = tuple(
        Expectation(
            one.at,
            one.model_dump(exclude={"at"}, exclude_unset=True),
            at("expect", number),
        )
        for number, one in enumerate(keys.expect)
    )
    its = keys.given
    return PackTest(
        name=keys.name,
        facts=its.facts,
        people=its.people,
        intervals=its.intervals,
        records=its.records,
        changes=its.changes,
        answers=its.answers,
        market=its.market,
        expects=expects,
        place=at(),
    )
