"""28 questions, each as a rule and as the SQL somebody who knows the tables would write.

Four promises, asked of each of five segments, and eight checks of the other kinds: counts, shares,
gaps, lists, what is unusual, and what is found of a person. The SQL has its thresholds worked out
beforehand, as a script that runs every night would have.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, time, timedelta

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
# As the partial index of live applications has it, which this script may use as well.
_LIVE = (
    "a.account = :account AND a.deleted_at IS NULL AND (a.status = 'active'"
    " OR substr(a.status, 1, 6) = 'other:' AND NULL) IS NOT FALSE"
)
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

_OWED = "seat.feedback_owed: true, seat.scorecard.submitted_at: {is: unset}"
_OPEN = "requisition.status: open, requisition.priority: p0"
_RECRUITER, _SELF = "requisition.recruiter", "user"
# name: (kind, each, where, further keys, to)
_CHECKS = {
    "slate": (
        "count",
        "requisition",
        _OPEN,
        (
            "of: application",
            "among: {application.status: active, stage.kind: interview}",
            "fewer_than: 6",
        ),
        _RECRUITER,
    ),
    "crowded": (
        "count",
        "requisition",
        _OPEN,
        ("of: application", "among: {application.status: active}", "more_than: 30"),
        _RECRUITER,
    ),
    "share": (
        "ratio",
        "requisition",
        _OPEN,
        (
            "of: application",
            "by: application.feedback_complete_at",
            "window: 90d",
            "least: 5",
            "share: {application.status: rejected}",
            "over: 60%",
        ),
        _RECRUITER,
    ),
    "unusual": (
        "unusual",
        "requisition",
        _OPEN,
        (
            "of: application",
            "by: application.stage_entered_at",
            "weeks: 2",
            "history: 12",
            "above_usual: 400%",
            "least: 2",
        ),
        _RECRUITER,
    ),
    "gap": (
        "complete",
        "requisition",
        _OPEN,
        ("needs: [requisition.first_submission_at]",),
        _RECRUITER,
    ),
    "weekly": (
        "recurring",
        "application",
        f"{_ACTIVE}, stage.kind: review, requisition.priority: p0",
        ('every: "wed 09:30"', "within: 1bd"),
        _RECRUITER,
    ),
    "load": (
        "count",
        "user",
        "user.active: true",
        ("of: seat", "among: {interview.ends_at: {within: 2d}}", "more_than: 20"),
        _SELF,
    ),
    "owes": (
        "count",
        "user",
        "user.active: true",
        (
            "of: seat",
            f"among: {{{_ACTIVE}, {_OWED}, interview.ends_at: {{older_than: 12h}}}}",
            "more_than: 3",
        ),
        _SELF,
    ),
}
_CHECK = """\
  - id: {name}
    kind: {kind}
    status: live
    title: {name}
    each: {each}
    where: {{{where}}}
{keys}
    steps: [{{at: due, to: {owner}}}]
    message: "Please look."
