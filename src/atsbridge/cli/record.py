"""`atsbridge record ACCOUNT`: save answers of the ATS for tests, with everything replaced."""

from __future__ import annotations

from pathlib import Path

import click

from atsbridge.cli.output import table


@click.command()
@click.argument("account")
@click.option(
    "--out",
    metavar="FOLDER",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="A new folder for the recording.",
)
@click.option(
    "--pages", default=2, show_default=True, type=click.IntRange(1, 100), help="Pages of each list."
)
@click.option(
    "--parents",
    default=10,
    show_default=True,
    type=click.IntRange(1, 1000),
    help="Records whose children are read.",
)
@click.pass_obj
def record(config: Path, account: str, out: Path, pages: int, parents: int) -> None:
    """Save real answers of ACCOUNT for tests of its connector, with everything replaced.

    Names, addresses, texts, numbers, ids and dates are replaced before anything is written, the
    same value always alike. Only the names of members that the connector reads and the words that
    its code knows stay. It reads only, and sends nothing.
    """
    import secrets

    from atsbridge.app import open_services
    from atsbridge.recording import (
        RecordingOptions,
        Replacer,
        known_members,
        known_terms,
        require_empty,
        write_recording,
    )
    from atsbridge.recording import record as record_account

    with open_services(config) as app:
        spec = app.spec(account)
        require_empty(out)
        connector = app.open_connector(account)
        replacer = Replacer(known_terms(spec), known_members(spec), secrets.token_bytes)
        found = record_account(connector, replacer, RecordingOptions(pages, parents))
    files = write_recording(out, found.lists)
    rows = [(one.stream, len(one.rows), found.changed.get(one.stream, 0)) for one in found.lists]
    table(("list", "rows", "lost"), [tuple(map(str, row)) for row in rows], empty="No list.")
    for name, why in found.failures.items():
        click.echo(f"{name}: left out, it could not be read: {why}", err=True)
    if any(found.changed.values()):
        click.echo("lost: rows that the connector understood before their values were replaced.")
    click.echo(f"Wrote {len(files)} files to {out}. Look at them before you give them away.")
