"""A small company as plain objects, and a slow reference that finds what is open in it.

It knows nothing of queries, bounds, agendas or Changes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

from atsbridge.model.verdict import State
from atsbridge.rules.evaluate.market_data import Market, MarketRow
from atsbridge.worktime.calendar import Calendar, parse_hours

PACK = """\
version: 1
defaults: {status: live, owner: ops}
rules:
  - id: sla
    kind: sla
    title: Feedback
    each: seat
    where: {application.status: active}
    clock: {start: interview.ends_at, stop: seat.scorecard.submitted_at}
    target: 24h
    steps: [{at: "50%", to: seat.user}, {at: due, to: seat.user}]
    message: Please.
  - id: quiet
    kind: quiet
    title: Profiles
    each: requisition
    clock: {start: requisition.opened_at, cancel: [requisition.closed_at]}
    event: requisition.last_submission_at
    target: 72h
    steps: [{at: due, to: requisition.recruiter}]
    message: Please.
  - id: order
    kind: order
    title: Criteria
    each: requisition
    where: {requisition.status: open}
    clock:
      first: requisition.criteria_agreed_at
      then: requisition.first_interview_at
    steps: [{at: -24h, to: requisition.recruiter}]
    message: Please.
  - id: celebrate
    kind: celebrate
    title: Filled
    each: requisition
    where: {requisition.status: filled}
    event: requisition.closed_at
    after: 1h
    within: 48h
    steps: [{at: due, to: requisition.recruiter}]
    message: Thanks.
  - id: complete
    kind: complete
    title: Target
    each: requisition
    where: {requisition.status: open}
    needs: [requisition.priority, requisition.target_on]
    steps: [{at: due, to: requisition.recruiter}]
    message: Please.
  - id: changed
    kind: changed
    title: News
    each: requisition
    fields: [requisition.priority, requisition.headcount]
    since: requisition.opened_at
    within: 48h
    steps: [{at: due, to: requisition.recruiter}]
    message: Please.
  - id: ratio
    kind: ratio
    title: Misses
    each: requisition
    of: application
    share: {application.status: rejected}
    by: application.applied_at
    last: 3
    least: 2
    over: 60%
    steps: [{at: due, to: requisition.recruiter}]
    message: Please.
  - id: spread
    kind: spread
    title: Split
    each: application
    where: {application.status: active}
    of: seat
    among: {seat.feedback_required: true}
    value: seat.scorecard.recommendation
    once: seat.scorecard.submitted_at
    apart: 3
    steps: [{at: due, to: requisition.recruiter}]
    message: Please.
  - id: market
    kind: market
    title: Pay
    each: requisition
    where: {requisition.status: open}
    value: [requisition.pay_min, requisition.pay_max]
    currency: requisition.pay_currency
    steps: [{at: due, to: requisition.recruiter}]
    message: Please.
