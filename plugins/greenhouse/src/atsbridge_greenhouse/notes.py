"""Leaving a note on an application and finding it again.

When a note is written, and that a person allowed it, is `sinks`' and the configuration's.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from atsbridge.errors import FatalError
from atsbridge.model.notice import Receipt
from atsbridge.net.session import Session
from atsbridge.ports import Note
from atsbridge_greenhouse.links import read
from atsbridge_greenhouse.values import Row, Scalar, ident

_VISIBILITY = "private"  # not for everybody who may see the candidate: an alert is no public fact


class _Application(Row):
    candidate_id: Scalar = None


class _Note(Row):
    application_id: Scalar = None
    user_id: Scalar = None
    body: Scalar = None


def marker(key: str) -> str:
    """What a note ends with, so that it is found again."""
    return f"[atsbridge {key}]"


def write(session: Session, note: Note) -> Receipt:
    """POST /v3/notes, private, of type NOTE; it can be neither edited nor deleted.

    The candidate is read first: the vendor does not check the id, and a wrong one makes an
    orphan note that stays. FatalError where application or candidate cannot be seen;
    AmbiguousError as `Session.send`.
    """
    candidate = _candidate(session, note)
    if not _one(session, "candidates", Row, candidate):
        raise FatalError(
            "the candidate of the note cannot be seen: nothing was written",
            where=str(note.subject),
            remedy="Private candidates need an acting user with that right",
        )
    body: dict[str, Any] = {
        "candidate_id": int(candidate),
        "note_type": "NOTE",
        "visibility": _VISIBILITY,
        "body": note.text if marker(note.key) in note.text else f"{note.text}\n{marker(note.key)}",
    }
    if note.subject.kind == "application":
        body["application_id"] = int(note.subject.id)
    answer = session.send("POST", "notes", json=body)
    try:
        written = msgspec.json.decode(answer.body, type=_Note)
    except msgspec.DecodeError:
        written = _Note()  # it is written; who and when can be read back
    return _receipt(written, candidate)


def find(session: Session, note: Note) -> Receipt | None:
    """The note with this key among the candidate's notes of type NOTE, newest first."""
    candidate = _candidate(session, note)
    for page in read(session, "notes", _Note, candidate_ids=candidate, type="NOTE"):
        for row in page:
            if marker(note.key) in str(row.body or ""):
                return _receipt(row, candidate)
    return None


def _candidate(session: Session, note: Note) -> str:
    """The candidate the note hangs on; an application must belong to them."""
    if note.subject.kind != "application":
        if note.candidate:
            return note.candidate
        raise FatalError(
            f"a note cannot be left on a record of kind {note.subject.kind}",
            where=str(note.subject),
        )
    rows = _one(session, "applications", _Application, note.subject.id)
    found = ident(rows[0].candidate_id) if rows else None
    if found is None:
        raise FatalError(
            "the application of the note cannot be seen: nothing was written",
            where=str(note.subject),
            remedy="It may have been deleted; the next sync tells",
        )
    return found


def _one(session: Session, path: str, row: type[Any], id_: str) -> list[Any]:
    return [one for page in read(session, path, row, ids=id_) for one in page]


def _receipt(row: _Note, candidate: str) -> Receipt:
    """Ids as text. `user` is the shown author, by whom own writes are told from others'."""
    ids = {"note": ident(row.id), "candidate": candidate, "user": ident(row.user_id)}
    try:
        at = datetime.fromisoformat(str(row.created_at))
    except ValueError:
        at = None
    return Receipt({name: value for name, value in ids.items() if value}, at)
