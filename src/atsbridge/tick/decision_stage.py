"""Evaluate the rules of one account, decide, and store; then hand on what is to be delivered."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from atsbridge.cases import DecisionOptions, decide, make_ops_notice, needs_proposal
from atsbridge.context import (
    AccountContext,
    AccountSummary,
    BacklogReader,
    CaseNotices,
    FailureCode,
    FullReason,
    RunFailure,
    VersionRecorder,
    find_unplaced,
    held_by_breaker,
    join_names,
    learn_zones,
)
from atsbridge.model import Case, Key, TransitionName
from atsbridge.ports import Decision, Look
from atsbridge.presentation import run_alerts
from atsbridge.queries import plan_actions, plan_messages
from atsbridge.tick.delivery_stage import WAITING, deliver_notices
from atsbridge.tick.evaluation import (
    Evaluated,
    count_states,
    evaluate_account,
    find_missed,
    find_waiting,
)
from atsbridge.tick.evaluation_plan import EvaluationPlan, plan_evaluation
from atsbridge.tick.ops_alerts import (
    DataLossAlert,
    alert_absent,
    alert_pack_errors,
    alert_trips,
    alert_unknown_terms,
    pack_errors,
)
from atsbridge.tick.promise_ledger import PromiseLedger
from atsbridge.tick.reports import fault
from atsbridge.worktime import FALLBACK_ZONE, Duration

if TYPE_CHECKING:
    from atsbridge.cases import BacklogPolicy
    from atsbridge.model import Message, Notice
    from atsbridge.rules import Rule

# After so long without a run the store may be a restored backup, whose notices may have been sent
# since. Then each message is looked up first, where its sink can.
_GAP = timedelta(hours=3)


class DecisionStage:
    """One account's evaluation and delivery in one run. What happens is written into `done`."""

    def __init__(self, context: AccountContext, done: AccountSummary) -> None:
        self.context, self.account, self.done = context, context.account, done
        self.after_gap = False  # whether the store may be older than what was sent
        self._learned = False  # whether the chat was asked for zones

    def evaluate(self, *, dry_run: bool, texts: bool = False) -> None:
        """Evaluate and decide; a dry run writes what it would have done into the summary.

        `texts`: with the texts of its messages.
        """
        self.done.rule_error = "\n".join(pack_errors(self.context.services))
        plan = plan_evaluation(self.context)
        if not dry_run:
            recorder = VersionRecorder(self.context)
            recorder.record_dirty()
            recorder.announce()
        last = plan.memory.at
        self.after_gap = last is None or plan.now - last > _GAP
        agenda = plan.agenda()
        evaluated = evaluate_account(
            plan.inputs, plan.watched.values(), plan.cases, everything=bool(plan.full_reason)
        )
        if not dry_run and self._learn_zones(evaluated):
            self.evaluate(dry_run=dry_run)  # by the zones that were found
            return
        self._report_unplaced(plan, evaluated, dry_run=dry_run)
        decision = self._decide(plan, evaluated)
        self._summarize(plan, evaluated, decision)
        if plan.full_reason is FullReason.NIGHTLY:
            self._compare(agenda, decision)
        if dry_run:
            self._plan_actions(decision, texts=texts)
        else:
            self._save(plan, evaluated, decision)

    def deliver(self, watch: Callable[[Notice, Message], None] | None) -> None:
        """Send what is due; `watch` is called with every message that was sent."""
        deliver_notices(self.context, self.done, watch, look_first=self.after_gap)

    # --- evaluate ---------------------------------------------------------------------------

    def _learn_zones(self, evaluated: Evaluated) -> bool:
        """Whether the chat knew a time zone of somebody who owes something; requested once in a
        run.
        """
        if self._learned:
            return False
        self._learned = True
        return learn_zones(self.context, _owing(evaluated))

    def _report_unplaced(
        self, plan: EvaluationPlan, evaluated: Evaluated, *, dry_run: bool
    ) -> None:
        """Name people who owe something and have no zone or country: in the summary, to ops
        monthly.
        """
        found = find_unplaced(self.context, [one for one in _owing(evaluated) if one])
        self.done.without_zone, self.done.without_country = found.zone, found.country
        if not found.zone or dry_run:
            return
        names = join_names(found.zone)
        text = run_alerts.describe_unplaced(self.account, len(found.zone), names, FALLBACK_ZONE)
        topic = f"zones/{plan.now:%Y-%m}"
        notice = make_ops_notice(self.account, self.context.ops, topic, text, plan.now)
        self.context.store.outbox.queue([notice])

    # --- decide -----------------------------------------------------------------------------

    def _decide(self, plan: EvaluationPlan, evaluated: Evaluated) -> Decision:
        context, store = self.context, self.context.store
        decision = decide(
            self.account,
            plan.now,
            evaluated.verdicts,
            plan.cases,
            context.rules,
            DecisionOptions(
                directory=context.directory,
                calendars=context.calendars.of,
                baseline=plan.baseline,
                read_notices=CaseNotices(store, self.account).of_case,
                digest_at=context.settings.notify.digest_at,
                live=self._count_subjects,
                find_suppression=context.suppression(plan.now).find_reason,
                tripped=held_by_breaker(store, self.account),
                edits=plan.edits,
                stopped=context.is_stopped,
                backlog=self._backlog_policy(plan, evaluated),
            ),
        )
        alerts = alert_trips(context, decision.trips, plan.now)
        return replace(decision, notices=(*decision.notices, *alerts))

    def _backlog_policy(self, plan: EvaluationPlan, evaluated: Evaluated) -> BacklogPolicy:
        context = self.context
        since = {name: one.since for name, one in plan.watch.items()}
        reader = BacklogReader(context.store, self.account, plan.baseline, since, plan.now)
        after = Duration.parse(context.settings.notify.backlog_after)
        return reader.policy(after, plan.cases, evaluated.ids)

    def _count_subjects(self, rule: Rule) -> int:
        """How many subjects the rule watches."""
        query = replace(rule.open, bound=None, columns=())
        return sum(1 for _ in self.context.store.subjects.select(self.account, query))

    def _summarize(self, plan: EvaluationPlan, evaluated: Evaluated, decision: Decision) -> None:
        self.done.evaluated = count_states(evaluated.verdicts)
        self.done.full_pass = bool(plan.full_reason)
        names = [row.name for _, _, row in decision.transitions]
        self.done.opened = names.count(TransitionName.OPENED)
        self.done.resolved = names.count(TransitionName.RESOLVED)
        self.done.cancelled = names.count(TransitionName.CANCELLED)
        self.done.failures += [
            fault(f"{self.account}/rules/{name}", error, "")
            for name, error in evaluated.failed.items()
        ]

    def _compare(self, agenda: Mapping[str, frozenset[str] | None], decision: Decision) -> None:
        """Report cases that the nightly full evaluation moved and the agenda had not named."""
        self.done.worked.add(f"{self.account}/agenda")
        moved = [(rule, key.kind, key.id) for key, rule, _ in decision.transitions]
        for missed in find_missed(agenda, moved):
            self.done.failures.append(
                RunFailure(
                    f"{self.account}/agenda",
                    f"the nightly pass moved {missed}, which the agenda had not named",
                    "Nothing is lost; please report it",
                    FailureCode.AGENDA,
                    detail=str(missed),
                )
            )

    def _plan_actions(self, decision: Decision, *, texts: bool) -> None:
        """What a run would do, without opening a sink."""
        context = self.context
        waiting = context.store.outbox.read_notices(self.account, states=WAITING)
        sections, plugins = context.settings.sinks, context.services.plugins
        specs = {name: plugins.sink(one.kind) for name, one in sections.items()}
        edits = frozenset(name for name, spec in specs.items() if spec and spec.edits)
        attention = replace(context.attention, edits=edits)
        now = context.time.now()
        self.done.would = plan_actions(decision, waiting, context.rules, attention, now)
        if texts:
            self.done.messages = plan_messages(context, decision, waiting)

    # --- store ------------------------------------------------------------------------------

    def _save(self, plan: EvaluationPlan, evaluated: Evaluated, decision: Decision) -> None:
        """Write cases, notices, and what the next run has to know, in one transaction."""
        context, now = self.context, plan.now
        watched = [*plan.watched.values()]
        alert = DataLossAlert(self.account, context.ops, plan.memory, watched, now)
        backlog = find_backlog(plan.cases, decision.cases)
        PromiseLedger(context, plan.inputs, watched, now, backlog).record(evaluated)
        lost, doubted = alert.report(context)
        stopped = alert_pack_errors(context, plan.memory, now)
        absent = alert_absent(context, decision.notices, now)
        terms = alert_unknown_terms(context, evaluated.verdicts, now)
        memory = plan.next_memory(evaluated, doubted)
        cases = (*plan.cases, *decision.cases)
        context.store.cases.save_decision(
            replace(
                decision,
                notices=(*decision.notices, *lost, *stopped, *absent, *terms),
                evaluated=evaluated.ids,
                looks=[
                    *evaluated.looks,
                    *find_waiting(evaluated.verdicts, cases, now),
                    *self._find_unproposed(decision, now),
                ],
                ahead=evaluated.ahead,
                unreadable=plan.inputs.unreadable,
                dirty_done=True,
                cached={
                    **context.run_state.pack_memory(memory),
                    **context.run_state.pack_watch(plan.watch),
                },
            )
        )

    def _find_unproposed(self, decision: Decision, now: datetime) -> Iterator[Look]:
        """Looks at the next run for what just came into the backlog: it has a number by then."""
        for case in decision.cases:
            if not case.number and needs_proposal(case, self.context.rules.get(case.rule)):
                yield Look(case.subject.kind, case.subject.id, now)


def find_backlog(before: Iterable[Case], after: Iterable[Case]) -> frozenset[tuple[str, Key]]:
    """(rule, subject) of the cases in the backlog. `after`: those that a decision changed.

    A case that ended while it was in the backlog is among them.
    """
    latest = {(case.rule, case.subject): case for case in (*before, *after)}
    return frozenset(where for where, case in latest.items() if case.in_backlog)


def _owing(evaluated: Evaluated) -> set[str | None]:
    """User ids of the people who owe something; None if nobody in particular does."""
    return {verdict.owed_by for verdict in evaluated.verdicts if verdict.open}
