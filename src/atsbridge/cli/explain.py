"""`atsbridge explain`: every condition, every hour of the clock and every step of a case."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from atsbridge.cli.cases import convert_transition
from atsbridge.cli.options import JSON
from atsbridge.cli.output import emit_json, one_line, table
from atsbridge.errors import ConfigError
from atsbridge.model import Span, SpanKind
from atsbridge.presentation import describe

if TYPE_CHECKING:
    from atsbridge.cli.documents import ClockDocument, ExplanationDocument
    from atsbridge.model import Case
    from atsbridge.queries import ExplainedEvent, Explanation
    from atsbridge.rules import Targets

_MANY = 12  # stretches of a clock that are each shown
_WEEKS = 5  # ran, weekend, ran, weekend, ran


@click.command()
@click.argument("what", metavar="CASE|RULE")
@click.argument("subject", required=False)
@click.option("--account", help="Needed if several accounts have SUBJECT.")
@click.option(
    "--svg",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Draw the clock as SVG into FILE.",
)
@JSON
@click.pass_obj
def explain(
    config: Path,
    what: str,
    subject: str | None,
    account: str | None,
    svg: Path | None,
    as_json: bool,
) -> None:
    """Explain a CASE by its number, or a RULE on a SUBJECT.

    SUBJECT is an id or the code of a requisition. If a code means several subjects, they are
    listed.
    """
    from atsbridge.app import open_services
    from atsbridge.cli.rules.rule_names import known
    from atsbridge.queries import explain_case, explain_subject

    with open_services(config) as app:
        if subject is not None:
            found = explain_subject(app, known(app.packs.rule_set, what), subject, account)
        elif what.isdecimal():
            found = [explain_case(app, int(what))]
        else:
            raise ConfigError(
                "explain needs a case's number, or a rule and a subject",
                remedy=f"Write: atsbridge explain {what} SUBJECT",
            )
    watched = [one for one in found if not one.is_over]
    if svg is not None:
        _draw(svg, watched or found)
    if as_json:
        emit_json({"explanations": [_convert(one) for one in found]})
        return
    if len(found) == 1 or len(watched) == 1:
        for line in _lines((watched or found)[0]):
            click.echo("\n" * line.startswith("\n") + one_line(line.removeprefix("\n")))
        return
    _overview(what, watched or found, len(found))


def _draw(file: Path, found: list[Explanation]) -> None:
    """Write the picture of one explanation. ConfigError for several, or an unwritable file."""
    from atsbridge.queries import svg

    if len(found) > 1:
        raise ConfigError(
            f"{len(found)} subjects match, and a picture shows one",
            remedy="Name one subject, or a case by its number",
        )
    try:
        file.write_text(svg(found[0]), "utf-8")
    except OSError as error:
        raise ConfigError(
            f"the picture cannot be written: {error.strerror}",
            where=str(file),
            remedy="Name a file in an existing folder that you may write to",
        ) from None


def _overview(rule: str, shown: list[Explanation], count: int) -> None:
    table(
        ("subject", "about", "state", "due", "waiting on"),
        [
            (
                one.verdict.subject.id,
                one.about,
                str(one.verdict.state),
                _stamp(one.verdict.due.at, one.zone) if one.verdict.due else "-",
                one.owes,
            )
            for one in shown
        ],
        empty="",
    )
    more = f"; {count - len(shown)} others are not tracked" if count > len(shown) else ""
    click.echo(f"{len(shown)} of them{more}. Write: atsbridge explain {rule} SUBJECT for one")


def _lines(one: Explanation) -> Iterator[str]:
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
    yield "\nconditions"
    for asked in one.conditions:
        mark = {True: "yes", False: "no", None: "unknown"}[asked.holds]
        block = f"{asked.block}: " if asked.block else ""
        yield f"  {mark:<8}{block}{asked.path} {asked.asks}; here: {asked.value}"
    if not one.conditions:
        yield "  none"
    if one.rule.check is not None:
        yield "\nthe check looks at"
        yield from (f"  {path}: {value}" for path, value in one.looked)
        below = one.rule.check.below
        if below is not None:
            yield f"  {len(one.beneath) or 'no'} {below.kind} below it"
        for place, values in one.beneath:
            yield f"  {place}"
            yield from (f"    {path}: {value}" for path, value in values)
    yield from _clock(one)
    yield "\nwaiting on"
    yield f"  {one.owes} ({one.owes_why})"
    yield "\nsteps"
    for step in one.steps:
        at = _stamp(step.at, one.zone) if step.at else "-"
        yield f"  {step.label:<6}{at:<22}{step.via:<8}{step.to} ({step.why})"
        yield f"        {step.became}"
    yield from _history(one)


def _history(one: Explanation) -> Iterator[str]:
    if one.history:
        yield "\nhistory"
    for row in one.history:
        what = f"{row.name}: {describe(row.reason)}"
        yield f"  {_stamp(row.at, one.zone):<22}{what} ({row.actor})"


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
    yield f"\nclock: {target}{by} of calendar {one.calendar}, times in {one.zone} ({one.zone_from})"
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


def _convert(one: Explanation) -> ExplanationDocument:
    """An explanation as JSON; instants as ISO 8601 in UTC, spans of time in seconds."""
    verdict = one.verdict
    return {
        "rule": one.rule.id,
        "status": one.rule.status,
        "missing_signals": list(one.lacking),
        "subject": str(verdict.subject),
        "about": one.about,
        "at": _iso(verdict.at),
        "state": verdict.state,
        "reason": describe(verdict.reason),
        "unknown": list(verdict.unknown),
        "case": one.case.number if one.case else None,
        "remark": one.handling,
        "conditions": [
            {"block": c.block, "path": c.path, "asks": c.asks, "value": c.value, "holds": c.holds}
            for c in one.conditions
        ],
        "clock": _convert_clock(one),
        "checked": dict(one.looked),
        "checked_below": {row: dict(values) for row, values in one.beneath},
        "assignee": {"user": verdict.owed_by, "name": one.owes, "why": one.owes_why},
        "steps": [
            {
                "label": step.label,
                "at": _iso(step.at),
                "via": step.via,
                "to": step.to,
                "why": step.why,
                "outcome": step.became,
            }
            for step in one.steps
        ],
        "history": [convert_transition(row) for row in one.history],
    }


def _convert_clock(one: Explanation) -> ClockDocument | None:
    verdict, spec = one.verdict, one.rule.clock
    if spec is None:
        return None
    return {
        "target": str(spec.target_of(verdict.evidence)),
        "calendar": one.calendar,
        "zone": one.zone,
        "zone_from": one.zone_from,
        "started_at": _iso(verdict.started_at),
        "due_at": _iso(verdict.due.at) if verdict.due else None,
        "ended_at": _iso(verdict.ended_at),
        "events": [
            {"event": event.role, "path": event.path, "at": _iso(event.at), "note": event.note}
            for event in one.events
        ],
        "segments": [
            {
                "start": span.start.isoformat(),
                "end": span.end.isoformat(),
                "counted": span.counted.total_seconds(),
                "reason": str(span.reason),
            }
            for span in verdict.spans
        ],
    }


def _iso(at: Any) -> str | None:
    return at.isoformat() if at is not None else None
