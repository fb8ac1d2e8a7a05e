"""Why a rule says what it says of a subject: conditions, events, counted time, people, steps.

It judges and writes nothing; facts that are derived are those of the last tick. How it is printed
is the command's.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from atsbridge.cases import Directory, left, mutes, recipient
from atsbridge.context import (
    AccountSummary,
    Around,
    Muting,
    Services,
    calendars_of,
    directory,
    in_part,
    mapped,
    rules_of,
    stopped,
    users_of,
)
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
    Transition,
    Verdict,
    Where,
    roots,
)
from atsbridge.presentation import explanation_text, wanted
from atsbridge.replies import Remarks, handled
from atsbridge.rules import Rule, evaluate_rule, field_paths, predicates, silent
from atsbridge.tick import AccountTick

if TYPE_CHECKING:
    from atsbridge.rules import EvaluationContext

_CODE = "requisition.code"


@dataclass(frozen=True, slots=True)
class Asked:
    """One condition: its value here and whether it holds, None: cannot be known.

    `block`: "" where it has to hold itself, "any" or "none" within such a block.
    """

    block: str
    path: str
    asks: str
    value: str
    holds: bool | None


@dataclass(frozen=True, slots=True)
class Event:
    """One word of the clock ("start", "stop", "pause", …) and what there is of it."""

    word: str
    path: str
    at: Any  # an instant, a day, or None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """One step of the ladder: when, whom it reaches and why them, and what became of it."""

    label: str
    via: str
    at: datetime | None
    to: str
    why: str
    became: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """All there is to say of one rule on one subject at `verdict.at`. `zone` is of who owes."""

    rule: Rule
    verdict: Verdict
    about: str
    zone: str
    zone_from: str  # where that zone comes from, in words
    calendar: str
    owes: str
    owes_why: str
    conditions: tuple[Asked, ...]
    events: tuple[Event, ...]
    steps: tuple[Told, ...]
    looked: tuple[tuple[str, str], ...] = ()  # what a check looks at: path, value
    beneath: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = ()  # rows below it: id, the same
    case: Case | None = None
    history: tuple[Transition, ...] = ()
    lacking: tuple[str, ...] = ()  # why a live rule is judged as shadow here
    said: str = ""  # by whom the case is handled or silenced, and why

    @property
    def over(self) -> bool:
        """Whether nothing is to be watched: kept, called off, or not the rule's business."""
        return self.verdict.state in explanation_text.OVER and self.case is None


def of_case(app: Services, number: int) -> Explanation:
    """The present state of a case's rule and subject, with its history. ConfigError if none."""
    case = app.store.cases.read_case(number)
    if case is None:
        raise ConfigError(f"there is no case {number}", remedy="See `atsbridge cases`")
    rule = rules_of(app, case.subject.account).get(case.rule)
    if rule is None:
        raise ConfigError(
            f"the rule {case.rule!r} of case {number} is not configured any more",
            remedy=f"`atsbridge cases show {number}` tells what happened",
        )
    (found,) = explain(app, case.subject.account, rule, [case.subject.id], case)
    return found


def of_subject(app: Services, rule: Rule, text: str, account: str | None) -> list[Explanation]:
    """The rule on what `text` names: an id, "kind/id", "account/kind/id" or a requisition's code.

    A code leads to every subject of the rule below that requisition, in order of id. ConfigError
    where nothing is found, or several accounts have what is named.
    """
    names = [account] if account else sorted(app.settings.accounts)
    there = {n: ids for n in names if (ids := _ids(app, n, rule.subject, text)) is not None}
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
    return explain(app, name, rules_of(app, name)[rule.id], ids)


def explain(
    app: Services, account: str, rule: Rule, ids: Sequence[str], case: Case | None = None
) -> list[Explanation]:
    """The rule on these subjects now, in order of id; `case`: the one asked for, ended or not."""
    teller = _Teller(app, account, rule)
    columns = field_paths.unique((*rule.open.columns, *wanted(rule.subject)))
    query = replace(rule.open, columns=columns, bound=None)
    rows = app.store.subjects.select(
        account, query, ids=ids, filtered=False, unreadable=teller.around.unreadable
    )
    opened = {
        one.subject.id: one
        for one in app.store.cases.read_open_cases(account)
        if one.rule == rule.id
    }
    return [teller.tell(found, case or opened.get(found.id)) for found in rows]


