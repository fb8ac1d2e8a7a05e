"""A parsed rule put together: the columns it reads, its two Queries, the compiled value.

What a kind means by its own keys is in `kinds`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from atsbridge.model import All, Condition, Operator, Query, Where, paths, roots
from atsbridge.rules.evaluate import Check
from atsbridge.rules.language import ExampleKeys, Places, RuleKeys, field_paths, message_template
from atsbridge.rules.rule import ClockSpec, Example, Expected, Place, Rule, Step

# What every message says of its subject: who has the ball since when, and where to click.
_TOLD = (
    "application.holder",
    "application.holder_role",
    "application.holder_since",
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
class Parsed:
    """A rule whose keys are good: the values, the kind of its subjects, where each key stands."""

    keys: Any  # the kind's schema
    subject: str
    places: Places


def clock_rule(parsed: Parsed, spec: ClockSpec, settled_by: str, *, news: bool = False) -> Rule:
    """The rule of a kind that the clock judges; `settled_by` is the path that answers it."""
    keys: RuleKeys = parsed.keys
    read = _clock_columns(parsed.subject, spec)
    answered = All((*_parts(keys.where), Condition(settled_by, Operator.SET)))
    unsettled = _unsettled(keys.where, parsed.subject, spec)
    rule = _rule(parsed, "clock", unsettled, answered, read)
    return replace(rule, clock=spec, settled_by=settled_by, news=news)


def check_rule(
    parsed: Parsed,
    check: Check,
    *,
    wrong: tuple[Where, ...] = (),
    right: tuple[Where, ...] = (),
    told: tuple[str, ...] = (),
    news: bool = False,
) -> Rule:
    """The rule of a kind that the check judges.

    `wrong` holds of every subject the check finds something wrong with, `right` of all others:
    what SQL can say of either. `told`: paths it reads beside `check.reads` and can do without.
    """
    keys: RuleKeys = parsed.keys
    read = [*check.reads, *told]
    if check.below is not None:
        read += [ours for _, ours in check.below.same]
    plain = _parts(keys.where)
    rule = _rule(parsed, "check", All((*plain, *wrong)), All((*plain, *right)), read)
    return replace(rule, check=check, news=news)


def _rule(parsed: Parsed, judge: str, open_: All, settled: All, read: Iterable[str | None]) -> Rule:
    """What the rules of both judges have in common."""
    keys: RuleKeys = parsed.keys
    steps = tuple(
        Step(
            step.at,
            step.to,
            step.via,
            step.max,
            parsed.places.value(("steps", index)),
            step.mark,
            step.message,
        )
        for index, step in enumerate(keys.steps)
    )
    columns = field_paths.unique(_columns(keys, parsed.subject, read))
    return Rule(
        id=keys.id,
        kind=keys.kind,
        judge=judge,
        status=keys.status,
        title=keys.title,
        why=keys.why,
        side=keys.side,
        each=keys.each,
        subject=parsed.subject,
        owner=keys.owner,
        where=keys.where,
        clock=None,
        steps=steps,
        message=keys.message,
        message_ahead=keys.message_ahead,
        message_late=keys.message_late,
        open=Query(parsed.subject, open_, columns),
        settled=Query(parsed.subject, settled, columns),
        settled_by="",
        calendar=keys.calendar,
        place=parsed.places.value(()),
        muted_by=keys.muted_by,
        tests=tuple(_test(test, index, parsed.places) for index, test in enumerate(keys.tests)),
    )


def _parts(where: Where) -> tuple[Where, ...]:
    return where.parts if isinstance(where, All) else (where,)


def _unsettled(where: Where, subject: str, spec: ClockSpec) -> All:
    """Whose clock may still be open. Plain conditions, so that partial indexes serve.

    A reset brings an ended clock back, a planned stop may lie ahead and a `last_…` stop before
    the start: none of those may be left out.
    """
    ends = [] if spec.reset else [*spec.cancel, *_once(spec)]
    over = [Condition(p, Operator.UNSET) for p in ends if not field_paths.planned(subject, p)]
    begun = [] if field_paths.twin(subject, spec.start) else [Condition(spec.start, Operator.SET)]
    return All((*_parts(where), *begun, *over))


def _once(spec: ClockSpec) -> tuple[str, ...]:
    if spec.stop is None or spec.stop.rpartition(".")[2].startswith("last_"):
        return ()
    return (spec.stop,)


def _clock_columns(subject: str, spec: ClockSpec) -> Iterator[str | None]:
    yield from (spec.start, field_paths.twin(subject, spec.start), spec.stop)
    yield from (*spec.reset, *spec.cancel, spec.owed_by)
    yield spec.targets.path if spec.targets else None
    for word in spec.pause:
        yield from (field_paths.bearer(subject, word)[1], field_paths.origin(subject, word))


def _columns(keys: RuleKeys, subject: str, read: Iterable[str | None]) -> Iterator[str | None]:
    yield from paths(keys.where)
    yield from read
    for step in keys.steps:
        if "." in step.to:
            yield step.to
            fallback = _FALLBACKS.get(step.to)
            yield fallback if "requisition" in roots(subject) else None
    for text in keys.texts:
        yield from (
            word
            for word in message_template.placeholders(text)
            if word[:6] not in ("clock.", "check.")
        )
    yield f"{subject}.url"
    yield from (path for path in _TOLD if path.partition(".")[0] in roots(subject))


def _test(keys: ExampleKeys, index: int, places: Places) -> Example:
    def at(*loc: str | int) -> Place:
        return places.value(("tests", index, *loc))

    expects = tuple(
        Expected(
            one.at,
            one.model_dump(exclude={"at"}, exclude_unset=True),
            at("expect", number),
        )
        for number, one in enumerate(keys.expect)
    )
    its = keys.given
    return Example(
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
