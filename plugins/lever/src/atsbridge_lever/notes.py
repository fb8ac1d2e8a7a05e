"""Write a note on an opportunity with a marker, and find it again by the marker.

A note resets Lever's own activity clock (`lastInteractionAt`), so the time of the write is stored.
The note is secret, readable with sensitive-information rights on the posting only: an alert is not
for every interviewer. `notifyFollowers` stays off and `@` is defused: otherwise followers and
people who are mentioned would get e-mail.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import msgspec

from atsbridge.api import FatalError, HttpSession, Note, Page, Parent, Receipt, Stream
from atsbridge_lever.wire import Ms, Ref, Row, instant, ref

LONGEST = 2000  # characters; Lever states no limit, this is what is known to work
_MENTION = re.compile(r"(?<!\w)@(?=\w)")


class Part(msgspec.Struct, frozen=True):
    """One text of a thread."""

    value: str | None = None


class NoteRow(Row):
    """A row of `/opportunities/{id}/notes`."""

    fields: list[Part] | None = None
    created_at: Ms = None
    deleted_at: Ms = None


class _Reply(msgspec.Struct, rename="camel"):
    """The documented answer has `noteId`, the recorded one the whole note besides."""

    note_id: str | None = None
    id: str | None = None
    user: Ref = None
    created_at: Ms = None


class _Replied(msgspec.Struct):
    data: _Reply


STREAM = Stream(  # read only to find a marker, never synced
    name="notes",
    path="/opportunities/{parent}/notes",
    row=NoteRow,
    normalize=lambda _: (),
    owns={},
    parent=Parent(stream="opportunities"),
    scope="Notes: list",
)


def marker(key: str) -> str:
    """What stands at the end of a note of ours."""
    return f"[atsbridge {key}]"


def opportunity(note: Note) -> str:
    """The id of the opportunity a note goes to. FatalError for any other subject."""
    if note.subject.kind != "application":
        raise FatalError(
            "Lever keeps notes on opportunities only",
            where=str(note.subject),
            remedy="Send what concerns a requisition to a chat",
        )
    return note.subject.id


def text(note: Note) -> str:
    """The note's text, cut where it is too long, its marker always at the end."""
    end = marker(note.key)
    body = _MENTION.sub("@ ", note.text.replace(end, "").rstrip())
    room = LONGEST - len(end) - 2
    if len(body) > room:
        body = body[: room - 1].rstrip() + "…"
    return f"{body}\n\n{end}" if body else end


def write(session: HttpSession, note: Note) -> Receipt:
    """POST the note. AmbiguousError where nobody can tell whether it was written."""
    subject = opportunity(note)
    body: dict[str, Any] = {"value": text(note), "secret": True, "notifyFollowers": False}
    answer = session.send("POST", f"/opportunities/{subject}/notes", json=body)
    try:
        reply = msgspec.json.decode(answer.body, type=_Replied).data
    except msgspec.DecodeError:
        reply = _Reply()  # it was written all the same; the marker finds it
    ids = {"opportunity": subject, "note": reply.note_id or reply.id, "user": ref(reply.user)}
    return Receipt(
        {name: id_ for name, id_ in ids.items() if id_},
        instant(reply.created_at) or session.time.now(),
    )


def find(pages: Iterable[Page], note: Note) -> Receipt | None:
    """The oldest note among `pages` that bears the marker and was not deleted."""
    end = marker(note.key)
    rows = (msgspec.json.decode(raw, type=NoteRow) for page in pages for raw in page.rows)
    found = [
        (instant(row.created_at), row.id)
        for row in rows
        if row.deleted_at is None and any(end in (part.value or "") for part in row.fields or ())
    ]
    if not found:
        return None
    at, id_ = min(found, key=lambda f: (f[0] is None, str(f[0]), f[1]))
    return Receipt({"opportunity": opportunity(note), "note": id_}, at)
