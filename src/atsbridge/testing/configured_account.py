"""A configured account on a fake company, its runs, and their outcomes."""

from __future__ import annotations

import sqlite3
from contextlib import closing, redirect_stdout
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path

from atsbridge.app import App
from atsbridge.context import Services, Summary
from atsbridge.model import Purpose
from atsbridge.plugins import discover
from atsbridge.ports import ConnectorSpec, Tools
from atsbridge.settings import Settings, load
from atsbridge.testing.connector_world import FakeAccount
from atsbridge.testing.empty_store import open_empty_store
from atsbridge.tick import RunOptions, find_news, tick

Fact = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of all runs so far: opened and ended cases, and sent messages.

    `ops`: keys of the notices to ops. `news`: what this run said newly failed or recovered,
    as cron mails it.
    """

    opened: frozenset[Fact] = frozenset()
    open: frozenset[Fact] = frozenset()
    ended: frozenset[Fact] = frozenset()
    sent: frozenset[Fact] = frozenset()
    ops: tuple[str, ...] = ()
    news: tuple[str, ...] = ()

    def beyond(self, other: Outcome) -> list[Fact]:
        """Cases and notices to people that the other outcome does not have."""
        return sorted(
            (what, *fact)
            for what, mine, theirs in (
                ("opened", self.opened, other.opened),
                ("ended", self.ended, other.ended),
                ("sent", self.sent, other.sent),
            )
            for fact in mine - theirs
        )


@dataclass(frozen=True)
class ServedAccount(Services):
    """The services with the connector under test, whether or not it is installed."""

    served: ConnectorSpec = field(kw_only=True)

    def spec(self, account: str) -> ConnectorSpec:  # noqa: ARG002  the one account there is
        return self.served


class ConfiguredAccount:
    """A configured account on a fake company, its runs, and copies of its store.

    The store stays open while its content is exchanged: compiling its statements anew would take
    longer than all else.
    """

    def __init__(self, world: FakeAccount, folder: Path) -> None:
        self.world = world
        self.folder = folder
        config = folder / "atsbridge.toml"
        config.write_text(_config(world), "utf-8")
        self.settings: Settings = load(config)
        self.store = open_empty_store(folder / "atsbridge.db", world.clock)
        plugins = discover()
        self._services = App(self.settings, plugins, world.clock).services
        self.keep("empty")

    def keep(self, name: str) -> None:
        """Save the content of the store under a name."""
        _copied(self.folder / "atsbridge.db", self.folder / f"{name}.kept")

    def back(self, name: str = "empty") -> None:
        """Restore saved content."""
        _copied(self.folder / f"{name}.kept", self.folder / "atsbridge.db")

    def run(self) -> Outcome:
        """Run once, and return the outcome of all runs so far."""
        world = self.world
        # A connector caches what it looked up. Each run gets a new one, like each process.
        connector = world.spec.open(world.options, Tools("acme", world.clock))
        parts = {
            **vars(self._services),
            "open_store": lambda: self.store,
            "open_connector": lambda _account: connector,
        }
        services = ServedAccount(**parts, served=world.spec)
        try:
            with redirect_stdout(StringIO()):
                summary = tick(services, RunOptions(accounts=("acme",)))
        finally:
            connector.close()
        return _outcome(services, summary)


def _copied(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(target)) as new:
        new.execute("PRAGMA synchronous = OFF")  # no copy outlives the test
        old.backup(new)


def _config(world: FakeAccount) -> str:
    lines = ["[store]", 'url = "sqlite:///atsbridge.db"', "[accounts.acme]"]
    lines += [f'connector = "{world.spec.name}"', "[sinks.console]", 'kind = "console"']
    lines += ["[teams.recruiting_ops]", 'sink = "console"', 'to = "channel:#ops"']
    lines += ["[notify]", 'dm = ["console"]', 'ops = "recruiting_ops"']
    return "\n".join(lines)


def _outcome(app: Services, summary: Summary) -> Outcome:
    cases = app.store.cases.read_cases("acme")
    notices = app.store.outbox.read_notices("acme")
    return Outcome(
        frozenset((c.rule, str(c.subject)) for c in cases),
        frozenset((c.rule, str(c.subject)) for c in cases if c.end is None),
        frozenset((c.rule, str(c.subject), str(c.end)) for c in cases if c.end is not None),
        frozenset(
            (n.rule, str(n.subject), str(n.purpose), n.destination.address)
            for n in notices
            if n.purpose not in (Purpose.OPS, Purpose.DIGEST)
        ),
        tuple(n.key for n in notices if n.purpose is Purpose.OPS),
        tuple(find_news(app.store, summary)),
    )
