"""When the company last contacted a candidate, if the ATS shows messages to candidates."""

from __future__ import annotations

from atsbridge.store.derive.scope import Derivation


def instants(scope: Derivation) -> None:
    """last_candidate_contact_at: a message, an interview booked, an offer sent; else applied_at.

    Unknown if no list shows messages: then the absence of messages proves nothing.
    """
    if not scope.supplied("application", "contacted_at"):
        return
    mine = scope.among("application", "application")
    scope.update(
        "application",
        ("last_candidate_contact_at",),
        "SELECT a.id AS key, coalesce(max(e.at), a.applied_at) AS last_candidate_contact_at"
        " FROM applications a LEFT JOIN ("
        " SELECT id AS application, contacted_at AS at FROM applications"
        f"  WHERE account = :account{scope.among('application', 'id')}"
        " UNION ALL SELECT application, scheduled_at FROM interviews"
        f"  WHERE account = :account AND deleted_at IS NULL AND scheduled_at <= :at{mine}"
        " UNION ALL SELECT application, sent_at FROM offers"
        f"  WHERE account = :account AND deleted_at IS NULL{mine}"
        ") e ON e.application = a.id"
        f" WHERE a.account = :account{scope.among('application', 'a.id')}"
        " GROUP BY a.id, a.applied_at",
    )
