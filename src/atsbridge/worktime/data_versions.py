"""Versions of the holiday and time zone data; calendars cached from another version are stale."""

from __future__ import annotations

import zoneinfo
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path


@cache
def holidays_version() -> str:
    """The version of the `holidays` library, without importing it."""
    return _installed("holidays")


@cache
def zones_version() -> str:
    """The version of the time zone database in use, such as "2025b"; "" if it is not known.

    The operating system's database is preferred to the package tzdata, as in `zoneinfo`.
    """
    for folder in zoneinfo.TZPATH:
        for name in ("tzdata.zi", "+VERSION"):
            try:
                with (Path(folder) / name).open(encoding="ascii", errors="replace") as file:
                    return file.readline(80).removeprefix("# version").strip()
            except OSError:
                continue
    return _installed("tzdata")


def data_version() -> str:
    """A text that changes with the version of the holiday or time zone data."""
    return f"holidays {holidays_version()}; zones {zones_version()}"


def _installed(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""
