"""How vendors write instants and days that are not ISO 8601 with an offset."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from atsbridge.errors import SkipRecord
from atsbridge.model import FieldType


class EpochFormat(StrEnum):
    """An instant as a number since 1970-01-01 UTC."""

    SECONDS = "seconds"
    MILLISECONDS = "milliseconds"


@dataclass(frozen=True, slots=True)
class TextFormat:
    """An instant or a day as text, in the notation of `datetime.strptime`: "%d/%m/%Y %H:%M".

    `zone`: the zone of texts without an offset, an IANA name; needed for an instant unless the
    notation has %z.
    """

    notation: str
    zone: str = ""


TimeFormat = EpochFormat | TextFormat
_PER_SECOND = {EpochFormat.SECONDS: 1, EpochFormat.MILLISECONDS: 1000}


def read_formatted(value: Any, form: TimeFormat, kind: FieldType, member: str) -> Any:
    """The instant in UTC, or the day, that a vendor's value stands for; None if it is absent.

    SkipRecord that names the member if the value does not fit the format.
    """
    if value is None or value == "":
        return None
    try:
        at = _instant(value, form)
    except (ValueError, TypeError, OverflowError, OSError):
        raise SkipRecord(f"{member} is not written as declared", field=member) from None
    return at.date() if kind is FieldType.DATE else at.astimezone(UTC)


def _instant(value: Any, form: TimeFormat) -> datetime:
    if isinstance(form, EpochFormat):
        if isinstance(value, bool):
            raise TypeError
        return datetime.fromtimestamp(float(value) / _PER_SECOND[form], UTC)
    if not isinstance(value, str):
        raise TypeError
    at = datetime.strptime(value, form.notation)  # noqa: DTZ007  the zone follows
    if at.tzinfo is not None:
        return at
    return at.replace(tzinfo=ZoneInfo(form.zone) if form.zone else UTC)


def find_fault(form: TimeFormat, kind: FieldType) -> str:
    """Why the format does not fit a column of that type; "" if it does."""
    if kind not in (FieldType.INSTANT, FieldType.DATE):
        return "only instants and days have a format"
    if isinstance(form, EpochFormat):
        return ""
    if kind is FieldType.INSTANT and "%z" not in form.notation and not form.zone:
        return "its format has no offset (%z): name the zone, TextFormat(notation, zone=...)"
    sample = datetime(2026, 11, 30, 13, 45, 58, tzinfo=UTC)
    try:
        _instant(sample.strftime(form.notation), form)
    except (ValueError, KeyError, OSError):
        return f"its format {form.notation!r} or zone {form.zone!r} cannot be read back"
    return ""
