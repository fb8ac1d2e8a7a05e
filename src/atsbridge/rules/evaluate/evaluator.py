"""Evaluation: one rule on one subject at one instant, as a pure function."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from atsbridge.model import (
    Ahead,
    All,
    Found,
    Query,
    ReasonCode,
    State,
    Verdict,
    because,
)
from atsbridge.rules.evaluate import predicates, schedule
from atsbridge.rules.evaluate.evaluation_context import EvaluationContext
from atsbridge.rules.evaluate.relative_time import Moment, has_relative, passed
from atsbridge.rules.evaluate.rule_subject import RuleSubject
from atsbridge.rules.evaluate.settling import settle
from atsbridge.rules.evaluate.verdict_reasons import outside
from atsbridge.rules.rule import Rule
from atsbridge.worktime import Calendar


def evaluate_rule(rule: Rule, found: Found, context: EvaluationContext) -> Verdict:
    """The verdict of the rule on the subject at `context.now`.

    The same rule, facts and context give the same verdict. ConfigError where a calendar's name
    has no calendar.
    """
    subject = RuleSubject.create(rule, found, context)
    if found.deleted:
        deleted = because(ReasonCode.DELETED)
        return subject.verdict(State.OUTSIDE, deleted, ending=deleted)
    if not has_relative(rule.where) and not any(has_relative(one.where) for one in rule.exemptions):
        return settle(subject, _evaluate(subject))
    try:
        fixed, flip = _fix_time(subject)
    except (ValueError, OverflowError) as error:
        return subject.verdict(State.UNKNOWN, because(ReasonCode.UNCOUNTABLE, text=str(error)))
    verdict = settle(fixed, _evaluate(fixed))
    looks = [at for at in (verdict.look_at, flip) if at is not None]
    return replace(verdict, look_at=min(looks, default=None))


def _fix_time(subject: RuleSubject) -> tuple[RuleSubject, datetime | None]:
    """Fix the relative time in a rule's conditions; return when time alone changes one of them."""
    rule, context, facts = subject.rule, subject.context, subject.found.facts
    moment = Moment(context.now, context.calendars)
    every = All((rule.where, *(one.where for one in rule.exemptions)))
    exemptions = tuple(
        replace(one, where=moment.fix(one.where, rule.subject)) for one in rule.exemptions
    )
    where = moment.fix(rule.where, rule.subject)
    pilot = moment.fix(rule.pilot, rule.subject) if rule.pilot is not None else None
    fixed = replace(rule, where=where, exemptions=exemptions, pilot=pilot)
    return replace(subject, rule=fixed), moment.next_flip(every, facts)


def _evaluate(subject: RuleSubject) -> Verdict:
    """The verdict of a rule without relative time."""
    rule, found = subject.rule, subject.found
    holds, unknown = subject.evaluate(rule.where)
    if holds is None:
        return subject.unknown_verdict(unknown)
    if not holds:
        text = predicates.failed(rule.where, found.facts, rule.subject, unknown)
        reason = because(ReasonCode.OUTSIDE, text=text)
        ending = outside(rule, found.facts, unknown)
        return subject.verdict(State.OUTSIDE, reason, ending=ending)
    exempted = _find_exemption(subject)
    if exempted is not None:
        return exempted
    if unread := schedule.unread_people(rule, subject.context.unreadable):
        return subject.unknown_verdict(unread)
    if rule.evaluator is None:
        return subject.verdict(State.UNKNOWN, because(ReasonCode.RULE_REMOVED))
    return rule.evaluator.evaluate(rule, found, subject.context)


def bound(rule: Rule, now: datetime, calendars: Mapping[str, Calendar]) -> Query:
    """The prefilter of the rule: every subject whose verdict can be open at `now`, or more."""
    if rule.evaluator is None:
        return rule.open
    query = rule.evaluator.prefilter(rule, now, calendars)
    over = passed(rule.where, rule.subject, now)
    return replace(query, where=All((query.where, *over))) if over else query


def ahead(rule: Rule, now: datetime, calendars: Mapping[str, Calendar]) -> Ahead | None:
    """When subjects that `bound` leaves out may have to be evaluated; None if there are none."""
    if rule.evaluator is None:
        return None
    return rule.evaluator.next_evaluation(rule, now, calendars)


def _find_exemption(subject: RuleSubject) -> Verdict | None:
    """The verdict on a subject that an exception covers, or may cover."""
    for one in subject.rule.exemptions:
        if subject.context.now >= one.until:
            continue
        holds, unknown = subject.evaluate(one.where)
        if holds is None:
            return subject.unknown_verdict(unknown)
        if holds:
            day = f"{one.until:%Y-%m-%d}"
            ending = because(ReasonCode.EXCEPTION, until=day, why=one.why)
            return subject.verdict(State.OUTSIDE, ending, look_at=one.until, ending=ending)
    return None
