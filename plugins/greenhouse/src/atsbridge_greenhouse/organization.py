"""Users, offices and departments."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from atsbridge.api import Fragment
from atsbridge_greenhouse.listing import DATES, listed
from atsbridge_greenhouse.values import (
    Row,
    Scalar,
    custom,
    dates,
    flag,
    ident,
    own_id,
    text,
)


class User(Row):
    """GET /v3/users, without integration users: they have no tasks and read no messages."""

    name: Scalar = None
    primary_email: Scalar = None
    deactivated: Scalar = None
    office_ids: list[Scalar] | None = None
    custom_fields: Any = None


class Named(Row):
    """GET /v3/offices and /v3/departments."""

    name: Scalar = None


def user(row: User) -> Iterable[Fragment]:
    """A colleague. `office`: the first of several. Without `deactivated`, `active` is unknown."""
    email = text(row.primary_email)
    deactivated = flag(row.deactivated)
    values: dict[str, Any] = {
        "name": text(row.name),
        "email": email.lower() if email else None,
        "active": None if deactivated is None else not deactivated,
        "office": next(filter(None, map(ident, row.office_ids or ())), None),
        "custom": custom(_colleagues(row.custom_fields)),
        **dates(row),
    }
    yield Fragment("user", own_id(row), values)


def _colleagues(fields: Any) -> dict[str, Any]:
    """The custom fields that name another user. Whatever else they hold of a person is not kept."""
    named = fields.items() if isinstance(fields, dict) else ()
    return {k: one for k, one in named if isinstance(one, dict) and one.get("type") == "user"}


def office(row: Named) -> Iterable[Fragment]:
    """An office; Greenhouse has neither its zone nor its country."""
    yield Fragment("office", own_id(row), {"name": text(row.name), **dates(row)})


def department(row: Named) -> Iterable[Fragment]:
    """A department."""
    yield Fragment("department", own_id(row), {"name": text(row.name), **dates(row)})


STREAMS = (
    listed("users", User, user, {"user": ("name", "email", "active", "office", "custom", *DATES)}),
    listed("offices", Named, office, {"office": ("name", *DATES)}),
    listed("departments", Named, department, {"department": ("name", *DATES)}),
)
