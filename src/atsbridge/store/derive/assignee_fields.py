"""The assignee of an application: the first of nine conditions that is true, and since when.

The hiring team must be derived before (`requisition_fields.roles`).
"""

from __future__ import annotations

from atsbridge.store.derive.application_fields import reviews
from atsbridge.store.derive.interview_fields import end
from atsbridge.store.derive.scope import Derivation

# The conditions in their order: the first that is true decides.
_TURN = """
  CASE WHEN a.deleted_at IS NOT NULL
        OR coalesce(a.status, 'active') IN ('hired', 'rejected', 'withdrawn') THEN 'closed'
       WHEN p.who IS NOT NULL THEN 'approver'
       WHEN w.who IS NOT NULL THEN 'interviewer'
       WHEN u.application IS NOT NULL THEN 'unclear'
       WHEN a.feedback_complete_at IS NOT NULL AND a.decided_at IS NULL THEN 'decision'
       WHEN g.kind = 'review' AND v.at IS NOT NULL THEN 'reviewed'
       WHEN g.kind = 'review' THEN 'review'
       WHEN o.application IS NOT NULL THEN 'offer'
       WHEN f.application IS NOT NULL THEN 'ahead'
       WHEN g.kind = 'interview' THEN 'booking'
       WHEN g.kind IN ('lead', 'screen', 'assessment', 'reference', 'offer') THEN 'recruiter'
       ELSE 'unclear' END
"""
_ASSIGNEE = """
  CASE turn WHEN 'approver' THEN approver WHEN 'interviewer' THEN interviewer
       WHEN 'decision' THEN manager WHEN 'review' THEN manager
       WHEN 'booking' THEN coalesce(coordinator, recruiter)
       WHEN 'recruiter' THEN recruiter WHEN 'reviewed' THEN recruiter END
"""
_ROLE = """
  CASE WHEN turn = 'closed' THEN NULL
       WHEN turn IN ('offer', 'ahead') THEN 'candidate'
       WHEN assignee IS NULL THEN 'unclear'
       WHEN turn IN ('decision', 'review') THEN 'hiring_manager'
       WHEN turn = 'booking' AND coordinator IS NOT NULL THEN 'coordinator'
       WHEN turn IN ('booking', 'reviewed') THEN 'recruiter'
       ELSE turn END
"""
_SINCE = """
  CASE turn WHEN 'closed' THEN NULL WHEN 'approver' THEN asked_at WHEN 'interviewer' THEN ended_at
       WHEN 'decision' THEN feedback_complete_at WHEN 'offer' THEN offered_at
       WHEN 'ahead' THEN booked_at WHEN 'reviewed' THEN reviewed_at ELSE stage_entered_at END
"""


def assignees(scope: Derivation) -> None:
    """assignee, assignee_role, assignee_since as of the scope's instant."""
    scope.update(
        "application",
        ("assignee", "assignee_role", "assignee_since"),
        f"SELECT key, assignee, {_ROLE} AS assignee_role, {_SINCE} AS assignee_since FROM ("
        f" SELECT x.*, {_ASSIGNEE} AS assignee FROM ({_turns(scope)}) x) y",
    )


def _turns(scope: Derivation) -> str:
    return (
        f"SELECT a.id AS key, {_TURN} AS turn, p.who AS approver, p.at AS asked_at,"
        " w.who AS interviewer, w.at AS ended_at, r.hiring_manager AS manager,"
        " coalesce(a.coordinator, r.coordinator) AS coordinator,"
        " coalesce(a.recruiter, r.recruiter) AS recruiter,"
        " a.feedback_complete_at, a.stage_entered_at, o.at AS offered_at, f.at AS booked_at,"
        " v.at AS reviewed_at"
        " FROM applications a"
        " LEFT JOIN requisitions r ON r.account = a.account AND r.id = a.requisition"
        " LEFT JOIN stages g ON g.account = a.account AND g.id = a.stage"
        f" LEFT JOIN ({_approvals(scope)}) p ON p.application = a.id AND p.place = 1"
        f" LEFT JOIN ({_owed(scope)}) w ON w.application = a.id AND w.place = 1"
        f" LEFT JOIN ({reviews(scope)}) v ON v.application = a.id"
        f" LEFT JOIN ({_unclear(scope)}) u ON u.application = a.id"
        f" LEFT JOIN ({_sent(scope)}) o ON o.application = a.id"
        f" LEFT JOIN ({_ahead(scope)}) f ON f.application = a.id"
        f" WHERE a.account = :account{scope.among('application', 'a.id')}"
    )


