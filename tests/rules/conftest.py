"""What the tests of rules share: packs from text, calendars, verdicts on facts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from textwrap import dedent
from typing import Any

import pytest

from atsbridge.model.query import Found
from atsbridge.rules.compile.pack_loader import load
from atsbridge.rules.evaluate.evaluation_context import EvaluationContext
from atsbridge.rules.evaluate.evaluator import evaluate_rule
from atsbridge.rules.kinds.builtin_kinds import BUILTIN_KINDS
from atsbridge.rules.language import instants
from atsbridge.rules.rule import Rule
from atsbridge.worktime.calendar import Calendar, parse_hours
from atsbridge.worktime.holiday_calendar import public_holidays

KINDS = {kind.name: kind for kind in BUILTIN_KINDS}


@cache
def _calendar(zone: str, country: str) -> Calendar:
    days = public_holidays(country, [2026]) if country else {}
    return Calendar(f"{zone}|{country}", zone, parse_hours("mon-fri 09:00-18:00"), days)


@pytest.fixture(scope="session")
def calendar() -> Callable[..., Calendar]:
    """An office calendar mon-fri 09:00-18:00: zone, country ("" has no holidays)."""

    def make(zone: str = "UTC", country: str = "") -> Calendar:
        return _calendar(zone, country)

    return make


@pytest.fixture(scope="session")
def rules() -> Callable[..., dict[str, Rule]]:
    """Packs given as texts -> compiled rules by id."""

    def read(*texts: str) -> dict[str, Rule]:
        named = [(f"pack{i}.yaml", dedent(text)) for i, text in enumerate(texts, 1)]
        return dict(load(named, KINDS).rules)

    return read


@pytest.fixture(scope="session")
def at() -> Callable[[str], datetime]:
    """ "2026-03-06T16:00" is UTC unless it names a zone."""

    def read(text: str) -> datetime:
        return instants.parse(text if "[" in text else f"{text}Z")

    return read


@pytest.fixture(scope="session")
def found() -> Callable[..., Found]:
    """A subject with these facts; every other column of the rule is absent."""

    def make(rule: Rule, facts: dict[str, Any], **more: Any) -> Found:
        values = dict.fromkeys(rule.open.columns) | facts
        return Found("acme", rule.subject, "1", values, **more)

    return make


@pytest.fixture(scope="session")
def verdict(calendar: Any, at: Any, found: Any) -> Callable[..., Any]:
    """The verdict of a rule on facts at an instant; further words are of `EvaluationContext`."""

    def make(rule: Rule, facts: dict[str, Any], now: str | datetime, **around: Any) -> Any:
        missing = around.pop("missing", ())
        surroundings = EvaluationContext(
            now=at(now) if isinstance(now, str) else now.astimezone(UTC),
            calendars=lambda _user, _name: calendar(),
        )
        subject = found(rule, facts, missing=missing)
        return evaluate_rule(rule, subject, replace(surroundings, **around))

    return make
