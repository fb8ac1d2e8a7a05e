"""Lint one rule: find what is valid but probably not intended."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import combinations

from atsbridge.model import Condition, Operator, Sensitivity, conjuncts, paths, resolve
from atsbridge.rules.compile.message_act import has_act, is_english
from atsbridge.rules.language import field_paths, is_public
from atsbridge.rules.language import message_template as message
from atsbridge.rules.rule import FilePosition, Rule, Step
from atsbridge.worktime import Duration, Unit

APART = timedelta(hours=4)
LONGEST = 240  # characters of a text as written; what is filled in adds to it
_QUOTED = 30  # characters of it that a lint repeats
_BOTH = re.compile(r"\b(both|two|one|each|either|all) of you\b|\byou both\b", re.IGNORECASE)
_YOU = re.compile(r"\b(you|your|yours|yourself)\b", re.IGNORECASE)
_LATE = re.compile(r"\b(is|are)\s+(late|overdue|missing|not\s+\w+(\s+yet)?)$", re.IGNORECASE)
# Role -> the role that acts where the first is not known.
_STAND_INS = {
    "application.recruiter": "requisition.recruiter",
    "application.coordinator": "requisition.coordinator",
}
_DAY = timedelta(hours=24)
_DECIDED = "application.decided_at"
_BEFORE_SUBMISSION = frozenset({"lead", "screen"})


@dataclass(frozen=True, slots=True)
class Lint:
    """One lint: its code, its place, and the explanation."""

    code: str
    place: FilePosition
    message: str

    def __str__(self) -> str:
        return f"{self.place}: {self.message} [{self.code}]"


def lint(rule: Rule, shown: Container[str] = ()) -> list[Lint]:
    """Every lint of a rule. A retired rule has none.

    `shown`: custom fields and brief sections ("requisition.custom.level") that every account
    declares to be no compensation.
    """
    if rule.status == "retired":
        return []
    found = [one for check in _CHECKS for one in check(rule)]
    return [*found, *_pay_text(rule, shown)]


def _no_owner(rule: Rule) -> Iterator[Lint]:
    if not rule.owner:
        what = f"{rule.id} has no owner: who is messaged when nobody is there?"
        yield Lint("no-owner", rule.place, what)


def _no_tests(rule: Rule) -> Iterator[Lint]:
    if not rule.tests:
        what = f"{rule.id} has no tests: show one case that fires and one that stays silent"
        yield Lint("no-tests", rule.place, what)


def _no_cancel(rule: Rule) -> Iterator[Lint]:
    if rule.clock is not None and not rule.clock.cancel and not rule.news:
        what = f"{rule.id} has no cancel: it will chase people about what was called off"
        yield Lint("no-cancel", rule.place, what)


def _nothing_found(rule: Rule) -> Iterator[Lint]:
    found = {placeholder for text in rule.messages for placeholder in message.placeholders(text)}
    if rule.check is None and message.FOUND in found:
        what = f"{rule.id} is a clock and finds nothing: {{{message.FOUND}}} stays empty"
        yield Lint("nothing-found", rule.place, what)


def _office_hours(rule: Rule) -> Iterator[Lint]:
    for target in dict.fromkeys(rule.clock.amounts if rule.clock else ()):
        if target.unit is Unit.BH and target.span >= _DAY and not target.span % _DAY:
            days = target.span // _DAY
            what = (
                f"{target} are {target.span // timedelta(hours=1)} office hours, about three days "
                f"to every 24; was {days}bd meant?"
            )
            yield Lint("office-hours", rule.place, what)


def _close_steps(rule: Rule) -> Iterator[Lint]:
    """Two steps to one person less than 4 hours apart, in their own unit."""
    if rule.clock is None:
        return
    target = rule.clock.target
    for first, second in combinations(rule.steps, 2):
        if first.to != second.to or first.mark != second.mark:
            continue
        one, two = _offset(first, target), _offset(second, target)
        if one is not None and two is not None and abs(one - two) < APART:
            what = (
                f'the steps "{first.when.label}" and "{second.when.label}" of {rule.id} reach '
                f"{first.to} less than 4 hours apart"
            )
            yield Lint("close-steps", second.place, what)


def _offset(step: Step, target: Duration) -> timedelta | None:
    """The offset of a step from due in the target's unit; None for another unit."""
    value = step.when.value
    if value is None:
        return timedelta()
    if isinstance(value, int):
        return target.span * (value - 100) / 100
    return value.span if value.unit is target.unit else None


