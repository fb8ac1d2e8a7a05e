"""Lists of the fake: order, filters, opaque offset tokens, and answers to bad requests."""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from atsbridge.sandbox import Request

MOST = 100  # rows on a page
_PAGING = frozenset({"limit", "offset", "expand", "include"})
Key = tuple[Any, ...]


class Refused(Exception):
    """A request that gets an error body."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"code": code, "message": message}


def bad(message: str) -> Refused:
    """A 400."""
    return Refused(400, "BadRequest", message)


@dataclass(frozen=True, slots=True)
class List:
    """What one list of the API takes: filters beside the paging, and what `expand` may name."""

    filters: frozenset[str] = frozenset()
    expands: frozenset[str] = frozenset()

    def checked(self, request: Request) -> None:
        """Refused for a parameter this list does not have, or a value it cannot have."""
        for name in request.query:
            if name not in _PAGING | self.filters:
                raise bad(f"Unknown parameter: {name}")
        unknown = set(request.query.get("expand", ())) - self.expands
        if unknown:
            raise bad(f"Cannot expand: {', '.join(sorted(unknown))}")


def choice(request: Request, name: str, allowed: Sequence[str]) -> str | None:
    """The value of a parameter that has few; None if it is not given."""
    value = request.query.get(name, [None])[-1]
    if value is not None and value not in allowed:
        raise bad(f"{name} must be one of {', '.join(allowed)}")
    return value


def in_range(request: Request, name: str, value: int | None) -> bool:
    """Whether an instant lies in the range asked for, its end included; null lies in none."""
    asked = {end: request.query.get(f"{name}_{end}", [""])[-1] for end in ("start", "end")}
    for end, text in asked.items():
        if text and not text.isdecimal():
            raise bad(f"{name}_{end} must be a timestamp in milliseconds")
    if not any(asked.values()):
        return True
    least, most = int(asked["start"] or 0), asked["end"]
    return value is not None and least <= value <= int(most or value)


@dataclass(slots=True)
class Tokens:
    """Every offset token given out, with the key of the first row of the page it leads to."""

    given: dict[tuple[str, str], Key] = field(default_factory=dict)

    def page(
        self,
        request: Request,
        rows: Iterable[tuple[Key, Any]],
        render: Callable[[Any], Mapping[str, Any]],
    ) -> dict[str, Any]:
        """One page of the rows, which are in order of their keys.

        A token points at a row's key, not at a position: rows that move while somebody pages
        come twice or not at all, as they do at Lever.
        """
        ordered = rows if isinstance(rows, list) else list(rows)
        limit = request.param("limit", str(MOST))
        if not limit.isdecimal() or not 1 <= int(limit) <= MOST:
            raise bad(f"limit must be between 1 and {MOST}")
        start = 0
        if "offset" in request.query:
            key = self.given.get((request.path, request.param("offset")))
            if key is None:
                raise bad("Invalid offset token")
            start = bisect_left(ordered, key, key=lambda row: row[0])
        end = start + int(limit)
        body: dict[str, Any] = {"data": [render(row) for _, row in ordered[start:end]]}
        body["hasNext"] = end < len(ordered)
        if body["hasNext"]:
            body["next"] = self._token(request.path, ordered[end][0])
        return body

    def _token(self, path: str, key: Key) -> str:
        shown = [abs(part) if isinstance(part, int) else part for part in key]
        token = quote(json.dumps(shown, separators=(",", ":")), safe="")
        self.given[path, token] = key
        return token
