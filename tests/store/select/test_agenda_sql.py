"""What a pass over everything leaves for later is on the agenda in time, by SQL alone."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from textwrap import dedent

import pytest

from atsbridge.ports.decision_store import Decision
from atsbridge.rules.compile.pack_loader import load
from atsbridge.rules.evaluate.evaluation_context import EvaluationContext
from atsbridge.rules.evaluate.evaluator import ahead, bound, evaluate_rule
from atsbridge.rules.kinds.builtin_kinds import BUILTIN_KINDS
from atsbridge.worktime.calendar import Calendar, parse_hours

HOURS = parse_hours("mon-fri 09:00-18:00")
ZONES = {"lisbon": "Europe/Lisbon", "tokyo": "Asia/Tokyo", "denver": "America/Denver"}
CALENDARS = {f"{zone}||": Calendar(zone, zone, HOURS) for zone in ZONES.values()}
NOBODY = Calendar("utc", "UTC", HOURS)
PACK = """
    version: 1
    rules:
      - id: feedback
        kind: sla
        status: live
        title: Feedback
        each: interview.seat
        where: {application.status: active}
        clock: {start: interview.ends_at, stop: seat.response, owed_by: seat.user, RESET}
        target: TARGET
        steps: [{at: "50%", to: seat.user}, {at: due, to: seat.user}]
        message: "Late"
"""


def _rule(target: str, reset: str):
    text = dedent(PACK).replace("TARGET", target).replace("stop: seat.response, ", "")
    text = text.replace("clock: {", "clock: {stop: seat.scorecard.submitted_at, ")
    text = text.replace(", RESET", f", reset: {reset}" if reset else "")
    rules = load([("p.yaml", text)], {kind.name: kind for kind in BUILTIN_KINDS}).rules
    return rules["feedback"]


def _fill(feed, dice: random.Random, now: datetime) -> None:
    """A hundred seats of interviews around `now`: some all day, some rescheduled later."""
    feed.page("user", *({"id": name, "email": f"{name}@acme.example"} for name in (*ZONES, "x")))
    feed.page("application", {"id": "a", "status": "active"})
    ends = [now + timedelta(minutes=dice.randrange(-20_000, 6_000)) for _ in range(100)]
    interviews = [
        {
            "id": f"i{n:02}",
            "application": "a",
            "ends_at": None if n % 10 == 0 else end,
            "ends_on": end.date() if n % 10 == 0 else None,
        }
        for n, end in enumerate(ends)
    ]
    feed.page("interview", *interviews)
    people = [*ZONES, "x", None]
    feed.page(
        "seat",
        *(
            {"id": f"s{n:02}", "interview": f"i{n:02}", "user": dice.choice(people)}
            for n in range(100)
        ),
    )
    feed.store.subjects.save_calendars("acme", {name: f"{zone}||" for name, zone in ZONES.items()})
    feed.store.subjects.derive("acme", now)


@pytest.mark.parametrize(
    ("target", "reset", "day"),  # a Friday, a Sunday, a Monday
    [
        ("4h", "", 6),
        ("1bd", "[interview.rescheduled_at]", 8),
        ("6bh", "", 9),
        ("5bd", "[interview.rescheduled_at]", 9),
    ],
)
def test_nothing_left_for_later_is_looked_at_too_late(feed, target: str, reset: str, day: int):
    """Whoever is outside the bound has a row no later than the first step the judge would find."""
    now = datetime(2026, 3, day, 10, 40, tzinfo=UTC)
    _fill(feed, random.Random(f"{target}{day}"), now)
    if reset:
        feed.at = now - timedelta(hours=30)
        ends = now + timedelta(hours=1)
        feed.page(
            "interview",
            *({"id": f"i{n:02}", "starts_at": ends} for n in range(0, 100, 3)),
            stream="plans",
        )
        feed.at = now - timedelta(hours=20)
        feed.page(
            "interview",
            *({"id": f"i{n:02}", "starts_at": now} for n in range(0, 100, 3)),
            stream="plans",
        )
        feed.store.subjects.derive("acme", now)
    rule = _rule(target, reset)
    later = [ahead(one, now, CALENDARS) for one in (_rule("10bd", ""), rule)]
    judged = {"seat": None}
    feed.store.cases.save_decision(Decision(account="acme", at=now, evaluated=judged, ahead=later))
    inside = {one.id for one in feed.store.subjects.select("acme", bound(rule, now, CALENDARS))}
    of = {name: CALENDARS[f"{zone}||"] for name, zone in ZONES.items()}
    around = EvaluationContext(now=now, calendars=lambda user, _name: of.get(user, NOBODY))
    outside = 0
    for found in feed.store.subjects.select("acme", rule.open):
        if found.id in inside:
            continue
        verdict = evaluate_rule(rule, found, around)
        outside += 1
        assert not verdict.steps_due
        first = min(verdict.due.steps)
        assert found.id in feed.store.subjects.find_due("acme", "seat", first), found
    assert outside > 10
    assert len(feed.store.subjects.find_due("acme", "seat", now)) < 10  # too early costs a judging


def test_a_pass_over_everything_clears_the_rows_of_what_no_rule_watches(feed):
    """A kind whose last rule is gone leaves nothing on the agenda."""
    now = datetime(2026, 3, 9, tzinfo=UTC)
    _fill(feed, random.Random(1), now)
    left = ahead(_rule("1bd", ""), now, CALENDARS)
    feed.store.cases.save_decision(
        Decision(account="acme", at=now, evaluated={"seat": None}, ahead=[left])
    )
    assert feed.store.subjects.find_due("acme", "seat", now + timedelta(days=30))
    feed.store.cases.save_decision(Decision(account="acme", at=now, evaluated={"seat": None}))
    assert feed.store.subjects.find_due("acme", "seat", now + timedelta(days=30)) == []
