"""Derived instants of applications, computed from stage stays, scorecards, offers and Changes."""

from __future__ import annotations

from atsbridge.store.derive.scope import Derivation


def instants(scope: Derivation) -> None:
    """Entry, submission, feedback, end and decision. Each uses the results of those before it."""
    _from_stays(scope)
    _feedback(scope)
    _closed(scope)
    _decided(scope)
    _drafted(scope)


def reviews(scope: Derivation) -> str:
    """The first feedback of the manager's side on a profile, by application, as SQL.

    It is given while the manager reviews the profile, belongs to no interview, and is not by the
    recruiting side.
    """
    ours = ("b.recruiter", "q.recruiter", "q.coordinator", "q.sourcer")
    ours_or_none = ", ".join(f"coalesce({one}, '')" for one in ours)
    return (
        "SELECT c.application, min(c.submitted_at) AS at FROM scorecards c"
        " JOIN stage_stays s ON s.account = c.account AND s.application = c.application"
        "  AND s.deleted_at IS NULL AND s.entered_at <= c.submitted_at"
        "  AND (s.left_at IS NULL OR s.left_at >= c.submitted_at)"
        " JOIN stages g ON g.account = s.account AND g.id = s.stage AND g.kind = 'review'"
        " JOIN applications b ON b.account = c.account AND b.id = c.application"
        " LEFT JOIN requisitions q ON q.account = b.account AND q.id = b.requisition"
        " WHERE c.account = :account AND c.deleted_at IS NULL AND c.interview IS NULL"
        " AND (c.author = q.hiring_manager OR c.author NOT IN"
        f"  ({ours_or_none}))"
        " AND NOT EXISTS (SELECT 1 FROM seats t WHERE t.account = c.account"
        "  AND t.scorecard = c.id)"
        f"{scope.among('application', 'c.application')} GROUP BY c.application"
    )


def _drafted(scope: Derivation) -> None:
    """offer_drafted_at: the first of its offers that are not deleted."""
    scope.update(
        "application",
        ("offer_drafted_at",),
        "SELECT a.id AS key, min(coalesce(o.drafted_at, o.created_at, o.first_seen_at))"
        " AS offer_drafted_at FROM applications a LEFT JOIN offers o ON o.account = a.account"
        "  AND o.application = a.id AND o.deleted_at IS NULL"
        f" WHERE a.account = :account{scope.among('application', 'a.id')} GROUP BY a.id",
    )


def _from_stays(scope: Derivation) -> None:
    """stage_entered_at, submitted_at, last_human_activity_at (our own is left out on writing)."""
    scope.update(
        "application",
        ("stage_entered_at", "submitted_at", "last_human_activity_at"),
        "SELECT a.id AS key, coalesce("
        "  max(CASE WHEN s.stage = a.stage AND s.origin = 'ats' THEN s.entered_at END),"
        "  max(CASE WHEN s.stage = a.stage THEN s.entered_at END)) AS stage_entered_at,"
        " coalesce(min(CASE WHEN g.kind = 'review' THEN s.entered_at END),"
        "  min(CASE WHEN g.kind = 'interview' THEN s.entered_at END)) AS submitted_at,"
        " a.last_activity_at AS last_human_activity_at"
        " FROM applications a LEFT JOIN stage_stays s ON s.account = a.account"
        "  AND s.application = a.id AND s.deleted_at IS NULL AND s.entered_at IS NOT NULL"
        " LEFT JOIN stages g ON g.account = s.account AND g.id = s.stage"
        f" WHERE a.account = :account{scope.among('application', 'a.id')}"
        " GROUP BY a.id, a.last_activity_at",
    )


def _feedback(scope: Derivation) -> None:
    """feedback_complete_at: the last scorecard owed in the present stage, none missing.

    While it is unknown whether an interview was held, its open scorecards count as missing.
    """
    scope.update(
        "application",
        ("feedback_complete_at",),
        "SELECT a.id AS key, CASE WHEN count(s.id) > 0 AND count(s.id) = count(c.submitted_at)"
        "  THEN max(c.submitted_at) END AS feedback_complete_at"
        " FROM applications a LEFT JOIN interviews i ON i.account = a.account"
        "  AND i.application = a.id AND (i.stage = a.stage OR i.stage IS NULL)"
        "  AND i.deleted_at IS NULL"
        " LEFT JOIN seats s ON s.account = i.account AND s.interview = i.id"
        "  AND s.deleted_at IS NULL AND coalesce(s.feedback_owed, 1) = 1"
        " LEFT JOIN scorecards c ON c.account = s.account AND c.id = s.scorecard"
        "  AND c.deleted_at IS NULL"
        f" WHERE a.account = :account{scope.among('application', 'a.id')} GROUP BY a.id",
    )


def _closed(scope: Derivation) -> None:
    """closed_at: the ATS's instant, else when we observed the change.

    For applications that were closed when first seen: the answered offer or the last activity, kept
    from then on. Unset when reopened.
    """
    scope.update(
        "application",
        ("closed_at",),
        "SELECT a.id AS key, CASE WHEN a.status IN ('hired', 'rejected', 'withdrawn')"
        "  THEN coalesce(CASE WHEN a.status <> 'hired' THEN a.rejected_at END, c.at,"
        "   a.closed_at, o.at, a.last_activity_at, a.updated_at, a.first_seen_at) END"
        "  AS closed_at"
        " FROM applications a LEFT JOIN (SELECT id, max(coalesce(occurred_at, observed_at)) AS at"
        "  FROM changes WHERE account = :account AND kind = 'application' AND field = 'status'"
        "  AND origin <> 'mapping' AND new IN ('\"hired\"', '\"rejected\"', '\"withdrawn\"')"
        f" {scope.among('application', 'id')} GROUP BY id) c ON c.id = a.id"
        " LEFT JOIN (SELECT application, max(resolved_at) AS at FROM offers"
        "  WHERE account = :account AND status = 'accepted' AND deleted_at IS NULL"
        f" {scope.among('application', 'application')} GROUP BY application) o"
        "  ON o.application = a.id"
        f" WHERE a.account = :account{scope.among('application', 'a.id')}",
    )


def _decided(scope: Derivation) -> None:
    """decided_at: the end of the stage, an offer, or the end of the application.

    It counts after feedback was complete, else after the submission; or it is the manager's
    feedback on the profile. The end of a stay that began earlier is no decision.
    """
    mine = scope.among("application", "application")
    scope.update(
        "application",
        ("decided_at",),
        "SELECT a.id AS key, min(e.at) AS decided_at FROM applications a LEFT JOIN ("
        " SELECT application, entered_at AS since, entered_at AS at FROM stage_stays"
        f"  WHERE account = :account AND deleted_at IS NULL{mine}"
        " UNION ALL SELECT application, entered_at, left_at FROM stage_stays"
        f"  WHERE account = :account AND deleted_at IS NULL{mine}"
        " UNION ALL SELECT application, coalesce(drafted_at, created_at),"
        f"  coalesce(drafted_at, created_at) FROM offers WHERE account = :account{mine}"
        "   AND deleted_at IS NULL"
        " UNION ALL SELECT id, closed_at, closed_at FROM applications WHERE account = :account"
        f"  {scope.among('application', 'id')}"
        f" UNION ALL SELECT application, at, at FROM ({reviews(scope)}) v"
        ") e ON e.application = a.id"
        "  AND e.since >= coalesce(a.feedback_complete_at, a.submitted_at)"
        "  AND e.at > coalesce(a.feedback_complete_at, a.submitted_at)"
        f" WHERE a.account = :account{scope.among('application', 'a.id')} GROUP BY a.id",
    )
