"""Users, offices and departments.

Who does what on a job is in `requisitions`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from atsbridge.model.fragment import Fragment
from atsbridge.ports import Stream
from atsbridge_greenhouse.values import (
    Row,
    Scalar,
    asked,
    changed,
    dates,
    flag,
    ident,
    own_id,
    text,
)


class User(Row):
    """GET /v3/users. Integration service users stay hidden: they owe nothing and read nothing."""

    name: Scalar = None
    primary_email: Scalar = None
    deactivated: Scalar = None
    office_ids: list[Scalar] | None = None


class Named(Row):
    """GET /v3/offices and /v3/departments."""

    name: Scalar = None


def user(row: User) -> Iterable[Fragment]:
    """A colleague; `office` is the first of several. No `deactivated` says nothing of `active`."""
    email = text(row.primary_email)
    deactivated = flag(row.deactivated)
    values: dict[str, Any] = {
        "name": text(row.name),
        "email": email.lower() if email else None,
        "active": None if deactivated is None else not deactivated,
        "office": next(filter(None, map(ident, row.office_ids or ())), None),
        **dates(row),
    }
    yield Fragment("user", own_id(row), values)


def office(row: Named) -> Iterable[Fragment]:
    """A place; Greenhouse has neither its zone nor its country."""
    yield Fragment("office", own_id(row), {"name": text(row.name), **dates(row)})


def department(row: Named) -> Iterable[Fragment]:
    """A part of the company."""
    yield Fragment("department", own_id(row), {"name": text(row.name), **dates(row)})


STREAMS = (
    Stream(
        name="users",
        path="users",
        row=User,
        normalise=user,
        owns={"user": ("name", "email", "active", "office", "created_at", "updated_at")},
        params={"per_page": "500", "fields": asked(User)},
        since=changed,
        whole=True,
        scope="harvest:users:list",
    ),
    Stream(
        name="offices",
        path="offices",
        row=Named,
        normalise=office,
        owns={"office": ("name", "created_at", "updated_at")},
        params={"per_page": "500", "fields": asked(Named)},
        since=changed,
        whole=True,
        scope="harvest:offices:list",
    ),
    Stream(
        name="departments",
        path="departments",
        row=Named,
        normalise=department,
        owns={"department": ("name", "created_at", "updated_at")},
        params={"per_page": "500", "fields": asked(Named)},
        since=changed,
        whole=True,
        scope="harvest:departments:list",
    ),
)
