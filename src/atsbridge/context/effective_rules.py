"""The rules of one account: a live rule that lacks a deciding signal is shadow there.

It is evaluated and its cases are stored, but nobody is notified.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from atsbridge.context.run_memory import fingerprints
from atsbridge.ports import ConnectorSpec
from atsbridge.rules import CoverageLevel, Rule, RuleSet, RuleStatus, coverage, pilot


def effective_rules(
    rule_set: RuleSet,
    pilot_where: Mapping[str, object],
    lacks: Callable[[Rule], tuple[str, ...]],
    known: Callable[[], Mapping[str, str]],
) -> Mapping[str, Rule]:
    """Every rule by id, in order, with the status it has on the account.

    `lacks`: the signals a rule misses there. In a pilot each rule is narrowed to `pilot_where`.
    While a file cannot be read at all, nobody knows which rules it changes: then only those
    continue whose fingerprints are the `known` ones, of the last run.
    """
    rules = {
        rule.id: replace(rule, status=RuleStatus.SHADOW) if lacks(rule) else rule
        for rule in rule_set.rules.values()
    }
    if pilot_where:
        where, _ = pilot.read(pilot_where)
        rules = {name: pilot.narrowed(rule, where) for name, rule in rules.items()}
    if not rule_set.unread:
        return rules
    before, now = known(), fingerprints(rules.values())
    return {name: rule for name, rule in rules.items() if before.get(name) == now[name]}


def find_stopped(rule_set: RuleSet, rules: Mapping[str, Rule]) -> Callable[[str], bool]:
    """Whether a rule that is not among `rules` is stopped by an error, and not removed."""
    return lambda rule: rule not in rules and (rule_set.unread or rule in rule_set.stopped)


def missing_signals(rule: Rule, spec: ConnectorSpec, mapped: frozenset[str]) -> tuple[str, ...]:
    """Why a live rule is evaluated as shadow; () if it is not, or is not live.

    `mapped`: the fields that the account's map supplies. A signal that has dates only since the
    first sync is no reason: packs ship such rules as shadow, and the backtest showed the missing
    dates to the person who made the rule live.
    """
    if rule.status != "live":
        return ()
    found = coverage(rule, spec, mapped)
    return found.lacking if found.level > CoverageLevel.SINCE_INSTALL else ()
