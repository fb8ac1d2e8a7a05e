"""Kinds that look at briefs, markets and windows: agenda and full pass agree, on both databases."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from atsbridge.context.evaluation_inputs import EvaluationInputs
from atsbridge.model.catalog import KINDS
from atsbridge.model.requisitions import SECTIONS
from atsbridge.ports.decision_store import Decision
from atsbridge.presentation.operator_reasons import describe
from atsbridge.rules.compile.discovery import builtin_folder, texts
from atsbridge.rules.compile.pack_loader import load
from atsbridge.rules.evaluate.market_data import Market, MarketRow
from atsbridge.rules.kinds.builtin_kinds import BUILTIN_KINDS
from atsbridge.tick.evaluation import evaluate_account
from atsbridge.worktime.calendar import Calendar, parse_hours

SEGMENTS = """\
version: 1
rules:
  - id: first-slate
    kind: sla
    status: live
    title: The first profiles are late
    each: requisition
    clock: {start: requisition.opened_at, stop: requisition.first_submission_at}
    target: 10d
    multiplier: {field: requisition.priority, by: {High: 0.5}}
    steps: [{at: "50%", to: requisition.recruiter}, {at: due, to: requisition.recruiter}]
    message: "{clock.target}"
"""
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
MARKET = Market(
    (
        MarketRow(
            title="data *", currency="EUR", period="year", p25=50e3, p75=70e3, days_to_fill=4.0,
            source="a survey", as_of=date(2026, 1, 31),
        ),
    )
)  # fmt: skip
EXPECTED = {  # what a full pass says on the day all has happened
    ("pay-off-market", "r0"): "breached: below the market's 25th percentile (a survey, 2026-01-31)",
    ("pay-off-market", "r1"): "kept: within the market (a survey, 2026-01-31)",
    ("pay-off-market", "r2"): "unknown: no market row for Cook",
    ("open-longer-than-market", "r0"): "breached: open since 2026-03-02;"
    " the market takes 4 days (a survey, 2026-01-31)",
    ("brief-incomplete", "r0"): "breached: priorities, market expectations",
    ("brief-incomplete", "r1"): "kept: ",
    ("candidates-decline", "r1"): "kept: only 4 of the 5 it takes to say",  # one left the window
    ("first-slate", "r0"): "breached: its due time has passed",
    ("first-slate", "r1"): "warned: ",
}


class Calendars:
    """One calendar for everybody."""

    made = Calendar("utc", "UTC", parse_hours("mon-fri 09:00-18:00"), {})

    def of(self, _user: str | None, _name: str) -> Calendar:
        return self.made

    def every(self, _name: str) -> dict[str, Calendar]:
        return {}


@pytest.fixture(scope="module")
def rules() -> list[Any]:
    folder = builtin_folder()
    found = texts([folder / "intake.yaml", folder / "market.yaml"], folder)
    kinds = {kind.name: kind for kind in BUILTIN_KINDS}
    made = load([*found, ("segments.yaml", SEGMENTS)], kinds).rules
    return [made[name] for name in dict.fromkeys(name for name, _ in EXPECTED)]


def fill(feed: Any) -> None:
    """Three searches: one far off the market, one well kept, one that no table knows."""
    searches = [("Data Engineer", "High", 40e3), ("Data Analyst", "Low", 60e3), ("Cook", None, 1.0)]
    feed.page(
        "requisition",
        *(
            {
                "id": f"r{n}", "title": title, "priority": priority, "status": "open",
                "opened_at": NOON, "pay_min": pay, "pay_max": pay, "pay_currency": "EUR",
            }
            for n, (title, priority, pay) in enumerate(searches)
        ),
    )  # fmt: skip
    briefs = [dict.fromkeys(SECTIONS[:5], "x"), dict.fromkeys(SECTIONS, "x")]
    feed.page(
        "brief",
        *(
            {"id": f"r{n}", "requisition": f"r{n}", "sections": sections, "agreed": {}}
            for n, sections in enumerate(briefs)
        ),
    )
    feed.page(
        "reason",
        {"id": "pay", "name": "Pay", "kind": "theirs"},
        {"id": "skill", "name": "Not enough experience", "kind": "ours"},
    )
    feed.page(
        "application",
        *(
            {
                "id": f"a{n}", "requisition": "r1", "status": "rejected",
                "rejected_at": NOON - (85 - 21 * n) * DAY, "reason": ("pay", "skill")[n % 2],
            }
            for n in range(5)
        ),
    )  # fmt: skip


def test_agenda_and_full_pass_agree(store: Any, feed: Any, rules: list[Any]) -> None:
    """Whatever a full pass says anew at some hour, a tick by agenda had looked at by then."""
    fill(feed)
    owns = {kind.name: kind.supplied for kind in KINDS.values()}
    spec: Any = SimpleNamespace(streams=[SimpleNamespace(owns=owns)])
    before: dict[Any, Any] = {}
    seen: dict[Any, str] = {}
    found: set[str] = set()
    for days in (-7, 0, 1, 2.5, 4, 5, 5.5, 6):
        now = NOON + days * DAY
        store.subjects.derive("acme", now)
        inputs = EvaluationInputs("acme", store, spec, Calendars(), now, market=MARKET)  # type: ignore[arg-type]
        first = not before
        tick = evaluate_account(inputs, rules, (), everything=first)
        whole = evaluate_account(inputs, rules, (), everything=True)
        looked = {(v.rule, v.subject.id): v for v in tick.verdicts}
        for verdict in whole.verdicts:
            key = (verdict.rule, verdict.subject.id)
            told = (verdict.state, verdict.steps_due, verdict.finding)
            if before.get(key, told) != told:
                assert key in looked, (key, before[key], told, now)
            before[key] = told
            found.add(verdict.finding)
            seen[key] = f"{verdict.state}: {describe(verdict.reason)}"
        decided = Decision(
            account="acme", at=now, evaluated=tick.ids, looks=tick.looks, ahead=tick.ahead,
            dirty_done=True,
        )  # fmt: skip
        store.cases.save_decision(decided)
    assert {key: seen.get(key) for key in EXPECTED} == EXPECTED
    assert "3 of the last 5 (Pay 3)" in found