def _open_text(rule: Rule) -> Iterator[Lint]:
    """A message to a channel with facts that channels may not read: they are left out there."""
    for step in rule.steps:
        if is_public(step.to):
            for placeholder in _of_class(rule, rule.messages_of(step), Sensitivity.PERSONAL):
                what = (
                    f"{{{placeholder}}} is personal, and many read {step.to}: it is left out there"
                )
                yield Lint("personal-to-channel", step.place, what)


def _pay_text(rule: Rule, shown: Container[str]) -> Iterator[Lint]:
    for placeholder in _of_class(rule, rule.messages, Sensitivity.COMPENSATION):
        key = field_paths.part(rule.subject, placeholder)[1]
        own = f"{message.field_of(rule.subject, placeholder).path}.{key}"
        if key and own in shown:
            continue
        what = (
            f"{{{placeholder}}} {'may be' if key else 'is'} compensation: only a person in a sink"
            ' with clearance = "compensation" sees it, elsewhere it reads "(see the ATS)"'
        )
        if key:
            what += f'. If it is no pay, add to [accounts.NAME.sensitivity]: "{own}" = "open"'
        yield Lint("compensation", rule.place, what)


def _of_class(rule: Rule, texts: Iterable[str], level: Sensitivity) -> Iterator[str]:
    """The paths in these texts of this sensitivity; names of colleagues are not counted."""
    for placeholder in field_paths.unique(p for text in texts for p in message.placeholders(text)):
        if placeholder not in message.PLACEHOLDERS:
            field = message.field_of(rule.subject, placeholder)
            if field.sensitivity is level and field.kind != "user":
                yield placeholder


def _you_to_another(rule: Rule) -> Iterator[Lint]:
    """A text that says "you" to a reader who does not have to act."""
    if rule.news:
        return
    acting = _acting(rule)
    for step in rule.steps:
        if step.to in acting or step.mark is not None:
            continue
        texts = (_BOTH.sub("", text) for text in rule.messages_of(step))
        found = next((match for text in texts if (match := _YOU.search(text))), None)
        if found is not None:
            what = (
                f'the step "{step.when.label}" of {rule.id} goes to {step.to}, who does not have'
                f' to act, and its message says "{found[0]}". Give the step its own message'
            )
            yield Lint("you-to-another", step.place, what)


def _no_act(rule: Rule) -> Iterator[Lint]:
    """A text to somebody who has to act that asks for nothing."""
    if rule.news:
        return
    acting, seen = _acting(rule), set[str]()
    for step in rule.steps:
        if step.to not in acting or step.mark is not None:
            continue
        for text in rule.messages_of(step):
            if text not in seen and is_english(text) and not has_act(text):
                seen.add(text)
                what = (
                    f'the message "{text[:_QUOTED]}…" of {rule.id} goes to {step.to}, who has to'
                    ' act, and does not say what to do. Begin with that: "Please answer …"'
                )
                yield Lint("no-act", step.place, what)


def _acting(rule: Rule) -> frozenset[str]:
    """Paths to the people who have to act: the assignee, else the recipient of the first step."""
    if rule.clock is not None and rule.clock.owed_by:
        first = [rule.clock.owed_by]
    else:
        first = [s.to for s in rule.steps if s.when.label == rule.steps[0].when.label]
    return frozenset((*first, *(_STAND_INS[path] for path in first if path in _STAND_INS)))


