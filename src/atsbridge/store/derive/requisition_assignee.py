"""The assignee of a requisition: the first condition that is true, and since when.

Assignees of applications must be derived before.
"""

from __future__ import annotations

from atsbridge.store.derive.scope import Derivation

_OVER = "('filled', 'cancelled', 'closed')"
_TURN = f"""
  CASE WHEN q.deleted_at IS NOT NULL OR coalesce(q.status, 'open') IN {_OVER} THEN 'closed'
       WHEN p.who IS NOT NULL THEN 'approver'
       WHEN b.requisition IS NOT NULL AND b.recruiter_at IS NULL THEN 'recruiter'
       WHEN b.requisition IS NOT NULL AND b.manager_at IS NULL THEN 'hiring_manager'
       WHEN q.first_submission_at IS NULL THEN 'search'
       WHEN w.role IS NOT NULL THEN 'application'
       ELSE 'again' END
"""
_ASSIGNEE = """
  CASE turn WHEN 'approver' THEN approver WHEN 'hiring_manager' THEN manager
       WHEN 'application' THEN waits_for WHEN 'closed' THEN NULL ELSE recruiter END
"""
_ROLE = """
  CASE WHEN turn = 'closed' THEN NULL
       WHEN turn = 'application' THEN waits_as
       WHEN assignee IS NULL THEN 'unclear'
       WHEN turn IN ('approver', 'hiring_manager') THEN turn
       ELSE 'recruiter' END
"""
_SINCE = """
  CASE turn WHEN 'approver' THEN asked_at WHEN 'application' THEN waits_since
       WHEN 'search' THEN coalesce(opened_at, created_at, first_seen_at)
       WHEN 'again' THEN last_submission_at
       WHEN 'recruiter' THEN coalesce(manager_at, written_at)
       WHEN 'hiring_manager' THEN coalesce(recruiter_at, written_at) END
"""


def assignees(scope: Derivation) -> None:
    """assignee, assignee_role, assignee_since as of the scope's instant."""
    scope.update(
        "requisition",
        ("assignee", "assignee_role", "assignee_since"),
        f"SELECT key, assignee, {_ROLE} AS assignee_role, {_SINCE} AS assignee_since FROM ("
        f" SELECT x.*, {_ASSIGNEE} AS assignee FROM ({_turns(scope)}) x) y",
    )


def _turns(scope: Derivation) -> str:
    return (
        f"SELECT q.id AS key, {_TURN} AS turn, q.recruiter, q.hiring_manager AS manager,"
        " q.opened_at, q.created_at, q.first_seen_at, q.last_submission_at,"
        " p.who AS approver, p.at AS asked_at, b.recruiter_at, b.manager_at, b.written_at,"
        " w.who AS waits_for, w.role AS waits_as, w.at AS waits_since"
        " FROM requisitions q"
        f" LEFT JOIN ({_approvals(scope)}) p ON p.requisition = q.id AND p.place = 1"
        f" LEFT JOIN ({_briefs(scope)}) b ON b.requisition = q.id"
        f" LEFT JOIN ({_waiting(scope)}) w ON w.requisition = q.id AND w.place = 1"
        f" WHERE q.account = :account{scope.among('requisition', 'q.id')}"
    )


def _approvals(scope: Derivation) -> str:
    """Approvals of requisitions that wait for somebody, longest first."""
    return (
        'SELECT v.requisition, v."user" AS who, coalesce(v.requested_at, v.first_seen_at) AS at,'
        " row_number() OVER (PARTITION BY v.requisition"
        "  ORDER BY coalesce(v.requested_at, v.first_seen_at), v.id) AS place"
        " FROM approvals v WHERE v.account = :account AND v.deleted_at IS NULL AND v.status = 'due'"
        ' AND v."user" IS NOT NULL AND v.requisition IS NOT NULL'
        f"{scope.among('requisition', 'v.requisition')}"
    )


def _briefs(scope: Derivation) -> str:
    """The newest brief of each requisition, and when each side first agreed to it, in ms."""
    agreed = _agreed(scope)
    return (
        "SELECT n.requisition, coalesce(n.created_at, n.first_seen_at) AS written_at,"
        " min(CASE WHEN m.role = 'recruiter' THEN j.at END) AS recruiter_at,"
        " min(CASE WHEN m.role = 'hiring_manager' THEN j.at END) AS manager_at FROM ("
        " SELECT account, id, requisition, agreed, created_at, first_seen_at,"
        "  row_number() OVER (PARTITION BY requisition"
        "   ORDER BY coalesce(version, 0) DESC, id DESC) AS place FROM briefs"
        "  WHERE account = :account AND deleted_at IS NULL AND requisition IS NOT NULL"
        f"  {scope.among('requisition', 'requisition')}) n"
        f" LEFT JOIN ({agreed}) j ON j.brief = n.id"
        " LEFT JOIN team_members m ON m.account = n.account AND m.requisition = n.requisition"
        '  AND m.deleted_at IS NULL AND m."user" = j.who'
        " WHERE n.place = 1 GROUP BY n.requisition, n.created_at, n.first_seen_at"
    )


def _agreed(scope: Derivation) -> str:
    """(brief, who, at in ms) of every agreement that has an instant."""
    mine = scope.among("requisition", "f.requisition")
    if scope.database.sqlite:
        return (
            "SELECT f.id AS brief, e.key AS who,"
            " CAST(round((julianday(e.value) - 2440587.5) * 86400000) AS INTEGER) AS at"
            " FROM briefs f, json_each(coalesce(f.agreed, '{}')) e"
            f" WHERE f.account = :account AND e.value IS NOT NULL AND e.value <> ''{mine}"
        )
    zoned = "CASE WHEN e.value ~ 'T.*(Z|[+-][0-9:]+)$' THEN e.value ELSE e.value || 'Z' END"
    return (
        "SELECT f.id AS brief, e.key AS who, CAST(round(extract(epoch FROM"
        f"  CAST({zoned} AS TIMESTAMPTZ)) * 1000) AS BIGINT) AS at"
        " FROM briefs f, jsonb_each_text(CAST(coalesce(f.agreed, '{}') AS JSONB)) e"
        f" WHERE f.account = :account AND e.value IS NOT NULL AND e.value <> ''{mine}"
    )


def _waiting(scope: Derivation) -> str:
    """Active applications by how long they wait: those that wait for a colleague come first."""
    return (
        "SELECT a.requisition, a.assignee AS who, a.assignee_role AS role, a.assignee_since AS at,"
        " row_number() OVER (PARTITION BY a.requisition"
        "  ORDER BY a.assignee IS NULL, a.assignee_since IS NULL, a.assignee_since, a.id) AS place"
        " FROM applications a WHERE a.account = :account AND a.deleted_at IS NULL"
        " AND a.assignee_role IS NOT NULL AND a.requisition IS NOT NULL"
        f"{scope.among('requisition', 'a.requisition')}"
    )
