"""The steps that sending any notice is made of: way, words, look-up, send, receipt.

Which of them a notice needs, and in which order, is in `sending`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from atsbridge.cases import Directory
from atsbridge.delivery import reader_history, routing, writeback
from atsbridge.delivery.batch_messages import FindSuppression
from atsbridge.delivery.delivery_report import DeliveryFailure, make_template_notice
from atsbridge.delivery.failover import Ways, call_sink
from atsbridge.delivery.redirect import Redirected
from atsbridge.delivery.routing import Route
from atsbridge.errors import AmbiguousError, AtsbridgeError
from atsbridge.model import (
    BOUND,
    Case,
    Destination,
    Found,
    Message,
    Notice,
    NoticeState,
    Purpose,
    Receipt,
    Sensitivity,
    queue_notice,
    read,
)
from atsbridge.ports import Sink, Store
from atsbridge.presentation import MessageContext, left_out, render, withheld
from atsbridge.rules import Rule
from atsbridge.timesource import TimeSource


@dataclass(slots=True)
class Steps:
    """What one account's notices are sent with. `watch` hears of every message as it goes out.

    `find_suppression`: why a case is suppressed now, "" if it is not. `stopped`: whether a rule has
    an error; its notices wait.
    `look_first`: look each message up before it is sent, where the sink can.
    `along`: notices to be settled together with the one in hand; `refused`: what must not go
    where it was to go.
    """

    account: str
    store: Store
    sinks: Mapping[str, Sink]
    rules: Mapping[str, Rule]
    directory: Directory
    time: TimeSource
    clearance: Mapping[str, Sensitivity]
    watch: Callable[[Notice, Message], None] | None
    ways: Ways
    find_suppression: FindSuppression = field(default=lambda _case, _rule: "")
    stopped: Callable[[str], bool] = field(default=lambda _rule: False)
    look_first: bool = False
    along: list[Notice] = field(default_factory=list)
    refused: list[DeliveryFailure] = field(default_factory=list)
    _texts: set[tuple[object, ...]] = field(default_factory=set)

    def _route(self, notice: Notice, rule: Rule | None, found: Found | None) -> Route:
        owner = self.directory.owner(rule) if rule else self.directory.ops
        bound = notice.purpose in BOUND and not notice.sent_anew
        closed = None if bound else self.ways.closed
        return routing.find(notice.destination, owner, self.sinks, self.directory, found, closed)

    def _somebody_else(self, notice: Notice, way: Route) -> bool:
        """A stand-in's attention is asked before they are disturbed."""
        return way.to.kind == "person" and way.to.address != notice.destination.address

    def _first(self, notice: Notice, place: Destination) -> Notice | None:
        """The message of this case that already stands at this destination."""
        for other in self.store.outbox.read_notices(
            self.account, case=notice.case, states=[NoticeState.SENT]
        ):
            there = other.destination.place == place.place
            if other.digest:
                continue  # a line among others: nothing to edit, no thread of its own
            if there and other.purpose not in BOUND and other.key != notice.key:
                return other
        return None

    def _render(self, notice: Notice, case: Case, rule: Rule, found: Found, way: Route) -> Message:
        allowed = self.clearance.get(way.to.sink, way.sink.spec.clearance)
        if out := withheld(rule, way.to, allowed):
            ops, now = self.directory.ops, self.time.now()
            ops_notice = left_out(self.account, rule, way.to, out, ops, now)
            self.ways.ops_notices.setdefault(ops_notice.key, ops_notice)
        return render(
            rule, replace(notice, destination=way.to), case, found, self._context(notice, way)
        )

    def _context(self, notice: Notice, way: Route) -> MessageContext:
        """What a message on this way is made with."""
        return MessageContext(
            self.directory,
            self.time.now(),
            self.clearance.get(way.to.sink, way.sink.spec.clearance),
            reader_history.read(self.store, notice, way.to),
            takes_replies=way.sink.spec.replies,
        )

    def _arrived(
        self, notice: Notice, way: Route, thread: Receipt | None, taken_over: bool
    ) -> Receipt | None:
        """What an earlier try left at the destination, where there was or may have been one."""
        tried = taken_over or notice.attempts or self.look_first
        return self._find(notice, way, thread) if tried else None

    def _find(self, notice: Notice, way: Route, thread: Receipt | None) -> Receipt | None:
        if not way.sink.spec.looks_up:
            return None
        return call_sink(way.to, lambda: way.sink.find(way.to, notice.key, thread=thread))

    def _send(
        self, notice: Notice, way: Route, message: Message, thread: Receipt | None
    ) -> Receipt:
        """Sent, or found there after a try of which nobody could tell.

        That it sets off is stored first: killed in between, only this one is looked up. A note
        is remembered before it is written: killed in between, it is still known as ours.
        """
        self.store.outbox.depart(notice.key)
        if way.to.kind == "ats":
            self._remember(notice, way, Receipt({}, self.time.now()))
        try:
            return call_sink(way.to, lambda: way.sink.send(way.to, message, thread=thread))
        except AmbiguousError:
            there = self._find(notice, way, thread)
            if there is None:
                raise
            return there

    def _refresh(self, first: Notice, case: Case, rule: Rule, found: Found, way: Route) -> None:
        """The first message edited to the present state, as well as it goes."""
        if not way.sink.spec.edits:
            return
        try:
            message = self._render(first, case, rule, found, way)
            way.sink.edit(way.to, Receipt(first.receipt), message)
        except AtsbridgeError:
            return  # the news itself is out; the next step or the end edits it again

    def _sent(self, notice: Notice, way: Route, receipt: Receipt) -> Notice:
        """Settled as sent; a note of ours is remembered, so that no clock mistakes it."""
        now = self.time.now()
        if not isinstance(way.sink, Redirected):
            reader_history.remember(self.store, notice, way.to)
        if receipt.aside:
            ops = self.directory.ops
            ops_notice = make_template_notice(notice, way.to, receipt.aside, ops, now)
            self.ways.ops_notices.setdefault(ops_notice.key, ops_notice)
        if way.to.kind == "ats":
            self._remember(notice, way, receipt)
            putting = notice.purpose is not Purpose.RESOLVE and writeback.find_mark(way.to)
            if putting and not isinstance(way.sink, Redirected):
                ours = writeback.put_on(self.store, way.to, receipt, receipt.at or now)
                notice = replace(notice, foreign_tag=not ours)
        return replace(
            notice,
            destination=way.to,
            state=NoticeState.SENT,
            hold=None,
            error=None,
            departed=False,
            text=None,
            attempts=notice.attempts + 1,
            not_before=None,
            sent_at=receipt.at or now,
            receipt=dict(receipt.ids),
        )

    def _remember(self, notice: Notice, way: Route, receipt: Receipt) -> None:
        """A note of ours, by its key, and when it was written."""
        if isinstance(way.sink, Redirected):
            return
        record, _ = read(way.to.address)
        at = receipt.at or self.time.now()
        self.store.own_writes.remember_write(record.account, record, notice.key, at)

    def _repeats(self, to: Destination, message: Message) -> bool:
        """Whether this text went to this place in this run: two ways may lead to one reader.

        Why it comes to them does not count as text.
        """
        if to.kind == "ats":
            return False
        text = (to.place, message.headline, message.body, message.facts, message.link)
        if text in self._texts:
            return True
        self._texts.add(text)
        return False


def moved_on(notice: Notice) -> Notice:
    """An end whose message refused the edit: a message of its own, by any way that is open."""
    return queue_notice(replace(notice, attempts=0, refused_edit=True))
