"""The outbox emptied: claim, confirm, send, settle; one notice at a time, each on its own.

Who gets a notice was decided in `cases`; what a notice needs to be sent is in `sending`; how it
travels is its sink's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial

from atsbridge.cases import Attention, Directory, hash_parts
from atsbridge.delivery.batch_messages import FindSuppression
from atsbridge.delivery.confirmation import LookAgain, confirm
from atsbridge.delivery.delivery_report import (
    DeliveryFailure,
    DeliveryReport,
    failure,
    given_up,
    refused,
)
from atsbridge.delivery.failover import Ways
from atsbridge.delivery.redirect import redirected
from atsbridge.delivery.sender import Sending
from atsbridge.delivery.sink_guard import Guarded
from atsbridge.delivery.stages import moved_on
from atsbridge.errors import (
    AtsbridgeError,
    AuthError,
    DeniedError,
    FatalError,
    RetryableError,
    StoreError,
)
from atsbridge.model import (
    ENDS,
    DropCode,
    Message,
    Notice,
    NoticeError,
    NoticeState,
    Purpose,
    Sensitivity,
    drop_notice,
)
from atsbridge.ports import Admit, Sink, Store
from atsbridge.presentation import digest_message
from atsbridge.rules import Rule
from atsbridge.timesource import TimeSource

TRIES = 8  # a notice that failed so often is dead; waits double from 5 minutes: 10 hours
_FIRST_WAIT = timedelta(minutes=5)
_DENIED_WAIT = timedelta(hours=1)  # somebody has to grant a permission first
# A chat service that asks for more time is asked again after this: what it names may be wrong.
_LONGEST_WAIT = timedelta(hours=6)
_BATCH = 100
_ALIVE = (NoticeState.QUEUED, NoticeState.SENDING, NoticeState.RETRY, NoticeState.HELD)


def deliver(
    account: str,
    store: Store,
    sinks: Mapping[str, Sink],
    rules: Mapping[str, Rule],
    directory: Directory,
    time: TimeSource,
    *,
    clearance: Mapping[str, Sensitivity] | None = None,
    watch: Callable[[Notice, Message], None] | None = None,
    attention: Attention | None = None,
    redirect_to: str = "",
    look: LookAgain | None = None,
    find_suppression: FindSuppression | None = None,
    stopped: Callable[[str], bool] | None = None,
    look_first: bool = False,
) -> DeliveryReport:
    """Send every notice of the account that is due now; its lock is held.

    At least once; exactly once where the sink can look up the key. A fault of a sink, or of one
    notice, is in the report and stops nothing else; StoreError is raised. `sinks` are those the
    account names. `clearance`: a sink's name -> the most sensitive class it may carry, where
    that is not what its kind declares. `watch` hears of every message as it goes out.
    `attention` says who may be disturbed; without it everything goes. With `redirect_to` one
    address gets all of it; FatalError where nobody is there. `look` confirms the
    facts with the ATS; without it, the stored facts are used. `find_suppression`: why a case is
    suppressed now. `stopped`: whether a rule has an error; its notices wait. `look_first`: look up
    each message before it is sent, where the sink can; the store may be a restored copy.
    """
    held = partial(store.require_lock, account)
    guarded = {name: Guarded(name, sink, held) for name, sink in sinks.items()}
    behind: dict[str, Sink] = {**guarded}
    if redirect_to:
        behind = redirected(behind, directory.sinks, redirect_to)
    ways = Ways(account, directory.ops, time)
    sending = Sending(account, store, behind, rules, directory, time, clearance or {}, watch, ways)
    sending.look_first = look_first
    if find_suppression is not None:
        sending.find_suppression = find_suppression
    if stopped is not None:
        sending.stopped = stopped
    work = _Deliverer(sending)
    admit: Admit | None = None
    if attention is not None:
        on_hold = store.outbox.read_notices(account, states=[NoticeState.HELD])
        store.outbox.queue(
            digest_message.gather(
                account, time.now(), on_hold, store.outbox.read_notices(account, states=_ALIVE)
            )
        )
        able = attention.with_sinks(behind)
        admit = lambda waiting, spent: able.admit(waiting, spent, time.now())  # noqa: E731
    while batch := store.outbox.claim(account, time.now(), _BATCH, admit):
        if look is not None:
            sure = confirm(batch, account, store, look, time.now())
            work.counts.update(one.state for one in sure.settled)
            batch = sure.going
        for notice, taken_over in batch:
            settled = work.attempt(notice, taken_over)
            store.outbox.settle(settled, *sending.along)
            sending.along.clear()
            work.counts[settled.state] += 1
    store.outbox.queue([*work.ops_notices, *ways.ops_notices.values()])
    failures = (*work.failures, *sending.refused, *ways.failures.values())
    return DeliveryReport(dict(sorted(work.counts.items())), failures, _worked(guarded))


def _worked(sinks: Mapping[str, Guarded]) -> frozenset[str]:
    """The sinks that took a message, and each address that did."""
    took = {name: sink.took for name, sink in sinks.items() if sink.took}
    places = {
        f"sink/{name}/{hash_parts(kind, address)}"
        for name, addresses in took.items()
        for kind, address in addresses
    }
    return frozenset({*places, *(f"sink/{name}" for name in took)})


@dataclass(slots=True)
class _Deliverer:
    """One account's delivery under way. `words`: what ops must hear."""

    sending: Sending
    counts: Counter[NoticeState] = field(default_factory=Counter)
    failures: list[DeliveryFailure] = field(default_factory=list)
    ops_notices: list[Notice] = field(default_factory=list)

    def attempt(self, notice: Notice, taken_over: bool) -> Notice:
        """The notice as it is to be settled, whatever happens."""
        sending = self.sending
        try:
            return sending.ways.first_open(notice, lambda: sending.deliver(notice, taken_over))
        except StoreError:
            raise
        except AtsbridgeError as error:
            if isinstance(error, FatalError) and notice.purpose is Purpose.ANSWER:
                return drop_notice(notice, DropCode.MESSAGE_DELETED, text=error.what)
            return self._after(notice, error)
        except Exception as error:  # noqa: BLE001  one notice must not hold up the others
            what = f"the notice could not be made: {type(error).__name__}"
            return self._after(notice, AtsbridgeError(what, remedy="Please report it"))

    def _after(self, notice: Notice, error: AtsbridgeError) -> Notice:
        """Tried again later; dead after TRIES, but never for a credential or a permission of a
        chat service: those are mended, and ops hear of them at the first try.

        What the ATS does not let us write is dead at once: asking again would not change it.
        """
        sending, now = self.sending, self.sending.time.now()
        self.failures.append(failure(sending.account, notice, error))
        in_ats = notice.destination.kind == "ats"
        mended = isinstance(error, AuthError) or (isinstance(error, DeniedError) and not in_ats)
        attempts = notice.attempts + (not mended)
        ends = notice.purpose in ENDS and not in_ats
        if ends and attempts >= TRIES and not notice.sent_anew:
            return moved_on(notice)
        problem = NoticeError(error.code, str(error))
        final = in_ats and isinstance(error, (DeniedError, FatalError))
        if final or attempts >= TRIES:
            if notice.purpose is not Purpose.OPS:  # a notice about a failed ops notice would loop
                ops = sending.directory.ops
                ops_notice = (
                    refused(notice, error, ops, now)
                    if final
                    else given_up(notice, attempts, str(error), ops, now)
                )
                self.ops_notices.append(ops_notice)
            return replace(notice, state=NoticeState.DEAD, attempts=attempts, error=problem)
        return replace(
            notice,
            state=NoticeState.RETRY,
            attempts=attempts,
            error=problem,
            not_before=now + _wait(error, attempts),
        )


def _wait(error: AtsbridgeError, attempts: int) -> timedelta:
    """How long until the next try: at least what the sink asks for, at most _LONGEST_WAIT."""
    if isinstance(error, AuthError):
        return _FIRST_WAIT
    if isinstance(error, DeniedError):
        return _DENIED_WAIT
    wait: timedelta = _FIRST_WAIT * 2 ** max(attempts - 1, 0)
    asked = error.retry_after if isinstance(error, RetryableError) else None
    longest = _LONGEST_WAIT.total_seconds()
    if asked is not None and asked > 0:  # not for NaN, which is no number to wait for
        wait = max(wait, timedelta(seconds=min(asked, longest)))
    return wait
