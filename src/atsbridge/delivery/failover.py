"""Ways that turn out to be closed while a notice is on them: the next is taken, ops hear of it.

Which way comes next is `route`'s; what is tried again along the same way is `deliver`'s.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from atsbridge.cases import word
from atsbridge.delivery.delivery_report import DeliveryFailure, tried
from atsbridge.delivery.routing import CLOSING, Place
from atsbridge.errors import AtsbridgeError, DeniedError, FatalError
from atsbridge.model import BOUND, Destination, Notice
from atsbridge.timesource import TimeSource

_T = TypeVar("_T")


class Closed(Exception):
    """A sink said no for good, on the way to `to`."""

    def __init__(self, to: Destination, error: AtsbridgeError) -> None:
        super().__init__(error.what)
        self.to = to
        self.error = error


def asked(to: Destination, question: Callable[[], _T]) -> _T:
    """The sink's answer. Closed where it is a no that another try would not change."""
    try:
        return question()
    except CLOSING as error:
        raise Closed(to, error) from None


@dataclass(slots=True)
class Ways:
    """What is `closed` to the notice in hand, and what of it was seen in this delivery.

    `words` are for ops: once per trouble and month, not along a way that is itself closed.
    """

    account: str
    ops: Destination
    time: TimeSource
    closed: dict[Place, AtsbridgeError] = field(default_factory=dict)
    words: dict[str, Notice] = field(default_factory=dict)
    failures: dict[str, DeliveryFailure] = field(default_factory=dict)

    def first_open(self, notice: Notice, go: Callable[[], Notice]) -> Notice:
        """What comes of the notice along the first way that is not closed.

        The sink's error where none is left. The end of a case, or a word back, belongs where its
        message is, and a note to its record: they have no other way. An end whose message
        refused the edit is a message like any other.
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
        """Whether ops may still be told in the sink that refused something of this kind.

        Without the permission for direct messages a channel still works, and the other way round.
        """
        return isinstance(error, FatalError) or (
            isinstance(error, DeniedError) and kind != self.ops.kind
        )

    def _report(self, done: Notice) -> None:
        """It went out, but not as it was meant to: a failure of the sink all the same."""
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
        told = word(self.account, self.ops, topic, f"Sink {sink} refuses messages", body, now)
        self.words.setdefault(topic, told)
