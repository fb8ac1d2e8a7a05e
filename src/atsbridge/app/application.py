"""The wiring: settings and plugins become connectors, sinks, rules and a store.

The only place that chooses implementations; what happens with them in a tick is `run`'s.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from atsbridge import __version__
from atsbridge.app.openers import PluginSection, opened
from atsbridge.app.settings_checks import doubts, mistakes
from atsbridge.errors import ConfigError, PluginError, RuleError
from atsbridge.model import Destination, Sensitivity, did_you_mean
from atsbridge.plugins import Plugins, discover
from atsbridge.ports import Connector, ConnectorSpec, Sink, SinkSpec, Tools
from atsbridge.settings import (
    ATS,
    AccountSettings,
    ConfigErrors,
    Problem,
    Settings,
    SinkSettings,
    first_of_each,
    read,
)
from atsbridge.sinks import Aliased
from atsbridge.timesource import SystemTime, TimeSource
from atsbridge.worktime import data_version

if TYPE_CHECKING:
    from atsbridge.intake import Table
    from atsbridge.rules import Known, Market, Packs, RuleSet
    from atsbridge.store import Store

_LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass
class App:
    """One configuration, wired. Everything is made when first asked for, and closed at the end.

    `unknown`: environment variables that no setting has, with the ones that were probably meant.
    """

    settings: Settings
    plugins: Plugins = field(repr=False)
    time: TimeSource
    unknown: Sequence[tuple[str, str]] = ()
    _connectors: dict[str, Connector] = field(default_factory=dict, repr=False)
    _sinks: dict[str, Sink] = field(default_factory=dict, repr=False)

    @cached_property
    def store(self) -> Store:
        """The database, migrated."""
        from atsbridge.store import open_store

        return open_store(self.settings.store_url, self.time, self.settings.store.pool)

    @cached_property
    def rules(self) -> RuleSet:
        """Every good rule of the configured packs, compiled, and the mistakes in the others."""
        from atsbridge.rules import load_good

        unread = self._gathered.unread
        return load_good(self.packs, self.plugins.rule_kinds(), self.known, unread)

    @property
    def checked_rules(self) -> RuleSet:
        """Every rule of the configured packs. RuleErrors holds every mistake in any of them."""
        from atsbridge.rules import RuleErrors

        if self.rules.mistakes:
            raise RuleErrors(self.rules.mistakes)
        return self.rules

    @property
    def known(self) -> Known:
        """What rules may refer to."""
        from atsbridge.rules import Known, discovery
        from atsbridge.textfile import name_of

        settings = self.settings
        installed = [
            *discovery.builtin_folder().glob("*.yaml"),
            *self.plugins.rule_packs().values(),
        ]
        own = [name for account in settings.accounts.values() for name in account.teams]
        return Known(
            calendars=frozenset(settings.calendars),
            teams=frozenset((*settings.teams, *own)),
            packaged=frozenset(name_of(file, settings.folder) for file in installed),
        )

    @cached_property
    def _gathered(self) -> Packs:
        from atsbridge.rules import discovery

        packs, plugins = self.settings.rules.packs, self.plugins.rule_packs()
        return discovery.gather(packs, self.settings.folder, plugins)

    @cached_property
    def packs(self) -> list[tuple[str, str]]:
        """The configured packs that are text, not yet parsed: (name, text) of each file."""
        return self._gathered.texts

    @cached_property
    def packs_digest(self) -> str:
        """Changes whenever rules or calendars could: texts, plugins, versions, data, settings."""
        settings = self.settings
        parts = (
            __version__,
            [(one.name, one.version) for one in self.plugins.installed],
            self.packs,
            [str(pack.error) for pack in self._gathered.unread],
            (settings.teams, [account.teams for account in settings.accounts.values()]),
            (settings.calendars, settings.offices, settings.people, settings.rules, settings.pilot),
            self.market_digest,
            data_version(),
        )
        return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]

    @cached_property
    def market_files(self) -> tuple[list[Path], list[RuleError]]:
        """The configured market tables, unread, and those that are not there."""
        from atsbridge.intake import input_files

        settings = self.settings
        return input_files.find(
            settings.rules.market, settings.folder, self.plugins.market_tables()
        )

    @cached_property
    def market_digest(self) -> str:
        """Changes whenever a market table does, or how they are read; reads none."""
        from atsbridge.intake import signature

        return signature(self.market_files[0], __version__)

    @cached_property
    def market_tables(self) -> list[Table]:
        """Every market table with its good rows and its mistakes."""
        from atsbridge.intake import read

        return read(self.market_files[0], self.settings.folder)

    @cached_property
    def market(self) -> Market:
        """All rows of the tables, and the countries of the offices."""
        from atsbridge.rules import Market

        rows = tuple(row for table in self.market_tables for row in table.rows)
        offices = self.settings.offices.items()
        return Market(rows, {name: office.country for name, office in offices if office.country})

    @property
    def market_mistakes(self) -> list[RuleError]:
        """All that is wrong with the tables."""
        inside = [error for table in self.market_tables for error in table.errors]
        return [*self.market_files[1], *inside]

    def account(self, name: str) -> AccountSettings:
        """The account's section. ConfigError names the accounts there are."""
        try:
            return self.settings.accounts[name]
        except KeyError:
            remedy = did_you_mean(name, sorted(self.settings.accounts), "Configured")
            raise ConfigError(f"there is no account {name!r}", remedy=remedy) from None

    def spec(self, account: str) -> ConnectorSpec:
        """The spec of the account's connector."""
        wanted = self.account(account).connector
        if found := self.plugins.connector(wanted):
            return found
        raise PluginError(
            f"no plugin that works provides {wanted!r}",
            where=account,
            remedy="; ".join(f"Plugin {t.plugin} {t.what}" for t in self.plugins.troubles),
        )

    def account_section(self, name: str, spec: ConnectorSpec) -> PluginSection:
        """The part of the account's section that is its connector's."""
        given = self.account(name).options
        return PluginSection(("accounts", name), given, spec.settings, AccountSettings)

    def sink_options(self, name: str, spec: SinkSpec) -> PluginSection:
        """The part of the sink's section that is its kind's."""
        section = self.settings.sinks.get(name)
        given = section.options if section is not None else {}
        return PluginSection(("sinks", name), given, spec.settings, SinkSettings)

    def connector(self, account: str) -> Connector:
        """The account's connector, opened once."""
        if account not in self._connectors:
            spec = self.spec(account)
            settings = self.account_section(account, spec).settings(self.settings)
            section = self.account(account)
            tools = Tools(account, self.time, map=section.map, bounds=section.bounds)
            self._connectors[account] = opened(spec, settings, tools, account)
        return self._connectors[account]

    def sink(self, name: str) -> Sink:
        """A configured sink, opened once; "ats" needs no section of its own."""
        if name not in self._sinks:
            spec = self.sink_spec(name)
            settings = self.sink_options(name, spec).settings(self.settings)
            own = self.settings.notify.templates
            folder = self.settings.path(own) if own else None
            kept = f"sink/{name}/"
            tools = Tools(
                name,
                self.time,
                templates=folder,
                recall=lambda key: self.store.cache_get(kept + key),
                keep=lambda key, value: self.store.cache_put(kept + key, value),
            )
            if name == ATS:
                tools = Tools(name, self.time, _Lazily(self), lambda one: self.account(one).write)
            sink = opened(spec, settings, tools, f"[sinks.{name}]")
            people = self.settings.people.items()
            aliases = {email.lower(): one.chat.lower() for email, one in people if one.chat}
            self._sinks[name] = Aliased(sink, aliases) if aliases and name != ATS else sink
        return self._sinks[name]

    def sinks(self, account: str) -> Mapping[str, Sink]:
        """The sinks an account may use: those it names, and "ats" where it may write."""
        return {name: self.sink(name) for name in self.sinks_allowed(account)}

    def sinks_allowed(self, account: str) -> tuple[str, ...]:
        """Names of the sinks an account may use, in the order of its section."""
        section = self.account(account)
        named = tuple(self.settings.sinks) if section.sinks is None else section.sinks
        return (*named, ATS) if section.write and ATS not in named else named

    def teams(self, account: str) -> Mapping[str, Destination]:
        """Where each team's messages go for this account: its own `teams` before the common."""
        section = self.account(account)
        return {
            name: Destination(
                team.sink, "channel", team.to.removeprefix("channel:"), why=f"team {name}"
            )
            for name, team in {**self.settings.teams, **section.teams}.items()
        }

    def clearance(self, sink: str) -> Sensitivity:
        """The most sensitive class of field a sink may carry: as granted, else as its kind says."""
        section = self.settings.sinks.get(sink)
        if section is not None and section.clearance is not None:
            return Sensitivity[section.clearance.upper()]
        return self.sink_spec(sink).clearance

    def check(self, problems: Iterable[Problem] = ()) -> None:
        """ConfigErrors with every mistake of the settings: `problems`, and those that only show
        with the plugins. Opens nothing and reads no secret.
        """
        if found := first_of_each([*problems, *mistakes(self)]):
            raise ConfigErrors(self.settings.source.errors(found))

    def warnings(self) -> list[ConfigError]:
        """What is wrong around the settings and stops nothing: variables that no setting has,
        secrets that others on this machine may read.
        """
        return list(doubts(self))

    def sandboxed(self) -> bool:
        """Whether every account and every sink stands on this machine's loopback."""
        sections = [*self.settings.accounts.values(), *self.settings.sinks.values()]
        urls = [s.options.get("base_url") for s in sections]
        remote = [
            s.kind
            for s in self.settings.sinks.values()
            if s.kind not in ("console", "slack")
            and not (s.kind == "email" and s.options.get("host") in _LOOPBACK)
        ]
        hosts = [urlsplit(str(url)).hostname for url in urls if url]
        accounts_named = all(a.options.get("base_url") for a in self.settings.accounts.values())
        slack_named = all(
            s.options.get("base_url") for s in self.settings.sinks.values() if s.kind == "slack"
        )
        return accounts_named and slack_named and not remote and all(h in _LOOPBACK for h in hosts)

    def close(self) -> None:
        """Give back connections and the store."""
        for connector in self._connectors.values():
            connector.close()
        for sink in self._sinks.values():
            sink.close()
        if "store" in self.__dict__:
            self.store.close()

    def sink_spec(self, name: str) -> SinkSpec:
        """The spec of a configured sink; "ats" needs no section. ConfigError for any other name."""
        section = self.settings.sinks.get(name)
        kind = name if section is None else section.kind
        spec = self.plugins.sink(kind) if section is not None or name == ATS else None
        if spec is None:
            remedy = did_you_mean(name, self.settings.sinks, f"Add [sinks.{name}]; configured")
            raise ConfigError(f"there is no sink {name!r}", remedy=remedy)
        return spec


class _Lazily(Mapping[str, Connector]):
    """The connectors by account, each opened when a note is to be written."""

    def __init__(self, app: App) -> None:
        self._app = app

    def __getitem__(self, account: str) -> Connector:
        return self._app.connector(account)

    def __iter__(self) -> Iterator[str]:
        return iter(self._app.settings.accounts)

    def __len__(self) -> int:
        return len(self._app.settings.accounts)


@contextmanager
def wired(config: Path, time: TimeSource | None = None) -> Iterator[App]:
    """The application for a configuration file, checked; closed when the block ends.

    ConfigErrors names every mistake of the settings. Secrets are read when they are used.
    """
    reading = read(config)
    app = App(reading.settings, discover(), SystemTime(), reading.unknown)
    try:
        app.check(reading.problems)
        app.time = time or _time(app.settings)
        yield app
    finally:
        app.close()


def _time(settings: Settings) -> TimeSource:
    if not settings.run.clock_file:
        return SystemTime()
    from atsbridge.shared_clock import SharedClock

    return SharedClock(settings.path(settings.run.clock_file))
