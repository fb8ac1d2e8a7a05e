"""`atsbridge rules backtest`: what a rule would have done in the past weeks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from atsbridge.cli.message_lines import describe_message
from atsbridge.cli.options import parse_instant
from atsbridge.cli.output import console, count, emit_json, plural, table
from atsbridge.cli.rules.rule_names import known
from atsbridge.errors import ConfigError
from atsbridge.model import clean, to_iso

if TYPE_CHECKING:
    from atsbridge.context import Services
    from atsbridge.queries import Backtest, RehearsedNotice

_MOST_SAMPLES = 50  # more texts than anybody reads
_SHOWN = 5  # people named of those with most messages


@click.command("backtest")
@click.argument("rule")
@click.option("--since", default="90d", show_default=True, help="How far back.")
@click.option(
    "--until", metavar="T", help="End of the window (ISO 8601, with a time zone); default: now."
)
@click.option(
    "--set", "changes", multiple=True, metavar="KEY=VALUE", help="Try another value: target=2bd."
)
@click.option("--sweep", "variants", metavar="KEY=A,B,C", help="Try several: target=1bd,2bd,3bd.")
@click.option(
    "--samples",
    default=0,
    type=click.IntRange(0, _MOST_SAMPLES),
    metavar="N",
    help="Show N of the messages with their texts, from facts of now.",
)
@click.option("--account", help="Only this account.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
@click.pass_obj
def backtest_command(
    config: Path,
    /,
    rule: str,
    since: str,
    until: str | None,
    changes: tuple[str, ...],
    variants: str | None,
    **given: Any,
) -> None:
    """Show what RULE would have done in the past: cases, messages, and people over their limit.

    It sends and writes nothing. Where the past is not known, it says so instead of guessing.
    """
    from atsbridge.app import open_services
    from atsbridge.queries import sample_messages

    account: str | None = given["account"]
    span, samples = length(since), dict[int, "list[RehearsedNotice]"]()
    with open_services(config, now=None if until is None else parse_instant(until)) as app:
        known(app.packs.rule_set, rule)
        for mistake in app.packs.rule_set.mistakes:
            click.echo(str(mistake), err=True)
        names = [account] if account else sorted(app.settings.accounts)
        found = [one for name in names for one in _runs(app, name, rule, span, changes, variants)]
        if given["samples"]:
            samples = {id(one): sample_messages(app, one, given["samples"]) for one in found}
    if given["as_json"]:
        emit_json({"backtests": [as_dict(one, samples.get(id(one), ())) for one in found]})
        return
    for place, name in enumerate(names):
        mine = [one for one in found if one.account == name]
        if place:
            click.echo()
        if variants is not None:
            _print_variants(rule, mine)
        else:
            click.echo("\n".join(_lines(mine[0])))
        for one in mine:
            _print_samples(one, samples.get(id(one), ()))


def _print_samples(one: Backtest, samples: Sequence[RehearsedNotice]) -> None:
    """The messages, each with its reader and time."""
    if samples:
        with_value = f" with {one.label}" if one.label else ""
        click.echo(f"\n  {count(len(samples), 'sample')}{with_value}, from facts of now")
    for notice in samples:
        for line in describe_message(notice, {one.outcome.rule.id: one.outcome.rule}):
            click.echo(f"  {line}")


def length(text: str) -> timedelta:
    """ "90d" or "36h". ConfigError for anything else."""
    from atsbridge.worktime import Duration, Unit

    try:
        amount = Duration.parse(text)
    except ValueError:
        amount = None
    if amount is None or amount.unit not in (Unit.H, Unit.D) or amount.span <= timedelta():
        raise ConfigError(
            f"{text!r} is not a length of time", remedy="Write for example 90d or 36h"
        )
    return amount.span


def _runs(
    app: Services,
    account: str,
    rule: str,
    since: timedelta,
    changes: tuple[str, ...],
    variants: str | None,
) -> Iterator[Backtest]:
    from atsbridge.cli.rules.rule_variant import variant
    from atsbridge.queries import run_backtest

    app.account(account)
    if variants is None:
        yield run_backtest(app, account, variant(app, rule, changes), since, ", ".join(changes))
        return
    key, _, values = variants.partition("=")
    for value in values.split(",") if values else [""]:
        one = f"{key}={value}"
        yield run_backtest(app, account, variant(app, rule, (*changes, one)), since, one)


def _lines(one: Backtest) -> Iterator[str]:
    found, window = one.figures, one.outcome.window
    rule = one.outcome.rule
    how = f" with {one.label}" if one.label else ""
    yield f"{rule.id} on {one.account}{how}: {rule.title}"
    yield f"{_day(window.start)} to {_day(window.end)}, {found.subjects:,} looked at"
    yield ""
    yield from (f"  {figure:>7}  {text}" for figure, text in _figures(one))
    if one.searches:
        yield ""
        yield from _searches(one)
    if found.readers:
        yield ""
        yield from _people(one)
    yield ""
    yield from _honesty(one)


def _figures(one: Backtest) -> Iterator[tuple[str, str]]:
    found = one.figures
    yield f"{found.opened:,}", f"{plural(found.opened, 'case')} would have opened"
    if found.baseline:
        yield f"{found.baseline:,}", "more were late when the window begins: told in one summary"
    if found.backlog:
        what = "more were overdue for long by then: backlog, which nobody is reminded of"
        yield f"{found.backlog:,}", what
    whom = f", to {count(len(found.readers), 'person')}" if found.readers else ""
    yield f"{found.messages:,}", f"{plural(found.messages, 'message')} at once{whom}"
    yield f"{found.per_week:.1f}", "of them to one person in a week"
    if found.in_digest:
        yield f"{found.in_digest:,}", f"{plural(found.in_digest, 'line')} in morning digests"
    if found.to_channels:
        what = plural(found.to_channels, "message")
        yield f"{found.to_channels:,}", f"{what} to channels or into files"
    if found.spared:
        yield f"{found.spared:,}", "not sent: settled, or followed by another, before the morning"
    yield from _kept_back(one)
    for hours, share in found.cleared.items() if found.opened else ():
        yield f"{share:.0%}", f"of the cases ended within {hours} hours of opening"
    if found.busiest:
        day, most = found.busiest
        yield f"{most:,}", f"{plural(most, 'message')} on the busiest day, {day:%a %d %b %Y}"


def _kept_back(one: Backtest) -> Iterator[tuple[str, str]]:
    """What a run would have kept back, though the rule asked for it."""
    found = one.figures
    if found.put_off:
        what = "waited for the end of a silence, a hold or another rule's breach"
        yield f"{found.put_off:,}", what
    if found.capped:
        yield f"{found.capped:,}", "of the digest lines were over what a day allows, of all rules"
    for run, cases in found.trips:
        what = f"{plural(cases, 'case')} at once on {run:%a %d %b %Y %H:%M} UTC trip the breaker"
        yield f"{cases:,}", what
    if found.held:
        yield f"{found.held:,}", f"{plural(found.held, 'message')} that the breaker held"


def _searches(one: Backtest) -> Iterator[str]:
    """The requisitions with most cases, and the first subjects of each."""
    yield "  most of the cases in"
    for search in one.searches:
        name = " ".join(part for part in (search.code, search.title) if part) or "a requisition"
        yield f"  {search.cases:>7,}  {clean(name)}"
        examples = (one for one in search.examples if one != search.title)
        yield from (f"           {clean(one)}" for one in examples)


def _people(one: Backtest) -> Iterator[str]:
    found = one.figures
    yield "  most of them to"
    for reader in found.readers[:_SHOWN]:
        digest = f" and {reader.in_digest} in digests" if reader.in_digest else ""
        name = one.names.get(reader.address, reader.address)
        most = f", {reader.most} on their fullest day" if reader.most > 1 else ""
        yield f"  {reader.messages:>7,}  {name}{digest}{most}"
    over = found.over_budget
    if not over:
        yield "  nobody would have had more of them in a day than they may be disturbed"
        return
    yield f"  {count(len(over), 'person')} over what a day allows, by this rule alone:"
    for reader in over[:_SHOWN]:
        name = one.names.get(reader.address, reader.address)
        yield f"  {reader.most:>7,}  {name} at most, over on {count(reader.days_over, 'day')}"


def _honesty(one: Backtest) -> Iterator[str]:
    """Say how the past of each field of the rule is known, and what is not."""
    found, rule = one.figures, one.outcome.rule
    yield "  how the past is known"
    for operand in one.outcome.operands:
        lost = found.unknown.get(operand.path)
        gap = f"; no history for {lost:,} in part of this window" if lost else ""
        yield f"    {operand.path}: {operand.source}{gap}"
    for text in rule.clock.pause if rule.clock else ():
        yield f"    {text}: by Changes; nothing is known of one that ended before we first looked"
    for path in rule.check.watched if rule.check else ():
        yield f"    {path}: by Changes alone"
    seen = one.outcome.seen
    if seen is not None and seen > one.outcome.window.start:
        yield f"    no Changes before {_day(seen)}, when atsbridge first looked"
    yield from (f"    {one.connector}: {reason}" for reason in one.partly)
    if found.unsure:
        of = f"{found.unsure:,} of {found.subjects:,}"
        yield f"  no history for {of} in part of this window: nothing was counted of them then"
    if one.reaches is not None:
        yield f"  what closed before {_day(one.reaches)} is not read (history of the account)"
    yield f"  not replayed: {'; '.join(one.beside)}"


def _print_variants(rule: str, several: list[Backtest]) -> None:
    first = several[0].outcome.window
    title = f"{rule} on {several[0].account}, {_day(first.start)} to {_day(first.end)}"
    console().print(f"[bold]{title}[/bold]")
    hours = list(several[0].figures.cleared)
    key = several[0].label.rpartition("=")[0]
    heads = (key, "cases", "messages", "each a week", *(f"{h} h" for h in hours))
    rows = []
    for one in several:
        found = one.figures
        rows.append(
            (
                one.label.rpartition("=")[2],
                f"{found.opened:,}",
                f"{found.messages:,}",
                f"{found.per_week:.1f}",
                *(f"{share:.0%}" for share in found.cleared.values()),
                _busiest(one),
                str(len(found.over_budget)),
            )
        )
    table((*heads, "busiest day", "people over"), rows, empty="")
    spans = ", ".join(f"{h} h" for h in hours)
    click.echo(f"{spans}: the share of cases that ended within so long of opening.")
    if several[0].figures.unsure:
        unsure = max(one.figures.unsure for one in several)
        click.echo(f"No history for {unsure:,} of {several[0].figures.subjects:,} in part of it.")


def _busiest(one: Backtest) -> str:
    if one.figures.busiest is None:
        return "-"
    day, messages = one.figures.busiest
    return f"{day:%a %d %b}: {messages}"


def as_dict(one: Backtest, samples: Sequence[RehearsedNotice] = ()) -> dict[str, Any]:
    """A `SampledBacktest`: instants as ISO 8601 in UTC, shares from 0 to 1."""
    from atsbridge.queries import convert_rehearsed

    found, window = one.figures, one.outcome.window
    return {
        "samples": [convert_rehearsed(sample) for sample in samples],
        "rule": one.outcome.rule.id,
        "account": one.account,
        "variant": one.label,
        "start": window.start.isoformat(),
        "end": window.end.isoformat(),
        **asdict(found),
        "busiest": (
            {"day": found.busiest[0].isoformat(), "messages": found.busiest[1]}
            if found.busiest
            else None
        ),
        "trips": [{"run": run.isoformat(), "cases": cases} for run, cases in found.trips],
        "searches": [
            {
                "requisition": search.code or None,
                "title": search.title or None,
                "cases": search.cases,
                "examples": list(search.examples),
            }
            for search in one.searches
        ],
        "changes_since": to_iso(one.outcome.seen),
        "not_replayed": list(one.beside),
        "partly": {one.connector: list(one.partly)},
        "per_person_and_week": round(found.per_week, 2),
        "over_budget": len(found.over_budget),
        "operands": {
            operand.path: {
                "source": operand.source,
                "no_history": found.unknown.get(operand.path, 0),
            }
            for operand in one.outcome.operands
        },
    }


def _day(at: datetime) -> str:
    return f"{at:%d %b %Y}"
