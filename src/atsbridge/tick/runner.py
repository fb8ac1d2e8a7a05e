"""One run over all accounts: each on its own, none able to stop another."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from atsbridge.context import (
    AccountSummary,
    FailureCode,
    RunFailure,
    RunOutcome,
    RunStage,
    RunState,
    Services,
    Summary,
    code_of,
    failure,
    refresh_absences,
)
from atsbridge.errors import AtsbridgeError, ConfigError, LockedError, RuleError, StoreError
from atsbridge.tick.account_run import AccountRun
from atsbridge.tick.reports import publish
from atsbridge.tick.run_instant import with_account_clock
from atsbridge.tick.run_options import RunObserver, RunOptions, make_run_id
from atsbridge.timesource import resume, stop

if TYPE_CHECKING:
    from datetime import datetime

    from atsbridge.tick.reports import Journal

_ACCOUNTS_AT_ONCE = 8
_NEW_OBJECTS = 50_000  # after so many, look for garbage among them; Python's default is 700
_SHARED = threading.Lock()  # whoever has it gathers what concerns all accounts
GRACE = 3.0  # seconds the accounts have to end in order after Ctrl-C


def tick(services: Services, options: RunOptions, observer: RunObserver | None = None) -> Summary:
    """Read, evaluate, decide and deliver for each account, several at a time.

    A fault of one account, or of ours in it, is a failure in the summary; a mistake in a rule
    stops that rule only, and is in the summary too. ConfigError for an account nobody configured.
    """
    now = services.time.now()
    run_id = options.run_id or make_run_id(now)
    summary = Summary(at=now, run_id=run_id, dry_run=options.dry_run)
    observer = observer or RunObserver()
    journal = None if options.dry_run else publish.journal(services, run_id)
    for name in options.accounts:
        services.account(name)
    if options.sync:
        from atsbridge.sync import sync  # noqa: F401  loaded before the accounts share it
    _ = services.store  # opened and migrated before the accounts share it

    absences = _read_absences(services) if options.sync else []
    _collect_from_now()

    def run_one(name: str) -> AccountSummary:
        watch = publish.noted(journal, observer.watch)
        done = _run_account(services, name, options, replace(observer, watch=watch), journal)
        if journal is not None:
            journal.account(done)
        if not (options.dry_run or done.locked):
            _note_outcome(services, summary.at, done)
        return done

    at_once = min(_ACCOUNTS_AT_ONCE, services.store.at_once or _ACCOUNTS_AT_ONCE)
    summary.accounts = _run_together(run_one, options.accounts, at_once)
    _finish(services, summary, absences)
    if not options.dry_run:
        publish.report(services, summary, journal)
    return summary


def _collect_from_now() -> None:
    """Look for garbage from now on, if the command turned that off while it loaded.

    What was loaded stays: no need to look through it again. Once only, because what is frozen is
    never freed, and a process may run several times. A first run keeps hundreds of thousands of
    verdicts to its end; looking through them every 700 objects took a twelfth of it.
    """
    if not gc.isenabled():
        gc.freeze()
        gc.set_threshold(_NEW_OBJECTS)
        gc.enable()


def tick_account(services: Services, account: str, run_id: str = "") -> Summary:
    """A whole run of one account, as `tick`, for a process that runs many of them.

    It is in the log and in `status`. Metrics and ping, which are about all accounts, are left to
    the caller. `run_id`: "" for a new one. Several threads may call it.
    """
    now = services.time.now()
    run_id = run_id or make_run_id(now)
    journal = publish.journal(services, run_id)
    observer = RunObserver(watch=publish.noted(journal, None))
    options = RunOptions(accounts=(account,), run_id=run_id)
    absences = _read_absences(services)
    done = _run_account(services, account, options, observer, journal)
    summary = Summary(at=now, run_id=run_id, accounts=[done])
    if not done.locked:
        _note_outcome(services, now, done)
    with _SHARED:
        _finish(services, summary, absences)
    if journal is not None:
        journal.account(done)
        journal.tick(summary)
    return summary


def refresh_hinted(services: Services, account: str) -> AccountSummary:
    """Read again what webhooks named, evaluate and deliver: a run of one account without its lists.

    It holds the account's lock as any run; `locked` where another run holds it. The log has a line
    for it if something was read or sent; metrics and ping are those of whole runs.
    """
    run_id = make_run_id(services.time.now())
    journal = publish.journal(services, run_id)
    observer = RunObserver(watch=publish.noted(journal, None))
    options = RunOptions(accounts=(account,), run_id=run_id, sync=False)
    done = _run_account(services, account, options, observer, journal)
    if journal is not None and not done.locked:
        journal.account(done)
    return done


def _note_outcome(services: Services, at: datetime, done: AccountSummary) -> None:
    """Keep how the run ended, for `status`. A store that takes no write is a failure already."""
    problems = tuple((one.where, one.what, one.remedy) for one in done.failures)
    outcome = RunOutcome(at, done.seconds, problems, tuple(done.breaker))
    run_state = RunState(services.store.run_state, done.account)
    with suppress(StoreError):
        run_state.write_outcome(outcome)
        if done.is_good:
            run_state.note_success(services.time.now())


def _read_absences(services: Services) -> list[ConfigError]:
    """Read absence calendars that are due; the errors of those that could not be read."""
    try:
        return refresh_absences(services)
    except StoreError:
        return []  # each account reports the store


def _finish(services: Services, summary: Summary, absences: list[ConfigError]) -> None:
    """Add what concerns the whole run: errors in rules, plugins, and around the settings."""
    summary.rule_error = next((one.rule_error for one in summary.accounts if one.rule_error), "")
    warnings = [*services.find_warnings(), *absences]
    summary.warnings = [
        RunFailure(one.where, one.what, one.remedy, code_of(one), detail=one.what)
        for one in warnings
    ]
    summary.plugins = _find_plugin_failures(services)
    if services.plugins.observes_runs:
        services.plugins.tick_finished(_describe_run(summary))
        summary.plugins = _find_plugin_failures(services)  # those of the observers, too
    summary.worked |= services.plugins.worked


def _describe_run(summary: Summary) -> Mapping[str, Any]:
    """The document that `run --json` prints, without texts about people."""
    from atsbridge.tick.reports import DOCUMENT_VERSION, make_run_document

    return {"version": DOCUMENT_VERSION, **make_run_document(summary, texts=False)}


def _find_plugin_failures(services: Services) -> list[RunFailure]:
    return [
        RunFailure(
            f"plugin {one.plugin}",
            one.what,
            one.remedy,
            FailureCode.PLUGIN_LEFT_OUT,
            one.place,
            one.what,
        )
        for one in services.plugins.troubles
    ]


def _run_together(
    run_one: Callable[[str], AccountSummary], accounts: Iterable[str], at_once: int
) -> list[AccountSummary]:
    """Run all accounts, several at a time. After Ctrl-C their waits end at once."""
    pool = ThreadPoolExecutor(max_workers=at_once)
    futures = [pool.submit(run_one, name) for name in accounts]
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


def _run_account(
    services: Services,
    name: str,
    options: RunOptions,
    observer: RunObserver,
    log: Journal | None,
) -> AccountSummary:
    """Run one account under its lock; whatever stops it is a failure in its summary."""
    done = AccountSummary(name)
    began = services.time.monotonic()
    try:
        with services.store.lock(name):
            own = with_account_clock(
                services, done, dry_run=options.dry_run, trust=options.trust_clock
            )
            AccountRun(own, done, options, observer.progress, observer.watch).run()
        done.worked.add(_place(done, RunStage.START))
    except LockedError:
        done.locked = True
    except RuleError as error:
        done.rule_error = str(error)
    except StoreError as error:
        what = f"{error.what} ({error.where})" if error.where else error.what
        place = _place(done, done.stage)
        done.failures.append(RunFailure(f"{name}/store", what, error.remedy, code_of(error), place))
    except AtsbridgeError as error:
        done.failures.append(failure(name, error, _place(done, done.stage)))
    except Exception as error:  # noqa: BLE001  our own fault costs one account, not the run
        from atsbridge.tick.reports import fault, frames

        ours = fault(name, error, str(log.path) if log else "")
        done.failures.append(replace(ours, place=_place(done, done.stage)))
        if log is not None:
            log.fault(name, type(error).__name__, frames(error))
    done.seconds = round(services.time.monotonic() - began, 3)
    return done


def _place(done: AccountSummary, stage: RunStage) -> str:
    return f"{done.account}/run/{stage}"
