"""Failover: when a sink refuses a notice for good, try the next way and notify ops."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from atsbridge.cases import make_ops_notice
from atsbridge.delivery.delivery_report import DeliveryFailure, tried
from atsbridge.delivery.routing import CLOSING, Place
from atsbridge.errors import AtsbridgeError, DeniedError, FatalError
from atsbridge.model import BOUND, Destination, Notice
from atsbridge.timesource import TimeSource

_T = TypeVar("_T")


class Closed(Exception):
    """The sink refuses messages to `to`; another try would not help."""

    def __init__(self, to: Destination, error: AtsbridgeError) -> None:
        super().__init__(error.what)
        self.to = to
        self.error = error


def call_sink(to: Destination, question: Callable[[], _T]) -> _T:
    """Call the sink. Raises Closed for a refusal that another try would not change."""
    try:
        return question()
    except CLOSING as error:
        raise Closed(to, error) from None


@dataclass(slots=True)
class Ways:
    """The ways that are `closed` to the current notice, and the failures of this delivery.

    `ops_notices`: one per problem and month, none for a way to ops that is itself closed.
    """

    account: str
    ops: Destination
    time: TimeSource
    closed: dict[Place, AtsbridgeError] = field(default_factory=dict)
    ops_notices: dict[str, Notice] = field(default_factory=dict)
    failures: dict[str, DeliveryFailure] = field(default_factory=dict)

    def first_open(self, notice: Notice, go: Callable[[], Notice]) -> Notice:
        """Send the notice along the first way that is not closed.

        Raises the sink's error where no way is left. The end of a case and an answer go only
        where their message is, and a note only to its record. An end whose message could not be
        edited is sent like any other message.
        """
        self.closed.clear()
        try:
            while True:
                try:
                    done = go()
                except Closed as way:
                    bound = notice.purpose in BOUND and not notice.sent_anew
                    if bound or way.to.kind == "ats":
                        raise way.error from None
                    self.closed[way.to.place] = way.error
                else:
                    self._report(done)
                    return done
        finally:
            for place, error in self.closed.items():
                self._tell(place, error)

    def _ops_reached(self, kind: str, error: AtsbridgeError) -> bool:
        """Whether ops can still be reached in the sink that refused this kind of destination.

        Without the permission for direct messages a channel still works, and vice versa.
        """
        return isinstance(error, FatalError) or (
            isinstance(error, DeniedError) and kind != self.ops.kind
        )

    def _report(self, done: Notice) -> None:
        """Record the failures of the sinks that refused a notice another way delivered."""
        for (sink, kind, address), error in self.closed.items():
            where = error.where or f"{self.account}/{sink}"
            place = tried(Destination(sink, kind, address), error)
            code = type(error).__name__
            failure = DeliveryFailure(done, where, error.what, error.remedy, place, code)
            self.failures.setdefault(f"{where}: {error.what}", failure)

    def _tell(self, place: Place, error: AtsbridgeError) -> None:
        sink, kind, address = place
        here = isinstance(error, FatalError)  # of one place; else of all of this kind
        if sink == self.ops.sink and (
            place == self.ops.place or not self._ops_reached(kind, error)
        ):
            return
        now = self.time.now()
        name = address if here and kind == "channel" else "*"
        topic = f"closed/{sink}/{name}/{error.what}/{now:%Y-%m}"
        body = (
            f"{error}.\nWhat was to go there takes the next way that reaches its reader;"
            " where there is none, it waits."
        )
        notice = make_ops_notice(
            self.account, self.ops, topic, f"Sink {sink} refuses messages", body, now
        )
        self.ops_notices.setdefault(topic, notice)