"""
_DAY_MS, _WEEK_MS = 86_400_000, 604_800_000
_SEARCH = (
    "r.account = :account AND r.deleted_at IS NULL AND r.status = 'open' AND r.priority = 'p0'"
)
_BELOW = """applications a WHERE a.account = :account AND a.deleted_at IS NULL
        AND a.requisition IN (SELECT r.id FROM requisitions r WHERE {search})"""
_WEEKS = ", ".join(f"({week})" for week in range(12))
_CHECK_ANSWERS = {
    "slate": f"""SELECT r.id FROM requisitions r LEFT JOIN (
        SELECT a.requisition AS role, count(*) AS number FROM applications a
        JOIN stages s ON s.account = a.account AND s.id = a.stage
        WHERE {_LIVE} AND s.kind = 'interview' GROUP BY a.requisition) c ON c.role = r.id
        WHERE {_SEARCH} AND coalesce(c.number, 0) < 6""",
    "crowded": f"""SELECT r.id FROM requisitions r JOIN (
        SELECT a.requisition AS role, count(*) AS number FROM applications a
        WHERE {_LIVE} GROUP BY a.requisition) c ON c.role = r.id
        WHERE {_SEARCH} AND c.number > 30""",
    "share": f"""SELECT a.requisition FROM {_BELOW.format(search=_SEARCH)}
        AND a.feedback_complete_at > :now - {90 * _DAY_MS} AND a.feedback_complete_at <= :now
        GROUP BY a.requisition HAVING count(*) >= 5
        AND 100 * sum(CASE a.status WHEN 'rejected' THEN 1 ELSE 0 END) > 60 * count(*)""",
    "unusual": f"""WITH weeks(week) AS (VALUES {_WEEKS}), counts AS (
        SELECT a.requisition AS role, (a.stage_entered_at - :first) / {_WEEK_MS} AS week,
        count(*) AS number FROM {_BELOW.format(search=_SEARCH)}
        AND a.stage_entered_at >= :first AND a.stage_entered_at < :monday
        GROUP BY a.requisition, (a.stage_entered_at - :first) / {_WEEK_MS}),
        begun AS (SELECT role, min(week) AS first FROM counts WHERE week < 12
        GROUP BY role HAVING 12 - min(week) >= 6),
        grid AS (SELECT b.role, coalesce(c.number, 0) AS number FROM begun b
        JOIN weeks w ON w.week >= b.first
        LEFT JOIN counts c ON c.role = b.role AND c.week = w.week),
        ranked AS (SELECT role, number, row_number() OVER (PARTITION BY role ORDER BY number)
        AS place, count(*) OVER (PARTITION BY role) AS known FROM grid),
        usual AS (SELECT role, avg(number * 1.0) AS usual FROM ranked
        WHERE place IN ((known + 1) / 2, (known + 2) / 2) GROUP BY role),
        latest AS (SELECT role, sum(number) AS number FROM counts WHERE week >= 12 GROUP BY role)
        SELECT u.role FROM usual u LEFT JOIN latest l ON l.role = u.role
        WHERE u.usual * 2 >= 2 AND coalesce(l.number, 0) * 50.0 > u.usual * 400""",
    "gap": f"SELECT r.id FROM requisitions r WHERE {_SEARCH} AND r.first_submission_at IS NULL",
    "weekly": f"""SELECT a.id FROM applications a {_REQUISITION}
        JOIN stages s ON s.account = a.account AND s.id = a.stage
        WHERE {_LIVE} AND s.kind = 'review' AND r.priority = 'p0'""",
    "load": f"""SELECT t."user" FROM seats t
        JOIN interviews i ON i.account = t.account AND i.id = t.interview
        WHERE t.account = :account AND t.deleted_at IS NULL
        AND i.ends_at > :now - {2 * _DAY_MS} AND i.ends_at <= :now
        GROUP BY t."user" HAVING count(*) > 20""",
    "owes": f"""SELECT t."user" FROM seats t
        JOIN interviews i ON i.account = t.account AND i.id = t.interview
        JOIN applications a ON a.account = i.account AND a.id = i.application
        LEFT JOIN scorecards c ON c.account = t.account AND c.id = t.scorecard
        WHERE t.account = :account AND t.deleted_at IS NULL AND {_LIVE} AND t.feedback_owed = 1
        AND c.submitted_at IS NULL AND i.ends_at <= :now - {_DAY_MS // 2}
        GROUP BY t."user" HAVING count(*) > 3""",
}


def pack() -> str:
    """The 28 as a rule file."""
    rules = [
        _RULE.format(name=name, segment=s, each=each, where=where, clock=clock, days=days, owner=to)
        for name, (each, where, clock, days, to) in _PROMISES.items()
        for s in SEGMENTS
    ]
    rules += [
        _CHECK.format(
            name=name,
            kind=kind,
            each=each,
            where=where,
            keys="\n".join(f"    {key}" for key in keys),
            owner=to,
        )
        for name, (kind, each, where, keys, to) in _CHECKS.items()
    ]
    return "version: 1\nrules:\n" + "".join(rules)


def script(
    calendars: Mapping[str, Calendar], now: datetime
) -> Iterator[tuple[str, dict[str, str | int]]]:
    """The 28 as SQL, each with its parameters."""
    for name, answer in _ANSWERS.items():
        span = timedelta(days=_PROMISES[name][3])
        limits = {k: threshold(one, Unit.BD, now, span) for k, one in calendars.items()}
        cases = " ".join(f"WHEN '{k}' THEN {_ms(at)}" for k, at in sorted(limits.items()))
        limit = f"CASE u.calendar {cases} ELSE {_ms(max(limits.values()))} END"
        for segment in SEGMENTS:
            yield answer.replace("LIMIT", limit), {"account": ACCOUNT, "segment": segment}
    monday = datetime.combine(now.date() - timedelta(days=now.weekday()), time(), UTC)
    whole: dict[str, str | int] = {
        "account": ACCOUNT,
        "now": _ms(now),
        "monday": _ms(monday),
        "first": _ms(monday - timedelta(weeks=14)),
    }
    for answer in _CHECK_ANSWERS.values():
        yield answer, {name: value for name, value in whole.items() if f":{name}" in answer}


def _ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)
