"""The wiring: settings and plugins become connectors, sinks, rules and a store.

The only place that chooses implementations; what happens with them in a tick is `run`'s.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from pydantic import ValidationError

from atsbridge import __version__
from atsbridge.errors import AtsbridgeError, ConfigError, PluginError
from atsbridge.model.fields import Sensitivity
from atsbridge.model.notice import Destination
from atsbridge.plugins import Plugins, discover
from atsbridge.ports import Connector, ConnectorSpec, Sink, SinkSpec, Tools
from atsbridge.run import calendars
from atsbridge.settings import Settings, load, secrets
from atsbridge.settings.mistakes import unknown_key
from atsbridge.settings.sections import AccountSettings
from atsbridge.timesource import SystemTime, TimeSource

if TYPE_CHECKING:
    from atsbridge.rules.pack import RuleSet
    from atsbridge.store import Store

T = TypeVar("T")
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass
class App:
    """One configuration, wired. Everything is made when first asked for, and closed at the end."""

    settings: Settings
    plugins: Plugins
    time: TimeSource
    _connectors: dict[str, Connector] = field(default_factory=dict)
    _sinks: dict[str, Sink] = field(default_factory=dict)

    @cached_property
    def store(self) -> Store:
        """The database, migrated."""
        from atsbridge.store import open_store

        return open_store(self.settings.store_url, self.time)

    @cached_property
    def rules(self) -> RuleSet:
        """Every rule of the configured packs, compiled. RuleError names every mistake."""
        from atsbridge.rules.pack import load as load_rules

        return load_rules(self.packs, self.plugins.rule_kinds())

    @cached_property
    def packs(self) -> list[tuple[str, str]]:
        """The configured packs, unread: (name, text) of each file."""
        from atsbridge.rules import finder

        folder = self.settings.folder
        files = finder.find(self.settings.rules.packs, folder, self.plugins.rule_packs())
        return finder.texts(files, folder)

    @cached_property
    def packs_digest(self) -> str:
        """Changes whenever rules or calendars could: texts, plugins, versions, settings."""
        settings = self.settings
        parts = (
            __version__,
            [(one.name, one.version) for one in self.plugins.installed],
            self.packs,
            (settings.calendars, settings.offices, settings.people, settings.rules),
        )
        return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]

    def account(self, name: str) -> AccountSettings:
        """The account's section. ConfigError names the accounts there are."""
        try:
            return self.settings.accounts[name]
        except KeyError:
            known = ", ".join(sorted(self.settings.accounts)) or "none yet"
            raise ConfigError(
                f"there is no account {name!r}", remedy=f"Configured: {known}"
            ) from None

    def spec(self, account: str) -> ConnectorSpec:
        """The spec of the account's connector."""
        wanted = self.account(account).connector
        where = f"[accounts.{account}] connector"
        if found := self.plugins.connector(wanted):
            return found
        if self.plugins.troubles:
            raise PluginError(
                f"no plugin that works brings {wanted!r}",
                where=account,
                remedy="; ".join(f"Plugin {t.plugin} {t.what}" for t in self.plugins.troubles),
            )
        return _named(self.plugins.connectors(), wanted, where)

    def connector(self, account: str) -> Connector:
        """The account's connector, opened once."""
        if account not in self._connectors:
            spec = self.spec(account)
            where = f"[accounts.{account}]"
            options = self._options(self.account(account).options, spec.settings, where)
            tools = Tools(account, self.time)
            self._connectors[account] = _open(spec, options, tools, account)
        return self._connectors[account]

    def sink(self, name: str) -> Sink:
        """A configured sink, opened once; "ats" needs no section of its own."""
        if name not in self._sinks:
            spec, section, where = self._sink_section(name)
            options = self._options(section, spec.settings, where)
            connectors = _Lazily(self) if name == "ats" else {}
            self._sinks[name] = _open(spec, options, Tools(name, self.time, connectors), where)
        return self._sinks[name]

    def sinks(self, account: str) -> Mapping[str, Sink]:
        """The sinks an account may use: those it names, and "ats" where it may write."""
        return {name: self.sink(name) for name in self.sinks_allowed(account)}

    def sinks_allowed(self, account: str) -> tuple[str, ...]:
        """Names of the sinks an account may use, in the order of its section."""
        section = self.account(account)
        named = tuple(self.settings.sinks) if section.sinks is None else section.sinks
        return (*named, "ats") if section.write else named

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
        """The most sensitive class of field a sink may carry."""
        return self._sink_section(sink)[0].clearance

    def check(self) -> None:
        """Everything that can be wrong before a connection is made, as one ConfigError."""
        checks = (self._check_calendars, self._check_accounts, self._check_sinks)
        mistakes = [str(mistake) for check in checks for mistake in check()]
        if mistakes:
            raise ConfigError("\n".join(mistakes))

    def sandboxed(self) -> bool:
        """Whether every account and every sink stands on this machine's loopback."""
        sections = [*self.settings.accounts.values(), *self.settings.sinks.values()]
        urls = [s.options.get("base_url") for s in sections]
        remote = [
            s.kind for s in self.settings.sinks.values() if s.kind not in ("console", "slack")
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

    def _sink_section(self, name: str) -> tuple[SinkSpec, dict[str, Any], str]:
        if name == "ats" and name not in self.settings.sinks:
            return self._sink_spec("ats", "write"), {}, "[sinks.ats]"
        if name not in self.settings.sinks:
            known = ", ".join(sorted(self.settings.sinks)) or "none yet"
            raise ConfigError(
                f"there is no sink {name!r}", remedy=f"Add [sinks.{name}]; configured: {known}"
            )
        section = self.settings.sinks[name]
        where = f"[sinks.{name}]"
        return self._sink_spec(section.kind, f"{where} kind"), section.options, where

    def _sink_spec(self, kind: str, where: str) -> SinkSpec:
        return self.plugins.sink(kind) or _named(self.plugins.sinks(), kind, where)

    def _options(
        self, given: Mapping[str, Any], model: type[Any], where: str, core: type[Any] | None = None
    ) -> Any:
        """A plugin's section as the plugin's own settings; `core` has the section's other keys."""
        try:
            return model.model_validate(secrets(given, self.settings.folder, where))
        except ValidationError as error:
            words = [*model.model_fields, *(core.model_fields if core else ("kind",))]
            lines = [
                f"{where} {'.'.join(map(str, problem['loc']))}: {_say(problem, words)}"
                for problem in error.errors(include_input=False)
            ]
            raise ConfigError("\n".join(lines)) from None

    def _check_calendars(self) -> Iterator[ConfigError]:
        try:
            calendars.check(self.settings)
        except ConfigError as error:
            yield error

    def _check_accounts(self) -> Iterator[ConfigError]:
        several = len(self.settings.accounts) > 1
        for name, section in self.settings.accounts.items():
            where = f"[accounts.{name}]"
            try:
                self._options(section.options, self.spec(name).settings, where, AccountSettings)
            except ConfigError as error:
                yield error
            except PluginError:
                pass  # this account's tick says so; the others go on
            if several and section.sinks is None:
                yield ConfigError(
                    "sinks is needed once there are two accounts",
                    where=where,
                    remedy='Name them, for example sinks = ["slack"]',
                )
            yield from self._check_teams(name)

    def _check_teams(self, account: str) -> Iterator[ConfigError]:
        """A team on a sink the account does not name would leak one customer to another."""
        allowed = self.sinks_allowed(account)
        for name, team in self.teams(account).items():
            if team.sink not in allowed:
                yield ConfigError(
                    f"team {name!r} stands on sink {team.sink!r}, which this account does not name",
                    where=f"[accounts.{account}]",
                    remedy=f"Add [accounts.{account}.teams.{name}] on one of: "
                    + (", ".join(allowed) or "its sinks"),
                )
        if self.settings.notify.ops not in self.teams(account):
            yield ConfigError(
                f"there is no team {self.settings.notify.ops!r} to tell of trouble",
                where="[notify] ops",
                remedy=f"Add [teams.{self.settings.notify.ops}] with sink and to",
            )

    def _check_sinks(self) -> Iterator[ConfigError]:
        wanted = {s for a in self.settings.accounts.values() for s in a.sinks or ()}
        for name in sorted({*self.settings.sinks, *self.settings.notify.dm, *wanted}):
            try:
                spec, section, where = self._sink_section(name)
                self._options(section, spec.settings, where)
            except ConfigError as error:
                yield error


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
    """The application for a configuration file, checked; closed when the block ends."""
    settings = load(config)
    app = App(settings, discover(), time or _time(settings))
    try:
        if settings.run.clock_file and not app.sandboxed():
            raise ConfigError(
                "clock_file is for the sandbox only",
                where="[run]",
                remedy="Remove it, or point every base_url at this machine",
            )
        app.check()
        yield app
    finally:
        app.close()


def _time(settings: Settings) -> TimeSource:
    if not settings.run.clock_file:
        return SystemTime()
    from atsbridge.sandbox.clock import SharedClock

    return SharedClock(settings.path(settings.run.clock_file))


def _named(found: Mapping[str, T], name: str, where: str) -> T:
    try:
        return found[name]
    except KeyError:
        known = ", ".join(sorted(found)) or "none; install one"
        raise ConfigError(
            f"no plugin brings {name!r}", where=where, remedy=f"Installed: {known}"
        ) from None


def _open(spec: Any, options: Any, tools: Tools, where: str) -> Any:
    """What the plugin makes of its settings; whatever it raises becomes one of our errors."""
    try:
        return spec.open(options, tools)
    except AtsbridgeError:
        raise
    except Exception as error:  # noqa: BLE001  the plugin boundary; the text may hold a secret
        raise PluginError(
            f"{spec.name} could not be opened: it raised {type(error).__name__}",
            where=where,
            remedy=f"Report it to the author of {spec.name}",
        ) from None


def _say(problem: Any, words: Iterable[str]) -> str:
    """One mistake in a section; `words` are the keys it may have."""
    if problem["type"] == "extra_forbidden":
        return unknown_key(str(problem["loc"][-1]), words)
    if problem["type"] == "missing":
        return "this key is needed"
    return str(problem["msg"].removeprefix("Value error, "))
