"""Notes and tags that came through the API."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from atsbridge.sandbox import Company
from atsbridge_ashby.fake.listing import Refused, bad
from atsbridge_ashby.fake.truth import Row, made_id, stamp

_TYPES = ("text/plain", "text/html")


class Written:
    """What was written to one company. `count` grows with every change.

    `private`: the key may write and see private notes.
    """

    def __init__(self, company: Company, *, private: bool) -> None:
        self.count = 0
        self._company = company
        self._private = private
        self._tags: dict[str, str] = {}  # id -> title
        self._tagged: dict[str, list[str]] = {}  # candidate -> ids of tags

    def add_note(self, body: Row, at: datetime) -> Row:
        """The answer of `candidate.createNote`."""
        candidate = self._candidate(body["candidateId"])
        note: Any = body["note"]
        text = note if isinstance(note, str) else note.get("value") if _is_note(note) else None
        if not isinstance(text, str) or not text:
            raise bad("note must be text, or an object with type and value")
        private = bool(body.get("isPrivate"))
        if private and not self._private:
            raise Refused("missing_permission", "Private notes need access to private fields")
        made = self._company.add_note(
            candidate, text, visibility="private" if private else "public", at=at
        )
        self.count += 1
        return self._note(made)

    def notes_of(self, candidate: str) -> list[Row]:
        """Newest first."""
        rows = [note for note in self._company.notes if note.candidate == candidate]
        seen = [note for note in rows if self._private or note.visibility == "public"]
        return [self._note(note) for note in reversed(seen)]

    def _note(self, note: Any) -> Row:
        return {
            "id": note.id,
            "createdAt": stamp(note.created_at),
            "isPrivate": note.visibility != "public",
            "content": note.body,
            "author": {"id": made_id("the key"), "firstName": "API", "lastName": "Key"},
        }

    # --- tags -----------------------------------------------------------------------------------

    def tags(self) -> list[Row]:
        """Every tag of the account."""
        return [self._tag(id_) for id_ in self._tags]

    def make_tag(self, title: str) -> Row:
        """A tag of that title; the one that there is, if there is one."""
        id_ = made_id(f"tag:{title}")
        self._tags[id_] = title
        self.count += 1
        return self._tag(id_)

    def tags_of(self, candidate: str) -> list[Row]:
        """The tags of a candidate, in order."""
        return [self._tag(id_) for id_ in self._tagged.get(candidate, ())]

    def change_tag(self, body: Row, *, add: bool) -> str:
        """Put a tag on a candidate or take it off; returns the candidate."""
        candidate, tag = self._candidate(body["candidateId"]), body["tagId"]
        if tag not in self._tags:
            raise Refused("not_found", "Tag not found")
        held = [one for one in self._tagged.get(candidate, []) if one != tag]
        self._tagged[candidate] = [*held, tag] if add else held
        self.count += 1
        return candidate

    def _tag(self, id_: str) -> Row:
        return {"id": id_, "title": self._tags[id_], "isArchived": False}

    def _candidate(self, id_: str) -> str:
        found = self._company.records("candidate").get(id_)
        if found is None or found.deleted_at is not None:
            raise Refused("candidate_not_found", "Candidate not found")
        return id_


def _is_note(note: Any) -> bool:
    return isinstance(note, dict) and note.keys() == {"type", "value"} and note["type"] in _TYPES