"""
BASE = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
OFFICE = Calendar("", "UTC", parse_hours("mon-fri 09:00-18:00"), {})
TABLE = Market(
    (
        MarketRow(
            title="Cook",
            currency="EUR",
            period="year",
            p25=50_000,
            p75=80_000,
            source="invented",
            as_of=date(2026, 1, 1),
        ),
    )
)
_numbers = count(1)


@dataclass(slots=True)
class Company:
    """Records as plain dicts by kind and id, and what became of two fields; `now` is the time."""

    now: datetime = BASE
    rows: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    log: list[tuple[datetime, str, str, Any, Any]] = field(default_factory=list)

    def of(self, kind: str, **same: Any) -> list[dict[str, Any]]:
        """The records of a kind with these values, in order of id."""
        found = (self.rows[kind][one] for one in sorted(self.rows[kind]))
        return [row for row in found if all(row[key] == value for key, value in same.items())]

    def change(self, kind: str, one: str, **values: Any) -> str:
        """Set fields; those of requisitions are written down."""
        row = self.rows[kind][one]
        for name, value in values.items():
            if kind == "requisition" and row[name] != value:
                self.log.append((self.now, one, name, row[name], value))
            row[name] = value
        return kind


def founded() -> Company:
    """Two searches, three candidates, an interview of two for each, nothing handed in."""
    plain = {"priority": "P1", "headcount": 1, "target_on": date(2026, 6, 1), "title": "Cook"}
    pay = {"pay_min": 60_000.0, "pay_max": 70_000.0, "pay_currency": "EUR"}
    company = Company()
    put = company.rows
    put["requisition"] = {
        f"r{n}": {
            "id": f"r{n}",
            "status": "open",
            "opened_at": BASE - n * 50 * HOUR,
            "closed_at": None,
            **plain,
            **pay,
        }
        for n in (1, 2)
    }
    put["team_member"] = {
        f"m{role}{n}": {"id": f"m{role}{n}", "requisition": f"r{n}", "user": role, "role": role}
        for n in (1, 2)
        for role in ("recruiter", "hiring_manager")
    }
    put["brief"] = {
        f"b{n}": {"id": f"b{n}", "requisition": f"r{n}", "version": 1, "agreed": None}
        for n in (1, 2)
    }
    put["stage"] = {"s": {"id": "s", "kind": "review"}}
    put["application"], put["interview"], put["seat"], put["scorecard"] = {}, {}, {}, {}
    put["stage_stay"] = {}
    for n, search in enumerate(["r1", "r1", "r2"]):
        put["application"][f"a{n}"] = {
            "id": f"a{n}",
            "requisition": search,
            "status": "active",
            "stage": "s",
            "applied_at": BASE - (n + 30) * HOUR,
        }
        entered = {"application": f"a{n}", "stage": "s", "entered_at": BASE - (n + 30) * HOUR}
        put["stage_stay"][f"t{n}"] = {"id": f"t{n}", **entered}
        starts = BASE + (n * 30 - 20) * HOUR
        put["interview"][f"i{n}"] = {
            "id": f"i{n}",
            "application": f"a{n}",
            "status": "scheduled",
            "starts_at": starts,
            "ends_at": starts + HOUR,
        }
        for k in (0, 1):
            card = {"id": f"c{n}{k}", "submitted_at": None, "recommendation": None}
            put["scorecard"][f"c{n}{k}"] = card
            put["seat"][f"s{n}{k}"] = {
                "id": f"s{n}{k}",
                "interview": f"i{n}",
                "user": "recruiter",
                "feedback_required": True,
                "scorecard": f"c{n}{k}",
            }
    return company


# --- what is open, found by looking at everything ---


def open_now(company: Company) -> dict[tuple[str, str], State]:
    """(rule, subject) -> warned or breached, for all that there is something to say of."""
    found: dict[tuple[str, str], State] = {}
    for search in company.of("requisition"):
        for rule, find_state in _OF_SEARCHES.items():
            if (state := find_state(company, search)) is not None:
                found[rule, search["id"]] = state
    for one in company.of("application", status="active"):
        seats = [
            s for i in company.of("interview", application=one["id"]) for s in _seats(company, i)
        ]
        cards = [company.rows["scorecard"][seat["scorecard"]] for seat in seats]
        if _split(cards):
            found["spread", one["id"]] = State.BREACHED
        for seat, card in zip(seats, cards, strict=True):
            ends = company.rows["interview"][seat["interview"]]["ends_at"]
            if card["submitted_at"] is None and company.now >= ends + 12 * HOUR:
                late = company.now >= ends + 24 * HOUR
                found["sla", seat["id"]] = State.BREACHED if late else State.WARNED
    return found


def _seats(company: Company, interview: dict[str, Any]) -> list[dict[str, Any]]:
    return company.of("seat", interview=interview["id"])


def _split(cards: list[dict[str, Any]]) -> bool:
    if any(card["submitted_at"] is None for card in cards):
        return False
    said = [card["recommendation"] for card in cards if card["recommendation"] is not None]
    return len(said) > 1 and max(said) - min(said) >= 3


def _quiet(company: Company, search: dict[str, Any]) -> State | None:
    stays = {s["application"]: s["entered_at"] for s in company.of("stage_stay")}
    mine = [stays[a["id"]] for a in company.of("application", requisition=search["id"])]
    since = max([search["opened_at"], *mine])
    silent = search["closed_at"] is None and company.now >= since + 72 * HOUR
    return State.BREACHED if silent else None


def _order(company: Company, search: dict[str, Any]) -> State | None:
    (brief,) = company.of("brief", requisition=search["id"])
    mine = company.of("application", requisition=search["id"])
    starts = [i["starts_at"] for a in mine for i in company.of("interview", application=a["id"])]
    if search["status"] != "open" or len(brief["agreed"] or {}) == 2 or not starts:
        return None
    if company.now >= min(starts):
        return State.BREACHED
    return State.WARNED if company.now >= min(starts) - 24 * HOUR else None


def _celebrate(company: Company, search: dict[str, Any]) -> State | None:
    at = search["closed_at"]
    glad = search["status"] == "filled" and at + HOUR <= company.now < at + 49 * HOUR
    return State.WARNED if glad else None


def _complete(_company: Company, search: dict[str, Any]) -> State | None:
    lacks = search["priority"] is None or search["target_on"] is None
    return State.BREACHED if search["status"] == "open" and lacks else None


def _changed(company: Company, search: dict[str, Any]) -> State | None:
    for name in ("priority", "headcount"):
        fresh = [
            (old, new)
            for at, one, of, old, new in company.log
            if (one, of) == (search["id"], name) and company.now < at + 48 * HOUR
        ]
        if fresh and fresh[0][0] != fresh[-1][1]:
            return State.WARNED
    return None


def _ratio(company: Company, search: dict[str, Any]) -> State | None:
    mine = company.of("application", requisition=search["id"])
    latest = sorted(mine, key=lambda a: (a["applied_at"], a["id"]), reverse=True)[:3]
    misses = sum(one["status"] == "rejected" for one in latest)
    return State.BREACHED if len(latest) > 1 and misses / len(latest) > 0.6 else None


def _market(_company: Company, search: dict[str, Any]) -> State | None:
    off = search["pay_max"] < 50_000 or search["pay_min"] > 80_000
    return State.BREACHED if search["status"] == "open" and off else None


_OF_SEARCHES: dict[str, Callable[[Company, dict[str, Any]], State | None]] = {
    "quiet": _quiet,
    "order": _order,
    "celebrate": _celebrate,
    "complete": _complete,
    "changed": _changed,
    "ratio": _ratio,
    "market": _market,
}
