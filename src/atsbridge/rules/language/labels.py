"""Write paths and values as text, for the findings of checks."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from atsbridge.worktime import Duration, Unit


def named(path: str) -> str:
    """The last word of a path: "hiring manager", "target date" of "requisition.target_on"."""
    name = path.rpartition(".")[2]
    if name in ("pay_min", "pay_max"):
        return "pay range"
    if name.endswith("_on"):
        name = f"{name[:-3]} date"
    elif name.endswith("_at"):
        name = name[:-3]
    return name.replace("_", " ")


def format_value(value: Any) -> str:
    """A plain value: "not set", "yes", "3", "5 March 2026"."""
    if value is None:
        return "not set"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple | list):
        return ", ".join(map(str, value)) or "none"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, date):
        return f"{value.day} {value:%B %Y}"
    return str(value)


_NOUNS = {"application": "candidate", "seat": "interview", "stage_stay": "stage entry"}


def counted(number: int, kind: str) -> str:
    """A number of records of a kind: "1 candidate", "12 interviews"."""
    noun = _NOUNS.get(kind, kind.replace("_", " "))
    several = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
    return f"{number} {noun if number == 1 else several}"


_UNITS = {Unit.H: "hour", Unit.D: "day", Unit.BD: "working day", Unit.BH: "office hour"}


def lasting(amount: Duration) -> str:
    """An amount of time: "1 working day", "36 hours", "1.5 days", "5 days before"."""
    if amount.span.total_seconds() < 0:
        return f"{lasting(-amount)} before"
    number = str(amount).rstrip("bdh")
    return f"{number} {_UNITS[amount.unit]}{'' if number == '1' else 's'}"


def day(at: datetime, zone: str) -> str:
    """The day of an instant in an IANA zone: "Tue 3 Mar"."""
    local: date = at.astimezone(ZoneInfo(zone)).date()
    return f"{local:%a} {local.day} {local:%b}"
