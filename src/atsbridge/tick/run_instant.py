"""The instant at which a run judges an account: never before one at which it was judged already.

A clock that was set back, another host's, a restored machine's: whatever the cause, time that goes
back must end, open and repeat nothing. The store keeps the latest instant of each account. A clock
a little behind it waits at that instant; one far behind it leaves the account alone, until it has
caught up or `atsbridge run --trust-clock` says that it is right.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from atsbridge.context import AccountSummary, Failure, Services, recall, remember
from atsbridge.errors import FatalError
from atsbridge.timesource import FixedNow, NeverBack

if TYPE_CHECKING:
    from atsbridge.ports import Store

# Up to here the later instant is taken: a clock that NTP has yet to set, the clock of another
# host. Standing still for longer would judge by an instant that may lie far in the future.
BEHIND = timedelta(hours=1)
# From here on it is worth a word: hosts kept by NTP differ by less.
WORTH_SAYING = timedelta(minutes=1)
# A jump ahead by more than this is believed once the vendor has answered: see `AccountTick`.
AHEAD = timedelta(hours=26)


def seen(store: Store, account: str) -> datetime | None:
    """The latest instant at which a run was at work on the account; None before the first."""
    kept = store.run_state.get(_key(account))
    return datetime.fromisoformat(kept.decode()) if kept else recall(store.run_state, account).at


def note(store: Store, account: str, now: datetime) -> None:
    """Keep the instant; an earlier one than is kept changes nothing."""
    last = store.run_state.get(_key(account))
    if not last or datetime.fromisoformat(last.decode()) < now:
        store.run_state.put(_key(account), now.isoformat().encode())


def present(
    app: Services, account: str, done: AccountSummary, *, dry_run: bool, trust: bool = False
) -> Services:
    """The application with the account's own clock; call it under the account's lock.

    `trust`: this machine's clock is right, and what the store has of later instants is set back
    (`Store.rewind`). A dry run at a given instant keeps that instant. FatalError where the clock
    is too far behind.
    """
    if dry_run and isinstance(app.time, FixedNow):
        return app
    now, last = app.time.now(), seen(app.store, account)
    if last is not None and now < last:
        if trust and not dry_run:
            _rewind(app.store, account, now)
            last = now
        elif last - now > BEHIND:
            raise FatalError(
                f"this machine's clock says {_stamp(now)}, but a run was at work at {_stamp(last)}:"
                " nothing was read, judged or sent",
                where=account,
                remedy="Set the clock. If it is right, and the other one was wrong: atsbridge run"
                f" --account {account} --trust-clock",
            )
        done.behind = round((last - now).total_seconds())
    return app.on_clock(NeverBack(last or now, app.time))


def behind(done: AccountSummary) -> bool:
    """Whether the clock was so far behind that people should hear of it."""
    return done.behind >= WORTH_SAYING.total_seconds()


def unsure(app: Services, account: str) -> Failure | None:
    """A jump ahead that nothing confirms, for a run whose lists could none of them be read."""
    now, last = app.time.now(), seen(app.store, account)
    if last is None or now - last <= AHEAD:
        return None
    return Failure(
        account,
        f"this machine's clock says {_stamp(now)}, the last run was at {_stamp(last)}, and nothing"
        " could be read that would show whether it is right: nothing was judged or sent",
        "Look at the clock and at the connection",
    )


def _rewind(store: Store, account: str, now: datetime) -> None:
    """Everything that was noted of later instants counts as of now, and all is judged again."""
    store.rewind(account, now)
    memory = recall(store.run_state, account)
    if memory.at is not None:
        remember(store.run_state, account, replace(memory, at=min(memory.at, now), full_at=None))
    for key in ("night", "expired"):
        store.run_state.put(f"{key}/{account}", b"")
    store.run_state.put(_key(account), now.isoformat().encode())


def _key(account: str) -> str:
    return f"clock/{account}"


def _stamp(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
