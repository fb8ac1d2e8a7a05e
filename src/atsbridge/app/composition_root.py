"""The composition root: settings and plugins become the services that a command works with."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from atsbridge.app.plugin_section import connector_section, open_plugin, sink_section
from atsbridge.app.settings_checks import find_mistakes, find_warnings
from atsbridge.context import MarketTables, RulePacks, Services, SharedRunState
from atsbridge.errors import ConfigError
from atsbridge.plugins import Plugins, discover
from atsbridge.ports import Connector, ConnectorSpec, Sink, Tools
from atsbridge.settings import (
    ATS,
    ConfigErrors,
    Problem,
    Settings,
    add_plugin_people,
    first_of_each,
    read,
)
from atsbridge.timesource import FixedNow, SystemTime, TimeSource

if TYPE_CHECKING:
    from atsbridge.ports import Store


class _Closable(Protocol):
    def close(self) -> None: ...


_Opened = TypeVar("_Opened", bound=_Closable)


class _OpenOnce(Generic[_Opened]):
    """What is opened by name: once, even if several threads ask for the same one at once."""

    def __init__(self, open_one: Callable[[str], _Opened]) -> None:
        self._open_one = open_one
        self._opened: dict[str, _Opened] = {}
        self._turns: dict[str, threading.Lock] = {}  # one per name: a slow one delays no other

    def get(self, name: str) -> _Opened:
        """The one with that name. Raises what opening raises; the next call tries again."""
        if name in self._opened:
            return self._opened[name]
        with self._turns.setdefault(name, threading.Lock()):
            if name not in self._opened:
                self._opened[name] = self._open_one(name)
            return self._opened[name]

    def close(self) -> None:
        """Close all."""
        for one in self._opened.values():
            one.close()


@dataclass
class App:
    """One wired configuration. Everything is opened when first used, and closed at the end.

    Several threads may share one: each account of a run has its own.

    `unknown`: environment variables that match no setting, with suggestions. `session`: what
    PostgreSQL calls this process's sessions.
    """

    settings: Settings
    plugins: Plugins = field(repr=False)
    time: TimeSource
    unknown: Sequence[tuple[str, str]] = ()
    session: str = "atsbridge"
    _adapted_specs: dict[str, ConnectorSpec] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        self._connectors = _OpenOnce(self._open_connector)
        self._sinks = _OpenOnce(self._open_sink)
        self._stores = _OpenOnce(self._open_store)

    @cached_property
    def services(self) -> Services:
        """The services that commands and runs use."""
        market = MarketTables(self.settings, self.plugins)
        return Services(
            settings=self.settings,
            plugins=self.plugins,
            time=self.time,
            packs=RulePacks(self.settings, self.plugins, market),
            market=market,
            open_store=lambda: self._store,
            open_connector=self._connectors.get,
            read_connector_settings=self._connector_settings,
            adapt_spec=self._adapted,
            open_sink=self._sinks.get,
            find_warnings=self._warnings,
        )

    @property
    def _store(self) -> Store:
        """The database, migrated."""
        return self._stores.get(self.settings.store_url)

    def _open_store(self, url: str) -> Store:
        from atsbridge.store import open_store

        return open_store(url, self.time, self.settings.store.pool, self.session)

    def _open_connector(self, account: str) -> Connector:
        """The account's connector."""
        spec, section = self.services.spec(account), self.services.account(account)
        settings = self._connector_settings(account)
        tools = Tools(
            account,
            self.time,
            map=section.map,
            folder=self.settings.folder,
            bounds=section.bounds,
        )
        return self._with_shared_limit(open_plugin(spec, settings, tools, account))

    def _with_shared_limit(self, connector: Connector) -> Connector:
        """The connector; on PostgreSQL all processes keep its credential's rate limit together."""
        if not self.settings.store_url.startswith("postgres"):
            return connector
        from atsbridge.net import HttpConnector, Limiter, SharableLimiter, SharedLimiter

        # A simulated clock is shared by its processes; those of machines are not.
        simulated = not isinstance(getattr(self.time, "beneath", self.time), SystemTime)
        clock = self.time.monotonic if simulated else None

        def share(limiter: Limiter, credential: str) -> Limiter:
            if not isinstance(limiter, SharableLimiter):
                return limiter
            return SharedLimiter(limiter, lambda: self._store.rates, credential, self.time, clock)

        if isinstance(connector, HttpConnector):
            connector.session.share_limit(share)
        return connector

    def _adapted(self, account: str, spec: ConnectorSpec) -> ConnectorSpec:
        """The spec of this account. Settings with errors, which `check` reports, adapt nothing."""
        if spec.adapt is None:
            return spec
        if account not in self._adapted_specs:
            public = connector_section(self.settings, account, spec).settings_without_secrets()
            self._adapted_specs[account] = spec if public is None else spec.adapt(public)
        return self._adapted_specs[account]

    def _connector_settings(self, account: str) -> Any:
        """The settings of the account's connector. ConfigErrors if a secret cannot be read."""
        spec = self.services.spec(account)
        return connector_section(self.settings, account, spec).settings(self.settings)

    def _open_sink(self, name: str) -> Sink:
        """A configured sink. "ats" needs no section."""
        spec = self.services.sink_spec(name)
        settings = sink_section(self.settings, name, spec).settings(self.settings)
        sink: Sink = open_plugin(spec, settings, self._sink_tools(name), f"[sinks.{name}]")
        people = self.settings.people.items()
        aliases = {email.lower(): one.chat.lower() for email, one in people if one.chat}
        if not aliases or name == ATS:
            return sink
        from atsbridge.sinks import Aliased

        return Aliased(sink, aliases)

    def _sink_tools(self, name: str) -> Tools:
        """The tools of a sink: connectors for the sink "ats", a cache of names for the others."""
        if name == ATS:
            services = self.services
            return Tools(
                name, self.time, _LazyConnectors(services), lambda a: services.account(a).write
            )
        own = self.settings.notify.templates
        return Tools(
            name,
            self.time,
            templates=self.settings.path(own) if own else None,
            recall=lambda key: SharedRunState(self._store.run_state).read_of_sink(name, key),
            keep=lambda key, value: SharedRunState(self._store.run_state).write_of_sink(
                name, key, value
            ),
        )

    def check(self, problems: Iterable[Problem] = ()) -> None:
        """Raise ConfigErrors with every error in the settings.

        These are `problems`, and errors that need the plugins. Opens nothing and reads no secret.
        """
        if found := first_of_each([*problems, *find_mistakes(self.services)]):
            raise ConfigErrors(self.settings.source.errors(found))

    def _warnings(self) -> list[ConfigError]:
        return list(find_warnings(self.services, self.unknown))

    def close(self) -> None:
        """Give back connections and the store."""
        self._connectors.close()
        self._sinks.close()
        self._stores.close()


