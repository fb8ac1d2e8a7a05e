"""Twenty questions, each as a rule and as the SQL somebody who knows the tables would write.

Four promises, asked of each of five segments. The SQL has its thresholds worked out beforehand, as
a script that runs every night would have.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from benchmarks.company import ACCOUNT, SEGMENTS

from atsbridge.worktime.calendar import Calendar
from atsbridge.worktime.duration import Unit
from atsbridge.worktime.elapsed import threshold

_RULE = """\
  - id: {name}-{segment}
    kind: sla
    status: live
    title: {name}
    each: {each}
    where: {{{where}, requisition.priority: {segment}}}
    clock: {{{clock}}}
    target: {days}bd
    steps: [{{at: due, to: {owner}}}]
    message: "Due {{clock.due}}"
"""
_ACTIVE = "application.status: active"
# name: (each, where, clock, days, to)
_PROMISES = {
    "review": (
        "application",
        f"{_ACTIVE}, stage.kind: review",
        (
            "start: application.submitted_at, stop: application.decided_at,"
            " cancel: [application.closed_at], owed_by: requisition.hiring_manager"
        ),
        2,
        "requisition.hiring_manager",
    ),
    "stalled": (
        "application",
        _ACTIVE,
        (
            "start: application.stage_entered_at, reset: [application.assignee_since],"
            " cancel: [application.closed_at], owed_by: application.assignee"
        ),
        15,
        "application.assignee",
    ),
    "feedback": (
        "interview.seat",
        f"seat.feedback_owed: true, {_ACTIVE}",
        (
            "start: interview.ends_at, stop: seat.scorecard.submitted_at,"
            " cancel: [interview.cancelled_at, application.closed_at], owed_by: seat.user"
        ),
        1,
        "seat.user",
    ),
    "decision": (
        "application",
        _ACTIVE,
        (
            "start: application.feedback_complete_at, stop: application.decided_at,"
            " cancel: [application.closed_at], owed_by: requisition.hiring_manager"
        ),
        2,
        "requisition.hiring_manager",
    ),
}
# In the words of the partial index of live applications, which whoever writes this would know.
_LIVE = "a.account = :account AND a.deleted_at IS NULL AND (a.status = 'active') IS NOT FALSE"
_REQUISITION = "JOIN requisitions r ON r.account = a.account AND r.id = a.requisition"
_USER = "LEFT JOIN users u ON u.account = a.account AND u.id ="
_ANSWERS = {
    "review": f"""SELECT a.id FROM applications a {_REQUISITION}
        JOIN stages s ON s.account = a.account AND s.id = a.stage
        {_USER} r.hiring_manager
        WHERE {_LIVE} AND s.kind = 'review' AND r.priority = :segment
        AND a.decided_at IS NULL AND a.closed_at IS NULL AND a.submitted_at <= LIMIT""",
    "stalled": f"""SELECT a.id FROM applications a {_REQUISITION} {_USER} a.assignee
        WHERE {_LIVE} AND r.priority = :segment AND a.closed_at IS NULL
        AND a.stage_entered_at <= LIMIT AND a.assignee_since <= LIMIT""",
    "feedback": f"""SELECT t.id FROM seats t
        JOIN interviews i ON i.account = t.account AND i.id = t.interview
        JOIN applications a ON a.account = i.account AND a.id = i.application {_REQUISITION}
        LEFT JOIN scorecards c ON c.account = t.account AND c.id = t.scorecard
        {_USER} t.user
        WHERE t.account = :account AND t.deleted_at IS NULL AND {_LIVE} AND t.feedback_owed = 1
        AND r.priority = :segment AND i.cancelled_at IS NULL AND a.closed_at IS NULL
        AND c.submitted_at IS NULL AND i.ends_at <= LIMIT""",
    "decision": f"""SELECT a.id FROM applications a {_REQUISITION} {_USER} r.hiring_manager
        WHERE {_LIVE} AND r.priority = :segment AND a.decided_at IS NULL
        AND a.closed_at IS NULL AND a.feedback_complete_at <= LIMIT""",
}


def pack() -> str:
    """The twenty as a rule file."""
    rules = [
        _RULE.format(name=name, segment=s, each=each, where=where, clock=clock, days=days, owner=to)
        for name, (each, where, clock, days, to) in _PROMISES.items()
        for s in SEGMENTS
    ]
    return "version: 1\nrules:\n" + "".join(rules)


def script(
    calendars: Mapping[str, Calendar], now: datetime
) -> Iterator[tuple[str, dict[str, str]]]:
    """The twenty as SQL, each with its parameters."""
    for name, answer in _ANSWERS.items():
        span = timedelta(days=_PROMISES[name][3])
        limits = {k: threshold(one, Unit.BD, now, span) for k, one in calendars.items()}
        cases = " ".join(f"WHEN '{k}' THEN {_ms(at)}" for k, at in sorted(limits.items()))
        limit = f"CASE u.calendar {cases} ELSE {_ms(max(limits.values()))} END"
        for segment in SEGMENTS:
            yield answer.replace("LIMIT", limit), {"account": ACCOUNT, "segment": segment}


def _ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)
