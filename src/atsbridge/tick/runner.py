"""One tick over all accounts: each on its own, none able to stop another.

What happens within an account is `account`'s; printing is `cli`'s.
"""

from __future__ import annotations

import gc
import json
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import astuple, dataclass, replace
from importlib import import_module
from typing import TYPE_CHECKING, Any

from atsbridge.context import AccountSummary, Failure, Services, Summary, code_of, failure, told
from atsbridge.errors import AtsbridgeError, LockedError, RuleError, StoreError
from atsbridge.tick.account_run import AccountTick, night
from atsbridge.tick.reports import publish
from atsbridge.tick.run_instant import present
from atsbridge.timesource import resume, stop

if TYPE_CHECKING:
    from atsbridge.model import Message, Notice
    from atsbridge.ports import Store
    from atsbridge.sync import Estimate
    from atsbridge.tick.reports import Journal

_ACCOUNTS_AT_ONCE = 8
GRACE = 3.0  # seconds the accounts have to end in order after Ctrl-C


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What a tick is asked to do. `accounts`: names, in the order of the summary."""

    accounts: tuple[str, ...]
    sync: bool = True
    judge: bool = True
    dry_run: bool = False
    full: bool = False
    accept_gone: frozenset[str] = frozenset()
    trust_clock: bool = False  # though an earlier run saw a later instant
    accept_empty: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Observer:
    """Who looks on while a tick runs; called from the accounts' own threads.

    `progress`: an account, and where its sync stands. `watch`: a message that just went out.
    """

    progress: Callable[[str, Any], None] | None = None
    watch: Callable[[Notice, Message], None] | None = None


def tick(app: Services, options: Options, observer: Observer | None = None) -> Summary:
    """Read, judge, decide and deliver for each account, several at a time.

    A fault of one account, or of ours in it, is a failure in the summary; a mistake in a rule
    stops that rule only, and is in the summary too. ConfigError for an account nobody configured.
    """
    summary = Summary(at=app.time.now(), dry_run=options.dry_run)
    observer = observer or Observer()
    journal = None if options.dry_run else publish.journal(app)
    for name in options.accounts:
        app.account(name)
    if options.sync:
        import_module("atsbridge.sync.engine")
    _ = app.store  # opened and migrated before the accounts share it

    gc.freeze()  # what was loaded so far stays: no need to look through it again and again
    gc.enable()

    def one(name: str) -> AccountSummary:
        seen = publish.noted(journal, observer.watch)
        done = _account(app, name, options, replace(observer, watch=seen), journal)
        if journal is not None:
            journal.account(done)
        return done

    at_once = min(_ACCOUNTS_AT_ONCE, app.store.at_once or _ACCOUNTS_AT_ONCE)
    summary.accounts = _together(one, options.accounts, at_once)
    summary.rule_error = next((one.rule_error for one in summary.accounts if one.rule_error), "")
    app.plugins.tick_finished(summary.as_dict())
    summary.plugins = [
        Failure(f"plugin {one.plugin}", one.what, one.remedy, place=one.place)
        for one in app.plugins.troubles
    ]
    summary.warnings = [Failure(one.where, one.what, one.remedy) for one in app.find_warnings()]
    summary.worked |= app.plugins.worked
    if not options.dry_run:
        publish.report(app, summary, journal)
    return summary


def _together(
    one: Callable[[str], AccountSummary], accounts: Iterable[str], at_once: int
) -> list[AccountSummary]:
    """All accounts, several at a time. After Ctrl-C their waits end at once."""
    pool = ThreadPoolExecutor(max_workers=at_once)
    futures = [pool.submit(one, name) for name in accounts]
    try:
        found = [future.result() for future in futures]
    except BaseException:
        stop()
        pool.shutdown(wait=False, cancel_futures=True)
        if not wait(futures, timeout=GRACE).not_done:
            resume()
        raise
    pool.shutdown()
    return found


def _account(
    app: Services,
    name: str,
    options: Options,
    observer: Observer,
    log: Journal | None,
) -> AccountSummary:
    """One account under its lock; whatever stops it is written down, and the others go on."""
    done = AccountSummary(name)
    began = app.time.monotonic()
    try:
        with app.store.lock(name):
            own = present(app, name, done, dry_run=options.dry_run, trust=options.trust_clock)
            AccountTick(own, name, done, observer.progress, observer.watch).run(options)
        done.worked.add(_place(done, "start"))
    except LockedError:
        done.locked = True
    except RuleError as error:
        done.rule_error = str(error)
    except StoreError as error:
        what = f"{error.what} ({error.where})" if error.where else error.what
        place = _place(done, done.stage)
        done.failures.append(Failure(f"{name}/store", what, error.remedy, place, code_of(error)))
    except AtsbridgeError as error:
        done.failures.append(failure(name, error, _place(done, done.stage)))
    except Exception as error:  # noqa: BLE001  our own fault costs one account, not the tick
        from atsbridge.tick.reports import fault, frames

        ours = fault(name, error, str(log.path) if log else "")
        done.failures.append(replace(ours, place=_place(done, done.stage)))
        if log is not None:
            log.fault(name, type(error).__name__, frames(error))
    done.seconds = round(app.time.monotonic() - began, 3)
    return done


def _place(done: AccountSummary, stage: str) -> str:
    return f"{done.account}/run/{stage}"


def plan_requests(
    app: Services, options: Options, active: int | None = None
) -> dict[str, tuple[Estimate, ...]]:
    """What a sync would cost: account -> an estimate per stream. Sends nothing.

    `active`: applications to count with where nothing has been read yet.
    """
    from atsbridge.sync import Asked, parse, plan

    now = app.time.now()
    found = {}
    for name in options.accounts:
        history = app.account(name).history
        nightly = bool(night(app, name))
        asked = Asked(full=options.full, nightly=nightly, history=history, active=active)
        spec = app.spec(name)
        account_map = parse(app.account(name).map, name, spec.streams)
        found[name] = plan(spec, app.store.records, name, now, asked, account_map)
    return found


def news(app: Services, summary: Summary) -> Iterator[str]:
    """What newly failed or recovered since the tick before, in words; then remembered.

    cron mails every line it sees: a fault that stays is told once, and once when it is over. It is
    over when what had failed was tried again and succeeded; what was not tried stays remembered.
    What a store that cannot be written does not remember is told again.
    """
    rules = [Failure("", summary.rule_error, place="rules")] if summary.rule_error else []
    present: dict[str, list[Failure]] = {"[settings]": summary.warnings, "[rules]": rules}
    present |= {"[plugins]": summary.plugins, "[asides]": summary.asides}
    accounts = {one.account: one for one in summary.accounts if not one.locked}
    present |= {name: one.failures for name, one in accounts.items()}
    read = any(f"{name}/rules" in one.worked for name, one in accounts.items())
    before = {name: _kept(app.store, name) for name in present}
    settings = {kept.tried for kept in before["[settings]"]}  # all of them were read just now
    worked = summary.worked | settings | ({"rules"} if read else set())
    new = [
        one
        for name, failures in present.items()
        for one in failures
        if not any(_same(one, kept) for kept in before[name])
    ]
    yield from told(new)
    over: list[Failure] = []
    for name, failures in present.items():
        failing = {one.tried for one in failures}
        at = {(one.tried, one.where) for one in failures}
        gone = [kept for kept in before[name] if (kept.tried, kept.where) not in at]
        good = accounts[name].worked if name in accounts else worked
        over += [Failure(kept.where, kept.what) for kept in gone if kept.tried in good]
        still = [kept for kept in gone if kept.tried not in good | failing]
        if [*failures, *still] != before[name]:
            _keep(app.store, name, [*failures, *still])
    yield from (f"recovered: {line}" for line in told(over))


def misconfigured(store: Store, mistake: str) -> bool:
    """Whether this mistake in the settings is news; then it is remembered, and over with `news`."""
    found = [Failure("settings", mistake)]
    if _kept(store, "[settings]") == found:
        return False
    _keep(store, "[settings]", found)
    return True


def _same(one: Failure, other: Failure) -> bool:
    """Whether two failures are one: of what was tried, at one place, and of one kind."""
    if (one.tried, one.where) != (other.tried, other.where):
        return False
    return one.code == other.code if one.code or other.code else one.what == other.what


def _kept(store: Store, name: str) -> list[Failure]:
    try:
        kept = store.run_state.get(f"failures/{name}")
    except StoreError:
        return []
    return [Failure(*row) for row in json.loads(kept)] if kept else []


def _keep(store: Store, name: str, failures: Iterable[Failure]) -> None:
    rows = [astuple(one) for one in failures]
    with suppress(StoreError):  # it is among the failures already
        store.run_state.put(f"failures/{name}", json.dumps(rows).encode())