class _LazyConnectors(Mapping[str, Connector]):
    """The connectors by account. Each is opened when the first note is written."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def __getitem__(self, account: str) -> Connector:
        return self._services.open_connector(account)

    def __iter__(self) -> Iterator[str]:
        return iter(self._services.settings.accounts)

    def __len__(self) -> int:
        return len(self._services.settings.accounts)


@contextmanager
def open_services(
    config: Path,
    time: TimeSource | None = None,
    *,
    now: datetime | None = None,
    session: str = "atsbridge",
) -> Iterator[Services]:
    """The services of a configuration file, checked; closed when the block ends.

    `time`: a clock instead of the system's or the sandbox's. `now`: an instant, in any zone, at
    which that clock stands still. `session`: what PostgreSQL calls this process's sessions.
    ConfigErrors has every error in the settings. Secrets are read when they are used.
    """
    reading, plugins = read(config), discover()
    settings = add_plugin_people(reading.settings, plugins.people())
    App(settings, plugins, SystemTime()).check(reading.problems)
    with nullcontext(time) if time is not None else _clock_of(settings) as clock:
        at = clock if now is None else FixedNow(now, clock)
        app = App(settings, plugins, at, reading.unknown, session)
        try:
            yield app.services
        finally:
            app.close()


@contextmanager
def _clock_of(settings: Settings) -> Iterator[TimeSource]:
    """The system's clock, or the sandbox's, whose file is closed when the block ends."""
    if not settings.run.clock_file:
        yield SystemTime()
        return
    from atsbridge.shared_clock import SharedClock

    with SharedClock(settings.path(settings.run.clock_file)) as clock:
        yield clock
