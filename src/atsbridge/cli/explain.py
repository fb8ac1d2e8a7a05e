"""`atsbridge explain`: every condition, every hour of the clock and every step of a case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from atsbridge.cli.cases import convert_transition
from atsbridge.cli.message_lines import describe_message
from atsbridge.cli.options import JSON, TEXT
from atsbridge.cli.output import emit_json, one_line, table
from atsbridge.errors import ConfigError
from atsbridge.model import to_iso
from atsbridge.outputfile import write_output
from atsbridge.presentation import describe

if TYPE_CHECKING:
    from atsbridge.cli.documents import ClockDocument, ExplanationDocument
    from atsbridge.context import Services
    from atsbridge.model import Key
    from atsbridge.queries import Explanation, RehearsedNotice


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
@TEXT
@JSON
@click.pass_obj
def explain(
    config: Path,
    /,
    what: str,
    subject: str | None,
    account: str | None,
    svg: Path | None,
    **given: bool,
) -> None:
    """Explain a CASE by its number, or a RULE on a SUBJECT.

    SUBJECT is an id or the code of a requisition. If a code means several subjects, they are
    listed.
    """
    from atsbridge.app import open_services
    from atsbridge.queries import explain_lines, preview_explained

    messages: Mapping[Key, Sequence[RehearsedNotice]] = {}
    with open_services(config) as app:
        found = _find(app, what, subject, account)
        if given["text"]:
            messages = preview_explained(app, found)
    watched = [one for one in found if not one.is_over]
    if svg is not None:
        _draw(svg, watched or found)
    if given["as_json"]:
        emit_json({"explanations": [_convert(one, messages) for one in found]})
        return
    if len(found) == 1 or len(watched) == 1:
        shown = (watched or found)[0]
        for line in explain_lines(shown):
            click.echo(one_line(line) if line else "")
        if given["text"]:
            _print_messages(shown, messages.get(shown.verdict.subject, ()))
        return
    _overview(what, watched or found, len(found))


def _find(app: Services, what: str, subject: str | None, account: str | None) -> list[Explanation]:
    """The explanations of a case, or of a rule on what `subject` names."""
    from atsbridge.cli.rules.rule_names import known
    from atsbridge.queries import explain_case, explain_subject

    if subject is not None:
        return explain_subject(app, known(app.packs.rule_set, what), subject, account)
    if what.isdecimal():
        return [explain_case(app, int(what))]
    raise ConfigError(
        "explain needs a case's number, or a rule and a subject",
        remedy=f"Write: atsbridge explain {what} SUBJECT",
    )


def _print_messages(one: Explanation, notices: Sequence[RehearsedNotice]) -> None:
    """The text of each step, at its own time."""
    click.echo("\nmessages")
    for notice in notices:
        for line in describe_message(notice, {one.rule.id: one.rule}, one.zone):
            click.echo(f"  {line}")
    if not notices:
        personal = "they are for the person it is about alone"
        click.echo(f"  none: {personal if one.rule.personal else one.verdict.state}")


def _draw(file: Path, found: list[Explanation]) -> None:
    """Write the picture of one explanation. ConfigError for several, or an unwritable file."""
    from atsbridge.queries import svg

    if len(found) > 1:
        raise ConfigError(
            f"{len(found)} subjects match, and a picture shows one",
            remedy="Name one subject, or a case by its number",
        )
    write_output(file, svg(found[0]), "the picture")


def _overview(rule: str, shown: list[Explanation], count: int) -> None:
    table(
        ("subject", "about", "state", "due", "waiting on"),
        [
            (
                one.verdict.subject.id,
                one.about,
                str(one.verdict.state),
                _moment(one.verdict.due.at, one.zone) if one.verdict.due else "-",
                one.owes,
            )
            for one in shown
        ],
        empty="",
    )
    more = f"; {count - len(shown)} others are not tracked" if count > len(shown) else ""
    click.echo(f"{len(shown)} of them{more}. Write: atsbridge explain {rule} SUBJECT for one")


def _convert(
    one: Explanation, messages: Mapping[Key, Sequence[RehearsedNotice]]
) -> ExplanationDocument:
    """An explanation as JSON; instants as ISO 8601 in UTC, spans of time in seconds."""
    from atsbridge.queries import convert_rehearsed

    verdict = one.verdict
    return {
        "rule": one.rule.id,
        "status": one.rule.status,
        "missing_signals": list(one.lacking),
        "subject": str(verdict.subject),
        "about": one.about,
        "at": to_iso(verdict.at),
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
                "at": to_iso(step.at),
                "via": step.via,
                "to": step.to,
                "why": step.why,
                "outcome": step.became,
            }
            for step in one.steps
        ],
        "messages": [convert_rehearsed(n) for n in messages.get(verdict.subject, ())],
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
        "started_at": to_iso(verdict.started_at),
        "due_at": to_iso(verdict.due.at) if verdict.due else None,
        "ended_at": to_iso(verdict.ended_at),
        "events": [
            {"event": event.role, "path": event.path, "at": to_iso(event.at), "note": event.note}
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


def _moment(at: datetime, zone: str) -> str:
    return f"{at.astimezone(ZoneInfo(zone)):%a %d %b %Y %H:%M}"
