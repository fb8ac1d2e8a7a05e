"""The result of a run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from atsbridge.context.run_failure import RunFailure
from atsbridge.presentation import count


class RunStage(StrEnum):
    """Where an account's part of a run stands. Stored with failures: a value never changes."""

    START = "start"
    SYNC = "sync"
    EVALUATE = "evaluate"
    DELIVER = "deliver"


@dataclass(slots=True)
class AccountSummary:
    """One account's part of a tick."""

    account: str
    locked: bool = False
    rule_error: str = ""
    streams: list[dict[str, Any]] = field(default_factory=list)
    requests: int = 0
    confirming: int = 0  # of them, to confirm facts before sending
    evaluated: Mapping[str, int] = field(default_factory=dict)  # state -> verdicts
    opened: int = 0
    resolved: int = 0
    cancelled: int = 0
    open: int = 0
    backlog: int = 0  # open cases that nobody is reminded of; `open` leaves them out
    notices: dict[str, int] = field(default_factory=dict)  # outcome -> count
    breaker: list[str] = field(default_factory=list)  # rules whose notices it holds
    failures: list[RunFailure] = field(default_factory=list)
    worked: set[str] = field(default_factory=set)  # what was tried and succeeded
    stage: RunStage = RunStage.START
    would: list[dict[str, Any]] = field(default_factory=list)  # what a dry run left undone
    messages: Any = None  # their texts, where they were asked for: `queries.PlannedMessages`
    full_pass: bool = False
    erased: dict[str, int] = field(default_factory=dict)  # by age: what -> rows
    seconds: float = 0.0
    without_zone: tuple[str, ...] = ()  # who owes something: addresses of colleagues
    without_country: tuple[str, ...] = ()
    behind: int = 0  # seconds that the clock was behind the last run's, which was taken instead

    @property
    def is_good(self) -> bool:
        """Whether the run did all that it had to do for the account."""
        return not (self.locked or self.failures or self.rule_error)

    def line(self) -> str:
        """The account in one line, for people."""
        if self.locked:
            return f"{self.account}: locked by another run, skipped"
        new = sum(s["new"] for s in self.streams)
        changed = sum(s["changed"] for s in self.streams)
        parts = [f"{count(self.requests, 'request')}, {new:,} new, {changed:,} changed"]
        parts.append(f"{self.opened} opened, {self.resolved} resolved, {self.open} open")
        if self.backlog:
            parts.append(f"{self.backlog:,} in the backlog")
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


@dataclass(slots=True)
class Summary:
    """A whole tick. `rule_error`: the mistakes in rules; those rules are stopped, others run."""

    at: datetime
    run_id: str = ""  # names the run in the log and in JSON
    accounts: list[AccountSummary] = field(default_factory=list)
    rule_error: str = ""
    plugins: list[RunFailure] = field(default_factory=list)  # those that were left out, and why
    dry_run: bool = False
    asides: list[RunFailure] = field(default_factory=list)  # of log, metrics and ping
    # About the settings; they stop nothing.
    warnings: list[RunFailure] = field(default_factory=list)
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
