"""The paths of candidates: opportunities and what belongs to them, notes and tags."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from atsbridge.api import TimeSource
from atsbridge.sandbox import Request, Response
from atsbridge_lever.fake.desk import LISTS, RANGES, YES, Desk
from atsbridge_lever.fake.pages import Key, bad, choice, in_range
from atsbridge_lever.fake.truth import Row, ms

_NOTE = {"value": str, "secret": bool, "score": int, "notifyFollowers": bool, "createdAt": int}


class CandidatePaths:
    """Reading opportunities and their children; leaving notes and tags on them."""

    def __init__(self, desk: Desk, time: TimeSource) -> None:
        self._desk = desk
        self._time = time
        self._ordered: tuple[Any, list[tuple[Key, Any]]] = (None, [])

    def opportunities(self, request: Request) -> Row:
        for name in ("archived", "snoozed"):
            choice(request, name, YES)
        shown = self._desk.shown(request)
        rows = [row for row in self._by_rank() if self._matches(request, row[1], shown)]
        expanded = "applications" in request.query.get("expand", ())
        return self._desk.listed(
            request,
            "opportunities",
            rows,
            lambda r: self._desk.people.opportunity(r, expanded=expanded),
        )

    def _by_rank(self) -> list[tuple[Key, Any]]:
        """All opportunities by (stage rank, latest advance first): an order that moves."""
        versions = self._desk.company.versions
        state = (versions["application"], versions["stage_stay"])
        if self._ordered[0] != state:
            rows = []
            for row in self._desk.truth.live("application"):
                rank = 100 + self._desk.truth.one("stage", row.stage).order
                advanced = ms(self._desk.people.advanced(row)) or 0
                rows.append(((rank, -advanced, row.id), row))
            rows.sort(key=lambda row: row[0])
            self._ordered = (state, rows)
        return self._ordered[1]

    def _matches(self, request: Request, row: Any, shown: Callable[[Any], bool]) -> bool:
        """Whether a row passes every filter; values of one filter are alternatives."""
        people, query = self._desk.people, request.query
        if not shown(self._desk.truth.one("requisition", row.requisition)):
            return False
        has = {
            "archived": "false" if row.status == "active" else "true",
            "snoozed": "false",
            "stage_id": row.stage,
            "posting_id": row.requisition,
            "archive_reason_id": row.reason,
            "contact_id": row.candidate,
            "source": row.source,
        }
        if any(name in query and has[name] not in query[name] for name in has):
            return False
        if "tag" in query and not set(query["tag"]) & set(people.tags(row.id)):
            return False
        if not any(f"{name}_{end}" in query for name in RANGES for end in ("start", "end")):
            return True
        return (
            in_range(request, "created_at", ms(row.created_at))
            and in_range(request, "updated_at", ms(people.updated(row)))
            and in_range(request, "advanced_at", ms(people.advanced(row)))
            and in_range(request, "archived_at", ms(people.ended(row)))
        )

    def deleted(self, request: Request) -> Row:
        self._desk.may("opportunities")
        LISTS["deleted"].checked(request)
        rows = [
            ((ms(row.deleted_at), row.id), row)
            for row in self._desk.company.records("application").values()
            if row.deleted_at and in_range(request, "deleted_at", ms(row.deleted_at))
        ]
        rows.sort(key=lambda row: row[0])
        return self._desk.tokens.page(
            request, rows, lambda r: {"id": r.id, "deletedAt": ms(r.deleted_at), "deletedBy": None}
        )

    def opportunity(self, request: Request, id_: str) -> Row:
        self._desk.may("opportunities")
        LISTS["one"].checked(request)
        expanded = "applications" in request.query.get("expand", ())
        return {"data": self._desk.people.opportunity(self._candidacy(id_), expanded=expanded)}

    def _candidacy(self, id_: str) -> Any:
        row = self._desk.found("application", id_, "opportunity")
        self._desk.visible(self._desk.truth.one("requisition", row.requisition))
        return row

    def interviews(self, request: Request, id_: str) -> Row:
        expanded = "feedbackForms" in request.query.get("expand", ())
        if expanded:
            self._desk.may("feedback")
        rows = self._desk.people.interviews(self._candidacy(id_).id, expanded=expanded)
        return self._desk.listed(request, "interviews", _numbered(rows), dict)

    def panels(self, request: Request, id_: str) -> Row:
        rows = self._desk.people.panels(self._candidacy(id_).id)
        return self._desk.listed(request, "panels", _numbered(rows), dict)

    def feedback(self, request: Request, id_: str) -> Row:
        rows = self._desk.people.feedback(self._candidacy(id_).id)
        return self._desk.listed(request, "feedback", _numbered(rows), dict)

    def offers(self, request: Request, id_: str) -> Row:
        rows = self._desk.people.offers(self._candidacy(id_).id)
        return self._desk.listed(request, "offers", _numbered(rows), dict)

    def notes(self, request: Request, id_: str) -> Row:
        rows = self._desk.people.notes_of(self._candidacy(id_).id)
        return self._desk.listed(request, "notes", _numbered(rows), dict)

    # --- writes -------------------------------------------------------------------------------

    def add_note(self, request: Request, id_: str) -> Response:
        """201 with the whole note, and its id once more."""
        self._desk.may("notes:write")
        author = self._author(request, {"perform_as", "note_id"})
        row, body = self._candidacy(id_), self._body(request, _NOTE)
        now = self._time.now()
        if not body.get("value"):
            raise bad("value is required")
        if body.get("score") not in (None, 1, 2, 3, 4):
            raise bad("score must be between 1 and 4")
        if body.get("createdAt", 0) > (ms(now) or 0):
            raise bad("createdAt must not lie in the future")
        note = self._desk.people.add_note(row, body, author, now)
        return Response(201, {"data": {**note, "noteId": note["id"]}})

    def change_tags(self, request: Request, id_: str, verb: str) -> Row:
        """The opportunity with its new tags; unknown tags are created."""
        self._desk.may("opportunities:write")
        self._author(request, {"perform_as"})
        row, people = self._candidacy(id_), self._desk.people
        tags = self._body(request, {"tags": list}).get("tags")
        if not tags or not all(isinstance(tag, str) for tag in tags):
            raise bad("tags must be a list of text")
        had = people.tags(row.id)
        kept = tuple(tag for tag in had if tag not in tags)
        people.tag(row.id, kept if verb == "removeTags" else (*kept, *tags), self._time.now())
        return {"data": people.opportunity(row, expanded=False)}

    def _author(self, request: Request, allowed: set[str]) -> str | None:
        """Whom a write is attributed to."""
        if unknown := request.query.keys() - allowed:
            raise bad(f"Unknown parameter: {min(unknown)}")
        author = request.param("perform_as") or None
        if author is not None and self._desk.truth.one("user", author) is None:
            raise bad("perform_as is not a user")
        return author

    @staticmethod
    def _body(request: Request, fields: dict[str, type]) -> Row:
        try:
            body = request.json()
        except ValueError:
            raise bad("The body is not JSON") from None
        if not isinstance(body, dict):
            raise bad("The body is not an object")
        for name, value in body.items():
            if name not in fields:
                raise bad(f"Unknown field: {name}")
            if value is not None and not isinstance(value, fields[name]):
                raise bad(f"{name} has the wrong type")
        return body


def _numbered(rows: list[Row]) -> list[tuple[Key, Row]]:
    return [((number, row["id"]), row) for number, row in enumerate(rows)]
