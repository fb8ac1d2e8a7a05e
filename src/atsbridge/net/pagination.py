"""How an answer is cut into raw rows, and where the next page of a list is."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Protocol, runtime_checkable
from urllib.parse import urljoin

import msgspec

from atsbridge.errors import CursorError, FatalError, RetryableError
from atsbridge.net import json_body
from atsbridge.net.response import HttpResponse

NextPage = str | Mapping[str, Any] | None
EMPTY = 50  # pages without a row, one after the other: vendors that filter late send a few
_TOKEN = 4000  # characters: a longer one fits into no address


class Paginator(Protocol):
    """One vendor's way to continue a list."""

    def rows(self, answer: HttpResponse) -> tuple[list[msgspec.Raw], NextPage]:
        """The raw JSON slice of each row as received, and what comes next.

        Next is an address (asked as it is), or parameters to add to the first request's own,
        or None after the last page. RetryableError if the body is not such a list.
        """
        ...


@runtime_checkable
class TokenPaginator(Protocol):
    """A `Paginator` of a vendor that gives a sync token with the last page of a list."""

    def sync_token(self, answer: HttpResponse) -> str:
        """The token of that answer; "" if it has none."""
        ...


class PageGuard:
    """Detects a list whose pages repeat, are empty or never end. One for each reading of a list."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._nexts: set[int] = set()
        self._pages: set[int] = set()
        self._count = 0
        self._empty = 0

    def check(self, rows: Sequence[Any], after: Any) -> None:
        """Check one page and its next page. CursorError: it repeats. FatalError: too many pages."""
        self._count += 1
        self._empty = 0 if rows else self._empty + 1
        if after is None:
            return
        mark = hash(after if isinstance(after, str) else tuple(sorted(after.items())))
        if mark in self._nexts:
            raise CursorError("gave the same next page twice")
        self._nexts.add(mark)
        page = hash((len(rows), _bytes(rows[0]), _bytes(rows[-1]))) if rows else 0
        if rows and page in self._pages:
            raise CursorError("sent the same page twice, and says there are more")
        self._pages.add(page)
        if self._empty >= EMPTY:
            raise CursorError(f"sent {EMPTY} empty pages, and says there are more")
        if self._count >= self._most:
            what = f"does not end: {self._most:,} pages were read"
            raise FatalError(what, remedy="If the list is so long, raise max_pages of the account")


def _bytes(row: Any) -> bytes:
    return bytes(row) if isinstance(row, msgspec.Raw) else msgspec.json.encode(row)


def _rows(body: bytes | msgspec.Raw) -> list[msgspec.Raw]:
    try:
        return json_body.rows(body)
    except (ValueError, RecursionError):
        raise RetryableError("answered with something that is no whole list") from None


def _envelope(body: bytes | msgspec.Raw) -> dict[str, msgspec.Raw]:
    try:
        return json_body.members(body)
    except (ValueError, RecursionError):
        raise RetryableError("answered with something that is no whole object") from None


def _there(raw: msgspec.Raw | None) -> bool:
    return raw is not None and bytes(raw) != b"null"


def _at(envelope: Mapping[str, msgspec.Raw], path: Sequence[str]) -> msgspec.Raw | None:
    """The member at the end of a path through nested objects; None if there is none."""
    for name in path[:-1]:
        inner = envelope.get(name)
        envelope = _envelope(inner) if inner is not None and _there(inner) else {}
    return envelope.get(path[-1])


def _read_token(raw: msgspec.Raw | None) -> str | None:
    """A text or number of an envelope, as text; None for null and absence."""
    try:
        value = None if raw is None else msgspec.json.decode(raw)
    except (ValueError, RecursionError):
        raise CursorError("names a next page that cannot be read") from None
    if value in (None, "") or isinstance(value, bool):
        return None
    if not isinstance(value, str | int | float) or len(text := str(value)) > _TOKEN:
        raise CursorError("names a next page that cannot be read")
    return text


def _follows(flag: msgspec.Raw | None) -> bool | None:
    """Whether the flag says that a page follows; None if it is absent."""
    text = b"null" if flag is None else bytes(flag)
    if text in (b"true", b"false"):
        return text == b"true"
    if text == b"null":
        return None
    raise CursorError("does not say whether a next page follows")


# RFC 8288: <address>; rel="next", names and relations in any case, of which there may be several
_LINK = re.compile(r'<([^<>]*)>((?:[^,<"]|"[^"]*")*)')
_PARAMETER = re.compile(r""";\s*([^\s=;,]+)\s*=\s*("[^"]*"|'[^']*'|[^\s;,]+)""")


