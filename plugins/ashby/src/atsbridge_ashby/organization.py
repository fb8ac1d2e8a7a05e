"""Users, departments, locations and archive reasons: lists that rarely change."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from atsbridge.api import Fragment, Instant, Reconciliation, read_enum, read_instant
from atsbridge_ashby.listing import asked, synced
from atsbridge_ashby.wire import Part, Row

# Every other reason stays "other:<type>": nobody's decision, until the account maps it.
_REASONS = {"RejectedByCandidate": "theirs", "RejectedByOrg": "ours"}
_COUNTRY = 2  # letters of an ISO 3166 code


class UserRow(Row):
    """A row of `user.list`."""

    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None
    is_enabled: bool | None = None
    updated_at: Instant = None


class DepartmentRow(Row):
    """A row of `department.list`; teams are departments with a parent."""

    name: str | None = None
    created_at: Instant = None
    updated_at: Instant = None


class PostalAddress(Part):
    address_country: str | None = None


class Address(Part):
    postal_address: PostalAddress | None = None


class LocationRow(Row):
    """A row of `location.list`; regions are left out by default."""

    name: str | None = None
    address: Address | None = None


class ReasonRow(Row):
    """A row of `archiveReason.list`."""

    text: str | None = None
    reason_type: str | None = None


def user(row: UserRow) -> Iterator[Fragment]:
    """A colleague; active while enabled."""
    names = (name.strip() for name in (row.first_name, row.last_name) if name)
    yield Fragment(
        "user",
        row.id,
        {
            "name": " ".join(filter(None, names)) or None,
            "email": (row.email or "").strip().lower() or None,
            "active": row.is_enabled,
            "updated_at": read_instant(row.updated_at),
        },
    )


def department(row: DepartmentRow) -> Iterator[Fragment]:
    """A department or team; archived ones are still named by old jobs."""
    yield Fragment(
        "department",
        row.id,
        {
            "name": row.name or None,
            "created_at": read_instant(row.created_at),
            "updated_at": read_instant(row.updated_at),
        },
    )


def location(row: LocationRow) -> Iterator[Fragment]:
    """A place. The country is free text at Ashby: it counts where it is a code."""
    postal = row.address.postal_address if row.address else None
    country = ((postal.address_country if postal else None) or "").strip().upper()
    code = country if len(country) == _COUNTRY and country.isalpha() and country.isascii() else None
    yield Fragment("office", row.id, {"name": row.name or None, "country": code})


def reason(row: ReasonRow) -> Iterator[Fragment]:
    """Whose decision it was, by its type. Ashby has no reason for a hire."""
    kind = read_enum(row.reason_type, _REASONS)
    yield Fragment("reason", row.id, {"name": row.text or None, "kind": kind})


STREAMS = (
    synced(
        "users",
        "user.list",
        UserRow,
        user,
        {"user": ("name", "email", "active", "updated_at")},
        params={"includeDeactivated": True},
        scope="Organization: read",
    ),
    synced(
        "departments",
        "department.list",
        DepartmentRow,
        department,
        {"department": ("name", "created_at", "updated_at")},
        params={"includeArchived": True},
        scope="Organization: read",
    ),
    synced(
        "locations",
        "location.list",
        LocationRow,
        location,
        {"office": ("name", "country")},
        params={"includeArchived": True},
        scope="Organization: read",
    ),
    asked(
        "archive_reasons",
        "archiveReason.list",
        ReasonRow,
        reason,
        {"reason": ("name", "kind")},
        params={"includeArchived": True},
        reconciliation=Reconciliation(complete=True),
        every=timedelta(days=1),
        scope="Hiring process metadata: read",
    ),
)
