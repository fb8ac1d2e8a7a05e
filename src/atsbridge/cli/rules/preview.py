"""`atsbridge rules preview`: the messages of a rule on real subjects, before any is sent."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from atsbridge.cli.message_lines import describe_message
from atsbridge.cli.options import JSON, NOW, parse_instant
from atsbridge.cli.output import count, emit_json, one_line
from atsbridge.cli.rules.rule_names import known
from atsbridge.errors import require_type
from atsbridge.model import State

if TYPE_CHECKING:
    from atsbridge.queries import PreviewedSubject, RulePreview

_FORMS = ("slack", "email", "console")
_ALL = "all"
_MOST = 100  # subjects: more text than anybody reads
_STATES = {
    State.OUTSIDE: "do not meet its conditions, or have not started its clock",
    State.PENDING: "start later",
    State.RUNNING: "in time",
    State.PAUSED: "paused",
    State.WARNED: "nearly due",
    State.BREACHED: "due",
    State.KEPT: "done, or nothing was found",
    State.CANCELLED: "called off",
    State.UNKNOWN: "cannot be evaluated",
}


@click.command("preview")
@click.argument("rule")
@click.option("--subject", default="", help="An id, or the code of a requisition.")
@click.option("--account", help="Only this account.")
@click.option(
    "--limit",
    default=3,
    show_default=True,
    type=click.IntRange(1, _MOST),
    help="How many subjects.",
)
@click.option(
    "--as",
    "forms",
    multiple=True,
    type=click.Choice([*_FORMS, _ALL]),
    help="Show each message as this kind of sink shows it, too. May be repeated.",
)
@JSON
@NOW
@click.pass_obj
def preview_command(
    config: Path, /, rule: str, subject: str, account: str | None, now: str | None, **given: object
) -> None:
    """Show the messages of RULE on real subjects, as each reader would get them. Sends nothing.

    Each step is shown at its own time, with the facts that are stored now. A draft or shadow rule
    is shown as if it were live. Subjects with something due come first.
    """
    from atsbridge.app import open_services
    from atsbridge.queries import PreviewOptions, convert_preview, preview_rule

    forms, as_json = require_type(given["forms"], tuple, "--form"), bool(given["as_json"])
    options = PreviewOptions(
        subject=subject,
        account=account or "",
        limit=int(str(given["limit"])),
        forms=_FORMS if as_json or _ALL in forms else forms,
    )
    with open_services(config, now=None if now is None else parse_instant(now)) as app:
        found = preview_rule(app, known(app.packs.rule_set, rule), options)
    if as_json:
        emit_json({"previews": [convert_preview(one) for one in found]})
        return
    for one in found:
        for line in _lines(one):
            click.echo(line)


def _lines(preview: RulePreview) -> Iterator[str]:
    rule = preview.rule
    yield f"{rule.id} on {preview.account}: {one_line(rule.title)} ({rule.status})"
    if preview.personal:
        yield "It is about people, and what is found of a person is shown to nobody else."
        yield f"Read its text: atsbridge rules show {rule.id}; try it: atsbridge rules test."
        return
    if rule.status != "live":
        yield f"The rule is {rule.status}: nobody gets these messages now."
    for one in preview.subjects:
        yield ""
        yield from _subject(one, preview)
    if not preview.subjects:
        yield from _nothing(preview)
    if preview.unnamed:
        yield ""
        yield "The names of some candidates are read only when a message to a person is sent."
    yield ""


def _subject(one: PreviewedSubject, preview: RulePreview) -> Iterator[str]:
    from atsbridge.presentation import describe

    explained, verdict = one.explanation, one.explanation.verdict
    reason = describe(verdict.reason) if verdict.reason else ""
    state = f"{verdict.state}{f', {reason}' if reason else ''}"
    yield one_line(f"{explained.about}, {verdict.subject}: {state}")
    if explained.handling:
        yield f"  {one_line(explained.handling)}"
    outcomes = {index: step.became for index, step in enumerate(explained.steps)}
    rules = {preview.rule.id: preview.rule}
    for notice in one.notices:
        outcome = outcomes.get(notice.notices[0].step, "")
        yield from describe_message(notice, rules, explained.zone, outcome)
    if not one.notices:
        yield f"  Nothing is sent: {one_line(_why_nothing(one))}."


def _why_nothing(one: PreviewedSubject) -> str:
    """The conditions that do not hold, else what the state means."""
    explained = one.explanation
    unmet = [c for c in explained.conditions if c.holds is not True and not c.block]
    if explained.verdict.state is State.OUTSIDE and unmet:
        return "; ".join(f"{c.path} {c.asks}, and here it is {c.value}" for c in unmet)
    if explained.verdict.unknown:
        return f"{', '.join(explained.verdict.unknown)} cannot be read"
    events = [f"{e.role} {e.path}: {e.note}" for e in explained.events if e.note]
    if explained.verdict.state is State.OUTSIDE and events:
        return "; ".join(events)
    return f"it is {explained.verdict.state}"


def _nothing(preview: RulePreview) -> Iterator[str]:
    """Why there is no message at all, by what was evaluated."""
    kind = preview.rule.subject.replace("_", " ")
    looked_at = {state: number for state, number in preview.looked_at.items() if number}
    if not looked_at.keys() - {State.OUTSIDE}:
        yield f"Nothing is sent: no {kind} meets its conditions now."
        return
    yield f"Nothing is sent. Of {count(sum(looked_at.values()), kind)} that may meet its conditions"
    for state, number in looked_at.items():
        missing = ", ".join(preview.unreadable) if state is State.UNKNOWN else ""
        why = f": {missing} cannot be read" if missing else ""
        yield f"  {number:>6,} {_STATES[state]}{why}"
    yield f"Name one to see why: atsbridge rules preview {preview.rule.id} --subject ID"
