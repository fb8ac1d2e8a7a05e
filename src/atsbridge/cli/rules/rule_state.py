"""The state of a rule on the configured accounts and connectors."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from textwrap import fill
from typing import TYPE_CHECKING, Any

import click

from atsbridge.errors import ConfigError, StoreError

if TYPE_CHECKING:
    from atsbridge.context import PastPromotion, Services
    from atsbridge.ports import ConnectorSpec
    from atsbridge.rules import Coverage, Rule

_SHOWN = 6  # fields that rules lack


@dataclass(frozen=True, slots=True)
class RuleState:
    """One rule with its state.

    `coverage`: of each connector in use, else of each that is installed. `shadow_on`: account ->
    why a live rule is shadow there. `not_allowed`: account -> what the rule would write into its
    ATS and may not. `promotion`: its last one by `rules promote`.
    """

    rule: Rule
    coverage: tuple[tuple[ConnectorSpec, Coverage], ...]
    shadow_on: Mapping[str, list[str]]
    not_allowed: Mapping[str, list[str]]
    promotion: PastPromotion | None = None

    def as_dict(self) -> dict[str, Any]:
        """Plain values, as `RuleDocument` describes them."""
        rule = self.rule
        return {
            "rule": rule.id,
            "status": rule.status,
            "kind": rule.kind,
            "each": rule.each,
            "side": rule.side,
            "title": rule.title,
            "shadow_on": self.shadow_on,
            "not_allowed": self.not_allowed,
            "promotion": _as_document(self.promotion),
            "connectors": {
                spec.name: {"works": one.level.label, "why": list(one.why)}
                for spec, one in self.coverage
            },
        }

    def describe_promotion(self) -> Iterator[str]:
        """When it was promoted, and why it did not wait."""
        if self.promotion is not None:
            waived = self.promotion.waived
            why = f", without waiting for its days in shadow: {waived}" if waived else ""
            yield f"promoted {self.promotion.change} on {self.promotion.at:%Y-%m-%d}{why}"

    def describe_not_allowed(self) -> Iterator[str]:
        """A line for each account that does not allow what the rule would write."""
        for account, writes in self.not_allowed.items():
            lacks = ", ".join(writes)
            yield f'left out on {account}: `write` does not allow "{lacks}" there'


def has_store(app: Services) -> bool:
    """Whether there is a store to read: rules are listed without one, and without its password.

    ConfigError if the address of the store is in a secret file that cannot be read.
    """
    from pathlib import Path

    from sqlalchemy import make_url

    url = make_url(app.settings.store_url)
    return url.get_backend_name() != "sqlite" or Path(url.database or "").exists()


def _read_promotions(app: Services) -> Mapping[str, PastPromotion]:
    """Rule -> its last promotion; none where the store cannot be read."""
    from atsbridge.context import SharedRunState

    try:
        return SharedRunState(app.store.run_state).read_promotions() if has_store(app) else {}
    except (ConfigError, StoreError):
        return {}


def read_states(app: Services, rules: list[Rule]) -> list[RuleState]:
    """The state of each of these rules."""
    from atsbridge.rules import coverage

    promotions = _read_promotions(app)
    specs = _read_specs(app)
    return [
        RuleState(
            rule,
            tuple((spec, coverage(rule, spec)) for spec in specs),
            _find_shadow(app, rule),
            _find_not_allowed(app, rule),
            promotions.get(rule.id),
        )
        for rule in rules
    ]


def _read_specs(app: Services) -> list[ConnectorSpec]:
    """The specs of the connectors in use, of all that are installed if there is no account.

    A connector whose lists depend on the settings has a spec for each of its accounts.
    """
    used = {section.connector for section in app.settings.accounts.values()}
    specs = []
    for name, spec in sorted(app.plugins.connectors().items()):
        if name not in (used or app.plugins.connectors()):
            continue
        its = [one for one, section in app.settings.accounts.items() if section.connector == name]
        if spec.adapt is None or not its:
            specs.append(spec)
        else:
            specs += [replace(app.spec(one), title=f"{spec.title}, {one}") for one in its]
    return specs


def _as_document(promotion: PastPromotion | None) -> dict[str, str | None] | None:
    if promotion is None:
        return None
    return {
        "change": promotion.change,
        "at": promotion.at.isoformat(),
        "waived": promotion.waived or None,
    }


def _find_not_allowed(app: Services, rule: Rule) -> dict[str, list[str]]:
    from atsbridge.cases import find_refused_writes

    accounts = sorted(app.settings.accounts.items())
    found = {name: list(find_refused_writes(rule, section.write)) for name, section in accounts}
    return {name: writes for name, writes in found.items() if writes}


def _find_shadow(app: Services, rule: Rule) -> dict[str, list[str]]:
    from atsbridge.context import AccountContext
    from atsbridge.errors import PluginError

    found = {}
    for account in sorted(app.settings.accounts):
        try:
            reasons = AccountContext(app, account).missing_signals(rule)
        except PluginError:
            continue  # without its connector nothing is evaluated there at all
        if reasons:
            found[account] = list(reasons)
    return found


def print_coverage(services: Services, account: str) -> None:
    """How many rules this ATS can answer, and what the others lack."""
    from atsbridge.context import AccountContext
    from atsbridge.rules import CoverageLevel, coverage

    context = AccountContext(services, account)
    rules = [rule for rule in context.rules.values() if rule.status != "retired"]
    found = [coverage(rule, context.spec, context.mapped_fields) for rule in rules]
    unable = [one for one in found if one.level > CoverageLevel.SINCE_INSTALL]
    click.echo(f"\n{len(found) - len(unable)} of {len(found)} rules have the data they need.")
    lacks = Counter(line.partition(":")[0] for one in unable for line in one.lacking)
    if lacks:
        most = [f"{name} ({_count_rules(rules)})" for name, rules in lacks.most_common(_SHOWN)]
        text = f"What most of the others lack: {', '.join(most)}."
        click.echo(fill(text, 100, initial_indent="  ", subsequent_indent="  "))
        click.echo("  `atsbridge rules list` says what each rule lacks.")


def _count_rules(number: int) -> str:
    return f"{number} rule{'s' if number > 1 else ''}"
