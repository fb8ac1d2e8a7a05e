"""Add, find and remove tags of a candidate.

A tag sits on the candidate and shows on each of their applications. It is added by the id of a tag
of the account, which is made if there is none of that name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from atsbridge.api import TAG, FatalError, HttpSession, Key, Mark, Page, Receipt, Stream
from atsbridge_ashby.listing import LIMIT, asked
from atsbridge_ashby.wire import Part, Row

Listed = Callable[[Stream], Iterator[Page]]


class Tag(Part):
    id: str | None = None
    title: str | None = None
    is_archived: bool | None = None


class _TagRow(Row):
    title: str | None = None
    is_archived: bool | None = None


class _Candidate(Row):
    tags: list[Tag] | None = None


class _CandidateAnswer(msgspec.Struct):
    results: _Candidate


class _TagAnswer(msgspec.Struct):
    results: Tag


STREAM = asked(
    "candidate_tags",
    "candidateTag.list",
    _TagRow,
    lambda _: (),
    {},
    params={"limit": LIMIT},
    scope="Hiring process metadata: read",
)


def check_target(record: Key, mark: Mark) -> None:
    """FatalError for anything but a tag on an application."""
    if record.kind != "application" or mark.capability != TAG:
        raise FatalError(
            "Ashby takes tags on candidates and nothing else",
            where=str(record),
            remedy="Write tag: in the step, in a rule on candidates",
        )


def find(session: HttpSession, candidate: str, mark: Mark) -> Tag | None:
    """The tag of that name on the candidate."""
    answer = session.read("POST", "/candidate.info", {"id": candidate})
    tags = msgspec.json.decode(answer.body, type=_CandidateAnswer).results.tags or ()
    return next((one for one in tags if one.id and one.title == mark.value), None)


def add(session: HttpSession, listed: Listed, candidate: str, mark: Mark) -> Receipt:
    """Put the tag on the candidate if it is absent."""
    if find(session, candidate, mark) is not None:
        return receipt(candidate, had=True)
    tag = _known(listed, mark.value) or _made(session, mark.value)
    _change(session, "/candidate.addTag", candidate, tag)
    return receipt(candidate, had=False)


def remove(session: HttpSession, candidate: str, mark: Mark) -> Receipt:
    """Take the tag off the candidate if it is there."""
    tag = find(session, candidate, mark)
    if tag is None or tag.id is None:
        return receipt(candidate, had=False)
    _change(session, "/candidate.removeTag", candidate, tag.id)
    return receipt(candidate, had=True)


def receipt(candidate: str, *, had: bool) -> Receipt:
    """The record that carries the tag, and whether it was there before."""
    return Receipt({"on": f"candidate/{candidate}", "had": had})


def _known(listed: Listed, title: str) -> str | None:
    """The id of the account's tag of that name. Rows that cannot be read do not count."""
    for page in listed(STREAM):
        for raw in page.rows:
            try:
                row = msgspec.json.decode(raw, type=_TagRow)
            except msgspec.DecodeError:
                continue
            if row.title == title and not row.is_archived:
                return row.id
    return None


def _made(session: HttpSession, title: str) -> str:
    """Make a tag of that name, which returns the one there is, too."""
    answer = session.send("POST", "/candidateTag.create", json={"title": title}, safe=True)
    tag = msgspec.json.decode(answer.body, type=_TagAnswer).results
    if not tag.id:
        raise FatalError("Ashby made a tag and did not say its id", where="candidateTag.create")
    return tag.id


def _change(session: HttpSession, path: str, candidate: str, tag: str) -> None:
    body: dict[str, Any] = {"candidateId": candidate, "tagId": tag}
    session.send("POST", path, json=body, safe=True)  # doing it twice does no harm
