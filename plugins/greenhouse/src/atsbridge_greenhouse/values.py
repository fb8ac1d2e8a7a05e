"""Convert values of Harvest v3 rows: ids, instants, days, enums, custom fields."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any

import msgspec

from atsbridge.api import MAX_ID, SkipRecord, is_id, pay_period, plain_number, whole_number

# The types of a plain field. Greenhouse has changed types of fields before; an id as text or a
# number as "85.0" must not cost the row.
Scalar = str | int | float | bool | None

# A date outside is a placeholder or a typing error, and no clock may use it.
_YEARS = range(1970, 2200)


_MOST_ID = 10**MAX_ID
_DIGITS = 18  # of an id by which further requests may ask
_MOST_ASKED = 10**_DIGITS


class Row(msgspec.Struct):
    """The members of every row. All others are optional: absent and null mean the same."""

    id: Scalar = None
    created_at: Scalar = None
    updated_at: Scalar = None


def own_id(row: Row) -> str:
    """The row's id as text. SkipRecord if it has none, or one that no request could use."""
    value = row.id
    if value.__class__ is int and 0 < value < _MOST_ASKED:
        return str(value)
    found = ident(value)
    if found is None:
        raise SkipRecord("a row has no id")
    if not is_number(found):
        raise SkipRecord("its id is no whole number, as every id of Harvest v3 is")
    return found


def ident(value: Scalar) -> str | None:
    """An id as text, however it was sent; None for null, "", 0, and what can be no id.

    Ids go into the addresses of further requests, which one of 8,000 characters would fail.
    """
    if value.__class__ is int:
        if 0 < value < _MOST_ASKED:  # the usual form
            return str(value)
        return str(value) if value and abs(value) < _MOST_ID else None
    if value is None or isinstance(value, bool):
        return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    written = str(value).strip()
    return written if written != "0" and is_id(written) else None


def is_number(found: str) -> bool:
    """Whether further requests may ask by this id: of one that is no number, or too long a one,
    Harvest refuses the whole request (422), and with it the other ids in it."""
    return found.isascii() and found.isdecimal() and len(found) <= _DIGITS


def text(value: Scalar) -> str | None:
    """Text without the white space around it; None if nothing is left."""
    return (str(value).strip() or None) if value is not None else None


def flag(value: Scalar) -> bool | None:
    """A boolean; None for anything else."""
    return value if isinstance(value, bool) else None


def whole(value: Scalar) -> int | None:
    """A whole number, also one sent as text; None for anything else."""
    return whole_number(value)


def instant(row: Row, name: str) -> datetime | None:
    """The instant in that field, in UTC; second precision and numeric offsets are read too.

    An instant without a zone is taken as UTC, which is what the vendor promises. SkipRecord if
    there is something that is no instant: to read it as "not yet" would be a lie.
    """
    value: Scalar = getattr(row, name)
    if value is None or value == "":
        return None
    try:
        found = datetime.fromisoformat(value)  # type: ignore[arg-type]
        if found.tzinfo is UTC and found.year in _YEARS:
            return found  # the usual form
    except (ValueError, TypeError):
        pass
    return _parse_instant(value, name)


def _parse_instant(value: Scalar, name: str) -> datetime:
    """One with white space around it, another offset, none, or none that anybody can read."""
    try:
        found = datetime.fromisoformat(str(value).strip())
        if found.tzinfo is not UTC:
            found = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        raise SkipRecord(f"{name} is not an instant", field=name) from None
    if found.year not in _YEARS:
        raise SkipRecord(f"{name} lies in the year {found.year}", field=name)
    return found


def day(row: Row, name: str) -> date | None:
    """The day in that field; of an instant its day in UTC. SkipRecord as for `instant`."""
    value: Scalar = getattr(row, name)
    if value is None or value == "":
        return None
    written = str(value).strip()
    try:
        if len(written) > len("2026-11-14"):
            return _parse_instant(written, name).date()
        found = date.fromisoformat(written)
    except ValueError:
        raise SkipRecord(f"{name} is not a day", field=name) from None
    if found.year not in _YEARS:
        raise SkipRecord(f"{name} lies in the year {found.year}", field=name)
    return found


