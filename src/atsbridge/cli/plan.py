"""`atsbridge plan`: what a run would do with the stored data, and what other rules would change."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from atsbridge.cli.message_lines import describe_message
from atsbridge.cli.options import ACCOUNT, JSON, NOW, TEXT
from atsbridge.cli.output import console, count, emit_json, table
from atsbridge.errors import ConfigError

if TYPE_CHECKING:
    from atsbridge.context import Services, Summary
    from atsbridge.queries import PlannedMessages

_HEADS = ("would", "rule", "subject", "to", "why")
_CODE = "requisition.code"


@click.command()
@ACCOUNT
@click.option(
    "--rules",
    "new",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Show only what this pack would change.",
)
@TEXT
@JSON
@NOW
@click.pass_obj
def plan(
    config: Path, /, account: str | None, new: Path | None, now: str | None, **given: bool
) -> None:
    """Show what a run would do with the stored data, and why. It reads no ATS and sends nothing.

    With --rules it shows the difference to the configured rules: FILE replaces a configured pack
    file of the same name, or is added to them. The daily maximum of messages is not applied.
    """
    as_json, texts = given["as_json"], given["text"]
    if texts and new is not None:
        raise click.UsageError("--text shows the messages of the configured rules, not of --rules")
    from atsbridge.app import open_services
    from atsbridge.cli.options import parse_instant
    from atsbridge.tick import RunOptions, make_run_document, tick

    with open_services(config, now=None if now is None else parse_instant(now)) as app:
        names = (account,) if account else tuple(sorted(app.settings.accounts))
        options = RunOptions(accounts=names, dry_run=True, sync=False, texts=texts)
        summary = tick(app, options)
        if new is not None:
            other = tick(_with(app, new), options)
            _difference(app, summary, other, new, as_json=as_json)
            summary = other
        elif as_json:
            emit_json(make_run_document(summary))
        else:
            print_plan(app, summary)
    if summary.exit_code:
        sys.exit(summary.exit_code)


def print_plan(app: Services, summary: Summary) -> None:
    """Print a table per account, by rule, then what failed. Shadow notices are counted."""
    from atsbridge.context import describe_failures

    if app.settings.pilot.where:
        where = ", ".join(f"{path} = {value}" for path, value in app.settings.pilot.where.items())
        click.echo(f"Pilot: only requisitions with {where}.")
    if summary.rule_error:
        click.echo(summary.rule_error, err=True)
        return
    for account in summary.accounts:
        name, would = account.account, account.would
        late = (one for one in would if one["first_look"] and not one["backlog"])
        baseline = Counter(one["rule"] for one in late)
        backlog = sum(one["backlog"] for one in would)
        shadow = Counter(one["rule"] for one in would if _is_shadow(app, one))
        shown = [one for one in would if not one["first_look"] and not _is_shadow(app, one)]
        if would:
            console().print(f"[bold]{name}[/bold]")
        if shown or not would:
            table(_HEADS, _rows(app, name, shown), empty=f"{name}: nothing to do.")
        if shadow:
            _print_shadow(shadow)
        if baseline:
            _print_baseline(app, baseline)
        if backlog:
            _print_backlog(app, count(backlog, "more item" if baseline else "item"))
        if account.messages is not None:
            _print_messages(app, account.messages)
    for line in describe_failures(summary.failures):
        click.echo(f"  {line}", err=True)


def _is_shadow(app: Services, line: Mapping[str, Any]) -> bool:
    """Whether it is a notice that is held because its rule is shadow."""
    from atsbridge.model import Hold

    rule = app.packs.rule_set.rules.get(line["rule"])
    held = line["does"] == "hold" and line["hold"] == Hold.SHADOW
    return held and not line["first_look"] and rule is not None


def _print_shadow(shadow: Counter[str]) -> None:
    """The held notices of shadow rules, counted by rule."""
    click.echo("Held, because their rules are shadow and nobody is notified:")
    for rule, number in shadow.items():
        click.echo(f"  {number:>5}  {rule}")
    click.echo()


def _print_messages(app: Services, messages: PlannedMessages) -> None:
    """The text of every message, then how many of shadow rules are not shown."""
    rules = app.packs.rule_set.rules
    for one in messages.shown:
        for line in describe_message(one, rules):
            click.echo(line)
        click.echo()
    for rule, more in messages.more_shadow.items():
        click.echo(f"{more:,} more of {rule}, which is shadow: atsbridge rules preview {rule}")


def _print_baseline(app: Services, baseline: Counter[str]) -> None:
    """Cases that were already overdue at the first evaluation, counted by rule."""
    items = count(baseline.total(), "item") + (" was" if baseline.total() == 1 else " were")
    click.echo(
        f"{items} already due, or nearly, when atsbridge started. The owner of each live rule gets"
        " one summary:"
    )
    for rule, number in baseline.items():
        shadow = (
            ""
            if app.packs.rule_set.rules[rule].status == "live"
            else " (shadow: nobody is notified)"
        )
        click.echo(f"  {number:>5}  {rule}{shadow}")
    click.echo()


def _print_backlog(app: Services, items: str) -> None:
    """How many cases would come into the backlog ("3 items"), and what becomes of them."""
    click.echo(
        f"{items} had been overdue for more than"
        f" {app.settings.notify.backlog_after} (backlog_after): nobody is reminded of them. Each"
        " recruiter gets one proposal to clean up. `atsbridge cases list --backlog` counts them."
    )
    click.echo()


def _rows(app: Services, account: str, would: Iterable[Mapping[str, Any]]) -> list[tuple[str, ...]]:
    """The rows of the table, each with its subject in words and the requisition's code."""
    from atsbridge.presentation import about, described

    lines = [(one, _subject(one)) for one in would]
    known = described(app.store.subjects, account, (subject for _, subject in lines), (_CODE,))
    rows: list[tuple[str, ...]] = []
    for one, subject in lines:
        found = known.get(subject)
        code = found.facts.get(_CODE) if found else None
        what = f"{about(found)}, {code or subject[1]}" if found else "/".join(subject)
        rows.append((one["does"], one["rule"], what, one["to"].partition(": ")[2], one["reason"]))
    return rows


