"""A running sandbox: companies with fake ATSs and fake Slacks on one clock, and their settings."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self

from atsbridge.model import Key
from atsbridge.sandbox.chat import FakeSlack
from atsbridge.sandbox.company import Company, Person
from atsbridge.sandbox.http import Fake, FakeServer, Request, Response
from atsbridge.sandbox.inbox import FakeMailServer, list_readers, render_inbox
from atsbridge.shared_clock import SharedClock
from atsbridge.timesource import TimeSource

OPS = "recruiting-ops"
MAIL = "mail"  # the name of the sink
_SENDER = "Acme Hiring <hiring@acme.example>"
_MAIL_READERS = 4  # every fourth person reads mail in place of Slack


@dataclass(frozen=True, slots=True)
class SandboxAccount:
    """One account of the sandbox: the connector, the function that serves its fake, and its `map`.

    `terminal`: its teams read on the terminal instead of in a channel.
    """

    connector: str
    serve: Callable[[Company, TimeSource], Fake]
    map: Mapping[str, Any] = field(default_factory=dict)
    write: tuple[str, ...] = ("application_note",)
    terminal: bool = False


class RunningSandbox:
    """Companies and accounts by account name. Entering it starts every server; leaving closes them.

    `slack`: a workspace that all accounts share; the caller closes it. Without it each account has
    a workspace of its own. `inbox`: serve a page with what everybody received; then every fourth
    person reads mail in place of Slack.
    """

    def __init__(
        self,
        companies: Mapping[str, Company],
        accounts: Mapping[str, SandboxAccount],
        slack: FakeSlack | None,
        clock: SharedClock,
        *,
        inbox: bool = False,
    ) -> None:
        self.companies = companies
        self.accounts = accounts
        self.clock = clock
        self.fakes: dict[str, Fake] = {}
        self.slacks: dict[str, FakeSlack] = {}  # by the name of the sink
        self._sinks: dict[str, str] = {}  # account -> sink
        self._shared_slack = slack
        self._wants_inbox = inbox
        self.mail: FakeMailServer | None = None
        self.inbox: FakeServer | None = None

    def __enter__(self) -> Self:
        try:
            for account, company in self.companies.items():
                self.fakes[account] = self.accounts[account].serve(company, self.clock)
                alone = self._shared_slack is not None or len(self.companies) == 1
                sink = "slack" if alone else f"slack_{account}"
                self._sinks[account] = sink
                if sink not in self.slacks:
                    self.slacks[sink] = self._shared_slack or FakeSlack(
                        company.people, self.clock, (OPS,)
                    )
            if self._wants_inbox:
                self.mail = FakeMailServer()
                self.inbox = FakeServer(self._show_inbox, time=self.clock)
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close every server that it started."""
        for fake in self.fakes.values():
            fake.close()
        for slack in self.slacks.values():
            if slack is not self._shared_slack:
                slack.close()
        for one in (self.inbox, self.mail):
            if one is not None:
                one.close()

    def _show_inbox(self, request: Request) -> Response:
        """The page with everybody's inbox, as it stands."""
        if request.path != "/":
            return Response(404, b"Only / is here.", {"Content-Type": "text/plain"})
        readers = list_readers(self.companies, self.slacks, self.mail)
        page = render_inbox(readers, f"It is {self.clock.now():%A %d %B %Y, %H:%M} UTC here")
        headers = {
            "Content-Type": "text/html; charset=utf-8",
            "Cache-Control": "no-store",
            "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
        }
        return Response(200, page.encode(), headers)

    def find_slack(self, account: str) -> FakeSlack:
        """The workspace of an account."""
        return self.slacks[self._sinks[account]]

    def advance(self, to: datetime) -> None:
        """Move the clock to `to`, and play the events of every company up to then."""
        self.clock.advance(to)
        for company in self.companies.values():
            company.advance(to)

    def nudge(self, account: str, email: str, subject: Key, at: datetime) -> datetime | None:
        """Remind a person of a subject; return when they will act, or None if nothing changes."""
        company = self.companies[account]
        for person in company.people:
            if person.email == email.lower():
                return company.nudge(person.id, subject, at)
        return None

    def config(self, store: str = "sqlite:///atsbridge.db") -> str:
        """The text of an `atsbridge.toml` for this sandbox; `store` is the store's URL."""
        lines = ["# The sandbox: everything in it is invented, including the secrets.", ""]
        lines += _format_table("store", {"url": store})
        for account in self.companies:
            lines += self._format_account(account)
        for account, company in self.companies.items():
            lines += [f"# The people of {account}: an ATS does not know their time zones."]
            lines += _format_offices(company, MAIL if self.mail is not None else "")
        for sink, slack in self.slacks.items():
            values = {"kind": "slack", "base_url": slack.url, "token": slack.token}
            lines += _format_table(f"sinks.{sink}", values)
        if self.mail is not None:
            server = {"kind": "email", "host": "127.0.0.1", "port": self.mail.port}
            lines += _format_table(f"sinks.{MAIL}", {**server, "sender": _SENDER})
        if any(one.terminal for one in self.accounts.values()):
            lines += _format_table("sinks.console", {"kind": "console"})
        first = next(iter(self.slacks))
        lines += _format_table("teams.recruiting_ops", {"sink": first, "to": f"channel:#{OPS}"})
        lines += _format_table(
            "notify", {"dm": [*self.slacks, *self._mail_sinks()], "ops": "recruiting_ops"}
        )
        lines += _format_table("run", {"clock_file": str(self.clock.path.resolve())})
        return _drop_repeated_tables("\n".join(lines))

    def _mail_sinks(self) -> list[str]:
        return [MAIL] if self.mail is not None else []

    def _format_account(self, account: str) -> Iterator[str]:
        its, sink = self.accounts[account], self._sinks[account]
        values = {"connector": its.connector, **self.fakes[account].settings}
        sinks = [sink, *self._mail_sinks(), *(["console"] if its.terminal else [])]
        # The accounts share a clock that jumps when one of them waits: it measures no request.
        values["max_request_time"] = "30d"
        yield from _format_table(
            f"accounts.{account}", {**values, "sinks": sinks, "write": list(its.write)}
        )
        plain = {k: v for k, v in its.map.items() if k not in ("stage_kind", "reason_kind")}
        if plain:
            yield from _format_table(f"accounts.{account}.map", plain)
        for name in ("stage_kind", "reason_kind"):
            if name in its.map:
                yield from _format_table(f"accounts.{account}.map.{name}", its.map[name])
        if len(self.slacks) > 1 or its.terminal:
            team = {
                "sink": "console" if its.terminal else sink,
                "to": OPS if its.terminal else f"channel:#{OPS}",
            }
            yield from _format_table(f"accounts.{account}.teams.recruiting_ops", team)


