"""The outbox of one account, emptied: claim, confirm, run the pipeline, settle."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import partial

from atsbridge.cases import hash_parts
from atsbridge.delivery.confirmation import confirm
from atsbridge.delivery.delivery_env import DeliveryEnv, DeliveryRequest, make_env
from atsbridge.delivery.delivery_report import DeliveryReport
from atsbridge.delivery.draft import Settled
from atsbridge.delivery.failure_policy import settle_failure
from atsbridge.delivery.pipeline import run_pipeline
from atsbridge.delivery.sink_guard import Guarded
from atsbridge.errors import AtsbridgeError, StoreError
from atsbridge.model import Notice, NoticeState
from atsbridge.ports import Admit, Admitted, PendingNotice, Spent
from atsbridge.presentation import digest_message

_BATCH = 100
_ALIVE = (NoticeState.QUEUED, NoticeState.SENDING, NoticeState.RETRY, NoticeState.HELD)


def deliver(request: DeliveryRequest) -> DeliveryReport:
    """Send every notice of the account that is due now.

    At least once; exactly once where the sink can look up the key. An error of a sink, or of one
    notice, is in the report and stops nothing else. Raises StoreError, and FatalError where nobody
    is reached at `redirect_to`.
    """
    env = make_env(request)
    store, time, counts = env.store, env.time, Counter[NoticeState]()
    admit = _prepare_admission(env)
    later: list[str] = []  # admitted, and beyond the present batch
    while claimed := store.outbox.claim(env.account, time.now(), _BATCH, admit, later):
        batch = claimed
        if request.confirm is not None:
            checked = confirm(batch, store, request.confirm, time.now())
            counts.update(one.state for one in checked.settled)
            batch = checked.going
        for notice in batch:
            settled = _attempt(notice, env)
            store.outbox.settle(settled.notice, *settled.along)
            counts[settled.notice.state] += 1
    store.outbox.queue(list(env.ops_notices.values()))
    failures = (*env.failures, *env.failover.failures.values())
    return DeliveryReport(dict(sorted(counts.items())), failures, _name_working(env.guarded))


def _prepare_admission(env: DeliveryEnv) -> Admit | None:
    """Queue the digests that are due; returns who decides which notices may go now."""
    attention = env.request.attention
    if attention is None:
        return None
    outbox, now = env.store.outbox, env.time.now()
    held = outbox.read_notices(env.account, states=[NoticeState.HELD])
    alive = outbox.read_notices(env.account, states=_ALIVE)
    outbox.queue(digest_message.gather(env.account, now, held, alive))
    able = attention.with_sinks(env.sinks)

    def admit(pending: Sequence[PendingNotice], spent: Spent) -> Sequence[Admitted]:
        return able.admit(pending, spent, env.time.now())

    return admit


def _attempt(notice: Notice, env: DeliveryEnv) -> Settled:
    """The notice as it is to be stored, whatever happens."""
    try:
        return env.failover.try_routes(notice, partial(run_pipeline, notice, env))
    except StoreError:
        raise
    except AtsbridgeError as error:
        return Settled(settle_failure(notice, error, env))
    except Exception as error:  # noqa: BLE001  one notice must not hold up the others
        what = f"the notice could not be made: {type(error).__name__}"
        unexpected = AtsbridgeError(what, remedy="Please report it")
        return Settled(settle_failure(notice, unexpected, env))


def _name_working(sinks: Mapping[str, Guarded]) -> frozenset[str]:
    """The sinks that took a message, and each address that did."""
    took = {name: sink.took for name, sink in sinks.items() if sink.took}
    places = {
        f"sink/{name}/{hash_parts(kind, address)}"
        for name, addresses in took.items()
        for kind, address in addresses
    }
    return frozenset({*places, *(f"sink/{name}" for name in took)})
