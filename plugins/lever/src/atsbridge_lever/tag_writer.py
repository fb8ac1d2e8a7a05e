"""Add, find and remove tags of an opportunity.

A tag moves the opportunity's `updatedAt`, but not its activity clock. Lever's requisitions can only
be replaced whole (what a PUT leaves out is deleted or reset), and an opportunity has no custom
fields: neither is written.
"""

from __future__ import annotations

from urllib.parse import quote

import msgspec

from atsbridge.api import TAG, FatalError, HttpSession, Key, Mark, Receipt
from atsbridge_lever.wire import Ms, Row, instant


class _Tagged(Row):
    tags: list[str] | None = None
    updated_at: Ms = None


class _Single(msgspec.Struct):
    data: _Tagged


def add_mark(session: HttpSession, record: Key, mark: Mark) -> Receipt:
    """POST addTags if the tag is absent; Lever creates a new tag."""
    path = _path(record, mark)
    if mark.value in _tags(session, path):
        return _receipt(record, had=True)
    return _changed(session, record, f"{path}/addTags", mark, had=False)


def remove_mark(session: HttpSession, record: Key, mark: Mark) -> Receipt:
    """POST removeTags if the tag is present."""
    path = _path(record, mark)
    if mark.value not in _tags(session, path):
        return _receipt(record, had=False)
    return _changed(session, record, f"{path}/removeTags", mark, had=True)


def find_mark(session: HttpSession, record: Key, mark: Mark) -> Receipt | None:
    """The receipt of the tag if it is present, else None."""
    there = mark.value in _tags(session, _path(record, mark))
    return _receipt(record, had=False) if there else None


def _path(record: Key, mark: Mark) -> str:
    if record.kind != "application" or mark.capability != TAG:
        raise FatalError(
            "Lever takes tags on opportunities and nothing else",
            where=str(record),
            remedy="Write tag: in the step, in a rule on candidates",
        )
    return f"/opportunities/{quote(record.id, safe='')}"


def _tags(session: HttpSession, path: str) -> list[str]:
    answer = session.get(path)
    return msgspec.json.decode(answer.body, type=_Single).data.tags or []


def _changed(session: HttpSession, record: Key, path: str, mark: Mark, *, had: bool) -> Receipt:
    answer = session.send("POST", path, json={"tags": [mark.value]})
    try:
        at = instant(msgspec.json.decode(answer.body, type=_Single).data.updated_at)
    except msgspec.DecodeError:
        at = None  # it was written anyway
    return Receipt(_receipt(record, had=had).ids, at)


def _receipt(record: Key, *, had: bool) -> Receipt:
    return Receipt({"on": f"application/{record.id}", "had": had})
