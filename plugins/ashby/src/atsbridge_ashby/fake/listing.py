"""Lists of the fake: pages, cursors, sync tokens, and refusals inside a 200.

A sync token stands for the rows as they were when the reading that ended with it began: a later
request with it returns the rows that differ from that. It is bound to its list and its parameters,
and expires.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from atsbridge.api import TimeSource
from atsbridge_ashby.fake.truth import Row

MOST = 100  # rows on a page, and the default
_KEPT = 400  # cursors and tokens that are known at once; older ones have expired
PAGING = frozenset({"cursor", "limit", "syncToken"})


class Refused(Exception):
    """A refusal, which comes as a 200 unless a status is given."""

    def __init__(self, code: str, message: str = "", status: int = 200) -> None:
        super().__init__(message)
        self.status = status
        self.body = refusal(code, message)


def refusal(code: str, message: str = "") -> Row:
    """The body of a refusal."""
    info = {"code": code, "message": message or code.replace("_", " "), "requestId": "req-1"}
    return {"success": False, "errors": [code], "errorInfo": info}


def bad(message: str) -> Refused:
    """A request that the API does not understand."""
    return Refused("invalid_input", message)


@dataclass(frozen=True, slots=True)
class _Reading:
    """One reading of a list: what was asked, its rows, and the digests of all rows then."""

    asked: str
    rows: Sequence[Row]
    digests: Mapping[str, int]
    begun: datetime


@dataclass(slots=True)
class Lists:
    """Answers list requests, and remembers every cursor and token that it gave.

    `life`: how long a token is good for. `silent`: by action, members whose change alone does not
    make a row appear in an incremental reading.
    """

    time: TimeSource
    life: timedelta
    silent: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    _cursors: OrderedDict[str, tuple[_Reading, int]] = field(default_factory=OrderedDict)
    _tokens: OrderedDict[str, _Reading] = field(default_factory=OrderedDict)
    _digested: dict[str, tuple[int, list[Row], dict[str, int]]] = field(default_factory=dict)
    _given: int = 0

    def page(
        self,
        action: str,
        body: Row,
        version: int,
        render: Callable[[], list[Row]],
        *,
        syncs: bool,
    ) -> Row:
        """One page. `version` changes whenever a row does; `syncs`: the list gives sync tokens."""
        limit = _limit(body)
        asked = f"{action} {json.dumps({k: v for k, v in body.items() if k not in PAGING})}"
        start = 0
        if (cursor := body.get("cursor")) is not None:
            reading, start = self._resume(cursor, asked)
        else:
            reading = self._begin(action, asked, body.get("syncToken"), version, render)
        end = start + limit
        answer: Row = {"success": True, "results": list(reading.rows[start:end])}
        answer["moreDataAvailable"] = end < len(reading.rows)
        if answer["moreDataAvailable"]:
            answer["nextCursor"] = self._keep(self._cursors, (reading, end), "c")
        elif syncs:
            answer["syncToken"] = self._keep(self._tokens, reading, "s")
        return answer

    def _begin(
        self,
        action: str,
        asked: str,
        token: Any,
        version: int,
        render: Callable[[], list[Row]],
    ) -> _Reading:
        rows, digests = self._rows(action, asked, version, render)
        if token is not None:
            before = self._tokens.get(token) if isinstance(token, str) else None
            if before is None or before.asked != asked:
                raise Refused("sync_token_invalid", "The sync token is not valid for this list")
            if self.time.now() - before.begun > self.life:
                raise Refused("sync_token_expired", "The sync token has expired")
            rows = [row for row in rows if before.digests.get(row["id"]) != digests[row["id"]]]
        return _Reading(asked, rows, digests, self.time.now())

    def _rows(
        self, action: str, asked: str, version: int, render: Callable[[], list[Row]]
    ) -> tuple[list[Row], dict[str, int]]:
        known = self._digested.get(asked)
        if known is None or known[0] != version:
            hidden = self.silent.get(action, ())
            rows = render()
            digests = {row["id"]: _digest(row, hidden) for row in rows}
            known = self._digested[asked] = (version, rows, digests)
        return known[1], known[2]

    def _resume(self, cursor: Any, asked: str) -> tuple[_Reading, int]:
        found = self._cursors.get(cursor) if isinstance(cursor, str) else None
        if found is None or found[0].asked != asked:
            raise Refused("invalid_next_cursor", "The cursor is not valid for this list")
        return found

    def _keep(self, kept: OrderedDict[str, Any], value: Any, prefix: str) -> str:
        self._given += 1
        name = f"{prefix}{self._given:06}"
        kept[name] = value
        while len(kept) > _KEPT:
            kept.popitem(last=False)
        return name


def _limit(body: Row) -> int:
    limit = body.get("limit", MOST)
    if isinstance(limit, bool) or not isinstance(limit, int) or not 1 <= limit <= MOST:
        raise bad(f"limit must be a whole number from 1 to {MOST}")
    return limit


def _digest(row: Row, hidden: Sequence[str]) -> int:
    shown = {name: value for name, value in row.items() if name not in hidden}
    return hash(json.dumps(shown, sort_keys=True))
