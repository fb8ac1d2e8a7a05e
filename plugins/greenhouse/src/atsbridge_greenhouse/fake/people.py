"""Users, offices, departments, candidates and notes.

Only documented members are served, contact data included: a client must not request it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from atsbridge_greenhouse.fake.identity import derived
from atsbridge_greenhouse.fake.truth import (
    Entry,
    Json,
    Resource,
    Truth,
    iso,
    members,
    number,
    of_kind,
    stamped,
)

SERVICE_USER = derived("service_accounts", 1)
_FOUNDED = datetime(2020, 1, 1, tzinfo=UTC)


class Mail(NamedTuple):
    """An e-mail in a candidate's file; the company remembers only when the last one went."""

    application: Any
    by_hand: bool


_READ_VALUES = {
    "public": "publicly_visible",
    "private": "privately_visible",
    "admin_only": "admin_only_visible",
}


def _users(truth: Truth) -> Iterator[Entry]:
    yield Entry(SERVICE_USER, _FOUNDED, _FOUNDED, None)
    yield from of_kind("user")(truth)


def _user(_: Truth, entry: Entry) -> Json:
    person = entry.thing
    if person is None:  # it has no address, and the member is missing
        return stamped(entry, name="Integration Service User", deactivated=False, service=True)
    first, last = (*(person.name or "").split(" ", 1), "")[:2]
    return stamped(
        entry,
        name=person.name,
        first_name=first,
        last_name=last,
        primary_email=person.email,
        emails=[person.email],
        job_title=None,
        deactivated=person.active is False,
        site_admin=False,
        employee_id=None,
        agency_id=None,
        office_ids=[int(person.office)] if person.office else [],
        department_ids=[],
        linked_candidate_ids=[],
        interviewer_tags=[],
        custom_fields={},
    )


def _named(_: Truth, entry: Entry) -> Json:
    return stamped(entry, name=entry.thing.name, parent_id=None, external_id=None)


def _office(truth: Truth, entry: Entry) -> Json:
    return {
        **_named(truth, entry),
        "location": entry.thing.name,
        "primary_in_house_contact_user_id": None,
    }


def _candidate(truth: Truth, entry: Entry) -> Json:
    first, last = truth.company.candidate_name(entry.thing.id)
    address = truth.company.candidate_email(entry.thing.id)
    return stamped(
        entry,
        first_name=first,
        last_name=last,
        preferred_name=None,
        company=None,
        title=None,
        private=False,
        can_email=True,
        time_zone=None,
        last_activity_at=iso(entry.updated_at),
        tags=[],
        linked_user_ids=[],
        phone_numbers=[],
        addresses=[],
        website_addresses=[],
        social_media_addresses=[],
        email_addresses=[{"value": address, "type": "personal"}],
        custom_fields={},
    )


def _notes(truth: Truth) -> Iterator[Entry]:
    yield from _mails_of(truth, frozenset(truth.newest("application")))
    for note in sorted(truth.company.notes, key=lambda n: int(n.id), reverse=True):
        yield Entry(int(note.id), note.created_at, note.created_at, note)


def _of(truth: Truth, applications: frozenset[str]) -> Iterator[Entry]:
    """The notes of some applications, newest id first."""
    yield from _mails_of(truth, applications)
    for note in sorted(truth.company.notes, key=lambda n: int(n.id), reverse=True):
        if note.application in applications:
            yield Entry(int(note.id), note.created_at, note.created_at, note)


def _mails_of(truth: Truth, applications: frozenset[str]) -> Iterator[Entry]:
    """Three e-mails to whoever was written to: the last one, an older one, a machine's."""
    for key in sorted(applications, key=int, reverse=True):
        one = truth.get("application", key)
        at = one.contacted_at if one is not None else None
        if at is not None:
            held = ((at, True), (at - timedelta(days=2), True), (at + timedelta(hours=1), False))
            for place, (sent, by_hand) in enumerate(held):
                yield Entry(derived("mails", key, 2 - place), sent, sent, Mail(one, by_hand))


def note(_: Truth, entry: Entry) -> Json:
    """A note as lists and the answer to its writing show it."""
    row = entry.thing
    if isinstance(row, Mail):
        return _mail(entry, row)
    return stamped(
        entry,
        candidate_id=number(row.candidate),
        application_id=number(row.application),
        user_id=number(row.author) or SERVICE_USER,
        type="NOTE",
        visibility=_READ_VALUES.get(row.visibility, "publicly_visible"),
        subject=None,
        body=row.body,
        body_with_tags=None,
        email_from=None,
        email_to=None,
        email_cc=None,
        email_attachment_file_names=None,
        import_hash=None,
    )


def _mail(entry: Entry, mail: Mail) -> Json:
    return stamped(
        entry,
        candidate_id=number(mail.application.candidate),
        application_id=number(mail.application.id),
        user_id=SERVICE_USER if mail.by_hand else None,
        type="EMAIL",
        visibility="publicly_visible",
        subject="Not for a machine to read.",
        body="Not for a machine to read.",
        body_with_tags=None,
        email_from="somebody@acme.example",
        email_to="somebody@mail.example",
        email_cc=[],
        email_attachment_file_names=None,
        import_hash=None,
    )


RESOURCES = (
    Resource(
        name="users",
        members=members(
            "name first_name last_name primary_email emails job_title deactivated site_admin "
            "employee_id agency_id office_ids department_ids linked_candidate_ids "
            "interviewer_tags custom_fields"
        ),
        rows=_users,
        build=_user,
        refs={"office_ids": "office_ids", "department_ids": "department_ids"},
        flags=("deactivated",),
        shows={"show_service_accounts": lambda row: "service" in row},
    ),
    Resource(
        name="offices",
        members=members("name parent_id external_id location primary_in_house_contact_user_id"),
        rows=of_kind("office"),
        build=_office,
        refs={"parent_id": "parent_id"},
    ),
    Resource(
        name="departments",
        members=members("name parent_id external_id"),
        rows=of_kind("department"),
        build=_named,
        refs={"parent_id": "parent_id"},
    ),
    Resource(
        name="candidates",
        members=members(
            "first_name last_name preferred_name company title private can_email time_zone "
            "last_activity_at tags linked_user_ids phone_numbers addresses website_addresses "
            "social_media_addresses email_addresses custom_fields"
        ),
        rows=of_kind("candidate"),
        build=_candidate,
        flags=("private",),
        instants=("last_activity_at",),
    ),
    Resource(
        name="notes",
        members=members(
            "candidate_id application_id user_id type visibility subject body body_with_tags "
            "email_from email_to email_cc email_attachment_file_names import_hash"
        ),
        rows=_notes,
        build=note,
        refs={
            "candidate_ids": "candidate_id",
            "application_ids": "application_id",
            "user_ids": "user_id",
        },
        values={
            "type": ("NOTE", "ACTIVITY", "INTERVIEW", "EMAIL", "FOLLOW_UP", "TOUCHPOINT"),
            "visibility": tuple(_READ_VALUES.values()),
        },
        asks=_of,
        asked_by="application_ids",
    ),
)
