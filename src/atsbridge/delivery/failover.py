"""Closed routes: the notice takes the next route, and the operators are notified.

`routing` decides which route comes next.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from atsbridge.cases import make_ops_notice
from atsbridge.delivery.delivery_report import DeliveryFailure, name_place
from atsbridge.delivery.routing import CLOSING, Place
from atsbridge.errors import AtsbridgeError, DeniedError, FatalError
from atsbridge.model import BOUND, Destination, Notice
from atsbridge.presentation import delivery_alerts
from atsbridge.timesource import TimeSource

_T = TypeVar("_T")


class RouteClosed(Exception):
    """A sink permanently refused a message to `to`."""

    def __init__(self, to: Destination, error: AtsbridgeError) -> None:
        super().__init__(error.what)
        self.to = to
        self.error = error


def ask_sink(to: Destination, question: Callable[[], _T]) -> _T:
    """The sink's answer. RouteClosed where another try would not change an error."""
    try:
        return question()
    except CLOSING as error:
        raise RouteClosed(to, error) from None


@dataclass(slots=True)
class Failover:
    """The closed routes of the present notice, and the errors of routes in this run.

    `ops_notices` notify the operators: once per problem and month, never on a closed route.
    """

    account: str
    ops: Destination
    time: TimeSource
    ops_notices: dict[str, Notice]
    closed: dict[Place, AtsbridgeError] = field(default_factory=dict)
    failures: dict[str, DeliveryFailure] = field(default_factory=dict)

    def try_routes(self, notice: Notice, go: Callable[[], _T]) -> _T:
        """What becomes of the notice on the first open route; the sink's error where none is left.

        The end of a case and an answer belong where their message is, and a note to its record:
        they have no other route. An end whose message refused the edit is a message like any other.
        """
        self.closed.clear()
        try:
            while True:
                try:
                    result = go()
                except RouteClosed as route:
                    bound = notice.purpose in BOUND and not notice.sent_anew
                    if bound or route.to.kind == "ats":
                        raise route.error from None
                    self.closed[route.to.place] = route.error
                else:
                    self._report(notice)
                    return result
        finally:
            for place, error in self.closed.items():
                self._tell_ops(place, error)

    def _reaches_ops(self, kind: str, error: AtsbridgeError) -> bool:
        """Whether the operators are still reached in a sink that refused something of this kind.

        Without the permission for direct messages a channel still works, and the other way round.
        """
        return isinstance(error, FatalError) or (
            isinstance(error, DeniedError) and kind != self.ops.kind
        )

    def _report(self, notice: Notice) -> None:
        """Note a closed route as a failure of its sink, though the message was sent elsewhere."""
        for (sink, kind, address), error in self.closed.items():
            where = error.where or f"{self.account}/{sink}"
            place = name_place(Destination(sink, kind, address), error)
            failure = DeliveryFailure(notice, where, error.what, error.remedy, place, error.code)
            self.failures.setdefault(f"{where}: {error.what}", failure)

    def _tell_ops(self, place: Place, error: AtsbridgeError) -> None:
        sink, kind, address = place
        one_place = isinstance(error, FatalError)  # else it concerns every place of this kind
        if sink == self.ops.sink and (
            place == self.ops.place or not self._reaches_ops(kind, error)
        ):
            return
        now = self.time.now()
        name = address if one_place and kind == "channel" else "*"
        topic = f"closed/{sink}/{name}/{error.what}/{now:%Y-%m}"
        text = delivery_alerts.describe_closed_sink(sink, error)
        notice = make_ops_notice(self.account, self.ops, topic, text, now)
        self.ops_notices.setdefault(notice.key, notice)
