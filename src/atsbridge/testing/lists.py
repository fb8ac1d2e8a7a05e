"""Checks that no list of a connector, disturbed in any way, leads to a wrong verdict.

Every list goes wrong in every way, in the first sync and in a later one, under the built-in rules
and over the whole tick. What it comes to is compared with the same company undisturbed.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Collection, Iterator, Mapping
from contextlib import closing, redirect_stdout
from dataclasses import dataclass, field
from datetime import timedelta
from importlib.util import find_spec
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from atsbridge.app import App
from atsbridge.model.notice import Purpose
from atsbridge.plugins import discover
from atsbridge.ports import ConnectorSpec, Tools
from atsbridge.run.summary import AccountSummary
from atsbridge.run.tick import Options, tick
from atsbridge.settings import Settings, load
from atsbridge.store import open_store
from atsbridge.testing.disturbances import DISTURBANCES, Disturbance, disturbed
from atsbridge.testing.world import ConnectorWorld, World

ALL = "ATSBRIDGE_ALL_FAULTS"
LATER = timedelta(hours=3)  # after this the list is well again
Fact = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a tick led to: cases opened and ended, and who was told of what; `ops`: words to ops."""

    opened: frozenset[Fact] = frozenset()
    open: frozenset[Fact] = frozenset()
    ended: frozenset[Fact] = frozenset()
    told: frozenset[Fact] = frozenset()
    ops: tuple[str, ...] = ()
    failures: tuple[str, ...] = ()

    def beyond(self, other: Outcome) -> list[Fact]:
        """What it has and the other has not, words to ops aside."""
        return sorted(
            (what, *fact)
            for what, mine, theirs in (
                ("opened", self.opened, other.opened),
                ("ended", self.ended, other.ended),
                ("told", self.told, other.told),
            )
            for fact in mine - theirs
        )


@dataclass
class Served(App):
    """The application with the connector under test, whether or not it is installed."""

    served: dict[str, ConnectorSpec] = field(default_factory=dict)

    def spec(self, account: str) -> ConnectorSpec:
        return self.served[account]


class Office:
    """A configured account over a world, its runs, and copies of its store.

    The store stays open while its content is exchanged: compiling its statements anew would take
    longer than all else.
    """

    def __init__(self, world: World, folder: Path) -> None:
        self.world = world
        self.folder = folder
        config = folder / "atsbridge.toml"
        config.write_text(_config(world), "utf-8")
        self.settings: Settings = load(config)
        self.store = open_store(self.settings.store_url, world.clock)
        self._made: dict[str, Any] = {"store": self.store}
        self._plugins = discover()
        self.keep("empty")

    def keep(self, name: str) -> None:
        """Set the content of the store aside under a name."""
        _copied(self.folder / "atsbridge.db", self.folder / f"{name}.kept")

    def back(self, name: str = "empty") -> None:
        """Put content that was set aside in place."""
        _copied(self.folder / f"{name}.kept", self.folder / "atsbridge.db")

    def run(self) -> Outcome:
        """One whole run now, and all that stands in the store after it."""
        world = self.world
        app = Served(self.settings, self._plugins, world.clock, served={"acme": world.spec})
        app.__dict__.update(self._made)
        # A connector remembers what it looked up: each run has its own, as each process has.
        connector = world.spec.open(world.options, Tools("acme", world.clock))
        app._connectors["acme"] = connector
        try:
            with redirect_stdout(StringIO()):
                summary = tick(app, Options(accounts=("acme",)))
        finally:
            connector.close()
        self._made = {name: app.__dict__[name] for name in ("store", "packs", "rules")}
        return _outcome(app, summary.accounts[0])


def _copied(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(target)) as new:
        old.backup(new)


def _config(world: World) -> str:
    lines = ["[store]", 'url = "sqlite:///atsbridge.db"', "[accounts.acme]"]
    lines += [f'connector = "{world.spec.name}"', "[sinks.console]", 'kind = "console"']
    lines += ["[teams.recruiting_ops]", 'sink = "console"', 'to = "channel:#ops"']
    lines += ["[notify]", 'dm = ["console"]', 'ops = "recruiting_ops"']
    return "\n".join(lines)


