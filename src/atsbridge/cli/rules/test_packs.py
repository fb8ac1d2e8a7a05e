"""`atsbridge rules test`: run the tests in the packs."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from atsbridge.cli import FAILED
from atsbridge.cli.output import count
from atsbridge.cli.rules.rule_names import known
from atsbridge.outputfile import write_output


@click.command("test")
@click.argument("wanted", nargs=-1, metavar="[RULE]...")
@click.option(
    "--junit",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Also write the results as JUnit XML.",
)
@click.pass_obj
def test_command(config: Path, wanted: tuple[str, ...], junit: Path | None) -> None:
    """Run the tests in the packs. Exit 1 if one fails.

    Each `at` of a test is one run at that instant. Nothing is read from an ATS, stored or sent.
    Office hours come from [calendars], time zones and holidays from the people in the test.
    """
    from atsbridge.app import open_services
    from atsbridge.presentation import render
    from atsbridge.simulation import pack_test_report, play

    with open_services(config) as app:
        chosen = [known(app.packs.rule_set, name) for name in wanted]
        chosen = chosen or list(app.packs.checked_rules.rules.values())
        hours = {name: section.hours for name, section in app.settings.calendars.items()}
        outcomes = list(play(chosen, hours, render))
    if junit is not None:
        write_output(junit, pack_test_report.junit(outcomes), "the results")
    failed = [
        (outcome, blocks)
        for outcome in outcomes
        if (blocks := pack_test_report.differences(outcome))
    ]
    for outcome, blocks in failed:
        click.echo(f"failed: {pack_test_report.title(outcome)}")
        for block in blocks:
            click.echo(f"{block}\n")
    played, rules = count(len(outcomes), "test"), count(len(chosen), "rule")
    click.echo(f"{played} of {rules}, {len(failed) or 'none'} failed")
    if failed:
        sys.exit(FAILED)
