"""How a list's answer is cut into raw rows, and where its next page is.

Following the next page is `connector`'s, refusing one on another host `session`'s.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol
from urllib.parse import urljoin

import msgspec
from requests.utils import parse_header_links

from atsbridge.errors import CursorError, RetryableError
from atsbridge.net.session import Answer

Next = str | Mapping[str, str] | None


class Paginator(Protocol):
    """One vendor's way to continue a list."""

    def rows(self, answer: Answer) -> tuple[list[msgspec.Raw], Next]:
        """The raw JSON slice of each row as received, and what comes next.

        Next is an address (asked as it is), or parameters to add to the first request's own,
        or None after the last page. RetryableError if the body is not such a list.
        """
        ...


_ROWS = msgspec.json.Decoder(list[msgspec.Raw])
_ENVELOPE = msgspec.json.Decoder(dict[str, msgspec.Raw])


def _rows(body: bytes | msgspec.Raw) -> list[msgspec.Raw]:
    try:
        return _ROWS.decode(body)
    except msgspec.DecodeError:
        raise RetryableError("answered with something that is no whole list") from None


def _envelope(answer: Answer) -> dict[str, msgspec.Raw]:
    try:
        return _ENVELOPE.decode(answer.body)
    except msgspec.DecodeError:
        raise RetryableError("answered with something that is no whole object") from None


def _word(raw: msgspec.Raw | None) -> str | None:
    """A text or number of an envelope, as text; None for null and absence."""
    value = None if raw is None else msgspec.json.decode(raw)
    return None if value in (None, "") or isinstance(value, bool) else str(value)


class LinkHeader:
    """A bare array; `Link: <…>; rel="next"` leads on, no such link ends it (Greenhouse v3)."""

    def rows(self, answer: Answer) -> tuple[list[msgspec.Raw], Next]:
        rows = _rows(answer.body)
        for link in parse_header_links(answer.headers.get("Link", "") or ""):
            if link.get("rel") == "next" and link.get("url"):
                return rows, urljoin(answer.url, link["url"])
        return rows, None


class Cursor:
    """`{items: […], next: "…"}`; the cursor goes back as a parameter beside the others.

    `path` leads to the cursor through nested objects: ("meta", "next_cursor").
    """

    def __init__(self, items: str, path: Sequence[str], param: str = "cursor") -> None:
        self._items = items
        self._path = tuple(path)
        self._param = param

    def rows(self, answer: Answer) -> tuple[list[msgspec.Raw], Next]:
        envelope = _envelope(answer)
        if self._items not in envelope:
            raise RetryableError(f"answered without {self._items}")
        rows, at = _rows(envelope[self._items]), envelope
        for name in self._path[:-1]:
            inner = at.get(name)
            at = _ENVELOPE.decode(inner) if inner is not None and bytes(inner) != b"null" else {}
        token = _word(at.get(self._path[-1]))
        return rows, {self._param: token} if token else None


class OffsetToken:
    """`{data: […], hasNext, next}`; the token goes back as `offset`, verbatim (Lever v1).

    The token arrives percent-encoded and is encoded once more on the way: never unquote it.
    `hasNext` without `next` is a broken page, not the end.
    """

    def rows(self, answer: Answer) -> tuple[list[msgspec.Raw], Next]:
        envelope = _envelope(answer)
        if "data" not in envelope:
            raise RetryableError("answered without data")
        rows, token = _rows(envelope["data"]), _word(envelope.get("next"))
        more = envelope.get("hasNext")
        if more is None or bytes(more) != b"true":
            return rows, None
        if token is None:
            raise CursorError("says there is a next page and does not say where")
        return rows, {"offset": token}
