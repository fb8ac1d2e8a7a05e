"""A small company, its account, and what was sent, for trials of whole runs."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from atsbridge.model.notice import Purpose
from atsbridge.sinks.console import Console
from atsbridge.testing.configured_account import ConfiguredAccount, Outcome
from atsbridge.testing.connector_world import ConnectorWorld
from atsbridge.testing.list_checks import HOURS
from atsbridge_ashby.spec import SPEC as ASHBY
from atsbridge_greenhouse.spec import SPEC as GREENHOUSE
from atsbridge_lever.spec import SPEC as LEVER

APPLICATIONS, REQUISITIONS = 60, 8
LONGEST = 16  # runs, three hours apart, within which somebody is told something
FULL = 13  # https://www.sqlite.org/rescode.html#full


class Killed(BaseException):
    """The process is dead: nothing after this is stored or sent."""


@dataclass
class Commits:
    """The commits of one run: how many there were, and what happens at the one numbered `at`.

    `at`: from 0; -1: nothing happens. `kill`: the process dies there and stores nothing more, else
    the disk has no room for that commit. `after`: the commit itself is stored.
    """

    at: int = -1
    kill: bool = False
    after: bool = False
    count: int = 0
    dead: bool = False

    def __call__(self, commit: Callable[[Any], None], connection: Any) -> None:
        """Commit, or fail."""
        number, self.count = self.count, self.count + 1
        if self.dead:
            raise Killed
        if number != self.at:
            commit(connection)
            return
        if not self.kill:
            error = sqlite3.OperationalError("database or disk is full")
            error.sqlite_errorcode = FULL
            raise error
        if self.after:
            commit(connection)
        self.dead = True
        raise Killed


@dataclass
class Stage:
    """A small company, its account, and all that was sent, by the key of the notice."""

    account: ConfiguredAccount
    commits: Commits = field(default_factory=Commits)
    sent: Counter[str] = field(default_factory=Counter)

    def run(self, commits: Commits | None = None) -> Outcome | None:
        """One run; None if it died."""
        self.commits = commits or Commits()
        try:
            return self.account.run()
        except Killed:
            return None
        finally:
            self.commits = Commits()

    def told(self) -> Counter[str]:
        """How often each notice to people was sent, by its key; a line as often as its digest.

        A digest that is made later has another key, and tells the same.
        """
        kept = self.account.store.outbox.read_notices("acme")
        ours = [n for n in kept if n.purpose not in (Purpose.OPS, Purpose.DIGEST)]
        return +Counter({one.key: self.sent[one.digest or one.key] for one in ours})


class Greenhouse(ConnectorWorld):
    spec = GREENHOUSE


class Lever(ConnectorWorld):
    spec = LEVER


class Ashby(ConnectorWorld):
    spec = ASHBY


def live_until_told(stage: Stage) -> None:
    """Live until the next run tells somebody something, after a first run and a second one."""
    account = stage.account
    for number in range(LONGEST):
        account.keep("before")
        stage.sent.clear()
        stage.run()
        if number > 1 and stage.told():
            account.back("before")
            return
        account.world.live(HOURS)
    raise AssertionError("nobody is told anything in this company")


def watch(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    dialect = stage.account.store._database.engine.dialect
    commit, send = dialect.do_commit, Console.send
    monkeypatch.setattr(dialect, "do_commit", lambda connection: stage.commits(commit, connection))

    def counted(sink: Any, to: Any, message: Any, **how: Any) -> Any:
        if stage.commits.dead:
            raise Killed
        stage.sent[message.key] += 1
        return send(sink, to, message, **how)

    monkeypatch.setattr(Console, "send", counted)
