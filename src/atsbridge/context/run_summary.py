"""The result of a run as plain values, for the command line, `--json` and plugins."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from atsbridge.errors import AtsbridgeError, ErrorCode
from atsbridge.presentation import count

_NAMED = 3  # places named of those that fail alike; the rest is counted


STILL = "still"  # the code of a failure that goes on and was not tried again


@dataclass(frozen=True, slots=True)
class RunFailure:
    """Something that went wrong and the tick went on: where, what, and the remedy.

    `place`: what was tried (a list, a sink, a stage of the run), as a try that succeeds is noted
    among `worked`; else `where`. `code`: what kind of failure it was; else `what` tells.
    """

    where: str
    what: str
    remedy: str = ""
    place: str = ""
    code: str = ""

    @property
    def tried(self) -> str:
        """What was tried."""
        return self.place or self.where

    def __str__(self) -> str:
        text = f"{self.where}: {self.what}" if self.where else self.what
        return f"{text}. {self.remedy}" if self.remedy else text


def failure(where: str, error: AtsbridgeError, place: str = "") -> RunFailure:
    """The failure of a step of the run."""
    return RunFailure(
        error.where or where, error.what, error.remedy, place or where, code_of(error)
    )


def code_of(error: AtsbridgeError) -> ErrorCode:
    """The kind of an error; an error class of a plugin has the kind of ours that it extends."""
    return error.code


def describe_failures(failures: Iterable[RunFailure]) -> list[str]:
    """One line for all failures with the same cause and remedy."""
    places: dict[tuple[str, str], list[str]] = {}
    for failure in failures:
        places.setdefault((failure.what, failure.remedy), []).append(failure.where)
    return [str(RunFailure(_places(where), *cause)) for cause, where in places.items()]


def _places(where: list[str]) -> str:
    """ "acme/users, offices and 15 more": the name of an account is written once."""
    names = list(dict.fromkeys(where))
    account = names[0].partition("/")[0]
    rest = [name.removeprefix(f"{account}/") for name in names[1:]]
    text = ", ".join((names[0], *rest[: _NAMED - 1]))
    return f"{text} and {len(names) - _NAMED} more" if len(names) > _NAMED else text


@dataclass(slots=True)
class AccountSummary:
    """One account's part of a tick."""

    account: str
    locked: bool = False
    rule_error: str = ""
    streams: list[dict[str, Any]] = field(default_factory=list)
    requests: int = 0
    confirming: int = 0  # of them, to confirm what was about to go out
    evaluated: Mapping[str, int] = field(default_factory=dict)  # state -> verdicts
    opened: int = 0
    resolved: int = 0
    cancelled: int = 0
    open: int = 0
    notices: dict[str, int] = field(default_factory=dict)  # outcome -> count
    breaker: list[str] = field(default_factory=list)  # rules whose notices it holds
    failures: list[RunFailure] = field(default_factory=list)
    worked: set[str] = field(default_factory=set)  # what was tried and succeeded
    stage: str = "start"  # where the tick stands: sync, judge or deliver
    would: list[dict[str, Any]] = field(default_factory=list)  # what a dry run left undone
    full_pass: bool = False
    erased: dict[str, int] = field(default_factory=dict)  # by age: what -> rows
    seconds: float = 0.0
    without_zone: tuple[str, ...] = ()  # who owes something: addresses of colleagues
    without_country: tuple[str, ...] = ()
    behind: int = 0  # seconds that the clock was behind the last run's, which was taken instead

    def line(self) -> str:
        """The account in one line, for people."""
        if self.locked:
            return f"{self.account}: locked by another tick, skipped"
        new = sum(s["new"] for s in self.streams)
        changed = sum(s["changed"] for s in self.streams)
        parts = [f"{count(self.requests, 'request')}, {new:,} new, {changed:,} changed"]
        parts.append(f"{self.opened} opened, {self.resolved} resolved, {self.open} open")
        sent = self.notices.get("sent", 0)
        parts.append(f"{sent} sent" + (f", {len(self.failures)} failed" if self.failures else ""))
        if waits := self.notices.get("held", 0):
            parts.append(f"{waits} held")
        if self.breaker:
            parts.append(f"the breaker holds {', '.join(self.breaker)}")
        if self.without_zone:
            people = count(len(self.without_zone), "person", "people")
            parts.append(f"{people} without a time zone (see doctor)")
        if self.behind:
            parts.append(f"the clock was {self.behind:,} s behind the last run, whose time counted")
        return f"{self.account}: " + "; ".join(parts)


def _plain(account: AccountSummary) -> dict[str, Any]:
    """Without what only the next run's news needs."""
    found = asdict(account)
    return {name: value for name, value in found.items() if name not in ("worked", "stage")}


@dataclass(slots=True)
class Summary:
    """A whole tick. `rule_error`: the mistakes in rules; those rules are stopped, others run."""

    at: datetime
    run_id: str = ""  # names the run in the log and in JSON
    accounts: list[AccountSummary] = field(default_factory=list)
    rule_error: str = ""
    plugins: list[RunFailure] = field(default_factory=list)  # those that were left out, and why
    dry_run: bool = False
    asides: list[RunFailure] = field(default_factory=list)  # what could not be told of it elsewhere
    warnings: list[RunFailure] = field(
        default_factory=list
    )  # about the settings; they stop nothing
    worked: set[str] = field(default_factory=set)  # of plugins and asides: what succeeded

    @property
    def failures(self) -> list[RunFailure]:
        """Every failure: of the plugins, then in order of account."""
        own = [failure for account in self.accounts for failure in account.failures]
        return [*self.plugins, *own]

    def line(self) -> str:
        """The tick in one line, for people."""
        done = [one for one in self.accounts if not one.locked]
        notices = Counter[str]()
        for one in done:
            notices.update(one.notices)
        seconds = max((one.seconds for one in done), default=0.0)
        if self.accounts and not done:
            return "Another tick is at work; this one left it alone"
        parts = [f"{count(len(done), 'account')} in {seconds:.1f} s"]
        parts.append(count(sum(one.requests for one in done), "request"))
        parts.append(count(sum(one.open for one in done), "open case"))
        parts.append(f"{notices['sent']:,} sent")
        if self.failures:
            parts.append(f"{len(self.failures)} failed")
        return "; ".join(parts)

    @property
    def exit_code(self) -> int:
        """0 fine; 1 something failed; 2 the rules are wrong; 3 held; 4 every account was locked."""
        if self.rule_error:
            return 2
        if self.accounts and all(account.locked for account in self.accounts):
            return 4
        if self.failures:
            return 1
        return 3 if any(account.breaker for account in self.accounts) else 0

    def as_dict(self) -> dict[str, Any]:
        """Plain values; instants as ISO 8601 in UTC."""
        return {
            "at": self.at.isoformat(),
            "run": self.run_id,
            "exit": self.exit_code,
            "dry_run": self.dry_run,
            "rule_error": self.rule_error,
            "plugins": [asdict(failure) for failure in self.plugins],
            "asides": [asdict(failure) for failure in self.asides],
            "warnings": [asdict(failure) for failure in self.warnings],
            "accounts": [_plain(account) for account in self.accounts],
        }
