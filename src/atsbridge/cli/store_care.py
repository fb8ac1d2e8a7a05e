"""`atsbridge store`: back up, copy and check the store."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from atsbridge.cli import FAILED
from atsbridge.cli.options import JSON, CommandGroup
from atsbridge.cli.output import count, emit_json, table

if TYPE_CHECKING:
    from atsbridge.cli.documents import (
        StoreBackupDocument,
        StoreCheckDocument,
        StoreCopyDocument,
        StoreFinding,
    )
    from atsbridge.settings import Settings
    from atsbridge.store import StoreCheckResult, TableCopy


@click.group(cls=CommandGroup)
def store() -> None:
    """Back up, copy and check the store."""


@store.command()
@click.argument("path", type=click.Path(dir_okay=False, path_type=Path))
@JSON
@click.pass_obj
def backup(config: Path, path: Path, as_json: bool) -> None:
    """Write the store to the new SQLite file PATH and check it. Runs may go on meanwhile."""
    from atsbridge.store import back_up

    made = back_up(_settings(config).store_url, path)
    if as_json:
        document: StoreBackupDocument = {"path": str(made.path), "bytes": made.size}
        emit_json(document)
    else:
        click.echo(f"Wrote {made.path} ({made.size:,} bytes) and checked it.")


@store.command("copy")
@click.argument("source", metavar="FROM")
@click.argument("target", metavar="TO")
@JSON
def copy_command(source: str, target: str, as_json: bool) -> None:
    """Copy the store at the URL FROM into the empty database at the URL TO.

    Each table is read back and compared. No run may be at work on FROM. If the copy fails, TO
    stays empty.
    """
    from atsbridge.store import copy_store

    def show(one: TableCopy) -> None:
        click.echo(f"  {one.table}: {one.rows:,}", err=True)

    done = copy_store(source, target, show if sys.stderr.isatty() and not as_json else None)
    if as_json:
        document: StoreCopyDocument = {
            "tables": {one.table: {"rows": one.rows, "digest": one.digest} for one in done}
        }
        emit_json(document)
    else:
        rows = count(sum(one.rows for one in done), "row")
        click.echo(f"Copied {count(len(done), 'table')} with {rows}; the digests agree.")


@store.command()
@JSON
@click.pass_obj
def check(config: Path, as_json: bool) -> None:
    """Look for damage, missing tables, and rows that refer to nothing. It changes nothing.

    Exit 1 if something is wrong. A line marked "look" is for you to decide.
    """
    from atsbridge.store import check_store

    settings = _settings(config)
    findings = [_finding(one) for one in check_store(settings.store_url, settings.accounts)]
    if as_json:
        document: StoreCheckDocument = {"findings": findings}
        emit_json(document)
    else:
        table(("check", "result", "looked at", "details"), map(_row, findings), empty="")
        for remedy in (one["remedy"] for one in findings if one["count"]):
            click.echo(remedy, err=True)
    if any(one["count"] and not one["warning"] for one in findings):
        sys.exit(FAILED)


def _settings(config: Path) -> Settings:
    """The settings. A mistake outside [store] does not stop the care for the store."""
    from atsbridge.settings import ConfigErrors, read

    reading = read(config)
    wrong = [problem for problem in reading.problems if problem.keys[:1] == ("store",)]
    if wrong:
        raise ConfigErrors(reading.settings.source.errors(wrong))
    return reading.settings


class _Sentence(NamedTuple):
    """What a check found, and what to do."""

    unit: str  # of the checked rows
    wrong: str
    remedy: str
    warning: bool = False


_SENTENCES: Mapping[str, _Sentence] = {
    "database": _Sentence(
        "row",
        "damaged",
        "The database is damaged. Stop the runs and put back a backup, or move the store away: the"
        " next sync fills a new one from the ATS.",
    ),
    "tables": _Sentence(
        "table",
        "missing",
        "Put back a backup if a table or column is missing. If only an index is missing, copy the"
        " store with `atsbridge store copy`: the copy has every index.",
    ),
    "history": _Sentence(
        "row",
        "without what they belong to",
        "No command reads these rows. Please report it: it is a fault of atsbridge.",
    ),
    "entries": _Sentence(
        "row",
        "about records that are not stored",
        "They cost time, nothing else. Please report it: it is a fault of atsbridge.",
    ),
    "cases": _Sentence(
        "case",
        "open about records that are not stored",
        "Put back the records with `atsbridge sync --full`. End what remains with"
        " `atsbridge cases false-alarm CASE`.",
    ),
    "records": _Sentence(
        "record",
        "that no list shows or whose application is deleted",
        "Read everything with `atsbridge sync --full` and check again. What remains is still listed"
        " by the ATS itself.",
        warning=True,
    ),
    "accounts": _Sentence(
        "account",
        "with data but not in the settings",
        "No run updates or erases this data. If an account was renamed, give it its old name back"
        " in the settings.",
        warning=True,
    ),
}


def _finding(found: StoreCheckResult) -> StoreFinding:
    sentence = _SENTENCES[found.check]
    return {
        "check": found.check.value,
        "looked_at": found.looked_at,
        "count": found.wrong,
        "examples": list(found.examples),
        "remedy": sentence.remedy if found.wrong else "",
        "warning": sentence.warning,
    }


def _row(found: StoreFinding) -> tuple[str, str, str, str]:
    sentence = _SENTENCES[found["check"]]
    looked = count(found["looked_at"], sentence.unit)
    if not found["count"]:
        return found["check"], "ok", looked, ""
    details = f"{found['count']:,} {sentence.wrong}: {', '.join(found['examples'])}"
    return found["check"], "look" if sentence.warning else "no", looked, details
