"""The rules as they count for one account: a live one that lacks a deciding signal is shadow here.

It is judged and its cases are kept; nobody is told before somebody has seen what it does. What a
connector tells of a rule is `rules.coverage`'s.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from atsbridge.context.run_state import fingerprints, recall
from atsbridge.context.services import Services
from atsbridge.ports import ConnectorSpec
from atsbridge.rules import CoverageLevel, Rule, RuleStatus, coverage


def rules_of(app: Services, account: str) -> Mapping[str, Rule]:
    """Every configured rule by id, in order, with the status it has on this account.

    In a pilot each is narrowed to what the pilot is about. While a file cannot be read at all,
    nobody knows which rules it changes: only those go on that are as they were at the last run.
    """
    known = mapped(app, account)
    spec = app.spec(account)
    rules = {rule.id: _trusted(rule, spec, known) for rule in app.packs.rule_set.rules.values()}
    if app.settings.pilot.where:
        from atsbridge.rules import pilot

        where, _ = pilot.read(app.settings.pilot.where)
        rules = {name: pilot.narrowed(rule, where) for name, rule in rules.items()}
    if not app.packs.rule_set.unread:
        return rules
    before, now = recall(app.store.run_state, account).rules, fingerprints(rules.values())
    return {name: rule for name, rule in rules.items() if before.get(name) == now[name]}


def stopped(app: Services, rules: Mapping[str, Rule]) -> Callable[[str], bool]:
    """Whether a rule that is not among `rules` is only stopped by a mistake, and not removed."""
    found = app.packs.rule_set
    return lambda rule: rule not in rules and (found.unread or rule in found.stopped)


def in_part(app: Services, account: str, rule: Rule) -> tuple[str, ...]:
    """Why a live rule is judged as shadow on this account; () where it is not, or is not live.

    A signal that is dated since the first sync is no reason: packs ship such rules as shadow, and
    whoever makes one live has seen by its backtest what was not dated before.
    """
    return _lacking(rule, app.spec(account), mapped(app, account))


def _trusted(rule: Rule, spec: ConnectorSpec, known: frozenset[str]) -> Rule:
    return replace(rule, status=RuleStatus.SHADOW) if _lacking(rule, spec, known) else rule


def _lacking(rule: Rule, spec: ConnectorSpec, known: frozenset[str]) -> tuple[str, ...]:
    if rule.status != "live":
        return ()
    found = coverage(rule, spec, known)
    return found.lacking if found.level > CoverageLevel.SINCE_INSTALL else ()


def mapped(app: Services, account: str) -> frozenset[str]:
    """Every "kind.field" that the account's own map supplies, interval words among them."""
    from atsbridge.sync import parse

    raw = app.account(account).map
    if not raw:
        return frozenset()
    lines = parse(raw, account, app.spec(account).streams).lines
    return frozenset((*(line.path for line in lines), *(word for word in raw if "." in word)))
