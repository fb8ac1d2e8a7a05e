"""The evaluator of checks: a subject is breached while its check finds something."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from atsbridge.errors import require
from atsbridge.model import Ahead, Due, Found, Query, Reason, ReasonCode, State, Verdict, because
from atsbridge.rules.evaluate import schedule
from atsbridge.rules.evaluate.check import Finding
from atsbridge.rules.evaluate.evaluation_context import EvaluationContext
from atsbridge.rules.evaluate.rule_subject import RuleSubject
from atsbridge.rules.rule import Rule
from atsbridge.worktime import Calendar, CalendarSegment, Duration, Unit


@dataclass(frozen=True)
class CheckEvaluator:
    """Evaluates rules with a `check`. The due instant is when something was found."""

    def evaluate(self, rule: Rule, found: Found, context: EvaluationContext) -> Verdict:
        """Unknown if a path that the check reads is unknown; kept if it finds nothing."""
        subject = RuleSubject.create(rule, found, context)
        context, check = subject.context, require(rule.check, f"the check of the rule {rule.id}")
        below = check.below
        unread = below.unread(context) if below is not None else ()
        unknown = (*subject.find_unknown(check.reads), *unread)
        if unknown:
            return subject.unknown_verdict(unknown)
        try:
            finding = check.look(found, context)
        except (ValueError, OverflowError) as error:
            text = str(error)
            return subject.verdict(State.UNKNOWN, because(ReasonCode.UNCOUNTABLE, text=text))
        reason = _convert(finding)
        if finding.unknown and reason:
            look_at = finding.look_at
            return subject.verdict(State.UNKNOWN, reason, unknown=finding.unknown, look_at=look_at)
        if finding.unknown:
            verdict = subject.unknown_verdict(finding.unknown)
            looks = [at for at in (verdict.look_at, finding.look_at) if at is not None]
            return replace(verdict, look_at=min(looks, default=None))
        if not finding.wrong:
            return subject.verdict(
                State.KEPT,
                reason,
                look_at=finding.look_at,
                ending=because(ReasonCode.CLEARED),
            )
        return _breached(subject, finding)

    def prefilter(self, rule: Rule, now: datetime, calendars: Mapping[str, Calendar]) -> Query:  # noqa: ARG002
        """All of `rule.open`: a check does not depend on time alone."""
        return rule.open

    def next_evaluation(
        self,
        rule: Rule,  # noqa: ARG002
        now: datetime,  # noqa: ARG002
        calendars: Mapping[str, Calendar],  # noqa: ARG002
    ) -> Ahead | None:
        """None: the prefilter leaves no subject out."""
        return None


def _convert(finding: Finding) -> Reason | None:
    return because(ReasonCode.FOUND, text=finding.reason) if finding.reason else None


def _breached(subject: RuleSubject, finding: Finding) -> Verdict:
    """Breached. Steps count from the finding, else from the opening of the case, else from now."""
    rule, context = subject.rule, subject.context
    now = context.now
    began = finding.since or context.opened(rule.id, subject.key) or now
    segments = [CalendarSegment(began, context.calendars(None, rule.calendar))]
    times = schedule.compute_times(rule, Duration(timedelta(), Unit.BD), began, segments, ())
    come = tuple(i for i, at in enumerate(times.steps) if at is not None and at <= now)
    coming = [at for at in (*times.steps, finding.look_at) if at is not None and at > now]
    return subject.verdict(
        State.WARNED if rule.news else State.BREACHED,
        _convert(finding),
        finding=finding.reason,
        started_at=began,
        due=Due(began, times.steps),
        steps_due=come,
        look_at=min(coming, default=None),
    )