class LinkHeaderPages:
    """A bare array; `Link: <…>; rel="next"` names the next page, if any (Greenhouse v3)."""

    def rows(self, answer: HttpResponse) -> tuple[list[msgspec.Raw], NextPage]:
        rows, header = _rows(answer.body), answer.headers.get("Link", "") or ""
        links = _LINK.findall(header)
        if header.strip() and not links:
            raise CursorError("names a next page that cannot be read")
        for url, params in links:
            named = (value for name, value in _PARAMETER.findall(params) if name.lower() == "rel")
            if url and "next" in next(named, "").strip("\"'").lower().split():
                try:
                    return rows, urljoin(answer.url, url)
                except ValueError:
                    raise CursorError("names a next page that is no address") from None
        return rows, None


class CursorPages:
    """`{items: […], next: "…"}`; the cursor goes back as a parameter beside the others.

    `items`: the member with the rows, or the members with rows of several kinds, in order: the
    first must be there, the others may be absent. `path` leads to the cursor through nested
    objects: ("meta", "next_cursor"). `more` leads to a flag that says whether a page follows: if
    it is true and there is no cursor, the page is broken; if it is false, the list ends; if it is
    absent, the cursor decides. `token` leads to the sync token of the last page.
    """

    def __init__(
        self,
        items: str | Sequence[str],
        path: Sequence[str],
        param: str = "cursor",
        *,
        more: Sequence[str] = (),
        token: Sequence[str] = (),
    ) -> None:
        self._items = (items,) if isinstance(items, str) else tuple(items)
        self._path = tuple(path)
        self._param = param
        self._more = tuple(more)
        self._token = tuple(token)

    def rows(self, answer: HttpResponse) -> tuple[list[msgspec.Raw], NextPage]:
        envelope = _envelope(answer.body)
        first, *others = self._items
        if first not in envelope:
            raise RetryableError(f"answered without {first}")
        rows = _rows(envelope[first])
        for name in others:
            rows += _rows(envelope[name]) if _there(envelope.get(name)) else []
        token = _read_token(_at(envelope, self._path))
        if self._more:
            follows = _follows(_at(envelope, self._more))
            if follows is False:
                return rows, None
            if follows and token is None:
                raise CursorError("says there is a next page and does not say where")
        return rows, {self._param: token} if token else None

    def sync_token(self, answer: HttpResponse) -> str:
        """The sync token of the answer; "" if it has none, or if none is declared."""
        return _read_token(_at(_envelope(answer.body), self._token)) or "" if self._token else ""


class OffsetPages:
    """`{data: […], hasNext, next}`; the token goes back as `offset`, verbatim (Lever v1).

    The token arrives percent-encoded and is encoded once more on the way: never unquote it.
    `hasNext` without `next` is a broken page, not the end. Without `hasNext`, `next` decides.
    """

    def rows(self, answer: HttpResponse) -> tuple[list[msgspec.Raw], NextPage]:
        envelope = _envelope(answer.body)
        if "data" not in envelope:
            raise RetryableError("answered without data")
        rows, token = _rows(envelope["data"]), _read_token(envelope.get("next"))
        follows = _follows(envelope.get("hasNext"))
        if follows is False or (follows is None and token is None):
            return rows, None
        if token is None:
            raise CursorError("says there is a next page and does not say where")
        return rows, {"offset": token}
