"""The fake's writes: notes, tags and custom fields of applications, as strict as the real API."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Set
from datetime import UTC, datetime
from typing import Any, NamedTuple

from atsbridge.sandbox import Response
from atsbridge_greenhouse.fake import fields, people, pipeline
from atsbridge_greenhouse.fake.asking import BadQuestion
from atsbridge_greenhouse.fake.stored_writes import FIELDS, Row
from atsbridge_greenhouse.fake.truth import Entry, Json, Resource, Truth, members, stamped

_NOTE = {"candidate_id", "body", "note_type", "visibility"}
_NOTE_TOO = {"application_id", "user_id"}
_MAIL = {"subject", "email_from", "email_to", "email_cc"}
_LONG_AGO = datetime(2023, 1, 1, tzinfo=UTC)
_PATCHABLE = {
    *("source_id", "referrer_id", "recruiter_id", "coordinator_id", "prospect_pool_id"),
    *("prospect_stage_id", "rejected_at", "created_at", "custom_fields"),
}


class Write(NamedTuple):
    """One request that changes something, and whose token it came with."""

    truth: Truth
    body: Json
    id: str
    author: int
    at: datetime


class NotThere(Exception):
    """A write to what is not there: 404."""


def _note(write: Write) -> Response:
    """The candidate is not looked up: a wrong id makes an orphan."""
    truth, body = write.truth, write.body
    _acceptable(body)
    candidate, application = body["candidate_id"], body.get("application_id")
    if application is not None:
        owner = truth.get("application", str(application))
        if owner is None or owner.candidate != str(candidate):
            raise BadQuestion({"application_id": "does not belong to the candidate"})
    note = truth.company.add_note(
        str(candidate),
        body["body"],
        application=None if application is None else str(application),
        author=str(body.get("user_id") or write.author),
        visibility=body["visibility"],
    )
    entry = Entry(int(note.id), note.created_at, note.created_at, note)
    return Response(201, people.note(truth, entry))


def _acceptable(body: Json) -> None:
    _keys(body, _NOTE, _NOTE_TOO | (_MAIL if body.get("note_type") == "EMAIL" else set()))
    if body["note_type"] not in ("NOTE", "ACTIVITY", "EMAIL"):  # upper case only
        raise BadQuestion({"note_type": "must be one of note, activity, email"})
    if body["visibility"] not in ("public", "private", "admin_only"):
        raise BadQuestion({"visibility": "must be one of public, private, admin_only"})
    numbers = ("candidate_id", "application_id", "user_id")
    wrong: list[Any] = [n for n in numbers if not isinstance(body.get(n, 0), int)]
    if wrong or not isinstance(body["body"], str):
        raise BadQuestion(*({name: "is not an integer"} for name in wrong or ["body"]))


def _keys(body: Json, needed: set[str], more: Set[str] = frozenset()) -> None:
    """Bodies reject what they lack and what they do not know."""
    if missing := sorted(needed - body.keys()):
        raise BadQuestion(*({"message": "is required", "field": name} for name in missing))
    if unknown := sorted(body.keys() - needed - more):
        raise BadQuestion(*(f"{name} is not permitted" for name in unknown))


def _job_note(write: Write) -> Response:
    body = write.body
    _keys(body, {"job_id", "user_id", "body", "visibility"})
    if body["visibility"] not in ("admin_only_visible", "privately_visible"):
        raise BadQuestion({"visibility": "must be admin_only_visible or privately_visible"})
    if write.truth.get("requisition", str(body["job_id"])) is None:
        raise NotThere
    written = write.truth.written
    row = written.add(written.job_notes, write.at, **body)
    return Response(201, _row(write.truth, _entry(row)))


def _tag(write: Write) -> Response:
    _keys(write.body, {"name"})
    written = write.truth.written
    if any(row.values["name"] == write.body["name"] for row in written.tags.values()):
        raise BadQuestion({"name": "has already been taken"})
    row = written.add(written.tags, write.at, name=write.body["name"])
    return Response(201, _row(write.truth, _entry(row)))


def _apply(write: Write) -> Response:
    body, written = write.body, write.truth.written
    _keys(body, {"candidate_id", "candidate_tag_id"})
    if write.truth.get("candidate", str(body["candidate_id"])) is None:
        raise NotThere
    if body["candidate_tag_id"] not in written.tags:
        raise BadQuestion({"candidate_tag_id": "does not exist"})
    if any(row.values == body for row in written.applied.values()):
        raise BadQuestion({"candidate_tag_id": "has already been taken"})
    return Response(201, _row(write.truth, _entry(written.add(written.applied, write.at, **body))))


def _unapply(write: Write) -> Response:
    if write.truth.written.applied.pop(int(write.id), None) is None:
        raise NotThere
    return Response(204, None)


def _patch(write: Write) -> Response:
    """Custom fields alone are really changed; a select field takes the id of its option."""
    truth, body = write.truth, write.body
    application = truth.get("application", write.id)
    if application is None:
        raise NotThere
    _keys(body, set(), _PATCHABLE)
    written_fields = truth.written.field_values.setdefault(application.id, {})
    for item in body.get("custom_fields", []):
        key = item.get("name_key")
        if key not in FIELDS:
            raise BadQuestion({"custom_fields": f"{key} is not a field of applications"})
        written_fields[key] = _held(key, item["value"])
    truth.company.ledger.change("application", application.id, write.at)
    entry = Entry(int(application.id), application.created_at, write.at, application)
    return Response(200, pipeline.application(truth, entry))


def _held(key: str, value: Any) -> Any:
    _, kind, options = FIELDS[key]
    types: dict[str, Any] = {"short_text": str, "yes_no": bool, "number": int | float}
    if value is None:
        return None
    if kind == "single_select":
        chosen = {_option_id(key, place): name for place, name in enumerate(options)}
        if value not in chosen:
            raise BadQuestion({key: "is not the id of an option"})
        return chosen[value]
    if not isinstance(value, types[kind]):
        raise BadQuestion({key: f"is no {kind}"})
    return value


def _field_id(key: str) -> int:
    return 61000 + list(FIELDS).index(key)


def _option_id(key: str, place: int) -> int:
    return _field_id(key) * 10 + place


# method, list, whether an id follows -> the scope, and what is done
WRITES: dict[tuple[str, str, bool], tuple[str, Callable[[Write], Response]]] = {
    ("POST", "notes", False): ("harvest:notes:create", _note),
    ("POST", "job_notes", False): ("harvest:job_notes:create", _job_note),
    ("POST", "candidate_tags", False): ("harvest:candidate_tags:create", _tag),
    ("POST", "applied_candidate_tags", False): ("harvest:applied_candidate_tags:create", _apply),
    ("DELETE", "applied_candidate_tags", True): (
        "harvest:applied_candidate_tags:destroy",
        _unapply,
    ),
    ("PATCH", "applications", True): ("harvest:applications:update", _patch),
}


# --- what lists show of it ------------------------------------------------------------------------


def _entry(row: Row) -> Entry:
    return Entry(row.id, row.at, row.at, row.values)


def _row(_: Truth, entry: Entry) -> Json:
    return stamped(entry, **entry.thing)


def _rows(name: str) -> Callable[[Truth], Iterator[Entry]]:
    def rows(truth: Truth) -> Iterator[Entry]:
        held: dict[int, Row] = getattr(truth.written, name)
        yield from (_entry(held[one]) for one in sorted(held, reverse=True))

    return rows


def _fields(_: Truth) -> Iterator[Entry]:
    yield from fields.definitions()
    for key in reversed(FIELDS):
        name, kind, _options = FIELDS[key]
        values = {"name": name, "name_key": key, "value_type": kind}
        more = {"field_type": "application", "active": True}
        yield Entry(_field_id(key), _LONG_AGO, _LONG_AGO, values | more)


def _options(_: Truth) -> Iterator[Entry]:
    yield from fields.options()
    for key in reversed(FIELDS):
        for place, name in reversed(list(enumerate(FIELDS[key][2]))):
            values = {"custom_field_id": _field_id(key), "name": name, "active": True}
            yield Entry(_option_id(key, place), _LONG_AGO, _LONG_AGO, values)


RESOURCES = (
    Resource(
        name="job_notes",
        members=members("job_id user_id body visibility"),
        rows=_rows("job_notes"),
        build=_row,
        refs={"job_ids": "job_id", "user_ids": "user_id"},
        values={"visibility": ("admin_only_visible", "privately_visible")},
    ),
    Resource(name="candidate_tags", members=members("name"), rows=_rows("tags"), build=_row),
    Resource(
        name="applied_candidate_tags",
        members=members("candidate_id candidate_tag_id"),
        rows=_rows("applied"),
        build=_row,
        refs={"candidate_ids": "candidate_id", "candidate_tag_ids": "candidate_tag_id"},
    ),
    Resource(
        name="custom_fields",
        members=members("name name_key field_type value_type active"),
        rows=_fields,
        build=_row,
        values={"field_type": ("job", "opening", "offer", "application", "candidate")},
        flags=("active",),
    ),
    Resource(
        name="custom_field_options",
        members=members("custom_field_id name active"),
        rows=_options,
        build=_row,
        refs={"custom_field_ids": "custom_field_id"},
        flags=("active",),
    ),
)
