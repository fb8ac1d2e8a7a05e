"""What a notice would say and to whom, by a delivery's own stages. It asks no service, sends
nothing and stores nothing."""

# ruff: noqa: ARG002  a sink answers every question of the protocol, whatever it can do

from __future__ import annotations

from dataclasses import dataclass, replace

from atsbridge.delivery import reader_history
from atsbridge.delivery.delivery_env import DeliveryRequest, make_env
from atsbridge.delivery.draft import Draft, Settled, run_stages
from atsbridge.delivery.pipeline import find_rehearsal
from atsbridge.delivery.rehearsal_store import RehearsalStore
from atsbridge.errors import AtsbridgeError, FatalError
from atsbridge.model import Destination, Message, Notice, NoticeState, Receipt
from atsbridge.ports import SinkSpec


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """What would become of a notice.

    `notice`: as the stages leave it; dropped where it must not be sent. `to` and `message`: None
    where nothing would be sent. `error`: why there is no way to the reader.
    """

    notice: Notice
    to: Destination | None = None
    message: Message | None = None
    error: AtsbridgeError | None = None


@dataclass(slots=True)
class OfflineSink:
    """A sink of which only the kind is known. It reaches everybody with an address."""

    spec: SinkSpec

    def find_address(self, email: str) -> str | None:
        return email if self.spec.direct_messages else None

    def send(self, to: Destination, message: Message, *, thread: Receipt | None = None) -> Receipt:
        raise FatalError("a rehearsal sends nothing")

    def edit(self, to: Destination, sent: Receipt, message: Message) -> Receipt:
        raise FatalError("a rehearsal sends nothing")

    def find(self, to: Destination, key: str, *, thread: Receipt | None = None) -> Receipt | None:
        return None

    def close(self) -> None:
        """Nothing is open."""


def rehearse(notice: Notice, request: DeliveryRequest) -> Rehearsed:
    """The text of a notice at `request.time`, from the facts that are stored now.

    `request.sinks` are `OfflineSink`s. Quiet hours, the daily limit and holds are not applied.
    """
    env = make_env(request)
    try:
        result = run_stages(find_rehearsal(notice), Draft(notice), env)
    except AtsbridgeError as error:
        return Rehearsed(notice, error=error)
    if isinstance(result, Settled):
        return Rehearsed(result.notice)
    return Rehearsed(notice, result.route.to if result.route else None, result.message)


def note_sent(rehearsed: Rehearsed, request: DeliveryRequest, store: RehearsalStore) -> None:
    """Take the message as sent, so that the next one to its reader follows it."""
    if rehearsed.message is None or rehearsed.to is None:
        return
    sent = replace(
        rehearsed.notice,
        destination=rehearsed.to,
        state=NoticeState.SENT,
        hold=None,
        sent_at=request.time.now(),
    )
    store.keep(sent)
    reader_history.remember(store.store, sent, rehearsed.to)
