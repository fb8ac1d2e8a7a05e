"""The instant at which an account is evaluated: never before one at which it was evaluated.

Whatever moves a clock backward (set by hand, another host, a restored machine), no case may end,
open or repeat a message because of it. The store has the latest instant of each account. A clock
that is a little behind waits at that instant. A clock that is far behind leaves the account alone
until it has caught up, or until `atsbridge run --trust-clock` confirms it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from atsbridge.context import (
    AccountContext,
    AccountSummary,
    FailureCode,
    RunFailure,
    RunState,
    Services,
)
from atsbridge.errors import FatalError
from atsbridge.timesource import FixedNow, NeverBack

# Up to here the later instant is taken: a clock that NTP has yet to set, the clock of another
# host. Standing still for longer would evaluate at an instant that may lie far in the future.
BEHIND = timedelta(hours=1)
# From here on ops are notified: hosts that use NTP differ by less.
WORTH_REPORTING = timedelta(minutes=1)
# A jump ahead by more than this is believed once the vendor has answered: see `AccountRun`.
AHEAD = timedelta(hours=26)


def with_account_clock(
    services: Services, done: AccountSummary, *, dry_run: bool, trust: bool = False
) -> Services:
    """The services with the account's own clock; call it under the account's lock.

    `trust`: this machine's clock is right, and what the store has of later instants is set back
    (`Store.rewind`). A dry run at a given instant keeps that instant. FatalError where the clock
    is too far behind.
    """
    if dry_run and isinstance(services.time, FixedNow):
        return services
    account, now = done.account, services.time.now()
    last = RunState(services.store.run_state, account).read_last_run()
    if last is not None and now < last:
        if trust and not dry_run:
            _rewind(services, account, now)
            last = now
        elif last - now > BEHIND:
            raise FatalError(
                f"this machine's clock says {_stamp(now)}, but a run was at work at {_stamp(last)}:"
                " nothing was read, evaluated or sent",
                where=account,
                remedy="Set the clock. If it is right, and the other one was wrong: atsbridge run"
                f" --account {account} --trust-clock",
            )
        done.behind = round((last - now).total_seconds())
    return services.on_clock(NeverBack(last or now, services.time))


def is_behind(done: AccountSummary) -> bool:
    """Whether the clock was so far behind that ops should be notified."""
    return done.behind >= WORTH_REPORTING.total_seconds()


def unconfirmed_jump(context: AccountContext) -> RunFailure | None:
    """A jump ahead that nothing confirms, for a run to which the vendor has answered nothing."""
    now, last = context.fetch_time.now(), context.run_state.read_last_run()
    if last is None or now - last <= AHEAD:
        return None
    return RunFailure(
        context.account,
        f"this machine's clock says {_stamp(now)}, the last run was at {_stamp(last)}, and nothing"
        " could be read that would show whether it is right: nothing was evaluated or sent",
        "Look at the clock and at the connection",
        FailureCode.CLOCK_JUMP,
    )


def _rewind(services: Services, account: str, now: datetime) -> None:
    """Everything that was noted of later instants counts as of now; all is evaluated again."""
    services.store.rewind(account, now)
    run_state = RunState(services.store.run_state, account)
    memory = run_state.read_memory()
    if memory.at is not None:
        run_state.write_memory(replace(memory, at=min(memory.at, now), full_at=None))
    run_state.forget_nights()
    run_state.write_pair_look(now)
    run_state.set_last_run(now)


def _stamp(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
