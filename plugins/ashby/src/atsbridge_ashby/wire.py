"""Members that rows of several lists share: ids, people, custom fields."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import msgspec

from atsbridge.api import plain_number

_EMPTY: tuple[Any, ...] = (None, "", [], {})


class Part(msgspec.Struct, rename="camel", kw_only=True):
    """An object inside a row, with mapped members only."""


class Row(msgspec.Struct, rename="camel", kw_only=True):
    """A row as received, with mapped members only. All but the id are optional."""

    id: str


class Named(Part):
    """A record that is embedded; only its id is read."""

    id: str | None = None


class CustomField(Part):
    """A field of the customer. `value_label`: the text of a chosen option."""

    title: str | None = None
    value: Any = None
    value_label: Any = None


class Member(Part):
    """A person of a hiring team. Name and address are those of a user and are not read."""

    user_id: str | None = None
    role: str | None = None


# Role names of a new Ashby account, in lower case. Customers may add roles; those are kept as
# "other:<name>".
ROLES = {
    "hiring manager": "hiring_manager",
    "recruiter": "recruiter",
    "recruiting coordinator": "coordinator",
    "coordinator": "coordinator",
    "sourcer": "sourcer",
}


def ref(value: Named | None) -> str | None:
    """The id of an embedded record, None if it has none."""
    return (value.id or None) if value is not None else None


def read_day(text: str | None) -> date | None:
    """The day of a date or an instant, as the vendor wrote it; None for anything else."""
    try:
        return date.fromisoformat((text or "").strip()[:10])
    except ValueError:
        return None


def role_of(member: Member) -> str | None:
    """The catalog's role; another one as "other:<name>"; None without one."""
    name = (member.role or "").strip()
    return ROLES.get(name.casefold(), f"other:{name}") if name else None


def id_of(raw: bytes) -> str:
    """The id of a raw row; "" if it cannot be read."""
    try:
        return msgspec.json.decode(raw, type=Row).id
    except msgspec.DecodeError:
        return ""


def find_in_role(team: Iterable[Member] | None, role: str) -> str | None:
    """The first person of the team who has the role."""
    return next((one.user_id for one in team or () if one.user_id and role_of(one) == role), None)


def unscheduled(schedule: str) -> str:
    """The id of the interview that a schedule without events stands for."""
    return f"{schedule}:unscheduled"


def seat_id(event: str, user: str) -> str:
    """The id of a person's seat in an event."""
    return f"{event}:{user}"


def custom(fields: Sequence[CustomField] | None) -> Mapping[str, Any] | None:
    """Custom fields by title, as plain values; None if none has a value.

    An amount or a range becomes several keys ("Budget.min", "Budget.currency"), so that an account
    can map each. A list of options is one text, in the vendor's order.
    """
    found: dict[str, Any] = {}
    for field in fields or ():
        if not field.title:
            continue
        value = field.value if field.value_label in _EMPTY else field.value_label
        if isinstance(value, dict):
            found.update(
                {f"{field.title}.{name}": one for name, one in _measures(value) if one is not None}
            )
        elif isinstance(value, list):
            found[field.title] = ", ".join(str(one) for one in value if one not in _EMPTY)
        elif value not in _EMPTY:
            found[field.title] = value
    return {title: value for title, value in found.items() if value not in _EMPTY} or None


def _measures(value: Mapping[str, Any]) -> Iterable[tuple[str, Any]]:
    """Parts of an amount ({value, currencyCode}) or a range ({minValue, maxValue, …})."""
    yield "amount", plain_number(value.get("value"))
    yield "min", plain_number(value.get("minValue"))
    yield "max", plain_number(value.get("maxValue"))
    for name, member in (("currency", "currencyCode"), ("period", "interval")):
        text = value.get(member)
        yield name, text if isinstance(text, str) and text else None