def _ids(app: Services, account: str, subject: str, text: str) -> list[str] | None:
    """The ids of the rule's subjects that `text` names in an account; None: it names nothing."""
    one = text.removeprefix(f"{account}/").removeprefix(f"{subject}/")
    if app.store.history.read_record(Key(account, subject, one)) is not None:
        return [one]
    if "requisition" not in roots(subject):
        return None
    named = Condition(_CODE, Operator.EQ, text)
    if not list(app.store.subjects.select(account, Query("requisition", named, (_CODE,)))):
        return None
    query = Query(subject, named, (_CODE,))
    return [found.id for found in app.store.subjects.select(account, query) if not found.unknown]


class _Teller:
    """One rule of one account, explained for one subject after the other."""

    def __init__(self, app: Services, account: str, rule: Rule) -> None:
        self.app, self.rule = app, rule
        self.silent = silent(rule, app.spec(account), mapped(app, account))
        self.lacking = in_part(app, account, app.packs.rule_set.rules[rule.id])
        now = app.time.now()
        users = users_of(app, account)
        years = (now.year - 1, now.year, now.year + 1)
        self.calendars = calendars_of(app, account, years, users)
        unreadable = AccountTick(app, account, AccountSummary(account), None, None).unreadable()
        cases = app.store.cases.read_open_cases(account)
        opened = {(case.rule, case.subject): case.opened_at for case in cases}
        rules = rules_of(app, account)
        halted = stopped(app, rules)
        late = (
            case
            for case in cases
            if mutes(case, rules.get(case.rule), now, stopped=halted(case.rule))
        )
        self.breaches = frozenset((case.rule, case.subject) for case in late)
        self.muting = Muting(app.store, account, now)
        self.around: EvaluationContext = Around(
            account,
            app.store,
            app.spec(account),
            self.calendars,
            now,
            unreadable,
            opened,
            app.market.data,
        ).surroundings(explain=True)
        self.people: Directory = directory(app, account, users, self.calendars, now)

    def tell(self, found: Found, case: Case | None) -> Explanation:
        """Judge the subject and say why."""
        rule, store = self.rule, self.app.store
        verdict = evaluate_rule(rule, found, self.around)
        spec = rule.clock
        name = spec.calendar if spec else rule.calendar
        looks = rule.check.reads if rule.check else ()
        owes, why = self._owes(verdict)
        notices = store.outbox.read_notices(found.account, case=case.number) if case else ()
        return Explanation(
            rule=rule,
            verdict=verdict,
            about=explanation_text.about(found),
            zone=self.calendars.of(verdict.owed_by, name).zone,
            zone_from=self.calendars.origin(verdict.owed_by, name),
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
            said=Remarks(store, found.account, verdict.at).of(case) if case else "",
        )

    def _beneath(self, found: Found) -> Iterator[tuple[str, tuple[tuple[str, str], ...]]]:
        """The rows that the check counts below the subject."""
        below = self.rule.check.below if self.rule.check else None
        if below is None:
            return
        for row in below.read(found, self.around)[0]:
            values = (
                (path, explanation_text.shown(row.kind, path, row.facts)) for path in below.columns
            )
            yield f"{row.kind}/{row.id}", tuple(values)

    def _owes(self, verdict: Verdict) -> tuple[str, str]:
        """Who owes by name, and why they."""
        path = self.rule.clock.owed_by if self.rule.clock else None
        if path is None:
            return "nobody in particular", "the rule does not say who owes"
        if verdict.owed_by is None:
            return "nobody known", f"{path} is not set"
        name = self.people.name(verdict.owed_by) or f"user {verdict.owed_by}"
        return name, f"{path}: {recipient(path, self.rule, verdict, self.people).why}"

    def _conditions(self, where: Where, found: Found, block: str = "") -> Iterator[Asked]:
        if not isinstance(where, Condition):
            inner = (
                block if isinstance(where, All) else "any" if isinstance(where, AnyOf) else "none"
            )
            for part in where.parts:
                yield from self._conditions(part, found, inner)
            return
        unknown = {where.path} if self._doubtful(where.path, found) else set()
        holds = predicates.evaluate(where, found.facts, unknown, found.kind)
        value = (
            "cannot be read now"
            if unknown
            else explanation_text.shown(found.kind, where.path, found.facts)
        )
        yield Asked(block, where.path, explanation_text.asks(where), value, holds)

    def _doubtful(self, path: str, found: Found) -> bool:
        """Whether nothing can be said of the path."""
        unread = field_paths.columns(found.kind, path) & self.around.unreadable
        silent = found.facts.get(path) is None and field_paths.silent(found.kind, path)
        return bool(unread) or silent or path in found.missing

    def _events(self, found: Found) -> Iterator[Event]:
        spec = self.rule.clock
        if spec is None:
            return
        words = [("start", spec.start), *([("stop", spec.stop)] if spec.stop else [])]
        words += [("reset", path) for path in spec.reset]
        words += [("cancel", path) for path in spec.cancel]
        for word, path in words:
            at, note = found.facts.get(path), self._source(found.kind, path)
            twin = field_paths.twin(found.kind, path)
            if at is None and twin and found.facts.get(twin) is not None:
                at, path = found.facts[twin], twin
            if at is None and not note:
                note = "cannot be read now" if self._doubtful(path, found) else "has not happened"
            yield Event(word, path, at, note)
        for path in spec.pause:
            yield from self._pauses(found, path)

    def _pauses(self, found: Found, path: str) -> Iterator[Event]:
        """Each span of a word that pauses the clock."""
        note = self._source(found.kind, path)
        kind, to = field_paths.bearer(found.kind, path)
        bearer = found.facts.get(to) if to else found.id
        known = self.around.intervals(Key(found.account, kind, bearer), path) if bearer else ()
        if note or not known:
            yield Event("pause", path, None, note or "has not happened")
            return
        for one in known:
            yield Event("pause", path, one.start, "still on" if one.end is None else "over")

    def _source(self, kind: str, path: str) -> str:
        """What to say of a word that this account has no source for."""
        never = field_paths.declared(kind, path) in (self.around.never | self.silent)
        return "never: nothing in this account tells it" if never else ""

    def _steps(
        self, verdict: Verdict, case: Case | None, notices: Sequence[Notice]
    ) -> Iterator[Told]:
        instants = verdict.due.steps if verdict.due else (None,) * len(self.rule.steps)
        for index, (step, at) in enumerate(zip(self.rule.steps, instants, strict=True)):
            to = recipient(step.to, self.rule, verdict, self.people, step.mark)
            became = self._became(index, at, verdict, case, notices)
            why = left(index, to, self.rule, verdict, self.people)
            if why and not any(one.step == index for one in notices):
                became = f"{became}; sends nothing: {why}"
            yield Told(step.when.label, step.via, at, to.address, to.why, became)

    def _became(
        self,
        index: int,
        at: datetime | None,
        verdict: Verdict,
        case: Case | None,
        notices: Sequence[Notice],
    ) -> str:
        """What became of a step, or why it has not been taken."""
        if case is not None and index in case.steps_done:
            sent = [explanation_text.notice(one) for one in notices if one.step == index]
            if sent:
                return "taken: " + "; ".join(sent)
            if case.baseline:
                return "taken: late before anybody looked, so told in one summary"
            return "taken: a later step went to the same person instead"
        muted = self.muting.why(self.rule, verdict.subject, self.breaches)
        said = ""
        if case is not None and case.handling is not Handling.NONE:
            said = handled(case, self.app.store.cases.read_transitions(case.number))
        return explanation_text.waits(self.rule, at, verdict, case, said or muted)