def _subject(one: Mapping[str, Any]) -> tuple[str, str]:
    """The kind and id of the subject."""
    kind, _, key = one["subject"].partition("/")[2].partition("/")
    return kind, key


def _with(app: Services, file: Path) -> Services:
    """The same application with other rules. It shares the store; no run remembers the rules."""
    from atsbridge.rules import discovery

    (name, text), *_ = discovery.texts([file.resolve()], app.settings.folder)
    packs = [(old, content) for old, content in app.packs.texts if Path(old).name != file.name]
    if len(packs) + 1 < len(app.packs.texts):
        raise ConfigError(
            f"several configured packs have the name {file.name}",
            remedy="Give the new pack another name",
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
    """Print what only the new rules would do, and what only the old ones would do."""
    from atsbridge.queries import compare_plans
    from atsbridge.tick import convert_action

    found: dict[str, list[dict[str, Any]]] = {}
    for old, one in zip(before.accounts, after.accounts, strict=True):
        compared = compare_plans(old.would, one.would)
        found[one.account] = [{"change": sign, **line} for sign, line in compared]
    if as_json:
        changes = {
            account: [{"change": one["change"], **convert_action(one)} for one in lines]
            for account, lines in found.items()
        }
        emit_json({"rules": str(new), "accounts": changes, "rule_error": after.rule_error})
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
        what = line["does"] if line["change"] == "+" else f"no longer {line['does']}"
        mine = counts.setdefault(line["rule"] or "all rules", {})
        mine[what] = mine.get(what, 0) + 1
    return "; ".join(
        f"{rule}: " + ", ".join(f"{count} {what}" for what, count in mine.items())
        for rule, mine in counts.items()
    )
