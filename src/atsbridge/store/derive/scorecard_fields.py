"""Derived fields of scorecards: the questions of its stage that a scorecard leaves open."""

from __future__ import annotations

from atsbridge.store.derive.scope import Derivation

_FRESH = 3 * 24 * 60 * 60 * 1000  # ms


def open_questions(scope: Derivation) -> None:
    """unrated: unknown without any rating (nobody gave one, or it was not read yet).

    Criteria are known by stage. If an application has several interviews in one stage, it is
    unknown which of them had to rate what. Criteria that are newer than the scorecard do not count.
    A scorecard that was days old when we first saw it is left out: its interviewer no longer
    remembers the conversation.
    """
    if scope.database.sqlite:
        quoted, holds, joined = "json_quote({})", "instr", "group_concat({}, ',')"
    else:
        quoted, holds = "CAST(to_json({}) AS TEXT)", "strpos"
        joined = "string_agg({}, ',' ORDER BY name)"
    key, stage, name = (quoted.format(one) for one in ("k.id", "i.stage", "name"))
    names = joined.format(f"CASE WHEN name IS NOT NULL THEN {name} END")
    open_ = f"CASE WHEN {holds}(c.ratings, {key} || ':') = 0 THEN k.name END AS name"
    scope.update(
        "scorecard",
        ("unrated",),
        "SELECT o.id AS key, n.unrated FROM scorecards o LEFT JOIN ("
        f" SELECT card, '[' || coalesce({names}, '') || ']' AS unrated FROM ("
        f"  SELECT DISTINCT c.id AS card, {open_}"
        "  FROM scorecards c JOIN seats s ON s.account = c.account AND s.scorecard = c.id"
        "   AND s.deleted_at IS NULL"
        "  JOIN interviews i ON i.account = s.account AND i.id = s.interview"
        "  JOIN applications a ON a.account = i.account AND a.id = i.application"
        "  JOIN criteria k ON k.account = a.account AND k.requisition = a.requisition"
        "   AND k.deleted_at IS NULL AND k.name IS NOT NULL"
        f"   AND {holds}(k.stages, {stage}) > 0"
        "   AND (k.created_at IS NULL OR k.created_at <= c.submitted_at)"
        "  WHERE c.account = :account AND c.deleted_at IS NULL AND c.submitted_at IS NOT NULL"
        f"   AND c.ratings IS NOT NULL AND c.submitted_at >= c.first_seen_at - {_FRESH}"
        f"{scope.among('scorecard', 'c.id')}"
        "   AND NOT EXISTS (SELECT 1 FROM interviews b WHERE b.account = i.account"
        "    AND b.application = i.application AND b.stage = i.stage AND b.id <> i.id"
        "    AND b.deleted_at IS NULL AND coalesce(b.status, '') NOT IN ('cancelled', 'skipped'))"
        "  ORDER BY card, name"
        " ) x GROUP BY card) n ON n.card = o.id"
        f" WHERE o.account = :account{scope.among('scorecard', 'o.id')}",
    )
