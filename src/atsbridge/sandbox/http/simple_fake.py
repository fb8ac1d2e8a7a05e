"""What a small fake needs to tell the company: records under a vendor's names, lists in pages.

A vendor's own ways (tokens, error bodies, odd filters) are its fake's.
"""

from __future__ import annotations

from typing import Any

from atsbridge.sandbox.http.fake_server import Request, Response

Row = dict[str, Any]


def told(record: Any, members: str) -> Row:
    """A record as a row: "name job_id=requisition" gives `name`, and `requisition` as `job_id`.

    Every row has `id` and `updated_at`; instants and days are ISO 8601.
    """
    row = {"id": record.id}
    for member in f"updated_at {members}".split():
        name, _, field = member.partition("=")
        value = getattr(record, field or name)
        row[name] = value.isoformat() if hasattr(value, "isoformat") else value
    return row


def paged(request: Request, rows: list[Row]) -> Response:
    """One page: `limit` rows from `cursor` on, of those not older than `updated_after`.

    400 for any other parameter: a fake that ignored it would hide a mistake.
    """
    if unknown := request.query.keys() - {"limit", "cursor", "updated_after"}:
        return Response(400, {"message": f"unknown parameter {min(unknown)}"})
    rows = [row for row in rows if row["updated_at"] >= request.param("updated_after")]
    start, limit = int(request.param("cursor", "0")), int(request.param("limit", "100"))
    after = str(start + limit) if start + limit < len(rows) else None
    return Response(200, {"items": rows[start : start + limit], "next": after})
