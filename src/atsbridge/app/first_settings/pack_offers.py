"""Offer the installed rule packs, with what an ATS can answer of each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from atsbridge.app.plugin_section import PluginSection
from atsbridge.errors import ConfigError
from atsbridge.model import did_you_mean
from atsbridge.ports import AnyRuleKind, ConnectorSpec
from atsbridge.settings import AccountSettings, RulesSettings

if TYPE_CHECKING:
    from atsbridge.plugins import Plugins

ALL, NONE, RECOMMENDED = "all", "none", "recommended"
_USUAL = RulesSettings().packs


@dataclass(frozen=True, slots=True)
class PackOffer:
    """A pack, and how many of its rules the ATS can answer. `name`: as `[rules] packs` has it."""

    name: str
    description: str
    answered: int
    rules: int

    @property
    def short_name(self) -> str:
        """The name as people type it: without "builtin:"."""
        from atsbridge.rules import BUILTIN

        return self.name.removeprefix(BUILTIN)

    @property
    def recommended(self) -> bool:
        """Whether a first installation does well with it: it belongs to the usual packs, and the
        ATS can answer one of its rules at least."""
        return self.name in _USUAL and self.answered > 0


def find_pack_offers(plugins: Plugins, spec: ConnectorSpec) -> list[PackOffer]:
    """Every installed pack that can be read, the usual ones first."""
    kinds, packs = plugins.rule_kinds(), plugins.rule_packs()
    order = [*(name for name in _USUAL if name in packs), *sorted(packs.keys() - set(_USUAL))]
    offers = (_offer(name, packs[name], kinds, spec) for name in order)
    return [offer for offer in offers if offer is not None]


def adapt_spec(
    spec: ConnectorSpec, values: Mapping[str, str], sections: Mapping[str, Any]
) -> ConnectorSpec:
    """The spec of an account with these settings: some connectors read what its tables list.

    `values` may name the files of secrets. Settings with mistakes adapt nothing.
    """
    if spec.adapt is None:
        return spec
    given = {**values, **sections}
    section = PluginSection(("accounts",), given, spec.settings, AccountSettings)
    public = section.settings_without_secrets()
    return spec if public is None else spec.adapt(public)


def choose_packs(offers: Sequence[PackOffer], text: str) -> tuple[str, ...]:
    """The packs that an answer names: "intake, market", "recommended", "all" or "none".

    ConfigError for a name that is no pack.
    """
    wanted = [part.strip() for part in text.split(",") if part.strip()]
    groups = {
        ALL: [offer.name for offer in offers],
        NONE: [],
        RECOMMENDED: [offer.name for offer in offers if offer.recommended],
    }
    if len(wanted) == 1 and wanted[0].lower() in groups:
        return tuple(groups[wanted[0].lower()])
    named = {name: one.name for one in offers for name in (one.name, one.short_name)}
    for name in wanted:
        if name not in named:
            known = [*(offer.short_name for offer in offers), RECOMMENDED, ALL, NONE]
            remedy = did_you_mean(name, known, "There are")
            raise ConfigError(f'there is no pack "{name}"', remedy=remedy)
    return tuple(dict.fromkeys(named[name] for name in wanted))


def _offer(
    name: str, path: Path, kinds: Mapping[str, AnyRuleKind], spec: ConnectorSpec
) -> PackOffer | None:
    from atsbridge.rules import load_good, read
    from atsbridge.textfile import read_text

    try:
        text = read_text(path, name=name, error=ConfigError)
        head = read(name, text).data
    except ConfigError:
        return None  # `rules check` says what is wrong with it
    about = head.get("description") if isinstance(head, Mapping) else None
    rules = load_good([(name, text)], kinds).rules.values()
    return PackOffer(
        name, about if isinstance(about, str) else "", _count_answered(rules, spec), len(rules)
    )


def _count_answered(rules: Iterable[Any], spec: ConnectorSpec) -> int:
    from atsbridge.rules import CoverageLevel, coverage

    return sum(coverage(rule, spec).level <= CoverageLevel.SINCE_INSTALL for rule in rules)
