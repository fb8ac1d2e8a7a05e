"""`atsbridge plan`: what a tick would do with what is stored, and what other rules would change."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from atsbridge.cli.output import console, emit_json, table
from atsbridge.errors import ConfigError

if TYPE_CHECKING:
    from atsbridge.context import Services, Summary

_HEADS = ("would", "rule", "subject", "to", "why")


@click.command()
@click.option("--account", help="Only this account.")
@click.option(
    "--rules",
    "new",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Only what this pack would change.",
)
@click.option("--json", "as_json", is_flag=True, help="For machines.")
@click.option("--now", metavar="T", help="Judge as of this instant (ISO 8601, with zone).")
@click.pass_obj
def plan(
    config: Path, account: str | None, new: Path | None, as_json: bool, now: str | None
) -> None:
    """What a tick would do with what is stored, and why. Reads no ATS, sends nothing.

    With --rules the difference to the configured rules: FILE takes the place of a configured pack
    file of the same name, else it comes beside them. The daily cap is not foreseen.
    """
    from atsbridge.app import open_services
    from atsbridge.cli.options import parse_instant
    from atsbridge.tick import Options, tick

    with open_services(config, now=None if now is None else parse_instant(now)) as app:
        names = (account,) if account else tuple(sorted(app.settings.accounts))
        options = Options(accounts=names, dry_run=True, sync=False)
        summary = tick(app, options)
        if new is not None:
            other = tick(_with(app, new), options)
            _difference(app, summary, other, new, as_json=as_json)
            summary = other
        elif as_json:
            emit_json(summary.as_dict())
        else:
            print_plan(app, summary)
    if summary.exit_code:
        sys.exit(summary.exit_code)


def print_plan(app: Services, summary: Summary) -> None:
    """A table for each account, by rule, and what failed."""
    from atsbridge.context import told

    if app.settings.pilot.where:
        said = ", ".join(f"{path} = {value}" for path, value in app.settings.pilot.where.items())
        click.echo(f"Pilot: only requisitions with {said}.")
    if summary.rule_error:
        click.echo(summary.rule_error, err=True)
        return
    for account in summary.accounts:
        name, would = account.account, account.would
        rows = _rows(app, name, [one for one in would if not one["first_look"]])
        waited = Counter(one["rule"] for one in would if one["first_look"])
        if would:
            console().print(f"[bold]{name}[/bold]")
        if rows or not would:
            table(_HEADS, rows, empty=f"{name}: nothing to do.")
        if waited:
            _first_look(app, waited)
    for line in told(summary.failures):
        click.echo(f"  {line}", err=True)


def _first_look(app: Services, waited: Counter[str]) -> None:
    """What one summary tells, counted: nobody wants a line for each."""
    click.echo(
        f"{waited.total()} more were due, or nearly, before atsbridge looked. Owners of live rules"
        " hear of theirs in one summary:"
    )
    for rule, count in waited.items():
        shadow = (
            "" if app.packs.rule_set.rules[rule].status == "live" else " (shadow: nobody is told)"
        )
        click.echo(f"  {count:>5}  {rule}{shadow}")
    click.echo()


def _rows(app: Services, account: str, would: Iterable[Mapping[str, Any]]) -> list[tuple[str, ...]]:
    """The lines, each with what it is about; the account stands above the table."""
    from atsbridge.presentation import about, described

    lines = [(one, _subject(one)) for one in would]
    known = described(app.store.subjects, account, (subject for _, subject in lines))
    rows: list[tuple[str, ...]] = []
    for one, subject in lines:
        found = known.get(subject)
        what = f"{about(found)}, {subject[1]}" if found else "/".join(subject)
        rows.append((one["does"], one["rule"], what, one["to"].partition(": ")[2], one["reason"]))
    return rows


def _subject(one: Mapping[str, Any]) -> tuple[str, str]:
    """The line's kind and id."""
    kind, _, key = one["subject"].partition("/")[2].partition("/")
    return kind, key


def _with(app: Services, file: Path) -> Services:
    """The same application with these rules. It shares the store; no tick remembers it."""
    from atsbridge.rules import discovery

    (name, text), *_ = discovery.texts([file.resolve()], app.settings.folder)
    packs = [(old, said) for old, said in app.packs.texts if Path(old).name != file.name]
    if len(packs) + 1 < len(app.packs.texts):
        raise ConfigError(
            f"several configured packs are called {file.name}",
            remedy="Give the new one a name of its own, or of the one whose place it takes",
        )
    at = next(
        (n for n, (old, _) in enumerate(app.packs.texts) if Path(old).name == file.name), len(packs)
    )
    packs.insert(at, (name, text))
    other = replace(app, packs=app.packs.replaced_by(packs))
    _ = other.packs.rule_set  # an error in them ends the command
    return other


def _difference(
    app: Services, before: Summary, after: Summary, new: Path, *, as_json: bool
) -> None:
    """What the new rules would do besides, and what they would leave."""
    from atsbridge.tick import added

    found: dict[str, list[dict[str, Any]]] = {}
    for old, one in zip(before.accounts, after.accounts, strict=True):
        found[one.account] = [{"change": s, **line} for s, line in added(old.would, one.would)]
    if as_json:
        emit_json({"rules": str(new), "accounts": found, "rule_error": after.rule_error})
        return
    if after.rule_error:
        click.echo(after.rule_error, err=True)
        return
    for account, lines in found.items():
        if lines:
            console().print(f"[bold]{account}[/bold] {_counts(lines)}")
        rows = _rows(app, account, lines)
        signed = [(one["change"], *row) for one, row in zip(lines, rows, strict=True)]
        table(("", *_HEADS), signed, empty=f"{account}: {new.name} changes nothing now.")


def _counts(lines: list[dict[str, Any]]) -> str:
    """ "feedback-late: 3 open, 3 send; late-too: 1 resolve"."""
    counts: dict[str, dict[str, int]] = {}
    for line in lines:
        what = line["does"] if line["change"] == "+" else f"{line['does']} no more"
        mine = counts.setdefault(line["rule"] or "all rules", {})
        mine[what] = mine.get(what, 0) + 1
    return "; ".join(
        f"{rule}: " + ", ".join(f"{count} {what}" for what, count in mine.items())
        for rule, mine in counts.items()
    )
