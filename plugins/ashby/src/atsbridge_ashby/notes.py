"""Write a note on a candidate with a marker, and find it again by the marker.

Ashby keeps notes on candidates, whichever application they concern. Nobody is notified.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec

from atsbridge.api import (
    FatalError,
    HttpSession,
    Instant,
    Note,
    Page,
    Receipt,
    read_instant,
)
from atsbridge_ashby.listing import LIMIT, asked
from atsbridge_ashby.wire import Named, Row, ref

LONGEST = 5000  # characters; Ashby states no limit


class NoteRow(Row):
    """A row of `candidate.listNotes`, and the answer to a new note."""

    content: str | None = None
    author: Named | None = None
    created_at: Instant = None


class _Written(msgspec.Struct):
    results: NoteRow


STREAM = asked(  # read only to find a marker, never synced
    "notes",
    "candidate.listNotes",
    NoteRow,
    lambda _: (),
    {},
    params={"limit": LIMIT},
    scope="Candidates: read",
)


def marker(key: str) -> str:
    """What stands at the end of a note of ours."""
    return f"[atsbridge {key}]"


def text(note: Note) -> str:
    """The note's text, cut where it is too long, its marker always at the end."""
    end = marker(note.key)
    body = note.text.replace(end, "").rstrip()
    room = LONGEST - len(end) - 2
    if len(body) > room:
        body = body[: room - 1].rstrip() + "…"
    return f"{body}\n\n{end}" if body else end


def write(session: HttpSession, note: Note, candidate: str, *, private: bool) -> Receipt:
    """Create the note as plain text. AmbiguousError if nobody can tell whether it was written."""
    body: dict[str, Any] = {
        "candidateId": candidate,
        "note": {"type": "text/plain", "value": text(note)},
        "sendNotifications": False,
    }
    if private:
        body["isPrivate"] = True
    answer = session.send("POST", "/candidate.createNote", json=body)
    try:
        row = msgspec.json.decode(answer.body, type=_Written).results
    except msgspec.DecodeError:
        row = NoteRow(id="")  # it was written; the marker finds it
    return _receipt(row, candidate, session.time.now())


def find(pages: Iterable[Page], note: Note, candidate: str) -> Receipt | None:
    """The oldest note among `pages` that bears the marker."""
    end = marker(note.key)
    rows = (msgspec.json.decode(raw, type=NoteRow) for page in pages for raw in page.rows)
    found = [row for row in rows if end in (row.content or "")]
    if not found:
        return None
    oldest = min(found, key=lambda row: (row.created_at is None, str(row.created_at), row.id))
    return _receipt(oldest, candidate, None)


def not_on(note: Note) -> FatalError:
    """The error for a note on anything but an application."""
    return FatalError(
        "Ashby keeps notes on candidates only",
        where=str(note.subject),
        remedy="Send what concerns a requisition to a chat",
    )


def _receipt(row: NoteRow, candidate: str, now: datetime | None) -> Receipt:
    """`user`: the author, who is the key itself."""
    ids = {"candidate": candidate, "note": row.id, "user": ref(row.author)}
    return Receipt(
        {name: id_ for name, id_ in ids.items() if id_}, read_instant(row.created_at) or now
    )
