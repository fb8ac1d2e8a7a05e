"""`atsbridge doctor`: can every account be read and written as allowed, and what is missing.

A message of trial is `sendtest`'s.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from atsbridge.cli import FAILED
from atsbridge.cli.output import console, emit_json

if TYPE_CHECKING:
    from rich.text import Text

    from atsbridge.ports import Checked


@click.command()
@click.option("--account", help="Only this account.")
@click.option(
    "--send-test",
    "who",
    metavar="WHO",
    help="Send one message along each way to an e-mail address, channel:#name or team, and stop.",
)
@click.option("--json", "as_json", is_flag=True, help="For machines.")
@click.pass_obj
def doctor(config: Path, account: str | None, who: str | None, as_json: bool) -> None:
    """Find what would break the next run: settings, rules, store, sinks, and each account.

    Exit 1 where a run would fail; a line marked "look" is for you to decide.
    """
    from atsbridge.app import open_services

    with open_services(config) as app:
        names = [account] if account else sorted(app.settings.accounts)
        for name in names:
            app.account(name)
        if who is not None:
            from atsbridge.cli.send_test import tested

            found = {f"a test to {who}": list(tested(app, who, names))}
        else:
            from atsbridge.app import examine

            found = examine(app, names)
    if as_json:
        emit_json(
            {
                name: [
                    {"what": c.what, "good": c.good, "detail": c.detail}
                    | {"remedy": c.remedy, "warning": c.warning}
                    for c in checks
                ]
                for name, checks in found.items()
            }
        )
    else:
        for name, checks in found.items():
            _print(name, checks)
    if not all(check.good or check.warning for checks in found.values() for check in checks):
        sys.exit(FAILED)


def _mark(check: Checked) -> Text:
    from rich.text import Text

    if check.good:
        return Text("  ok  ", style="green")
    if check.warning:
        return Text(" look ", style="yellow")
    return Text("  no  ", style="bold red")


def _print(name: str, checks: list[Checked]) -> None:
    from rich.table import Table
    from rich.text import Text

    lines = Table.grid()  # so that what is longer than a line stays beside its mark
    for check in checks:
        mark = _mark(check)
        line = Text(check.what)
        if check.detail:
            line.append(f"  {check.detail}", style="dim")
        lines.add_row(mark, line)
        if check.remedy and not check.good:
            lines.add_row("", Text(check.remedy))
    out = console()
    out.print(Text(name, style="bold"))
    out.print(lines)
