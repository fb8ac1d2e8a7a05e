"""Derived fields of requisitions: hiring team, submissions, agreement to the brief."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from atsbridge.store.database import load, ms, sql
from atsbridge.store.derive.scope import Derivation

_ROLES = ("recruiter", "coordinator", "sourcer", "hiring_manager")


def roles(scope: Derivation) -> Sequence[str]:
    """Who has each role: the responsible person, else the longest on the team, else the lowest id.

    Returns the requisitions whose people changed.
    """
    picked = ", ".join(f"max(CASE WHEN m.role = '{r}' THEN m.who END) AS {r}" for r in _ROLES)
    return scope.update(
        "requisition",
        _ROLES,
        f"SELECT q.id AS key, {picked} FROM requisitions q LEFT JOIN ("
        ' SELECT requisition, role, "user" AS who, row_number() OVER ('
        "  PARTITION BY requisition, role ORDER BY coalesce(responsible, 0) DESC,"
        '  coalesce(created_at, first_seen_at), length("user"), "user") AS place'
        " FROM team_members WHERE account = :account AND deleted_at IS NULL"
        f' AND "user" IS NOT NULL{scope.among("requisition", "requisition")}'
        ") m ON m.requisition = q.id AND m.place = 1"
        f" WHERE q.account = :account{scope.among('requisition', 'q.id')} GROUP BY q.id",
    )


def instants(scope: Derivation) -> None:
    """First and last submission, first interview, agreement of the brief, criteria."""
    scope.update(
        "requisition",
        ("first_submission_at", "last_submission_at"),
        "SELECT q.id AS key, min(a.submitted_at) AS first_submission_at,"
        " max(a.submitted_at) AS last_submission_at FROM requisitions q"
        " LEFT JOIN applications a ON a.account = q.account AND a.requisition = q.id"
        f" WHERE q.account = :account{scope.among('requisition', 'q.id')} GROUP BY q.id",
    )
    scope.update(
        "requisition",
        ("first_interview_at",),
        "SELECT q.id AS key, min(i.starts_at) AS first_interview_at FROM requisitions q"
        " LEFT JOIN applications a ON a.account = q.account AND a.requisition = q.id"
        " LEFT JOIN interviews i ON i.account = a.account AND i.application = a.id"
        "  AND i.deleted_at IS NULL AND i.held IN ('ahead', 'held')"
        f" WHERE q.account = :account{scope.among('requisition', 'q.id')} GROUP BY q.id",
    )
    _brief(scope)
    _agreements(scope)
    _criteria(scope)


def _criteria(scope: Derivation) -> None:
    """The names of its criteria as a list, each once and sorted."""
    if scope.database.sqlite:
        names = "group_concat(json_quote(name), ',')"
    else:
        names = "string_agg(CAST(to_json(name) AS TEXT), ',' ORDER BY name)"
    scope.update(
        "requisition",
        ("criteria",),
        "SELECT q.id AS key, c.criteria FROM requisitions q LEFT JOIN ("
        f" SELECT requisition, '[' || {names} || ']' AS criteria FROM ("
        "  SELECT DISTINCT requisition, name FROM criteria WHERE account = :account"
        "  AND deleted_at IS NULL AND name IS NOT NULL"
        f"  {scope.among('requisition', 'requisition')} ORDER BY requisition, name"
        " ) x GROUP BY requisition) c ON c.requisition = q.id"
        f" WHERE q.account = :account{scope.among('requisition', 'q.id')}",
    )


def _brief(scope: Derivation) -> None:
    """The brief of each requisition that has one."""
    scope.update(
        "requisition",
        ("brief",),
        "SELECT q.id AS key, max(b.id) AS brief FROM requisitions q"
        " LEFT JOIN briefs b ON b.account = q.account AND b.requisition = q.id"
        "  AND b.deleted_at IS NULL"
        f" WHERE q.account = :account{scope.among('requisition', 'q.id')} GROUP BY q.id",
    )


def _agreements(scope: Derivation) -> None:
    """When both sides had agreed to the newest brief: the later of their first agreements."""
    briefs = scope.connection.execute(
        sql(
            "SELECT q.id, q.criteria_agreed_at, b.agreed FROM requisitions q"
            " LEFT JOIN briefs b ON b.account = q.account AND b.requisition = q.id"
            "  AND b.deleted_at IS NULL"
            f" WHERE q.account = :account{scope.among('requisition', 'q.id')}"
            " AND (b.id IS NOT NULL OR q.criteria_agreed_at IS NOT NULL)"
            " ORDER BY q.id, coalesce(b.version, 0), b.id"
        ),
        {"account": scope.account},
    ).all()
    newest = {row[0]: row for row in briefs}
    for requisition, stored, agreed in newest.values():
        at = _both(load(agreed) if agreed else {}, _sides(scope, requisition))
        if at != stored:
            scope.update(
                "requisition",
                ("criteria_agreed_at",),
                "SELECT CAST(:requisition AS TEXT) AS key,"
                " CAST(:agreed AS BIGINT) AS criteria_agreed_at",
                {"requisition": requisition, "agreed": at},
            )


def _sides(scope: Derivation, requisition: str) -> Mapping[str, set[str]]:
    rows = scope.connection.execute(
        sql(
            'SELECT role, "user" FROM team_members WHERE account = :account'
            " AND requisition = :requisition AND deleted_at IS NULL"
            " AND role IN ('recruiter', 'hiring_manager')"
        ),
        {"account": scope.account, "requisition": requisition},
    )
    sides: dict[str, set[str]] = {"recruiter": set(), "hiring_manager": set()}
    for role, user in rows:
        sides[role].add(user)
    return sides


def _both(agreed: Mapping[str, str], sides: Mapping[str, set[str]]) -> int | None:
    firsts = []
    for people in sides.values():
        supplied = [_instant(at) for user, at in agreed.items() if user in people and at]
        if not supplied:
            return None
        firsts.append(min(supplied))
    return ms(max(firsts))


def _instant(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=UTC)
