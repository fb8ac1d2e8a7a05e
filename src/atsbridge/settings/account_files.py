"""Accounts in files of their own: `accounts.d/*.toml` beside the settings."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from atsbridge.errors import ConfigError
from atsbridge.settings.setting_errors import ConfigErrors, Source
from atsbridge.settings.toml_positions import Keys
from atsbridge.textfile import matching, name_of, read_text

ACCOUNT_FILES = "accounts.d/*.toml"
_ACCOUNTS = "accounts"
_ONLY = "Only [accounts.NAME] belongs into this file; move the rest to the main settings"


def add_account_files(
    data: dict[str, Any], source: Source, folder: Path, parse: Callable[[str, str], dict[str, Any]]
) -> Source:
    """Add the accounts of the files to `data`; return the source, which knows their places.

    `parse` makes the data of a text and its name. ConfigErrors for files that are no TOML, hold
    anything but accounts, or hold an account that exists already.
    """
    errors: list[ConfigError] = []
    others: dict[Keys, Source] = {}
    given = data.get(_ACCOUNTS, {})
    if not isinstance(given, dict):
        return source  # this mistake is reported first
    accounts = dict(given)
    for file in matching(ACCOUNT_FILES, folder):
        name = name_of(file, folder)
        try:
            text = read_text(file, name=name)
            own = Source(name, text)
            for account, section in _read_accounts(parse(text, name), own):
                if account in accounts:
                    there = others.get((_ACCOUNTS, account), source)
                    remedy = f"It is in {there.name} too: keep one of the two"
                    where = own.place((_ACCOUNTS, account), at_key=True)
                    errors.append(
                        ConfigError("this account exists twice", where=where, remedy=remedy)
                    )
                    continue
                accounts[account] = section
                others[(_ACCOUNTS, account)] = own
        except ConfigError as error:
            errors.append(error)
    if errors:
        raise ConfigErrors(errors)
    if accounts:
        data[_ACCOUNTS] = accounts
    return source.with_others(others)


def _read_accounts(data: Mapping[str, Any], own: Source) -> Iterator[tuple[str, Any]]:
    """(name, section) of each account. ConfigError for anything else in the file."""
    for key in data:
        if key != _ACCOUNTS:
            where = own.place((key,), at_key=True)
            raise ConfigError("this file is for accounts", where=where, remedy=_ONLY)
    found = data.get(_ACCOUNTS, {})
    if not isinstance(found, dict):
        where = own.place((_ACCOUNTS,))
        raise ConfigError("accounts is no section", where=where, remedy=_ONLY)
    yield from found.items()
