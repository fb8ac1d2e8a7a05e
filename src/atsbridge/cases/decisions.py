"""Turn verdicts and open cases into transitions and notices. Pure.

Quiet hours and daily limits apply later, in `quiet_hours`. `delivery` writes the text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import datetime, time
from functools import partial

from atsbridge.cases.backlog import BacklogPolicy, propose_cleanups
from atsbridge.cases.baseline import summaries
from atsbridge.cases.case_notices import NoticeMaker
from atsbridge.cases.circuit_breaker import hold_for_breaker, make_trip, opens_too_many
from atsbridge.cases.inhibition import inhibits
from atsbridge.cases.lifecycle import (
    Moved,
    end_period,
    leave_backlog,
    move,
    next_period,
    put_in_backlog,
    retire,
)
from atsbridge.cases.recipients import Directory
from atsbridge.cases.rule_edits import Edits
from atsbridge.model import (
    Case,
    DropCode,
    Hold,
    Key,
    Notice,
    ReasonCode,
    Transition,
    Verdict,
    because,
    drop_notice,
)
from atsbridge.ports import BreakerTrip, Decision
from atsbridge.rules import Rule
from atsbridge.worktime import Calendar


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionOptions:
    """What `decide` needs besides verdicts and cases.

    `directory`: the people of the account. `baseline`: rules that run for the first time (new,
    newly live, or not run for two days).
    `read_notices`: the notices of a case so far; read only for cases that take a step or end.
    `calendars`: (user id or None, calendar's name) -> the working calendar, for the digest.
    `find_suppression`: why nobody is notified about a rule on a subject now ("": they are), given
    the open breaches as (rule, subject). `live`: how many subjects a rule watches; called only
    where many cases open at once. `tripped`: rules whose notices the circuit breaker holds
    already. `edits`: what people changed in the rules and the account's map since the last run.
    `stopped`: whether a rule has an error; its cases do not change until the error is fixed.
    `backlog`: what was so long overdue when its rule first ran that nobody is reminded of it.
    """

    directory: Directory
    calendars: Callable[[str | None, str], Calendar]
    baseline: frozenset[str] = frozenset()
    read_notices: Callable[[int], Sequence[Notice]] = field(default=lambda _: ())
    digest_at: time = time(9, 30)
    find_suppression: Callable[[Rule, Key, Set[tuple[str, Key]]], str] = field(
        default=lambda _rule, _subject, _open: ""
    )
    live: Callable[[Rule], int] = field(default=lambda _rule: 0)
    tripped: frozenset[str] = frozenset()
    stopped: Callable[[str], bool] = field(default=lambda _rule: False)
    edits: Edits = field(default_factory=Edits)
    backlog: BacklogPolicy = field(default_factory=BacklogPolicy)


def decide(
    account: str,
    now: datetime,
    verdicts: Iterable[Verdict],
    cases: Iterable[Case],
    rules: Mapping[str, Rule],
    options: DecisionOptions,
) -> Decision:
    """Apply `verdicts` to the open `cases` of an account; return one value to store.

    A case without a verdict does not change, unless its rule was removed or disabled. The order
    is fixed: the same inputs give the same Decision. The caller adds which subjects were evaluated
    and when to evaluate them next.
    """
    directory = options.directory
    maker = NoticeMaker(
        now, rules, directory, options.read_notices, options.calendars, options.digest_at
    )
    decider = _Decider(account, now, rules, directory, options, maker)
    open_cases = {(case.rule, case.subject): case for case in cases if case.end is None}
    decider.breaches = {
        (case.rule, case.subject)
        for case in open_cases.values()
        if inhibits(case, rules.get(case.rule), now, stopped=options.stopped(case.rule))
    }
    causes = {cause for rule in rules.values() for cause in rule.muted_by}
    for verdict in sorted(verdicts, key=lambda v: (v.rule not in causes, v.rule, v.subject)):
        rule = rules.get(verdict.rule)
        if rule is not None:
            decider.meet(open_cases.pop((verdict.rule, verdict.subject), None), verdict, rule)
    for case in sorted(open_cases.values(), key=lambda c: (c.rule, c.subject)):
        decider.unwatch(case)
    decider.notices += summaries(account, now, decider.cases, decider.late, rules, directory)
    decider.propose_cleanups()
    decider.trip_breakers()
    return Decision(
        account=account,
        at=now,
        cases=decider.cases,
        transitions=decider.transitions,
        notices=decider.notices,
        trips=decider.trips,
    )


@dataclass(slots=True)
class _Decider:
    """Collects the parts of a Decision."""

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
    trips: list[BreakerTrip] = field(default_factory=list)
    late: list[Case] = field(default_factory=list)
    followed: list[Case] = field(default_factory=list)  # stored cases that are not suppressed

    def meet(self, case: Case | None, verdict: Verdict, rule: Rule) -> None:
        """Apply one verdict to the open case of its rule and subject, if there is one."""
        if case is not None and next_period(case, verdict, rule):
            self._end_period(case)
            case = None
        baseline = rule.id in self.options.baseline
        suppressed = ""
        if verdict.open or (case is not None and case.in_backlog):
            suppressed = self.options.find_suppression(rule, verdict.subject, self.breaches)
        verdict = self.options.edits.attribute_end(verdict, rule)
        moved = self._move(case, verdict, rule, suppressed)
        self._track_breach(moved.case, verdict, rule)
        if baseline and case is not None and moved.case is not None and moved.case.end is None:
            self._collect_late(case, moved, rule)
        if case is not None and moved.case is not None and not suppressed:
            self.followed.append(moved.case)
        if moved.case is None or moved.case == case:
            return
        self._keep(moved)
        new = case is None or (case.in_backlog and not moved.case.in_backlog)
        if new and moved.steps and rule.status == "live":
            self.opened.setdefault(rule.id, []).append(moved.case)
        if moved.case.end is not None:
            self.notices += self.maker.make_resolutions(moved.case)
            return
        notices = list(self.maker.make_steps(moved, verdict, rule)) if moved.steps else []
        if case is not None and case.owed_by != moved.case.owed_by:
            again = {one.destination.place for one in notices}
            self.notices += self.maker.make_hand_over(case, moved.case.owed_by, rule, again)
        self.notices += notices

    def _move(self, case: Case | None, verdict: Verdict, rule: Rule, suppressed: str) -> Moved:
        """The case after the verdict: a normal one, or one of the backlog."""
        baseline, policy = rule.id in self.options.baseline, self.options.backlog
        if case is not None and case.in_backlog:
            if case.number in policy.acted_on and verdict.open:
                left = leave_backlog(case, verdict, rule, self.now)
                moved = move(left.case, verdict, rule, self.now, suppressed=suppressed)
                return replace(moved, transitions=(*left.transitions, *moved.transitions))
            return move(case, verdict, rule, self.now, baseline=True, suppressed=suppressed)
        moved = move(case, verdict, rule, self.now, baseline, suppressed)
        opens = case is None and moved.case is not None
        if opens and policy.takes(verdict, rule, self.now, self.options.calendars):
            return put_in_backlog(moved, verdict, rule)
        return moved

    def propose_cleanups(self) -> None:
        """Decide the clean-up messages about the backlog, and mark its cases as covered."""
        covered, notices = propose_cleanups(
            self.account, self.now, self.followed, self.rules, self.directory, self.options.backlog
        )
        marked = {(case.rule, case.subject): case for case in covered}
        stored = {(case.rule, case.subject) for case in self.cases}
        self.cases = [marked.get((one.rule, one.subject), one) for one in self.cases]
        self.cases += [case for key, case in marked.items() if key not in stored]
        self.notices += notices

    def _end_period(self, case: Case) -> None:
        """End a case whose period passed without a run in between."""
        over = end_period(case, self.now)
        self._keep(over)
        if over.case is not None:
            self.notices += self.maker.make_resolutions(over.case)

    def _collect_late(self, case: Case, moved: Moved, rule: Rule) -> None:
        """Put an open case into the summary when its rule went live or did not run for days."""
        if moved.case is None or moved.case.in_backlog:
            return
        notices = self.options.read_notices(case.number)
        kept = [n for n in notices if n.hold is Hold.SHADOW]
        if rule.status != "live" or not (kept or moved.late):
            return
        self.late.append(case)
        self.notices += [drop_notice(one, DropCode.IN_SUMMARY) for one in kept]

    def _track_breach(self, case: Case | None, verdict: Verdict, rule: Rule) -> None:
        """Record whether the case is breached: a breach inhibits the rules that name it."""
        where = (verdict.rule, verdict.subject)
        if case is not None and case.end is None and inhibits(case, rule, self.now):
            self.breaches.add(where)
        else:
            self.breaches.discard(where)

    def trip_breakers(self) -> None:
        """Hold the notices of rules that opened too many cases at once."""
        for rule, cases in sorted(self.opened.items()):
            if rule in self.options.tripped:
                continue
            if opens_too_many(len(cases), partial(self.options.live, self.rules[rule])):
                self.notices = [hold_for_breaker(one, rule) for one in self.notices]
                self.trips.append(make_trip(rule, cases))
        for rule in sorted(self.options.tripped):
            self.notices = [hold_for_breaker(one, rule) for one in self.notices]

    def unwatch(self, case: Case) -> None:
        """Retire an open case without a verdict if its rule no longer covers it."""
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
