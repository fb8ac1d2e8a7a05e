"""Helpers for a small fake: render records under a vendor's member names, and lists in pages."""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache
from typing import Any

from atsbridge.sandbox.http.fake_server import Request, Response

Row = dict[str, Any]


def render_row(record: Any, members: str) -> Row:
    """Render a record as a row of a vendor's list.

    `members`: names separated by spaces; "name job_id=requisition" renders `name` under its own
    name and `requisition` as `job_id`. Every row has `id` and `updated_at`. Instants and days are
    ISO 8601.
    """
    row = {"id": record.id}
    for name, field in _split_members(members):
        value = getattr(record, field)
        row[name] = value.isoformat() if isinstance(value, date) else value
    return row


@lru_cache
def _split_members(members: str) -> list[tuple[str, str]]:
    """(name in the row, field of the record) of every member."""
    pairs = (member.partition("=") for member in f"updated_at {members}".split())
    return [(name, field or name) for name, _, field in pairs]


def render_page(request: Request, rows: list[Row]) -> Response:
    """Render one page: `limit` rows from `cursor` on, of the rows not older than `updated_after`.

    The body is {"items": rows, "next": cursor or null}. The status is 400 for any other parameter,
    and for an instant that is not in ISO 8601 with an offset: a fake that ignored it would hide an
    error of the connector.
    """
    if unknown := request.query.keys() - {"limit", "cursor", "updated_after"}:
        return Response(400, {"message": f"unknown parameter {min(unknown)}"})
    if changed := request.param("updated_after"):
        try:
            since = datetime.fromisoformat(changed)
        except ValueError:
            return Response(400, {"message": "updated_after is no instant"})
        if since.tzinfo is None:
            return Response(400, {"message": "updated_after has no offset"})
        rows = [row for row in rows if datetime.fromisoformat(row["updated_at"]) >= since]
    start, limit = int(request.param("cursor", "0")), int(request.param("limit", "100"))
    after = str(start + limit) if start + limit < len(rows) else None
    return Response(200, {"items": rows[start : start + limit], "next": after})
