"""What one configuration provides to a run: settings, plugins, clock, store, rules, market data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from atsbridge.errors import ConfigError, PluginError
from atsbridge.model import Sensitivity, did_you_mean
from atsbridge.settings import ATS, COMMAND_SUFFIX, SUFFIX, AccountSettings, Settings

if TYPE_CHECKING:
    from pydantic import BaseModel

    from atsbridge.context.market_tables import MarketTables
    from atsbridge.context.rule_packs import RulePacks
    from atsbridge.model import Destination
    from atsbridge.plugins import Plugins
    from atsbridge.ports import Connector, ConnectorSpec, Sink, SinkSpec, Store
    from atsbridge.timesource import TimeSource


@dataclass(frozen=True)
class Services:
    """What the packages below `app` share.

    Each `open_` function opens its object once and keeps it open. `adapt_spec`: account and spec of
    its connector -> the spec of this account. `find_warnings` returns problems
    around the settings that stop nothing.
    """

    settings: Settings
    plugins: Plugins = field(repr=False)
    time: TimeSource
    packs: RulePacks = field(repr=False)
    market: MarketTables = field(repr=False)
    open_store: Callable[[], Store] = field(repr=False)
    open_connector: Callable[[str], Connector] = field(repr=False)  # by account
    read_connector_settings: Callable[[str], BaseModel] = field(repr=False)  # with secrets
    open_sink: Callable[[str], Sink] = field(repr=False)  # by name
    find_warnings: Callable[[], list[ConfigError]] = field(default=list, repr=False)
    adapt_spec: Callable[[str, ConnectorSpec], ConnectorSpec] = field(
        default=lambda _, spec: spec, repr=False
    )

    @property
    def store(self) -> Store:
        """The database, migrated."""
        return self.open_store()

    def on_clock(self, time: TimeSource) -> Services:
        """The same services with another clock."""
        return replace(self, time=time)

    def account(self, name: str) -> AccountSettings:
        """The account's section. ConfigError names the accounts there are."""
        try:
            return self.settings.accounts[name]
        except KeyError:
            remedy = did_you_mean(name, sorted(self.settings.accounts), "Configured")
            raise ConfigError(f"there is no account {name!r}", remedy=remedy) from None

    def interval(self, account: str) -> timedelta:
        """The time between two rounds of the account by workers."""
        return self.account(account).every or self.settings.worker.every

    def spec(self, account: str) -> ConnectorSpec:
        """The spec of the account's connector, with the lists of this account.

        PluginError where no plugin provides it.
        """
        wanted = self.account(account).connector
        if found := self.plugins.connector(wanted):
            return self.adapt_spec(account, found)
        raise PluginError(
            f"no plugin that works provides {wanted!r}",
            where=account,
            remedy="; ".join(f"Plugin {t.plugin} {t.what}" for t in self.plugins.troubles),
        )

    def sink_spec(self, name: str) -> SinkSpec:
        """The spec of a configured sink, with buttons where its settings have them; "ats" needs no
        section. ConfigError for any other name."""
        section = self.settings.sinks.get(name)
        kind = name if section is None else section.kind
        spec = self.plugins.sink(kind) if section is not None or name == ATS else None
        if spec is None:
            remedy = did_you_mean(name, self.settings.sinks, f"Add [sinks.{name}]; configured")
            raise ConfigError(f"there is no sink {name!r}", remedy=remedy)
        if section is not None and _has_secret(section.options, spec.buttons_key):
            return replace(spec, buttons=True)
        return spec

    def sink_names(self, account: str) -> tuple[str, ...]:
        """The sinks an account may use, in the order of its section; "ats" where it may write."""
        section = self.account(account)
        named = tuple(self.settings.sinks) if section.sinks is None else section.sinks
        return (*named, ATS) if section.write and ATS not in named else named

    def sinks(self, account: str) -> Mapping[str, Sink]:
        """The sinks an account may use, opened: name -> sink."""
        return {name: self.open_sink(name) for name in self.sink_names(account)}

    def teams(self, account: str) -> Mapping[str, Destination]:
        """Where each team's messages go for this account: its own `teams` before the common."""
        from atsbridge.model import Destination, RecipientCode, recipient_reason

        section = self.account(account)
        return {
            name: Destination(
                team.sink,
                "channel",
                team.to.removeprefix("channel:"),
                why=(recipient_reason(RecipientCode.TEAM, name=name),),
            )
            for name, team in {**self.settings.teams, **section.teams}.items()
        }

    def clearance(self, sink: str) -> Sensitivity:
        """The most sensitive class of field a sink may carry: as granted, else as its kind says."""
        section = self.settings.sinks.get(sink)
        if section is not None and section.clearance is not None:
            return Sensitivity[section.clearance.upper()]
        return self.sink_spec(sink).clearance


def _has_secret(options: Mapping[str, Any], key: str) -> bool:
    """Whether a section sets a secret, itself or by the name of its file or command."""
    return bool(key) and any(options.get(f"{key}{end}") for end in ("", SUFFIX, COMMAND_SUFFIX))
