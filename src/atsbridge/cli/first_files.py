"""The files that `init` writes. None is overwritten, and others than the owner may read none."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

from atsbridge.errors import ConfigError

if TYPE_CHECKING:
    from atsbridge.context import Services


def write_new(path: Path, text: str) -> None:
    """Write a file that does not exist yet. ConfigError if it does, or cannot be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        remedy = "Move it away, or name another file with --config"
        raise ConfigError("this file exists already", where=str(path), remedy=remedy) from None
    except OSError as error:
        what = f"this file cannot be written: {error.strerror}"
        raise ConfigError(what, where=str(path)) from None
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)


def write_secret(folder: Path, name: str, value: str) -> str:
    """Write a secret beside the settings; return its path from there. A newer one replaces it."""
    path = folder / "secrets" / name
    path.unlink(missing_ok=True)
    write_new(path, value + "\n")
    return f"secrets/{name}"


def add_to(path: Path, text: str) -> None:
    """Add text at the end of a file; what is there stays as it is."""
    with path.open("r+", encoding="utf-8") as file:
        ends = file.read()[-1:]
        file.write(("" if ends in ("", "\n") else "\n") + text)


def add_unplaced_people(services: Services, folder: Path, account: str) -> Iterator[str]:
    """Write people without a time zone to people/ACCOUNT.csv, to be completed by hand."""
    from atsbridge.context import AccountContext, find_unplaced

    context = AccountContext(services, account)
    unplaced = find_unplaced(context, context.calendars.locales).zone
    emails = [one for one in unplaced if "@" in one]  # others are known by name or id only
    path = folder / "people" / f"{account}.csv"
    if not emails or path.exists():
        return
    names = {user.email: user.name or "" for user in context.users.values() if user.email}
    text = StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(("email", "name", "manager", "timezone", "country"))
    rows.writerows((email, names.get(email, ""), "", "", "") for email in emails)
    write_new(path, text.getvalue())
    who = "1 person has" if len(emails) == 1 else f"{len(emails)} people have"
    yield f"{who} no time zone, so UTC is used for them. Complete {path}."
