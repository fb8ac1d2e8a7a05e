"""`atsbridge rules show`: one rule, and how well each connector supports it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from atsbridge.cli.output import count, emit_json
from atsbridge.cli.rules.rule_names import known
from atsbridge.cli.rules.rule_state import RuleState, read_states

if TYPE_CHECKING:
    from atsbridge.model import Where
    from atsbridge.rules import ClockSpec, Rule, Step, Targets


@click.command("show")
@click.argument("rule")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
@click.pass_obj
def show_command(config: Path, rule: str, as_json: bool) -> None:
    """Show one rule: conditions, clock, steps, and how well each connector supports it."""
    from atsbridge.app import open_services

    with open_services(config) as app:
        (state,) = read_states(app, [known(app.packs.rule_set, rule)])
    if as_json:
        emit_json(_as_dict(state))
    else:
        click.echo("\n".join([*_describe_rule(state.rule), *_describe_state(state)]))


def _as_dict(state: RuleState) -> Mapping[str, Any]:
    """Plain values, as `RuleDetails` describes them."""
    rule = state.rule
    return state.as_dict() | {
        "why": rule.why,
        "place": str(rule.place),
        "message": rule.message,
        "message_ahead": rule.message_ahead,
        "message_late": rule.message_late,
        "where": list(_conditions(rule.where)),
        "clock": _clock_keys(rule.clock) if rule.clock else None,
        "steps": [_step_keys(step) for step in rule.steps],
        "tests": len(rule.tests),
    }


def _clock_keys(clock: ClockSpec) -> dict[str, Any]:
    return {
        "start": clock.start,
        "stop": clock.stop,
        "pause": list(clock.pause),
        "reset": list(clock.reset),
        "cancel": list(clock.cancel),
        "owed_by": clock.owed_by,
        "target": str(clock.target),
        "segments": _segments(clock.targets),
        "calendar": clock.calendar,
    }


def _step_keys(step: Step) -> dict[str, Any]:
    return {
        "at": step.when.label,
        "to": step.to,
        "via": step.via,
        "max": step.max,
        "mark": f"{step.mark.field} {step.mark.value}" if step.mark else None,
        "message": step.message,
    }


def _describe_rule(rule: Rule) -> Iterator[str]:
    yield f"{rule.id}: {rule.title} ({rule.status}, {rule.kind}, {rule.each})"
    yield f"{rule.place}, owner {rule.owner or 'nobody'}, {count(len(rule.tests), 'test')}"
    if rule.why:
        yield rule.why
    for line in _conditions(rule.where):
        yield f"  where    {line}"
    for key, value in (_clock_keys(rule.clock) if rule.clock else {}).items():
        text = ", ".join(value) if isinstance(value, list) else value
        yield f"  {key:<9}{text or '-'}"
    for step in map(_step_keys, rule.steps):
        limit = f", {step['max']} times at most" if step["max"] else ""
        how = step["mark"] or ("a note" if step["to"] == "ats" else f"by {step['via']}")
        yield f"  at {step['at']:<6}to {step['to']}, {how}{limit}"
        if step["message"]:
            yield f"    {step['message']}"
    yield f"  {rule.message}"
    if rule.message_ahead:
        yield f"  before due: {rule.message_ahead}"
    if rule.message_late:
        yield f"  after due: {rule.message_late}"


def _describe_state(state: RuleState) -> Iterator[str]:
    for connector, one in state.coverage:
        yield f"{connector.title}: {one.level.label}"
        yield from (f"  {reason}" for reason in one.why)
    for account, reasons in state.shadow_on.items():
        yield f"shadow on {account}, because a signal that decides is missing:"
        yield from (f"  {reason}" for reason in reasons)
    yield from state.describe_not_allowed()
    yield from state.describe_promotion()


def _conditions(where: Where, block: str = "") -> Iterator[str]:
    """A line for each condition."""
    from atsbridge.model import All, AnyOf, Condition
    from atsbridge.presentation import asks

    if isinstance(where, Condition):
        path = f"{where.path}.{where.key}" if where.key else where.path
        yield f"{block}{path} {asks(where)}"
        return
    prefix = "" if isinstance(where, All) else "any: " if isinstance(where, AnyOf) else "none: "
    for part in where.parts:
        yield from _conditions(part, block + prefix)


def _segments(targets: Targets | None) -> list[str]:
    """The targets of segments: "requisition.priority High: 1bd"."""
    if targets is None:
        return []
    path = f"{targets.path}.{targets.key}" if targets.key else targets.path
    return [f"{path} {value}: {amount}" for value, amount in targets.by.items()]
