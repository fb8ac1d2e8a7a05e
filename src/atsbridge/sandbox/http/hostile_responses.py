"""Hostile responses: a fake whose answers are distorted in ways that vendors have shown."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from email.utils import format_datetime
from typing import Any

from atsbridge.ports import PAGE_SIZE_PARAMS
from atsbridge.sandbox.http.fake_server import Fake, Request, Response

EMOJI = "👩🏽‍🚀 Ж́ﷺ \u202eevil\u202c <!channel> *x* "
MANY = 20  # rows of a page in which one bad row does not count
HUGE = "x" * 10_000_000
STRANGE_ID = "no/id?of=this&vendor,7"  # which must not lead a further request anywhere else
SMALL = "20"  # rows of a page, whatever size was requested
# Parameters for a later page, and the values that stand for the first one.
FURTHER = ("cursor", "offset", "page", "page_token", "pageToken", "nextCursor", "after", "next")
_FIRST = ("", "0", "1", 0, 1, None)
FAR = 900_000_000  # larger than any id of a sandbox company
_IDENTS = re.compile(r"(^id|_id|Id|_ids|user|owner|stage|postings?)$")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
Rows = list[Any]


@dataclass(frozen=True, slots=True)
class Trick:
    """One distortion: a function on the rows of a response, and the error of its clock.

    `later`: a function on a page and the page before it; then every page has `SMALL` rows, and the
    first one is not changed.
    """

    name: str
    rows: Callable[[Rows], Rows] = list
    later: Callable[[Rows, Rows], Rows] | None = None
    hides: bool = False  # some rows are left out
    repeats: bool = False  # rows are repeated, and nothing else is wrong
    spoils: bool = False  # so many rows are invalid that the stream may fail
    ahead: timedelta | None = None


def _each(change: Callable[[str, Any], Any]) -> Callable[[Rows], Rows]:
    """A function that changes every member of every row except its id."""

    def bend(rows: Rows) -> Rows:
        return [
            {k: v if k == "id" else change(k, v) for k, v in row.items()}
            if isinstance(row, dict)
            else row
            for row in rows
        ]

    return bend


def _named(name: str, value: Any) -> Any:
    return EMOJI + str(value) if name in ("name", "title", "text") and value else value


def _retyped(name: str, value: Any) -> Any:
    return {"value": value} if name.lower() in _RETYPED and value is not None else value


_RETYPED = ("name", "title", "text", "tags", "source", "sources", "priority", "state", "status")


def _renamed(row: Any) -> Any:
    if not isinstance(row, dict):
        return row
    return {f"new_{name}" if name in _RETYPED else name: value for name, value in row.items()}


def _unknown_state(name: str, value: Any) -> Any:
    return "Brand New Word" if name in ("status", "state", "type") and value else value


def _grown(rows: Rows) -> Rows:
    if len(rows) > MANY and isinstance(rows[0], dict):
        rows = [{**rows[0], "note_nobody_asked_for": HUGE}, *rows[1:]]
    return rows


def shift_ids(value: Any, name: str = "") -> Any:
    """The same value with other ids of the same form in place of all ids."""
    if isinstance(value, dict):
        return {key: shift_ids(one, key) for key, one in value.items()}
    if isinstance(value, list):
        return [shift_ids(one, name) for one in value]
    uuid = isinstance(value, str) and _UUID.fullmatch(value) is not None
    if isinstance(value, bool) or not (uuid or _IDENTS.search(name)):
        return value
    if isinstance(value, int):
        return value + FAR
    return f"ffff{value[4:]}" if isinstance(value, str) and len(value) >= 8 else value


def _with_stranger(rows: Rows) -> Rows:
    """The rows, and one like the first under an id such as this vendor never gives."""
    return [*rows, {**shift_ids(rows[0]), "id": STRANGE_ID}] if len(rows) > MANY else rows


_nulls = _each(lambda *_: None)  # which may also mean that the rows have no parts any more

TRICKS: tuple[Trick, ...] = (
    Trick("emoji and control characters in names", _each(_named)),
    Trick("every row twice", lambda rows: [row for row in rows for _ in (0, 1)], repeats=True),
    Trick("the first row again at the end", lambda rows: [*rows, *rows[:1]], repeats=True),
    Trick("a row missing from a page", lambda rows: rows[1:], hides=True),
    Trick("rows in reverse", lambda rows: rows[::-1]),
    Trick("a row again on the next page", later=lambda rows, old: old[-1:] + rows, repeats=True),
    Trick("a row missing between two pages", later=lambda rows, _: rows[1:], hides=True),
    Trick("a page of nulls", later=lambda rows, _: _nulls(rows), spoils=True),
    Trick("unknown states", _each(_unknown_state)),
    Trick("a member of 10 MB", _grown),
    Trick("one row of nulls", lambda rows: [*_nulls(rows[:1]), *rows[1:]], hides=True),
    Trick("fields of another type", _each(_retyped)),
    Trick("fields under another name", lambda rows: [_renamed(row) for row in rows]),
    Trick("null among many rows", lambda rows: [*rows, None] if len(rows) > MANY else rows),
    Trick("a row with an id of another form", _with_stranger),
    Trick("a clock four minutes ahead", ahead=timedelta(minutes=4)),
    Trick("a clock four minutes behind", ahead=timedelta(minutes=-4)),
)


@contextmanager
def hostile(fake: Fake, trick: Trick) -> Iterator[Counter[str]]:
    """Let the fake distort every list that it returns.

    Yields path -> how often; for a trick across pages, how often there was a later page.
    """
    app = fake.server.app
    played: Counter[str] = Counter()
    before: dict[str, Rows] = {}

    def answer(request: Request) -> Response:
        later = trick.later is not None and is_further(request)

        def bend(rows: Rows) -> Rows:
            played[request.path] += later or not trick.later
            earlier = before.get(request.path, [])
            before[request.path] = rows
            return trick.later(rows, earlier) if later and trick.later else trick.rows(rows)

        response = app(_smaller(request) if trick.later else request)
        bent = _bent(response, bend)
        if trick.ahead is None:
            return bent
        date = format_datetime(fake.server.time.now() + trick.ahead, usegmt=True)
        return replace(bent, headers={**bent.headers, "Date": date})

    fake.server.app = answer
    try:
        yield played
    finally:
        fake.server.app = app


def is_further(request: Request) -> bool:
    """Whether the request is for a later page of a list."""
    arguments = request.arguments
    return any(arguments.get(name, [None])[-1] not in _FIRST for name in FURTHER)


def _smaller(request: Request) -> Request:
    """The same request, for small pages."""
    return request.changed(dict.fromkeys(PAGE_SIZE_PARAMS, SMALL))


def _bent(response: Response, bend: Callable[[Rows], Rows]) -> Response:
    if response.status != 200:
        return response
    body = response.body
    if isinstance(body, bytes):
        try:
            body = json.loads(body)
        except ValueError:
            return response
    if isinstance(body, list):
        body = bend(body)
    elif isinstance(body, dict):
        body = {k: bend(v) if _is_rows(v) else v for k, v in body.items()}
    return Response(200, body, response.headers)


def _is_rows(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(row, dict) and "id" in row for row in value)