def _format_offices(company: Company, mail: str) -> Iterator[str]:
    seen: set[str] = set()
    for person in company.people:
        if person.office not in seen:
            seen.add(person.office)
            yield from _format_table(
                f"offices.{_quote(person.office)}",
                {
                    "timezone": person.zone,
                    "country": person.country,
                    **({"region": person.region} if person.region else {}),
                },
            )
    for number, person in enumerate(company.people):
        yield from _format_person(person, "" if number % _MAIL_READERS else mail)


def _format_person(person: Person, prefer: str) -> Iterator[str]:
    away = [
        f'{{first = {first}, last = {last}, reason = "{why}"}}' for first, last, why in person.away
    ]
    yield f"[people.{_quote(person.email)}]"
    yield f"timezone = {_quote(person.zone)}"
    yield f"country = {_quote(person.country)}"
    if person.region:
        yield f"region = {_quote(person.region)}"
    if prefer:
        yield f"prefer = {_quote(prefer)}"
    if away:
        yield f"absences = [{', '.join(away)}]"
    yield ""


def _format_table(name: str, values: Mapping[str, Any]) -> Iterator[str]:
    yield f"[{name}]"
    for key, value in values.items():
        plain = key.isidentifier() and key.isascii()
        yield f"{key if plain else _quote(key)} = {_format_value(value)}"
    yield ""


def _format_value(value: Any) -> str:
    """A value in TOML; a mapping becomes an inline table."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_quote(k)} = {_format_value(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_format_value, value)) + "]"
    return json.dumps(value)  # JSON and TOML write texts, numbers and booleans alike


def _quote(text: str) -> str:
    return json.dumps(text)


def _drop_repeated_tables(text: str) -> str:
    """Keep the first of repeated tables: two companies may share an office."""
    seen: set[str] = set()
    kept = []
    for block in text.split("\n\n"):
        name = next((line for line in block.splitlines() if line.startswith("[")), "")
        if not name or name not in seen:
            kept.append(block)
        seen.add(name)
    return "\n\n".join(kept).rstrip() + "\n"
