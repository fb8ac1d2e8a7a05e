"""Derived fields of interviews and seats: canceled, moved, held, scorecard owed.

Changes with origin `mapping` do not count as cancellations or moves.
"""

from __future__ import annotations

from atsbridge.model import NOT_HELD
from atsbridge.store.derive.scope import Derivation

_NOT_HELD = ", ".join(f"'{status}'" for status in NOT_HELD)


def instants(scope: Derivation) -> None:
    """cancelled_at (first seen, if it was canceled before that) and rescheduled_at."""
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


def end(scope: Derivation) -> str:
    """The end of interview `i` in ms, as SQL. Whole days end with the last of them, in UTC."""
    if scope.database.sqlite:
        day = "strftime('%s', i.ends_on, '+1 day') * 1000"
    else:
        day = "CAST(extract(epoch FROM CAST(i.ends_on AS DATE) + 1) AS BIGINT) * 1000"
    return f"coalesce(i.ends_at, {day})"


def held(scope: Derivation) -> None:
    """held: ahead, held or not_held as of the scope's instant; NULL if it is unknown.

    The status decides first, then the clock: an interview whose end is in the future is ahead,
    whatever its status. If an interview has a submitted scorecard and a status that says it was not
    held, the two contradict each other: it is unknown, so that nobody is asked for another
    scorecard. If no list supplies a status, the clock alone decides.
    """
    status = "i.status" if scope.supplied("interview", "status") else "'scheduled'"
    scope.update(
        "interview",
        ("held",),
        f"SELECT i.id AS key, CASE WHEN {status} IN ({_NOT_HELD}) THEN"
        "  CASE WHEN EXISTS (SELECT 1 FROM seats s JOIN scorecards c ON c.account = s.account"
        "    AND c.id = s.scorecard AND c.deleted_at IS NULL AND c.submitted_at IS NOT NULL"
        "    WHERE s.account = i.account AND s.interview = i.id AND s.deleted_at IS NULL) THEN NULL"
        "   ELSE 'not_held' END"
        f"  WHEN {status} IN ('scheduled', 'awaiting_feedback', 'complete') THEN"
        f"  CASE WHEN {end(scope)} > :at THEN 'ahead'"
        f"   WHEN {end(scope)} <= :at OR {status} = 'complete' THEN 'held' END"
        " END AS held FROM interviews i"
        f" WHERE i.account = :account{scope.among('interview', 'i.id')}",
    )


def owed(scope: Derivation) -> None:
    """feedback_owed of every seat in scope, or in an interview in scope."""
    some = scope.among("interview", "s.interview")
    if some:
        some = f"{some[:5]}({some[5:]} OR {scope.among('seat', 's.id')[5:]})"
    scope.update(
        "seat",
        ("feedback_owed",),
        "SELECT s.id AS key, CASE WHEN s.feedback_required = 0 OR i.held = 'not_held' THEN 0"
        "  WHEN i.held IN ('ahead', 'held') THEN s.feedback_required END AS feedback_owed"
        " FROM seats s LEFT JOIN interviews i ON i.account = s.account AND i.id = s.interview"
        f" WHERE s.account = :account{some}",
    )
