"""`atsbridge report`: one self-contained page of both sides, or its figures as CSV or JSON."""

from __future__ import annotations

from pathlib import Path

import click

from atsbridge.cli.options import ACCOUNT
from atsbridge.cli.output import format_json
from atsbridge.outputfile import write_output

_NAMES = {"html": "report.html", "csv": "report.csv", "json": "report.json"}


@click.command()
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path, allow_dash=True),
    help="Write to this file; - for the terminal. Default: report.html, .csv or .json here.",
)
@click.option(
    "--format",
    "kind",
    type=click.Choice(["html", "csv", "json"]),
    default="html",
    show_default=True,
    help="A page, all figures as one table, or everything as JSON.",
)
@click.option(
    "--weeks",
    type=click.IntRange(1, 52),
    default=12,
    show_default=True,
    help="How many weeks, this one included.",
)
@ACCOUNT
@click.option("--requisition", default="", metavar="REQ", help="Only this one, by code or id.")
@click.option(
    "--confidential",
    is_flag=True,
    help="Show a confidential REQ: only its hiring team may read the report.",
)
@click.pass_obj
def report(
    config: Path,
    out: Path | None,
    kind: str,
    weeks: int,
    account: str | None,
    requisition: str,
    confidential: bool,
) -> None:
    """Write a report of both sides: promises, answers, open roles, stages, cases.

    Reads the store and asks no ATS. The file can be read by you only: it holds data of people.
    """
    from atsbridge.app import open_services
    from atsbridge.report import (
        ReportOptions,
        collect_report,
        render_page,
        to_csv,
        to_document,
    )

    options = ReportOptions(weeks, account or "", requisition, confidential)
    with open_services(config) as app:
        found = collect_report(app, options)
    target = out or Path(_NAMES[kind])
    if kind == "json":
        text = format_json(to_document(found))
    else:
        text = to_csv(found) if kind == "csv" else render_page(found)
    if str(target) == "-":
        click.echo(text, nl=not text.endswith("\n"))
        return
    write_output(target, text, "the report")
    click.echo(f"Wrote {target.resolve()}", err=True)