def _approvals(scope: Derivation) -> str:
    """Approvals of offers that wait for somebody, longest first."""
    return (
        'SELECT o.application, v."user" AS who, coalesce(v.requested_at, v.first_seen_at) AS at,'
        " row_number() OVER (PARTITION BY o.application"
        "  ORDER BY coalesce(v.requested_at, v.first_seen_at), v.id) AS place"
        " FROM offers o JOIN approvals v ON v.account = o.account AND v.offer = o.id"
        " WHERE o.account = :account AND o.deleted_at IS NULL AND v.deleted_at IS NULL"
        " AND coalesce(o.status, '') NOT IN ('rejected', 'deprecated') AND v.status = 'due'"
        f' AND v."user" IS NOT NULL{scope.among("application", "o.application")}'
    )


def _owed(scope: Derivation) -> str:
    """Seats of interviews that were held and still owe a scorecard, oldest first."""
    ended = f"coalesce({end(scope)}, i.updated_at, i.first_seen_at)"
    return (
        f'SELECT i.application, s."user" AS who, {ended} AS at, row_number() OVER ('
        f"  PARTITION BY i.application ORDER BY {ended}, s.id) AS place"
        " FROM interviews i JOIN seats s ON s.account = i.account AND s.interview = i.id"
        " LEFT JOIN scorecards c ON c.account = s.account AND c.id = s.scorecard"
        "  AND c.deleted_at IS NULL"
        " WHERE i.account = :account AND i.deleted_at IS NULL AND s.deleted_at IS NULL"
        " AND i.held = 'held' AND s.feedback_owed = 1"
        ' AND s."user" IS NOT NULL AND c.submitted_at IS NULL'
        f"{scope.among('application', 'i.application')}"
    )


def _sent(scope: Derivation) -> str:
    """Offers that the candidate has not answered."""
    return (
        "SELECT application, max(coalesce(sent_at, approved_at, updated_at)) AS at FROM offers"
        " WHERE account = :account AND deleted_at IS NULL AND status = 'sent'"
        f"{scope.among('application', 'application')} GROUP BY application"
    )


def _ahead(scope: Derivation) -> str:
    """Interviews that have not taken place yet."""
    return (
        "SELECT i.application, min(coalesce(i.scheduled_at, i.created_at, i.first_seen_at)) AS at"
        " FROM interviews i WHERE i.account = :account AND i.deleted_at IS NULL"
        f" AND i.held = 'ahead'{scope.among('application', 'i.application')} GROUP BY i.application"
    )


def _unclear(scope: Derivation) -> str:
    """Interviews of the present stage of which it is unknown whether they took place.

    Their status is absent or not a known value, or it says that they were not held although there
    is feedback, or they have a start and no end. Take-home tests have neither.
    """
    if not scope.supplied("interview", "status"):
        return "SELECT NULL AS application FROM applications WHERE 1 = 0"
    return (
        "SELECT DISTINCT i.application FROM interviews i JOIN applications b"
        " ON b.account = i.account AND b.id = i.application AND (i.stage = b.stage OR"
        " i.stage IS NULL) WHERE i.account = :account AND i.deleted_at IS NULL AND i.held IS NULL"
        " AND (i.starts_at IS NOT NULL OR i.status IS NULL OR i.status NOT IN"
        " ('scheduled', 'awaiting_feedback', 'complete'))"
        f"{scope.among('application', 'i.application')}"
    )