def _late_title(rule: Rule) -> Iterator[Lint]:
    """A title that says that something is late: messages add the due time themselves."""
    found = _LATE.search(rule.title) if rule.clock is not None and not rule.news else None
    if found is not None:
        what = (
            f'the title of {rule.id} says "{found[0]}", and messages add the time, also before'
            ' it is due: write what it is about, such as "Interview feedback"'
        )
        yield Lint("late-title", rule.place, what)


def _unused_text(rule: Rule) -> Iterator[Lint]:
    """A text for a time at which the rule has no step."""
    steps = [step for step in rule.steps if not step.message]
    ahead = any(_is_ahead(step) for step in steps)
    late = any(step.when.value is not None and not _is_ahead(step) for step in steps)
    for key, text, used in (
        ("message_ahead", rule.message_ahead, ahead),
        ("message_late", rule.message_late, late),
    ):
        if text and not used:
            when = "before due" if key == "message_ahead" else "after due"
            what = f"{rule.id} has a {key}, and no step that could send it comes {when}"
            yield Lint("unused-message", rule.place, what)


def _long_text(rule: Rule) -> Iterator[Lint]:
    """A text that is longer than people read on a phone."""
    for text in dict.fromkeys(rule.messages):
        if len(text) > LONGEST:
            what = (
                f"{rule.id} has a message of {len(text)} characters, and people read about"
                f' {LONGEST}: shorten "{text[:_QUOTED]}…"'
            )
            yield Lint("long-message", rule.place, what)


def _is_ahead(step: Step) -> bool:
    value = step.when.value
    return isinstance(value, int) or (value is not None and value.span < timedelta())


def _on_ratings(rule: Rule) -> Iterator[Lint]:
    """A rule that selects single ratings reveals them to the recipient of its message."""
    for path in paths(rule.open.where):
        if resolve(rule.subject, path).field.sensitivity is Sensitivity.EVALUATION:
            what = (
                f"{rule.id} asks {path}: who gets its message learns of a rating, perhaps before"
                " everybody has given theirs. Kind spread waits for all"
            )
            yield Lint("rating-shown", rule.place, what)


def _asked_not_owed(rule: Rule) -> Iterator[Lint]:
    """A rule on required scorecards that does not check whether the interview was held."""
    for path in paths(rule.open.where):
        if path.endswith("seat.feedback_required"):
            what = (
                f"{rule.id} asks {path}, which is also true of an interview that was skipped or"
                f" canceled: {path.replace('required', 'owed')} leaves those out"
            )
            yield Lint("asked-not-owed", rule.place, what)


def _early_stop(rule: Rule) -> Iterator[Lint]:
    """A clock that stops by a decision, on applications that nobody was asked to decide on yet."""
    if rule.clock is None or rule.clock.stop != _DECIDED:
        return
    stages = next(
        (
            {one.value} if one.operator is Operator.EQ else set(one.value)
            for one in conjuncts(rule.where)
            if isinstance(one, Condition)
            and one.path == "stage.kind"
            and one.operator in (Operator.EQ, Operator.IN)
        ),
        set(),
    )
    if stages and stages <= _BEFORE_SUBMISSION:
        what = (
            f"{rule.id} stops at {_DECIDED}, which counts only once the hiring manager has the"
            f" profile, and its stages are {', '.join(sorted(stages))}: nothing can keep it."
            " Was application.submitted_at meant?"
        )
        yield Lint("early-stop", rule.place, what)


def _passing_mark(rule: Rule) -> Iterator[Lint]:
    """A tag or field for news: it would never be removed."""
    for step in rule.steps if rule.news else ():
        if step.mark is not None:
            what = (
                f'{rule.id} tells news, and "{step.mark}" is taken off again when that is over: a'
                " note would stay"
            )
            yield Lint("passing-mark", step.place, what)


_CHECKS = (
    _no_owner,
    _no_tests,
    _no_cancel,
    _nothing_found,
    _office_hours,
    _close_steps,
    _open_text,
    _you_to_another,
    _no_act,
    _late_title,
    _unused_text,
    _long_text,
    _on_ratings,
    _asked_not_owed,
    _early_stop,
    _passing_mark,
)