def canonical(value: Scalar, values: Mapping[str, str]) -> str | None:
    """The canonical value, ignoring case; "other:<value>" for an unknown one."""
    if isinstance(value, str) and value in values:
        return values[value]
    sent = text(value)
    if sent is None:
        return None
    return values.get(sent.lower(), f"other:{sent}")


def dates(row: Row) -> dict[str, datetime | None]:
    """The two date columns of every record."""
    return {
        "created_at": instant(row, "created_at"),
        "updated_at": instant(row, "updated_at"),
    }


# --- custom fields ------------------------------------------------------------------------------

_MONEY = frozenset({"currency", "currency_range"})
_TYPED = frozenset({"user", "number"})  # kinds whose values are converted
_EMPTY: tuple[Any, ...] = (None, "", [], {})


def custom(fields: Any) -> dict[str, Any]:
    """A row's `custom_fields` as key -> plain value, without empty ones.

    An amount or range becomes several keys (`salary.min`, `salary.max`, `salary.currency`), so
    that an account can map each of them.
    """
    found: dict[str, Any] = {}
    if not isinstance(fields, dict):
        return found
    for key, field in fields.items():
        if field.__class__ is dict and "value" in field:  # as in `_told`, mostly without the call
            kind, value = field.get("type"), field["value"]
            if value.__class__ is dict and "frequency" in field:
                kind, value = _typed_value(field)
        else:
            kind, value = "", field
        if value.__class__ is dict or kind in _TYPED:
            value = _plain(kind or "", value)
            if value.__class__ is dict:
                found.update((f"{key}.{part}", one) for part, one in value.items())
                continue
        if value or value not in _EMPTY:
            found[key] = value
    return found


def money(fields: Any) -> dict[str, Any]:
    """Only the amounts of money among a row's `custom_fields`: key -> {amount, min, …}."""
    return {key: value for key, kind, value in _filled(fields) if kind in _MONEY}


def without_money(fields: Any) -> dict[str, Any]:
    """As `custom`, without amounts of money."""
    return custom({key: value for key, kind, value in _filled(fields) if kind not in _MONEY})


def _filled(fields: Any) -> Iterator[tuple[str, str, Any]]:
    """Key, type and plain value of each field that has one.

    An empty map may come as [], and a value may stand there without its {name, type, value}.
    """
    if not isinstance(fields, dict):
        return
    for key, field in fields.items():
        kind, value = _typed_value(field)
        if (plain := _plain(kind, value)) not in _EMPTY:
            yield key, kind, plain


def _typed_value(field: Any) -> tuple[str, Any]:
    """Type and value of a custom field; a `frequency` beside an amount goes with it."""
    if field.__class__ is dict and "value" in field:
        value = field["value"]
        if field.get("frequency") and isinstance(value, dict):
            value = {**value, "frequency": field["frequency"]}
        return field.get("type") or "", value
    return "", field


def _plain(kind: str, value: Any) -> Any:
    if isinstance(value, dict):
        if kind == "user" or "user_id" in value:
            return ident(value.get("user_id"))
        return {name: found for name, found in _measures(value) if found is not None}
    if kind == "user":
        return ident(value)
    if kind == "number":
        return plain_number(value)
    return value


def _measures(value: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """An amount or range. Webhooks, v3 reads and v3 writes name its parts differently."""

    def first(*names: str) -> Any:
        return next((value[n] for n in names if value.get(n) is not None), None)

    return [
        ("amount", plain_number(first("amount"))),
        ("min", plain_number(first("min_value", "min_amount"))),
        ("max", plain_number(first("max_value", "max_amount"))),
        ("currency", first("unit", "currency_code")),
        ("period", pay_period(first("frequency"))),
    ]
