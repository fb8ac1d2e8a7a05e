"""`atsbridge sync`: read the accounts into the store."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from atsbridge.cli.options import ACCOUNT, JSON
from atsbridge.cli.output import emit_json, sync_progress, table

if TYPE_CHECKING:
    from atsbridge.context import AccountSummary, Services, Summary
    from atsbridge.ports import ConnectorSpec
    from atsbridge.sync import Estimate


@click.command()
@ACCOUNT
@click.option("--full", is_flag=True, help="Read every list in full.")
@click.option("--plan", "only_plan", is_flag=True, help="Print how many requests it would take.")
@click.option(
    "--active",
    metavar="N",
    type=click.IntRange(min=1),
    help="With --plan: the number of active applications, if nothing was read yet.",
)
@click.option(
    "--accept-deleted",
    metavar="LIST",
    multiple=True,
    help="Confirm that records missing from this list were deleted.",
)
@click.option(
    "--accept-empty",
    metavar="LIST",
    multiple=True,
    help="Confirm that this list, which never returned a row, is empty.",
)
@JSON
@click.pass_obj
def sync(config: Path, /, account: str | None, as_json: bool, **given: Any) -> None:
    """Read every account into the store. It evaluates no rule and sends nothing."""
    from atsbridge.app import open_services
    from atsbridge.tick import RunObserver, RunOptions, tick

    deleted, empty = given["accept_deleted"], given["accept_empty"]
    for option, streams in (("--accept-deleted", deleted), ("--accept-empty", empty)):
        if streams and not account:
            raise click.UsageError(f"{option} needs --account")
        if streams and given["only_plan"]:
            raise click.UsageError(f"{option} confirms what a sync reads, and --plan reads nothing")
    if given["active"] is not None and not given["only_plan"]:
        raise click.UsageError("--active belongs to --plan")
    with open_services(config) as app:
        names = (account,) if account else tuple(sorted(app.settings.accounts))
        if account:
            _check_streams(app.spec(account), (*deleted, *empty))
        if given["only_plan"]:
            _plan(app, names, given["full"], given["active"], as_json=as_json)
            return
        options = RunOptions(
            accounts=names,
            evaluate=False,
            full=given["full"],
            accept_deleted=frozenset(deleted),
            accept_empty=frozenset(empty),
        )
        with sync_progress(wanted=not as_json) as progress:
            summary = tick(app, options, RunObserver(progress=progress))
    _print_summary(summary, as_json=as_json)
    if summary.exit_code:
        sys.exit(summary.exit_code)


def _plan(
    app: Services, names: tuple[str, ...], full: bool, active: int | None, *, as_json: bool
) -> None:
    """Print the expected requests, with a hint where the number of applications would help."""
    from atsbridge.queries import plan_requests

    hint = active is None and any(app.spec(name).typical for name in names)
    _print_requests(plan_requests(app, names, full=full, active=active), as_json, hint=hint)


def _print_summary(summary: Summary, *, as_json: bool) -> None:
    from atsbridge.context import describe_failures
    from atsbridge.tick import make_run_document

    if as_json:
        emit_json(make_run_document(summary))
        return
    for one in summary.accounts:
        _print_lists(one)
    for line in describe_failures(summary.failures):
        click.echo(line, err=True)


def _check_streams(spec: ConnectorSpec, named: tuple[str, ...]) -> None:
    """UsageError for a list that the connector does not have, with the closest name."""
    from difflib import get_close_matches

    known = [stream.name for stream in spec.streams]
    for name in named:
        if name not in known:
            near = get_close_matches(name, known, 1)
            mend = f"Did you mean {near[0]}?" if near else f"It has: {', '.join(known)}"
            raise click.UsageError(f"{spec.title} has no list {name!r}. {mend}")


def _print_lists(one: AccountSummary) -> None:
    """Print the result of each list, the rows that could not be decoded, and doubted lists."""
    heads = ("requests", "new", "changed", "deleted", "bad")
    counts = ("requests", "new", "changed", "deleted", "bad")
    rows = [(s["stream"], s["status"], *(str(s[name]) for name in counts)) for s in one.streams]
    empty = f"{one.account}: locked by another run." if one.locked else "Nothing to read."
    table((one.account, "status", *heads), rows, empty=empty)
    for s in one.streams:
        if s["bad"] and not s["error"]:
            click.echo(f"{one.account}: {s['bad']} left out, the first is {s['samples'][0]}")
    for s in one.streams:
        if s["reread"]:
            click.echo(f"{one.account}: {s['stream']}: {s['reread']}")
    for s in one.streams:
        if s["doubt"]:
            click.echo(f"{one.account}: {s['doubt']}")


def _print_requests(plans: dict[str, tuple[Estimate, ...]], as_json: bool, *, hint: bool) -> None:
    if as_json:
        found = {
            account: [{"stream": e.stream, "requests": e.requests, "why": e.why} for e in its]
            for account, its in plans.items()
        }
        emit_json({"accounts": found})
        return
    unknown = False
    for account, estimates in plans.items():
        rows = [
            (e.stream, "?" if e.requests is None else str(e.requests), e.why) for e in estimates
        ]
        known = sum(e.requests or 0 for e in estimates)
        more = any(e.requests is None for e in estimates)
        unknown |= more
        rows.append(("all", (f"{known}+" if known else "?") if more else str(known), ""))
        table((account, "requests", ""), rows, empty="Nothing to read.")
    if unknown and hint:
        click.echo("Add --active 2000 to estimate with about 2,000 active applications.")
