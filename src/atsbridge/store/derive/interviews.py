"""Derived fields of interviews: when we saw one called off, or moved.

Changes that only a mapping made are no such sight.
"""

from __future__ import annotations

from atsbridge.store.derive.scope import Scope


def instants(scope: Scope) -> None:
    """cancelled_at (first sight, if it was cancelled then already) and rescheduled_at."""
    scope.update(
        "interview",
        ("cancelled_at", "rescheduled_at"),
        "SELECT i.id AS key, CASE WHEN i.status = 'cancelled' THEN coalesce("
        "  max(CASE WHEN c.field = 'status' AND c.new = '\"cancelled\"'"
        "   THEN coalesce(c.occurred_at, c.observed_at) END),"
        "  i.cancelled_at, i.first_seen_at) END AS cancelled_at,"
        " max(CASE WHEN c.field = 'starts_at' AND c.old IS NOT NULL AND c.new IS NOT NULL"
        "  THEN coalesce(c.occurred_at, c.observed_at) END) AS rescheduled_at"
        " FROM interviews i LEFT JOIN changes c ON c.account = i.account"
        "  AND c.kind = 'interview' AND c.id = i.id AND c.field IN ('status', 'starts_at')"
        "  AND c.origin <> 'mapping'"
        f" WHERE i.account = :account{scope.among('interview', 'i.id')}"
        " GROUP BY i.id, i.status, i.cancelled_at, i.first_seen_at",
    )
