"""Lints that need a connector, or more than one rule."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import timedelta
from itertools import combinations
from typing import Any

from atsbridge.errors import require
from atsbridge.model import Condition, Operator, Where, conjuncts, paths, resolve
from atsbridge.ports import ConnectorSpec
from atsbridge.rules.compile.lint_rule import Lint
from atsbridge.rules.compile.signal_coverage import (
    CoverageLevel,
    coverage,
    decisive,
    measure_column,
)
from atsbridge.rules.rule import Rule
from atsbridge.worktime import Duration

_WATCHED = ("live", "shadow")
_EQUALITY = {Operator.EQ, Operator.IN}


def unfit(rule: Rule, spec: ConnectorSpec, mapped: Collection[str] = frozenset()) -> Iterator[Lint]:
    """Lint a rule against what this connector and the account's map supply."""
    if rule.status == "live":
        found = coverage(rule, spec, mapped)
        for reason in found.lacking if found.level > CoverageLevel.SINCE_INSTALL else ():
            what = (
                f"{rule.id} is live, and {spec.title} has no history of what decides it, so it is"
                f" judged as shadow there: {reason}"
            )
            yield Lint("no-history", rule.place, what)
    if rule.status in _WATCHED and rule.clock is not None:
        shortest = min(rule.clock.amounts, key=lambda amount: amount.span)
        yield from _short_target(rule, shortest, spec)


def unanswered(
    rule: Rule,
    connectors: Iterable[tuple[ConnectorSpec, Collection[str]]],
    *,
    live: bool = False,
) -> Iterator[Lint]:
    """Find conditions that none of these connectors can answer, even with the account's map.

    `live`: also of a live rule, for which `unfit` reports them where there are accounts.
    """
    if rule.status == "retired" or (rule.status == "live" and not live):
        return
    below = rule.check.below if rule.check else None
    asked = [(rule.subject, path) for path in paths(rule.where)]
    asked += [(below.kind, path) for path in paths(below.where)] if below else []
    specs = list(connectors)
    for kind, path in dict.fromkeys(asked):
        gaps = [_gap(kind, path, spec, mapped) for spec, mapped in specs]
        if specs and all(gaps):
            why = "; ".join(sorted(set(gaps)))
            what = f"{rule.id} asks {path}, and nothing can answer it: {why}"
            yield Lint("unanswered", rule.place, what)


def _gap(kind: str, path: str, spec: ConnectorSpec, mapped: Collection[str]) -> str:
    """Why this connector never supplies the field of a path; "" if it does, or can with a map."""
    for column in resolve(kind, path).columns:
        if column not in mapped and measure_column(column, spec) is CoverageLevel.NO:
            signal = spec.signals.get(column)
            return f"{spec.title} never tells {column}" + (f" ({signal.why})" if signal else "")
    return ""


def _short_target(rule: Rule, target: Duration, spec: ConnectorSpec) -> Iterator[Lint]:
    """A target shorter than the time until atsbridge can know of the start."""
    needed = decisive(rule)
    lags = {
        stream.name: stream.lag
        for stream in spec.streams
        if any(f"{kind}.{c}" in needed for kind, columns in stream.owns.items() for c in columns)
    }
    slowest = max(lags, key=lambda name: (lags[name], name), default="")
    if slowest and timedelta() < target.span < lags[slowest]:
        what = (
            f"the target {target} of {rule.id} is shorter than what {spec.title} tells may be old:"
            f" {slowest}, {_minutes(lags[slowest])}"
        )
        yield Lint("short-target", rule.place, what)


def overlaps(rules: Iterable[Rule]) -> Iterator[Lint]:
    """Find pairs of rules that notify the same person twice about the same thing.

    They have the same start, stop and person, and each subject of one is a subject of the other.
    A rule that the other mutes is meant to follow it and is no such pair.
    """
    watched = [rule for rule in rules if rule.status in _WATCHED and rule.clock is not None]
    for one, two in combinations(watched, 2):
        if _what(one) != _what(two) or one.id in two.muted_by or two.id in one.muted_by:
            continue
        if _within(one.where, two.where) or _within(two.where, one.where):
            what = (
                f"{two.id} and {one.id} run the same clock on the same records: a condition that"
                " tells them apart, or muted_by, would spare somebody the second message"
            )
            yield Lint("overlap", two.place, what)


def _what(rule: Rule) -> tuple[Any, ...]:
    spec = require(rule.clock, f"the clock of the rule {rule.id}")
    return rule.subject, rule.news, spec.start, spec.stop, spec.reset, spec.owed_by


def _within(inner: Where, outer: Where) -> bool:
    """Whether every subject that meets `inner` also meets `outer`."""
    given = conjuncts(inner)
    return all(any(_implies(part, wanted) for part in given) for wanted in conjuncts(outer))


def _implies(part: Where, wanted: Where) -> bool:
    if part == wanted:
        return True
    if not isinstance(part, Condition) or not isinstance(wanted, Condition):
        return False
    same = (part.path, part.key) == (wanted.path, wanted.key)
    if not same or {part.operator, wanted.operator} - _EQUALITY:
        return False
    return _values(part) <= _values(wanted)


def _values(condition: Condition) -> frozenset[Any]:
    value = condition.value
    return frozenset(value if isinstance(value, tuple) else (value,))


def _minutes(lag: timedelta) -> str:
    minutes = int(lag.total_seconds() // 60)
    return f"{minutes} minutes" if minutes < 120 else f"{minutes // 60} hours"
