"""`atsbridge cases`: open cases, who has to act, and what was done about them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from atsbridge.cli.case_verbs import COMMANDS
from atsbridge.cli.options import ACCOUNT, JSON, CommandGroup
from atsbridge.cli.output import console, count, emit_json, is_piped
from atsbridge.errors import ConfigError
from atsbridge.model import to_iso
from atsbridge.presentation import describe, describe_notice_reason, describe_recipient

if TYPE_CHECKING:
    from atsbridge.cli.case_rows import CaseRow
    from atsbridge.cli.documents import HistoryEntry
    from atsbridge.model import Notice, Transition


@click.group(cls=CommandGroup, invoke_without_command=True)
@click.pass_context
def cases(context: click.Context) -> None:
    """List open cases and who has to act; `cases show NUMBER` shows the history of one case."""
    if context.invoked_subcommand is None:
        context.invoke(list_cases)


@cases.command("list")
@ACCOUNT
@click.option("--person", metavar="TEXT", help="Only cases that wait on this name or e-mail.")
@click.option("--rule", metavar="RULE", help="Only cases of this rule.")
@click.option("--requisition", metavar="REQ", help="Only cases of this requisition code.")
@click.option("--late", is_flag=True, help="Only cases past their due time.")
@click.option(
    "--backlog",
    is_flag=True,
    help="Count what was long overdue when its rule first ran, by requisition and person.",
)
@click.option("--all", "every", is_flag=True, help="Include ended cases.")
@JSON
@click.pass_obj
def list_cases(
    config: Path, /, account: str | None, every: bool, as_json: bool, **given: Any
) -> None:
    """List open cases, the longest overdue first. A case of a shadow rule is marked.

    Cases in the backlog are in no list but that of --backlog.
    """
    from atsbridge.app import open_services
    from atsbridge.cli.backlog_rows import group_backlog, print_backlog
    from atsbridge.cli.case_rows import CaseFilter, find_rows, print_rows, split_backlog

    chosen = CaseFilter(
        given["person"] or "", given["rule"] or "", given["requisition"] or "", given["late"]
    )
    with open_services(config) as app:
        names = [account] if account else sorted(app.settings.accounts)
        for name in names:
            app.account(name)
        now = app.time.now()
        rows = [row for name in names for row in find_rows(app, name, chosen, every=every)]
        read = any(app.store.records.read_states(name) for name in names)
    rows, backlog = split_backlog(rows)
    groups = group_backlog(backlog)
    if given["backlog"]:
        rows = backlog
    rows.sort(key=lambda row: (row.case.end is not None, row.case.due_at or now, row.case.number))
    if as_json:
        found = [row.as_document(now) for row in rows]
        emit_json({"cases": found, "backlog": [one.as_document() for one in groups]})
    elif given["backlog"]:
        print_backlog(groups, several=len(names) > 1)
    elif rows:
        print_rows(rows, now, several=len(names) > 1)
        _print_apart(len(backlog))
    elif not read:
        click.echo("Nothing has been read yet. `atsbridge run --dry-run` reads and sends nothing.")
    elif chosen.is_set:
        click.echo("No case matches.")
    else:
        click.echo("No case is open.")
        _print_apart(len(backlog))


def _print_apart(number: int) -> None:
    """How many cases are in the backlog, for people at a terminal."""
    if number and not is_piped():
        more = f"{count(number, 'more case')} in the backlog"
        click.echo(f"{more}: `atsbridge cases list --backlog` counts them.")


@cases.command()
@click.argument("number", type=int)
@JSON
@click.pass_obj
def show(config: Path, number: int, as_json: bool) -> None:
    """Show one case: its history, its notices, and how it ended."""
    from atsbridge.app import open_services
    from atsbridge.cli.case_rows import describe_cases

    with open_services(config) as app:
        case = app.store.cases.read_case(number)
        if case is None:
            raise ConfigError(f"there is no case {number}", remedy="See `atsbridge cases`")
        row = next(iter(describe_cases(app, case.subject.account, [case])))
        history = app.store.cases.read_transitions(number)
        notices = app.store.outbox.read_notices(case.subject.account, case=number)
        now = app.time.now()
    if as_json:
        entries = {
            "history": [convert_transition(one) for one in history],
            "notices": [_convert_notice(one) for one in notices],
        }
        emit_json({**row.as_document(now), **entries})
    else:
        _print_case(row, history, notices)


def convert_transition(row: Transition) -> HistoryEntry:
    """One transition as a `HistoryEntry`."""
    return {
        "at": row.at.isoformat(),
        "transition": row.name,
        "reason": describe(row.reason),
        "actor": row.actor,
    }


def _convert_notice(notice: Notice) -> Mapping[str, Any]:
    return {
        "to": notice.destination.address,
        "sink": notice.destination.sink,
        "why": describe_recipient(notice.destination),
        "state": notice.state,
        "hold": notice.hold,
        "reason": describe_notice_reason(notice),
        "sent_at": to_iso(notice.sent_at),
    }


def _print_case(row: CaseRow, history: Any, notices: Any) -> None:
    out, case = console(), row.case
    out.print(f"case {case.number}: {row.title} ({case.rule})", markup=False, style="bold")
    out.print(row.about, markup=False)
    waiting = f", waiting on {row.assignee}" if case.end is None else ""
    out.print(f"{case.end or case.clock}{waiting} {row.state_note}".rstrip(), markup=False)
    if row.remark:
        out.print(row.remark, markup=False)
    for step in history:
        out.print(f"  {step.at:%a %d %b %H:%M}  {step.name}: {describe(step.reason)}", markup=False)
    for notice in notices:
        to = f"{notice.destination.address} in {notice.destination.sink}"
        out.print(f"  {notice.state} {notice.purpose} to {to}", markup=False)
        why = f"{describe_recipient(notice.destination)} {describe_notice_reason(notice)}"
        out.print(f"      {why}".rstrip(), markup=False)


for _command in COMMANDS:
    cases.add_command(_command)
