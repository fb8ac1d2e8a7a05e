"""Deciding: verdicts meet open cases and become transitions and notices. Pure.

Quiet hours and caps are `attention`'s, at the moment of sending; words are `delivery`'s, from the
facts of that moment.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime, time

from atsbridge.cases.baseline import summaries
from atsbridge.cases.case_notices import NoticeMaker
from atsbridge.cases.circuit_breaker import AT_ONCE, SHARE, tripped
from atsbridge.cases.inhibition import mutes
from atsbridge.cases.lifecycle import Moved, end_period, move, next_period, retire
from atsbridge.cases.recipients import Directory
from atsbridge.cases.rule_edits import Edits
from atsbridge.model import (
    Case,
    DropCode,
    Hold,
    Key,
    Notice,
    NoticeState,
    Purpose,
    ReasonCode,
    Transition,
    Verdict,
    because,
    drop_notice,
    hold_notice,
)
from atsbridge.ports import Decision
from atsbridge.rules import Rule
from atsbridge.worktime import Calendar


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionOptions:
    """What deciding is told besides verdicts and cases.

    `baseline`: rules whose first tick this is (new, newly live, or unwatched for two days).
    `told`: the notices of a case so far; asked only for cases that take a step or end.
    `calendars`: (user id or None, calendar's name) -> the working calendar, for the digest.
    `muted`: why nobody is to hear of a rule on a subject now ("" if they are), given the open
    breaches as (rule, subject). `live`: how many subjects a rule watches; asked only where many
    cases open at once. `tripped`: rules whose notices the breaker holds already. `edits`: what
    people changed of the rules and the account's map since the run before. `stopped`: whether a
    rule has a mistake, so that its cases stay as they are until it can be read again.
    """

    calendars: Callable[[str | None, str], Calendar]
    baseline: frozenset[str] = frozenset()
    told: Callable[[int], Sequence[Notice]] = field(default=lambda _: ())
    digest_at: time = time(9, 30)
    muted: Callable[[Rule, Key, Set[tuple[str, Key]]], str] = field(
        default=lambda _rule, _subject, _open: ""
    )
    live: Callable[[Rule], int] = field(default=lambda _rule: 0)
    tripped: frozenset[str] = frozenset()
    stopped: Callable[[str], bool] = field(default=lambda _rule: False)
    edits: Edits = field(default_factory=Edits)


def decide(
    account: str,
    now: datetime,
    verdicts: Iterable[Verdict],
    cases: Iterable[Case],
    rules: Mapping[str, Rule],
    directory: Directory,
    options: DecisionOptions,
) -> Decision:
    """All that `verdicts` make of the open `cases` of an account, as one value to be stored.

    Cases without a verdict stay as they are, unless their rule is gone or retired. Everything
    comes in a fixed order: same inputs, same Decision. What was judged, and when to look again,
    is left to the caller, who knows it.
    """
    maker = NoticeMaker(now, rules, directory, options.told, options.calendars, options.digest_at)
    decider = _Decider(account, now, rules, directory, options, maker)
    open_cases = {(case.rule, case.subject): case for case in cases if case.end is None}
    decider.breaches = {
        (case.rule, case.subject)
        for case in open_cases.values()
        if mutes(case, rules.get(case.rule), now, stopped=options.stopped(case.rule))
    }
    causes = {cause for rule in rules.values() for cause in rule.muted_by}
    for verdict in sorted(verdicts, key=lambda v: (v.rule not in causes, v.rule, v.subject)):
        rule = rules.get(verdict.rule)
        if rule is not None:
            decider.meet(open_cases.pop((verdict.rule, verdict.subject), None), verdict, rule)
    for case in sorted(open_cases.values(), key=lambda c: (c.rule, c.subject)):
        decider.unwatch(case)
    decider.notices += summaries(account, now, decider.cases, decider.late, rules, directory)
    decider.trip()
    return Decision(
        account=account,
        at=now,
        cases=decider.cases,
        transitions=decider.transitions,
        notices=decider.notices,
    )


@dataclass(slots=True)
class _Decider:
    """The Decision in the making."""

    account: str
    now: datetime
    rules: Mapping[str, Rule]
    directory: Directory
    options: DecisionOptions
    maker: NoticeMaker
    cases: list[Case] = field(default_factory=list)
    transitions: list[tuple[Key, str, Transition]] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    breaches: set[tuple[str, Key]] = field(default_factory=set)
    opened: dict[str, list[Case]] = field(default_factory=dict)
    late: list[Case] = field(default_factory=list)

    def meet(self, case: Case | None, verdict: Verdict, rule: Rule) -> None:
        """One verdict and the open case of its rule and subject, if there is one."""
        if case is not None and next_period(case, verdict, rule):
            self._end_period(case)
            case = None
        baseline = rule.id in self.options.baseline
        muted = ""
        if verdict.open:
            muted = self.options.muted(rule, verdict.subject, self.breaches)
        verdict = self.options.edits.blamed(verdict, rule)
        moved = move(case, verdict, rule, self.now, baseline, muted)
        self._breach(moved.case, verdict, rule)
        if baseline and case is not None and moved.case is not None and moved.case.end is None:
            self._came_late(case, moved, rule)
        if moved.case is None or moved.case == case:
            return
        self._keep(moved)
        if case is None and moved.steps and rule.status == "live":
            self.opened.setdefault(rule.id, []).append(moved.case)
        if moved.case.end is not None:
            self.notices += self.maker.make_resolutions(moved.case)
            return
        asked = list(self.maker.make_steps(moved, verdict, rule)) if moved.steps else []
        if case is not None and case.owed_by != moved.case.owed_by:
            again = {one.destination.place for one in asked}
            self.notices += self.maker.make_hand_over(case, moved.case.owed_by, rule, again)
        self.notices += asked

    def _end_period(self, case: Case) -> None:
        """The case of a period that is over, where nobody looked in between."""
        over = end_period(case, self.now)
        self._keep(over)
        if over.case is not None:
            self.notices += self.maker.make_resolutions(over.case)

    def _came_late(self, case: Case, moved: Moved, rule: Rule) -> None:
        """Of a rule that just went live, or that nobody watched, what is open is told in one go."""
        told = self.options.told(case.number)
        kept = [n for n in told if n.hold is Hold.SHADOW]
        if rule.status != "live" or not (kept or moved.late):
            return
        self.late.append(case)
        self.notices += [drop_notice(one, DropCode.IN_SUMMARY) for one in kept]

    def _breach(self, case: Case | None, verdict: Verdict, rule: Rule) -> None:
        """Keep count of what is breached: it mutes what follows from it."""
        where = (verdict.rule, verdict.subject)
        if case is not None and case.end is None and mutes(case, rule, self.now):
            self.breaches.add(where)
        else:
            self.breaches.discard(where)

    def trip(self) -> None:
        """The breaker: too much new at once is held, and ops hear once whom it would have hit."""
        for rule, cases in sorted(self.opened.items()):
            if rule not in self.options.tripped and self._too_many(rule, len(cases)):
                self.notices = [self._broken(one, rule) for one in self.notices]
                told = tripped(self.account, self.directory, self.rules[rule], cases, self.now)
                self.notices.append(told)
        for rule in sorted(self.options.tripped):
            self.notices = [self._broken(one, rule) for one in self.notices]

    def _too_many(self, rule: str, opened: int) -> bool:
        if opened <= AT_ONCE:
            return False
        return opened > max(AT_ONCE, SHARE * self.options.live(self.rules[rule]))

    def _broken(self, notice: Notice, rule: str) -> Notice:
        sends = notice.purpose in (Purpose.SEND, Purpose.FOLLOW_UP)
        waits = notice.state is NoticeState.QUEUED or notice.hold is Hold.DIGEST
        if notice.rule != rule or not sends or not waits:
            return notice
        return hold_notice(notice, Hold.BREAKER)

    def unwatch(self, case: Case) -> None:
        """An open case without a verdict: it ends only if its rule no longer watches it."""
        rule = self.rules.get(case.rule)
        if self.options.stopped(case.rule):
            return
        if rule is None:
            reason = because(ReasonCode.RULE_REMOVED)
        elif rule.status not in ("live", "shadow"):
            reason = because(ReasonCode.RULE_DISABLED, status=rule.status)
        elif rule.subject != case.subject.kind:
            reason = because(ReasonCode.RULE_CHANGED)
        else:
            return
        moved = retire(case, reason, self.now)
        self._keep(moved)
        if moved.case is not None:
            self.notices += self.maker.make_resolutions(moved.case)

    def _keep(self, moved: Moved) -> None:
        if moved.case is not None:
            self.cases.append(moved.case)
            case = moved.case
            self.transitions += [(case.subject, case.rule, row) for row in moved.transitions]
