"""A standing sandbox: companies, their ATSs and their Slacks on one clock, and the way to them.

Which connectors there are is not known here: their fakes are handed in, ready to be called.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self

from atsbridge.model import Key
from atsbridge.sandbox.company import Company, Person
from atsbridge.sandbox.http import Fake
from atsbridge.sandbox.slack import FakeSlack
from atsbridge.shared_clock import SharedClock
from atsbridge.timesource import TimeSource

OPS = "recruiting-ops"


@dataclass(frozen=True, slots=True)
class Tenant:
    """How a company's ATS is served: the connector's name, its fake, the account's `map`.

    `terminal`: its teams read on the terminal, not in a channel.
    """

    connector: str
    serve: Callable[[Company, TimeSource], Fake]
    map: Mapping[str, Any] = field(default_factory=dict)
    write: tuple[str, ...] = ("application_note",)
    terminal: bool = False


class Standing:
    """`companies` and `fakes` by account name. Entering it starts every server; leaving ends them.

    `slack`: the workspace that all accounts share; without it each account has one of its own,
    so that nothing of one can be seen by another.
    """

    def __init__(
        self,
        companies: Mapping[str, Company],
        fakes: Mapping[str, Tenant],
        slack: FakeSlack | None,
        clock: SharedClock,
    ) -> None:
        self.companies = companies
        self.tenants = fakes
        self.clock = clock
        self.fakes: dict[str, Fake] = {}
        self.slacks: dict[str, FakeSlack] = {}  # by the name of the sink
        self._sinks: dict[str, str] = {}  # account -> sink
        self._lent = slack

    def __enter__(self) -> Self:
        try:
            for account, company in self.companies.items():
                self.fakes[account] = self.tenants[account].serve(company, self.clock)
                alone = self._lent is not None or len(self.companies) == 1
                sink = "slack" if alone else f"slack_{account}"
                self._sinks[account] = sink
                if sink not in self.slacks:
                    self.slacks[sink] = self._lent or FakeSlack(company.people, self.clock, (OPS,))
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End every server that it started."""
        for fake in self.fakes.values():
            fake.close()
        for slack in self.slacks.values():
            if slack is not self._lent:
                slack.close()

    def slack_of(self, account: str) -> FakeSlack:
        """The workspace of an account."""
        return self.slacks[self._sinks[account]]

    def advance(self, to: datetime) -> None:
        """Let the clock come to `to`, and every company live until then."""
        self.clock.advance(to)
        for company in self.companies.values():
            company.advance(to)

    def nudge(self, account: str, email: str, subject: Key, at: datetime) -> datetime | None:
        """A reminder of that subject reached that person: when they will act, if it helps."""
        company = self.companies[account]
        for person in company.people:
            if person.email == email.lower():
                return company.nudge(person.id, subject, at)
        return None

    def config(self, store: str = "sqlite:///atsbridge.db") -> str:
        """An `atsbridge.toml` that leads here: accounts, offices, people, sinks, teams, clock."""
        lines = ["# The sandbox: everything in it is invented, the secrets too.", ""]
        lines += _table("store", {"url": store})
        for account in self.companies:
            lines += self._account(account)
        for account, company in self.companies.items():
            lines += [f"# The people of {account}: no ATS tells where they are."]
            lines += _places(company)
        for sink, slack in self.slacks.items():
            values = {"kind": "slack", "base_url": slack.url, "token": slack.token}
            lines += _table(f"sinks.{sink}", values)
        if any(tenant.terminal for tenant in self.tenants.values()):
            lines += _table("sinks.console", {"kind": "console"})
        first = next(iter(self.slacks))
        lines += _table("teams.recruiting_ops", {"sink": first, "to": f"channel:#{OPS}"})
        lines += _table("notify", {"dm": list(self.slacks), "ops": "recruiting_ops"})
        lines += _table("run", {"clock_file": str(self.clock.path.resolve())})
        return _once("\n".join(lines))

    def _account(self, account: str) -> Iterator[str]:
        tenant, sink = self.tenants[account], self._sinks[account]
        values = {"connector": tenant.connector, **self.fakes[account].settings}
        sinks = [sink, "console"] if tenant.terminal else [sink]
        yield from _table(
            f"accounts.{account}", {**values, "sinks": sinks, "write": list(tenant.write)}
        )
        plain = {k: v for k, v in tenant.map.items() if k not in ("stage_kind", "reason_kind")}
        if plain:
            yield from _table(f"accounts.{account}.map", plain)
        for name in ("stage_kind", "reason_kind"):
            if name in tenant.map:
                yield from _table(f"accounts.{account}.map.{name}", tenant.map[name])
        if len(self.slacks) > 1 or tenant.terminal:
            team = {"sink": sinks[-1], "to": OPS if tenant.terminal else f"channel:#{OPS}"}
            yield from _table(f"accounts.{account}.teams.recruiting_ops", team)


def _places(company: Company) -> Iterator[str]:
    seen: set[str] = set()
    for person in company.people:
        if person.office not in seen:
            seen.add(person.office)
            yield from _table(
                f"offices.{_quoted(person.office)}",
                {
                    "timezone": person.zone,
                    "country": person.country,
                    **({"region": person.region} if person.region else {}),
                },
            )
    for person in company.people:
        yield from _person(person)


def _person(person: Person) -> Iterator[str]:
    away = [
        f'{{first = {first}, last = {last}, reason = "{why}"}}' for first, last, why in person.away
    ]
    yield f"[people.{_quoted(person.email)}]"
    yield f"timezone = {_quoted(person.zone)}"
    yield f"country = {_quoted(person.country)}"
    if person.region:
        yield f"region = {_quoted(person.region)}"
    if away:
        yield f"absences = [{', '.join(away)}]"
    yield ""


def _table(name: str, values: Mapping[str, Any]) -> Iterator[str]:
    yield f"[{name}]"
    for key, value in values.items():
        yield f"{key if key.isidentifier() and key.isascii() else _quoted(key)} = {_value(value)}"
    yield ""


def _value(value: Any) -> str:
    """As TOML writes it; a table inline."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_quoted(k)} = {_value(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_value, value)) + "]"
    return json.dumps(value)  # texts, numbers and truth values are written alike


def _quoted(text: str) -> str:
    return json.dumps(text)


def _once(text: str) -> str:
    """Two companies in one town: each table is written once."""
    seen: set[str] = set()
    kept = []
    for block in text.split("\n\n"):
        name = next((line for line in block.splitlines() if line.startswith("[")), "")
        if not name or name not in seen:
            kept.append(block)
        seen.add(name)
    return "\n\n".join(kept).rstrip() + "\n"
