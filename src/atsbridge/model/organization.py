"""The people and places: users, offices, departments, hiring teams.

Time zones and countries of people come from settings; no ATS gives them.
"""

from __future__ import annotations

from dataclasses import dataclass

from atsbridge.model.fields import Null, Sensitivity, enum, flag, ref, text
from atsbridge.model.record import Record

ROLES = ("hiring_manager", "recruiter", "coordinator", "sourcer", "approver")


@dataclass(frozen=True, slots=True, kw_only=True)
class Office(Record):
    """A place of work. Its zone and country come from `[offices]`, else from the ATS."""

    name: str | None = text("name in the ATS")
    timezone: str | None = text("IANA zone, if the ATS has one", null=Null.NONE)
    country: str | None = text("ISO 3166 code, if the ATS has one", null=Null.NONE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Department(Record):
    """A part of the company."""

    name: str | None = text("name in the ATS")


@dataclass(frozen=True, slots=True, kw_only=True)
class User(Record):
    """A colleague with a log-in to the ATS."""

    name: str | None = text("name in the ATS", sensitivity=Sensitivity.PERSONAL)
    email: str | None = text(
        "primary address, lower case", null=Null.NONE, sensitivity=Sensitivity.PERSONAL
    )
    active: bool | None = flag("whether they may log in")
    office: str | None = ref("office", "their office; the first of several", null=Null.NONE)
    manager: str | None = ref("user", "the person they report to", null=Null.NONE)
    calendar: str | None = text(
        "key of the working calendar that counts for them",
        null=Null.NONE,
        derived="settings of the person, else of the office, else the calendar's default",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamMember(Record):
    """One person in one role on one requisition."""

    requisition: str | None = ref("requisition", "the requisition", parent=True)
    user: str | None = ref("user", "the person; none if the role is empty", null=Null.NONE)
    role: str | None = enum("their role", *ROLES)
    responsible: bool | None = flag("whether they are asked first, if several have the role")