def _outcome(app: App, summary: AccountSummary) -> Outcome:
    cases = app.store.cases("acme")
    notices = app.store.notices("acme")
    return Outcome(
        frozenset((c.rule, str(c.subject)) for c in cases),
        frozenset((c.rule, str(c.subject)) for c in cases if c.end is None),
        frozenset((c.rule, str(c.subject), str(c.end)) for c in cases if c.end is not None),
        frozenset(
            (n.rule, str(n.subject), str(n.purpose), n.destination.address)
            for n in notices
            if n.purpose not in (Purpose.OPS, Purpose.DIGEST)
        ),
        tuple(str(n.receipt.get("headline", n.key)) for n in notices if n.purpose is Purpose.OPS),
        tuple(map(str, summary.failures)),
    )


def _patient(test: Any) -> Any:
    """A time-out of its own for a test of many runs, where there are time-outs."""
    return pytest.mark.timeout(1800)(test) if find_spec("pytest_timeout") else test


def _turns() -> list[int | str]:
    names = [one.name for one in DISTURBANCES]
    return [*names] if os.environ.get(ALL) else [names[0], 0]


class ListChecks(ConnectorWorld):
    """An empty, forbidden, broken, partial or foreign list accuses nobody and ends nothing.

    Every list is tried empty, and with one other disturbance, which differs from list to list; with
    ATSBRIDGE_ALL_FAULTS=1 in the environment, with all of them, which takes some minutes.

    `healed`: streams that are looked at again once they are well, a run each being long.
    `unknowable`: streams of which a row that is missing from an answer cannot be known to be, with
    the reason: no other list names it, and the row is read again only when it changes.
    """

    list_applications: int = 60
    list_requisitions: int = 8
    healed: Collection[str] = ()
    unknowable: Mapping[str, str] = {}

    @pytest.fixture
    @classmethod
    def office(cls, tmp_path: Path) -> Iterator[Office]:
        """A small company and its configured account."""
        with cls.standing(cls.list_applications, requisitions=cls.list_requisitions) as world:
            office = Office(world, tmp_path)
            yield office
            office.store.close()

    @_patient
    @pytest.mark.parametrize("turn", _turns())
    def test_no_list_accuses_anybody_in_the_first_sync(
        self, office: Office, turn: int | str
    ) -> None:
        """Nothing that the undisturbed run does not have; the same cases once the list is well."""
        plain = office.run()
        office.keep("plain")
        self._disturb(office, turn, "empty", plain)

    @_patient
    @pytest.mark.parametrize("turn", _turns())
    def test_no_list_accuses_anybody_in_a_later_sync(self, office: Office, turn: int | str) -> None:
        """The same of an account that knew everything before."""
        office.run()
        _live(office.world)
        office.run()
        office.keep("before")
        _live(office.world)
        plain = office.run()
        office.keep("plain")
        self._disturb(office, turn, "before", plain)

    def _disturb(self, office: Office, turn: int | str, before: str, plain: Outcome) -> None:
        """Each list in turn, from the store of that name; empty ones again once they are well."""
        world, wrong, kept = office.world, dict[str, list[Fact]](), list[str]()
        for place, stream in enumerate(world.asked):
            how = _chosen(turn, place)
            if how.leaves_out and stream.name in self.unknowable:
                continue
            office.back(before)
            with disturbed(world.fake, stream, how) as played:
                found = office.run()
            if played:
                wrong[f"{stream.name}: {how.name}"] = found.beyond(plain)
                kept += [stream.name] if how.empty and stream.name in self.healed else []
                office.keep(stream.name)
        if kept:
            _live(world)
            office.back("plain")
            well = [office.run() for _ in range(2)][-1]
        for name in kept:
            office.back(name)
            after = [office.run() for _ in range(2)][-1]
            wrong[f"{name} once it is well"] = sorted(after.open ^ well.open)
        assert wrong, "no list could be disturbed: see `disturbances`"
        assert {name: facts for name, facts in wrong.items() if facts} == {}


def _chosen(turn: int | str, place: int) -> Disturbance:
    """The disturbance of that name; of a turn's number one that differs from list to list."""
    if isinstance(turn, str):
        return next(one for one in DISTURBANCES if one.name == turn)
    others = [one for one in DISTURBANCES if not one.empty]
    return others[(turn + place) % len(others)]


def _live(world: World) -> None:
    world.clock.advance(LATER)
    world.company.advance(world.clock.now())
