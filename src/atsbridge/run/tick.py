"""One tick over all accounts: each on its own, none able to stop another.

What happens within an account is `account`'s; printing is `cli`'s.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from atsbridge.errors import AtsbridgeError, LockedError, RuleError
from atsbridge.model.notice import Message, Notice
from atsbridge.rules.rule import Rule
from atsbridge.run.account import AccountTick
from atsbridge.run.summary import AccountSummary, Failure, Summary
from atsbridge.run.wiring import Wiring

if TYPE_CHECKING:
    from atsbridge.sync.estimate import Estimate

_ACCOUNTS_AT_ONCE = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What a tick is asked to do. `accounts`: names, in the order of the summary."""

    accounts: tuple[str, ...]
    sync: bool = True
    judge: bool = True
    dry_run: bool = False
    full: bool = False
    accept_gone: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Observer:
    """Who looks on while a tick runs; called from the accounts' own threads.

    `progress`: an account, and where its sync stands. `watch`: a message that just went out.
    """

    progress: Callable[[str, Any], None] | None = None
    watch: Callable[[Notice, Message], None] | None = None


def tick(app: Wiring, options: Options, observer: Observer | None = None) -> Summary:
    """Read, judge, decide and deliver for each account, several at a time.

    A fault of one account is a failure in the summary; a mistake in the rules means that all
    are read and nothing is judged or sent. ConfigError for an account nobody configured.
    """
    summary = Summary(at=app.time.now(), dry_run=options.dry_run)
    for name in options.accounts:
        app.account(name)
    rules: Mapping[str, Rule] | None = None
    if options.judge:
        try:
            rules = app.rules.rules
        except RuleError as error:
            summary.rule_error = str(error)
    _ = app.store  # opened and migrated before the accounts share it

    def one(name: str) -> AccountSummary:
        return _account(app, name, options, rules, observer or Observer())

    with ThreadPoolExecutor(max_workers=_ACCOUNTS_AT_ONCE) as pool:
        summary.accounts = list(pool.map(one, options.accounts))
    app.plugins.tick_finished(summary.as_dict())
    return summary


def _account(
    app: Wiring,
    name: str,
    options: Options,
    rules: Mapping[str, Rule] | None,
    observer: Observer,
) -> AccountSummary:
    """One account under its lock; whatever stops it is written down, and the others go on."""
    done = AccountSummary(name)
    began = app.time.monotonic()
    try:
        with app.store.lock(name):
            AccountTick(app, name, done, observer.progress, observer.watch).run(options, rules)
    except LockedError:
        done.locked = True
    except AtsbridgeError as error:
        done.failures.append(Failure(error.where or name, error.what, error.remedy))
    done.seconds = round(app.time.monotonic() - began, 3)
    return done


def plan_requests(app: Wiring, options: Options) -> dict[str, tuple[Estimate, ...]]:
    """What a sync would cost: account -> an estimate per stream. Sends nothing."""
    from atsbridge.sync.estimate import plan

    return {
        name: plan(app.spec(name), app.store, name, full=options.full) for name in options.accounts
    }


def news(app: Wiring, summary: Summary) -> Iterator[str]:
    """What newly failed or recovered since the tick before, one line each; then remembered.

    cron mails every line it sees: a fault that stays is told once, and once when it is over.
    """
    for account in summary.accounts:
        if account.locked:
            continue
        key = f"failures/{account.account}"
        before = _lines(app.store.cache_get(key))
        present = [str(failure) for failure in account.failures]
        yield from (line for line in present if line not in before)
        yield from (f"recovered: {line}" for line in before if line not in present)
        if present != before:
            app.store.cache_put(key, "\n".join(present).encode())


def _lines(kept: bytes | None) -> list[str]:
    return kept.decode().splitlines() if kept else []
