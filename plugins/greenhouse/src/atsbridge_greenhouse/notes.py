"""Write a note on an application or a job, and find it again."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from atsbridge.api import FatalError, HttpSession, Key, Note, Receipt
from atsbridge_greenhouse.lookups import read
from atsbridge_greenhouse.values import Row, Scalar, ident

_JOB_VISIBILITY = "privately_visible"  # reading and writing use different names
_VISIBILITY = "private"  # private: not everyone who may see the candidate should see a reminder


class _Application(Row):
    candidate_id: Scalar = None


class _JobNote(Row):
    user_id: Scalar = None
    body: Scalar = None


class _Note(Row):
    application_id: Scalar = None
    user_id: Scalar = None
    body: Scalar = None


def marker(key: str) -> str:
    """The marker at the end of a note, by which it is found again."""
    return f"[atsbridge {key}]"


def write(session: HttpSession, note: Note) -> Receipt:
    """POST /v3/notes, private, of type NOTE; it can be neither edited nor deleted.

    The candidate is read first: the vendor does not check the id, and a wrong one makes an
    orphan note that stays. FatalError where application or candidate cannot be seen;
    AmbiguousError as `HttpSession.send`.
    """
    candidate = candidate_of(session, note.subject, note.candidate)
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
        "body": _marked(note),
    }
    if note.subject.kind == "application":
        body["application_id"] = int(note.subject.id)
    answer = session.send("POST", "notes", json=body)
    try:
        written = msgspec.json.decode(answer.body, type=_Note)
    except msgspec.DecodeError:
        written = _Note()  # it was written; author and date can be read later
    return _receipt(written, candidate)


def find(session: HttpSession, note: Note) -> Receipt | None:
    """Find the note with this key among the candidate's notes of type NOTE, newest first."""
    candidate = candidate_of(session, note.subject, note.candidate)
    for page in read(session, "notes", _Note, candidate_ids=candidate, type="NOTE"):
        for row in page:
            if marker(note.key) in str(row.body or ""):
                return _receipt(row, candidate)
    return None


def write_on_job(session: HttpSession, note: Note, user: str) -> Receipt:
    """POST /v3/job_notes as this user, private: for those with the right to see such notes.

    The job is read first, as a candidate is. FatalError where it cannot be seen.
    """
    if not _one(session, "jobs", Row, note.subject.id):
        raise FatalError(
            "the job of the note cannot be seen: nothing was written",
            where=str(note.subject),
            remedy="It may have been deleted; confidential jobs need an acting user on their team",
        )
    body: dict[str, Any] = {
        "job_id": int(note.subject.id),
        "user_id": int(user),
        "visibility": _JOB_VISIBILITY,
        "body": _marked(note),
    }
    answer = session.send("POST", "job_notes", json=body)
    try:
        written = msgspec.json.decode(answer.body, type=_JobNote)
    except msgspec.DecodeError:
        written = _JobNote()
    return _job_receipt(written, note)


def find_on_job(session: HttpSession, note: Note) -> Receipt | None:
    """Find the note with this key on the job, newest first."""
    for page in read(session, "job_notes", _JobNote, job_ids=note.subject.id):
        for row in page:
            if marker(note.key) in str(row.body or ""):
                return _job_receipt(row, note)
    return None


def candidate_of(session: HttpSession, subject: Key, known: str | None = None) -> str:
    """The candidate whose file gets a note or tag; the application must belong to them.

    FatalError where the application cannot be seen, and for any other record unless the
    candidate is `known`.
    """
    if subject.kind != "application":
        if known:
            return known
        raise FatalError(
            f"a note cannot be left on a record of kind {subject.kind}",
            where=str(subject),
        )
    rows = _one(session, "applications", _Application, subject.id)
    found = ident(rows[0].candidate_id) if rows else None
    if found is None:
        raise FatalError(
            "the application of the note cannot be seen: nothing was written",
            where=str(subject),
            remedy="It may have been deleted; the next sync shows",
        )
    return found


def _marked(note: Note) -> str:
    end = marker(note.key)
    return note.text if end in note.text else f"{note.text}\n{end}"


def _one(session: HttpSession, path: str, row: type[Any], id_: str) -> list[Any]:
    return [one for page in read(session, path, row, ids=id_) for one in page]


def _receipt(row: _Note, candidate: str) -> Receipt:
    """Ids as text. `user`: the shown author, which distinguishes our own writes."""
    return _receipt_of(row, {"candidate": candidate, "user": ident(row.user_id)})


def _job_receipt(row: _JobNote, note: Note) -> Receipt:
    return _receipt_of(row, {"job": note.subject.id, "user": ident(row.user_id)})


def _receipt_of(row: Row, more: dict[str, str | None]) -> Receipt:
    ids = {"note": ident(row.id), **more}
    try:
        at = datetime.fromisoformat(str(row.created_at))
    except ValueError:
        at = None
    return Receipt({name: value for name, value in ids.items() if value}, at)
