"""An explanation as lines of text: conditions, counted time, who has to act, steps, history."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from atsbridge.model import Case, Sensitivity, Span, SpanKind, resolve
from atsbridge.presentation import describe
from atsbridge.queries.explanation import ExplainedEvent, Explanation
from atsbridge.rules import Targets, part

_MANY = 12  # stretches of a clock that are each shown
_WEEKS = 5  # ran, weekend, ran, weekend, ran


def explain_lines(one: Explanation, *, named: bool = True) -> Iterator[str]:
    """The explanation, line by line; "" between its parts.

    `named`: with names and addresses of colleagues, and initials of candidates.
    """
    if not named:
        one = _withhold_names(one)
    verdict, rule = one.verdict, one.rule
    yield f"{rule.id}: {rule.title} ({rule.status}, {rule.kind})"
    yield f"{one.about}, {verdict.subject}"
    yield f"{verdict.state}{f': {describe(verdict.reason)}' if verdict.reason else ''}"
    if one.lacking:
        yield f"shadow on {verdict.subject.account}: nobody is notified, because a signal is"
        yield from (f"  missing: {reason}" for reason in one.lacking)
    if one.case is not None:
        yield _describe_case(one.case)
    if one.handling:
        yield one.handling
    yield from _conditions(one)
    yield from _clock(one)
    yield ""
    yield "waiting on"
    yield f"  {_with_reason(one.owes, one.owes_why)}"
    yield ""
    yield "steps"
    for step in one.steps:
        at = _stamp(step.at, one.zone) if step.at else "-"
        yield f"  {step.label:<6}{at:<22}{step.via:<8}{_with_reason(step.to, step.why)}"
        if step.became:
            yield f"        {step.became}"
    yield from _history(one)


def _conditions(one: Explanation) -> Iterator[str]:
    """What the rule asks and finds here."""
    yield ""
    yield "conditions"
    for asked in one.conditions:
        mark = {True: "yes", False: "no", None: "unknown"}[asked.holds]
        block = f"{asked.block}: " if asked.block else ""
        yield f"  {mark:<8}{block}{asked.path} {asked.asks}; here: {asked.value}"
    if not one.conditions:
        yield "  none"
    if one.rule.check is not None:
        yield ""
        yield "the check looks at"
        yield from (f"  {path}: {value}" for path, value in one.looked)
        below = one.rule.check.below
        if below is not None:
            yield f"  {len(one.beneath) or 'no'} {below.kind} below it"
        for place, values in one.beneath:
            yield f"  {place}"
            yield from (f"    {path}: {value}" for path, value in values)


def _with_reason(text: str, why: str) -> str:
    return f"{text} ({why})" if text else why


def _withhold_names(one: Explanation) -> Explanation:
    """The explanation without names, addresses, initials, and what people wrote."""
    kind = one.verdict.subject.kind

    def hide(path: str, value: str) -> str:
        return value if _is_open(kind, path) else "not shown here"

    role = one.rule.clock.owed_by if one.rule.clock else None
    return replace(
        one,
        about=str(one.verdict.evidence.get("requisition.title") or kind.replace("_", " ")),
        owes="",
        owes_why=role or "nobody in particular",
        handling="",
        conditions=tuple(replace(c, value=hide(c.path, c.value)) for c in one.conditions),
        looked=tuple((path, hide(path, value)) for path, value in one.looked),
        beneath=(),
        steps=tuple(replace(step, to="", why=step.via, became="") for step in one.steps),
        history=tuple(replace(row, actor="") for row in one.history),
    )


def _is_open(kind: str, path: str) -> bool:
    """Whether everybody may read the field; a part of a block counts as the block."""
    column, _ = part(kind, path)
    try:
        return resolve(kind, column).field.sensitivity is Sensitivity.OPEN
    except KeyError:
        return False


def _history(one: Explanation) -> Iterator[str]:
    if one.history:
        yield ""
        yield "history"
    for row in one.history:
        what = f"{row.name}: {describe(row.reason)} ({row.actor})" if row.actor else row.name
        yield f"  {_stamp(row.at, one.zone):<22}{what}"


def _describe_case(case: Case) -> str:
    """ "case 7, open, snoozed until Wed 4 Mar"."""
    if case.end is not None:
        return f"case {case.number}, {case.end}"
    if case.handling == "none":
        return f"case {case.number}, open"
    until = f" until {case.handling_until:%a %-d %b}" if case.handling_until else ""
    return f"case {case.number}, open, {case.handling}{until}"


def _clock(one: Explanation) -> Iterator[str]:
    """The clock's words, then every stretch of it and why it counted."""
    spec, verdict = one.rule.clock, one.verdict
    if spec is None:
        return
    target = spec.target_of(verdict.evidence)
    by = f" (by {_segment(spec.targets)})" if spec.targets and target != spec.target else ""
    yield ""
    yield f"clock: {target}{by} of calendar {one.calendar}, times in {one.zone} ({one.zone_from})"
    for event in one.events:
        yield f"  {event.role:<8}{event.path:<36}{_event(event, one.zone)}"
    for span in _folded(verdict.spans):
        frm, to = _stamp(span.start, one.zone), _stamp(span.end, one.zone)
        yield f"  {frm} to {to}  {_hours(span.counted):>9}  {span.reason}"
    if verdict.spans:
        counted = sum((span.counted for span in verdict.spans), timedelta())
        yield f"  counted {_hours(counted)} of {_hours(target.span)}"
    if verdict.due is not None:
        yield f"  due {_stamp(verdict.due.at, one.zone)}"


def _folded(spans: Sequence[Span]) -> Iterator[Span]:
    """The stretches; of a long clock, weeks in which nothing else happened are one."""
    if len(spans) <= _MANY:
        yield from spans
        return
    for plain, group in groupby(spans, lambda span: span.kind in (SpanKind.RAN, SpanKind.WEEKEND)):
        its = list(group)
        if not plain or len(its) < _WEEKS:
            yield from its
            continue
        ends = sum(span.kind is SpanKind.WEEKEND for span in its)
        counted = sum((span.counted for span in its), timedelta())
        reason = f"ran, but for {ends} weekends"
        yield Span(its[0].start, its[-1].end, counted, reason, SpanKind.RAN)


def _segment(targets: Targets) -> str:
    return f"{targets.path}.{targets.key}" if targets.key else targets.path


def _event(event: ExplainedEvent, zone: str) -> str:
    at = _stamp(event.at, zone) if isinstance(event.at, datetime) else str(event.at or "")
    return ", ".join(part for part in (at, event.note) if part)


def _hours(span: timedelta) -> str:
    minutes = round(span.total_seconds() / 60)
    return f"{minutes // 60} h {minutes % 60:02} m"


def _stamp(at: datetime, zone: str) -> str:
    return f"{at.astimezone(ZoneInfo(zone)):%a %d %b %Y %H:%M}"
