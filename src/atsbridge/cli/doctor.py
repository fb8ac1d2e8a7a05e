"""`atsbridge doctor`: check settings, rules, store, sinks and accounts."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from atsbridge.cli import FAILED
from atsbridge.cli.options import ACCOUNT, JSON
from atsbridge.cli.output import console, emit_json

if TYPE_CHECKING:
    from rich.text import Text

    from atsbridge.cli.documents import CheckDocument
    from atsbridge.ports import CheckResult


@click.command()
@ACCOUNT
@click.option(
    "--send-test",
    "who",
    metavar="WHO",
    help="Only send a test message to an e-mail address, channel:#name or team.",
)
@JSON
@click.pass_obj
def doctor(config: Path, account: str | None, who: str | None, as_json: bool) -> None:
    """Check what the next run needs: settings, rules, store, sinks, and each account.

    Exit 1 if a run would fail. A line marked "look" is for you to decide.
    """
    from atsbridge.app import open_services

    with open_services(config) as app:
        names = [account] if account else sorted(app.settings.accounts)
        for name in names:
            app.account(name)
        if who is not None:
            from atsbridge.cli.send_test import send_test_messages

            found = {f"test message to {who}": list(send_test_messages(app, who, names))}
        else:
            from atsbridge.app import examine

            found = examine(app, names)
    if as_json:
        sections = {name: [_convert(check) for check in its] for name, its in found.items()}
        emit_json({"sections": sections})
    else:
        for name, checks in found.items():
            print_checks(name, checks)
    if not all(check.good or check.warning for checks in found.values() for check in checks):
        sys.exit(FAILED)


def _convert(check: CheckResult) -> CheckDocument:
    return {
        "what": check.what,
        "good": check.good,
        "detail": check.detail,
        "remedy": check.remedy,
        "warning": check.warning,
    }


def _status(check: CheckResult) -> Text:
    from rich.text import Text

    if check.good:
        return Text("  ok  ", style="green")
    if check.warning:
        return Text(" look ", style="yellow")
    return Text("  no  ", style="bold red")


def print_checks(name: str, checks: list[CheckResult]) -> None:
    """Print the checks of one section, each with its remedy below."""
    from rich.table import Table
    from rich.text import Text

    lines = Table.grid()  # wrapped lines stay beside their status
    for check in checks:
        status = _status(check)
        line = Text(check.what)
        if check.detail:
            line.append(f"  {check.detail}", style="dim")
        lines.add_row(status, line)
        if check.remedy and not check.good:
            lines.add_row("", Text(check.remedy))
    out = console()
    out.print(Text(name, style="bold"))
    out.print(lines)
