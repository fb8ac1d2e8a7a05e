"""`atsbridge rules`: check and test the rule files before anything is sent, and read of them."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from atsbridge.cli import FAILED
from atsbridge.cli.output import emit_json, table
from atsbridge.errors import ConfigError

if TYPE_CHECKING:
    from atsbridge.app import App
    from atsbridge.plugins import Plugins
    from atsbridge.ports import ConnectorSpec, RuleKind
    from atsbridge.rules.coverage import Coverage
    from atsbridge.rules.rule import Rule


@click.group()
def rules() -> None:
    """Check, test and list the rules."""


@rules.command()
@click.option("--strict", is_flag=True, help="Fail on lints too.")
@click.option("--json", "as_json", is_flag=True, help="For machines.")
@click.pass_obj
def check(config: Path, strict: bool, as_json: bool) -> None:
    """Every mistake in one pass, each with file:line:column. Exit 2 if there is one."""
    from atsbridge.app import wired
    from atsbridge.rules.lint import lint

    with wired(config) as app:
        found = app.rules.rules.values()
        lints = [one for rule in found for one in lint(rule)]
        count = len(found)
    if as_json:
        emit_json(
            {
                "rules": count,
                "lints": [
                    {"code": one.code, "place": str(one.place), "message": one.message}
                    for one in lints
                ],
            }
        )
    else:
        for one in lints:
            click.echo(f"{one.place}: {one.code}: {one.message}")
        words = f"{count} rules, no mistakes"
        click.echo(words + (f", {len(lints)} to look at" if lints else ""))
    if strict and lints:
        sys.exit(FAILED)


@rules.command("test")
@click.argument("wanted", nargs=-1, metavar="[RULE]...")
@click.option(
    "--junit",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the outcome as JUnit XML too.",
)
@click.pass_obj
def run_tests(config: Path, wanted: tuple[str, ...], junit: Path | None) -> None:
    """Play the tests that stand in the packs. Exit 1 if one does not come true.

    Each `at` of a test is a tick of its own clock; nothing is read from an ATS, stored or sent.
    Office hours are those of [calendars], zones and holidays those of the people in the test.
    """
    from atsbridge.app import wired
    from atsbridge.delivery.render import render
    from atsbridge.rehearsal import telling
    from atsbridge.rehearsal.trial import play

    with wired(config) as app:
        there = app.rules.rules
        chosen = [known(there, name) for name in wanted] or list(there.values())
        hours = {name: section.hours for name, section in app.settings.calendars.items()}
        outcomes = list(play(chosen, hours, render))
    if junit is not None:
        junit.write_text(telling.junit(outcomes), "utf-8")
    failed = [(outcome, blocks) for outcome in outcomes if (blocks := telling.differences(outcome))]
    for outcome, blocks in failed:
        click.echo(f"failed: {telling.title(outcome)}")
        for block in blocks:
            click.echo(f"{block}\n")
    click.echo(f"{len(outcomes)} tests of {len(chosen)} rules, {len(failed) or 'none'} failed")
    if failed:
        sys.exit(FAILED)


def known(rules: Mapping[str, Rule], name: str) -> Rule:
    """The rule of that id. ConfigError names the nearest there is."""
    from atsbridge.rules.mistakes import nearest

    if name in rules:
        return rules[name]
    near = nearest(name, rules)
    remedy = f'Did you mean "{near}"?' if near else "See `atsbridge rules list`"
    raise ConfigError(f"there is no rule {name!r}", remedy=remedy)


@rules.command("list")
@click.option("--json", "as_json", is_flag=True, help="For machines.")
@click.pass_obj
def list_rules(config: Path, as_json: bool) -> None:
    """The configured rules, and how much of each works with every connector in use.

    full; since install (dated by our own sight); with mapping; no. `rules show` says why.
    """
    from atsbridge.app import wired

    with wired(config) as app:
        found = list(app.rules.rules.values())
        lights = _lights(app, found)
    if as_json:
        emit_json([_brief(rule) | {"connectors": _plain(lights[rule.id])} for rule in found])
        return
    titles = [spec.title for spec, _ in next(iter(lights.values()), [])]
    rows = [
        (
            rule.id,
            rule.status,
            rule.kind,
            rule.side or "-",
            *(one.light.label for _, one in lights[rule.id]),
            rule.title,
        )
        for rule in found
    ]
    table(
        ("rule", "status", "kind", "side", *titles, "title"), rows, empty="No rule is configured."
    )


@rules.command()
@click.argument("rule")
@click.option("--json", "as_json", is_flag=True, help="For machines.")
@click.pass_obj
def show(config: Path, rule: str, as_json: bool) -> None:
    """One rule: what it watches, its clock and steps, and what each connector gives it."""
    from atsbridge.app import wired

    with wired(config) as app:
        found = known(app.rules.rules, rule)
        lights = _lights(app, [found])[found.id]
    clock = found.clock
    steps = [
        {"at": step.when.label, "to": step.to, "via": step.via, "max": step.max}
        for step in found.steps
    ]
    spec = (
        {
            "start": clock.start,
            "stop": clock.stop,
            "pause": list(clock.pause),
            "reset": list(clock.reset),
            "cancel": list(clock.cancel),
            "owed_by": clock.owed_by,
            "target": str(clock.target),
            "calendar": clock.calendar,
        }
        if clock
        else None
    )
    if as_json:
        whole = {"why": found.why, "place": str(found.place), "message": found.message}
        more = {"clock": spec, "steps": steps, "tests": len(found.tests)}
        emit_json(_brief(found) | whole | more | {"connectors": _plain(lights)})
        return
    click.echo(f"{found.id}: {found.title} ({found.status}, {found.kind}, {found.each})")
    click.echo(f"{found.place}, owner {found.owner or 'nobody'}, {len(found.tests)} tests")
    if found.why:
        click.echo(found.why)
    for key, value in (spec or {}).items():
        text = ", ".join(value) if isinstance(value, list) else value
        click.echo(f"  {key:<9}{text or '-'}")
    for step in steps:
        limit = f", {step['max']} times at most" if step["max"] else ""
        click.echo(f"  at {step['at']:<6}to {step['to']} by {step['via']}{limit}")
    click.echo(f"  {found.message}")
    for connector, one in lights:
        click.echo(f"{connector.title}: {one.light.label}")
        for reason in one.why:
            click.echo(f"  {reason}")


@rules.command()
@click.argument("kind", required=False)
@click.option("--json", "as_json", is_flag=True, help="JSON Schema of a pack, for editors.")
@click.option("--markdown", is_flag=True, help="All of it as a page of docs.")
def schema(kind: str | None, as_json: bool, markdown: bool) -> None:
    """What a rule may say. KIND: a kind of rule (sla), or of record (interview.seat)."""
    from atsbridge.model.catalogue import KINDS
    from atsbridge.plugins import discover
    from atsbridge.rules import reference

    plugins = discover()
    kinds = plugins.rule_kinds()
    if markdown:
        click.echo(_page(plugins), nl=False)
    elif kind is None and as_json:
        from atsbridge.rules.editor import pack_schema

        emit_json(pack_schema(kinds))
    elif kind is None:
        rows = [(name, one.judge, reference.question(one)) for name, one in kinds.items()]
        table(("kind of rule", "judge", "asks"), rows, empty="")
        click.echo(f"Kinds of records: {', '.join(KINDS)}.")
        click.echo("Add a kind of either to see more, for example interview.seat.")
    elif kind in kinds:
        lines = reference.keys(kinds[kind])
        if as_json:
            emit_json(lines)
        else:
            click.echo(reference.question(kinds[kind]))
            table(("key", "for example"), list(lines.items()), empty="It has no keys of its own.")
    else:
        _browse(kind, kinds, as_json=as_json)


def _page(plugins: Plugins) -> str:
    """The page of docs: the built-in packs, and every connector that is installed."""
    from atsbridge.rules import finder, reference
    from atsbridge.rules.pack import load

    files = sorted(finder.builtin_folder().glob("*.yaml"))
    found = load(finder.texts(files, finder.builtin_folder()), plugins.rule_kinds()).rules
    specs = [spec for _, spec in sorted(plugins.connectors().items())]
    return reference.markdown(plugins.rule_kinds(), found.values(), specs)


def _browse(kind: str, kinds: Mapping[str, RuleKind], *, as_json: bool) -> None:
    """Every path that a rule on this kind of record can read."""
    from dataclasses import asdict

    from atsbridge.model.catalogue import KINDS
    from atsbridge.rules.mistakes import Mistake, nearest
    from atsbridge.rules.reference import words
    from atsbridge.rules.vocabulary import subject_of

    subject = subject_of(kind)
    if isinstance(subject, Mistake):
        near = nearest(kind, (*kinds, *KINDS))
        remedy = f'Did you mean "{near}"?' if near else "See `atsbridge rules schema`"
        raise ConfigError(f"{kind!r} is no kind of rule or record", remedy=remedy)
    found = words(subject)
    if as_json:
        emit_json([asdict(word) for word in found])
        return
    rows = [(word.path, word.type, word.absent, word.reader, word.doc) for word in found]
    table(("path", "type", "absent", "who may read", "meaning"), rows, empty="")


def _lights(app: App, rules: list[Rule]) -> dict[str, list[tuple[ConnectorSpec, Coverage]]]:
    """By rule, what each connector makes of it: those of the accounts, else all installed."""
    from atsbridge.rules.coverage import coverage

    used = {section.connector for section in app.settings.accounts.values()}
    installed = app.plugins.connectors()
    specs = [spec for name, spec in sorted(installed.items()) if name in (used or installed)]
    return {rule.id: [(spec, coverage(rule, spec)) for spec in specs] for rule in rules}


def _plain(lights: list[tuple[ConnectorSpec, Coverage]]) -> dict[str, Any]:
    return {spec.name: {"works": one.light.label, "why": list(one.why)} for spec, one in lights}


def _brief(rule: Rule) -> dict[str, Any]:
    return {
        "rule": rule.id,
        "status": rule.status,
        "kind": rule.kind,
        "each": rule.each,
        "side": rule.side,
        "title": rule.title,
    }
