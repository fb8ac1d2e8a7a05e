"""One notice on its way: route, words, look-up, send or edit, receipt.

What follows when that fails, and which notices go, is `deliver`'s.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Protocol

from atsbridge.cases.decide import CURED
from atsbridge.cases.people import Directory
from atsbridge.delivery import bulletins, facts, marks, route
from atsbridge.delivery.bulletins import Hushed
from atsbridge.delivery.clearance import kept_back, left_out, withheld
from atsbridge.delivery.closed import Ways, asked
from atsbridge.delivery.endings import removed_rule
from atsbridge.delivery.outcome import Failure, failure, odd
from atsbridge.delivery.redirect import Redirected
from atsbridge.delivery.render import render
from atsbridge.delivery.route import Route
from atsbridge.errors import AmbiguousError, AtsbridgeError
from atsbridge.model.case import Case
from atsbridge.model.fields import Sensitivity
from atsbridge.model.notice import BOUND, ENDS, Held, Message, Notice, NoticeState, Purpose, Receipt
from atsbridge.model.query import Found
from atsbridge.model.writing import read
from atsbridge.ports import CaseStore, OutboxStore, Sink
from atsbridge.rules.rule import Rule
from atsbridge.timesource import TimeSource

_AGAIN = timedelta(minutes=1)  # what nobody is to hear of now is looked at by the next tick
_CONFIDENTIAL = AtsbridgeError(
    "a confidential requisition never reaches a channel",
    remedy="Name a person who can be reached, or their delegate",
)


_UNSURE = (NoticeState.SENDING, NoticeState.RETRY)
_SOON = timedelta(minutes=5)


class Outbox(CaseStore, OutboxStore, Protocol):
    """What delivery needs of the store."""


@dataclass(slots=True)
class Sending:
    """What one account's notices are sent with. `watch` hears of every message as it goes out.

    `hushed`: why nobody is to hear of a case now, "" if they are.
    `along`: notices to be settled together with the one in hand; `refused`: what must not go
    where it was to go.
    """

    account: str
    store: Outbox
    sinks: Mapping[str, Sink]
    rules: Mapping[str, Rule]
    directory: Directory
    time: TimeSource
    clearance: Mapping[str, Sensitivity]
    watch: Callable[[Notice, Message], None] | None
    ways: Ways
    hushed: Hushed = field(default=lambda _case, _rule: "")
    along: list[Notice] = field(default_factory=list)
    refused: list[Failure] = field(default_factory=list)

    def deliver(self, notice: Notice, taken_over: bool) -> Notice:
        """The notice as it stands then. Closed where its way turns out to be."""
        if notice.purpose in bulletins.PURPOSES:
            return self._bulletin(notice, taken_over)
        if notice.purpose is Purpose.RESOLVE and marks.of(notice.destination):
            return self._take_off(notice)
        if notice.purpose is Purpose.ANSWER:
            return self._answer(notice, taken_over)
        case, rule = self.store.case(notice.case), self.rules.get(notice.rule)
        if rule is None and notice.purpose in ENDS:
            rule = removed_rule(notice)
        if case is None or rule is None:
            return dropped(notice, CURED)
        moot = bulletins.moot(case) if notice.purpose not in ENDS else ""
        if moot and not (taken_over or notice.attempts):
            return dropped(notice, moot)
        fresh = notice.purpose not in ENDS and not (taken_over or notice.attempts)
        if fresh and rule.status == "shadow":
            return replace(notice, state=NoticeState.HELD, reason=Held.SHADOW)
        if fresh and not moot and self.hushed(case, rule):
            until = self.time.now() + _AGAIN
            return replace(notice, state=NoticeState.HELD, reason=Held.MUTED, not_before=until)
        found = facts.read(self.store, rule, notice.subject)
        way = self._route(notice, rule, found)
        if self._somebody_else(notice, way) and not (taken_over or notice.attempts):
            return replace(notice, state=NoticeState.QUEUED, destination=way.to)
        if notice.purpose in ENDS:
            return self._resolve(notice, case, rule, found, way, taken_over)
        first = self._first(notice, way)
        thread = Receipt(first.receipt) if first and way.sink.spec.threads else None
        if there := self._arrived(notice, way, thread, taken_over):
            done = self._sent(notice, way, there)  # an earlier try arrived after all
            self._refresh(first or done, case, rule, found, way)
            return done
        if moot:
            return dropped(notice, moot)
        if way.to.kind == "channel" and found.facts.get(facts.CONFIDENTIAL):
            self.refused.append(failure(self.account, notice, _CONFIDENTIAL))
            told = kept_back(notice, self.directory.ops, self.time.now())
            self.ways.words.setdefault(told.key, told)
            return dropped(notice, f"guard: {_CONFIDENTIAL.what}")
        if marks.public(way.to) and found.facts.get(facts.CONFIDENTIAL):
            return dropped(notice, f"guard: {marks.CONFIDENTIAL}")
        message = self._render(notice, case, rule, found, way)
        done = self._sent(notice, way, self._send(notice, way, message, thread))
        if self.watch:
            self.watch(done, message)
        if first is not None:
            self._refresh(first, case, rule, found, way)
        return done

    def _resolve(
        self,
        notice: Notice,
        case: Case,
        rule: Rule,
        found: Found,
        way: Route,
        taken_over: bool,
    ) -> Notice:
        """The first message edited; else its thread, or a message of its own."""
        first = self._first(notice, way)
        if first is None:
            return dropped(notice, "nothing had gone out")
        in_public = way.to.kind == "channel" and found.facts.get(facts.CONFIDENTIAL)
        if in_public and not way.sink.spec.edits:
            return dropped(notice, f"guard: {_CONFIDENTIAL.what}")
        message = self._render(notice, case, rule, found, way)
        receipt = Receipt(first.receipt)
        thread = receipt if way.sink.spec.threads else None
        if way.sink.spec.edits:
            there = way.sink.edit(way.to, receipt, replace(message, key=first.key))
        else:
            there = self._arrived(notice, way, thread, taken_over) or self._send(
                notice, way, message, thread
            )
        done = self._sent(notice, way, there)
        if self.watch:
            self.watch(done, message)
        return done

    def _take_off(self, notice: Notice) -> Notice:
        """A mark is gone with its case, whatever has become of the rule; what is not ours stays."""
        rule, now = self.rules.get(notice.rule), self.time.now()
        way = self._route(notice, rule, facts.read(self.store, rule, notice.subject))
        first = self._first(notice, way)
        if first is None:
            its = self.store.notices(self.account, case=notice.case, states=_UNSURE)
            if any(one.step >= 0 and marks.of(one.destination) == marks.of(way.to) for one in its):
                return replace(notice, state=NoticeState.RETRY, not_before=now + _SOON)
            return dropped(notice, "nothing had gone out")
        if why := marks.stays(self.store, first):
            return dropped(notice, why)
        sent = Receipt(first.receipt)
        message = Message(notice.key, f"{marks.of(way.to)} is taken off again", "", tone="done")
        if isinstance(way.sink, Redirected):
            return self._sent(notice, way, self._send(notice, way, message, None))
        self._remember(notice, way, Receipt({}, now))
        receipt = asked(way.to, lambda: way.sink.edit(way.to, sent, message))
        marks.taken_off(self.store, way.to, sent, receipt.at or now)
        return self._sent(notice, way, receipt)

    def _answer(self, notice: Notice, taken_over: bool) -> Notice:
        """A word back to who answered, in the thread of the message they answered."""
        way = self._route(notice, None, None)
        first = self._first(notice, way)
        if first is None or not way.sink.spec.threads:
            return dropped(notice, "its message is gone")
        thread = Receipt(first.receipt)
        message = Message(notice.key, "", str(notice.receipt.get("body", "")), tone="done")
        there = self._arrived(notice, way, thread, taken_over)
        return self._sent(notice, way, there or self._send(notice, way, message, thread))

    def _bulletin(self, notice: Notice, taken_over: bool) -> Notice:
        """A message on many cases; its lines are settled with it."""
        way = self._route(notice, None, None)
        there = self._arrived(notice, way, None, taken_over)
        now = self.time.now()
        made = bulletins.make(
            notice, way.to, self.store, self.rules, self.directory, now, self.hushed
        )
        if there is None and made.message is None:
            self.along += made.dropped
            return dropped(notice, CURED)
        if there is None and made.message is not None:
            there = self._send(notice, way, made.message, None)
            done = self._sent(notice, way, there)
            if self.watch:
                self.watch(done, made.message)
        else:
            done = self._sent(notice, way, there or Receipt({}))
        self.along += made.along(done)
        return done

    # --- steps of it --------------------------------------------------------------------------

    def _route(self, notice: Notice, rule: Rule | None, found: Found | None) -> Route:
        owner = self.directory.owner(rule) if rule else self.directory.ops
        closed = None if notice.purpose in BOUND else self.ways.closed
        return route.find(notice.destination, owner, self.sinks, self.directory, found, closed)

    def _somebody_else(self, notice: Notice, way: Route) -> bool:
        """A stand-in's attention is asked before they are disturbed."""
        return way.to.kind == "person" and way.to.address != notice.destination.address

    def _first(self, notice: Notice, way: Route) -> Notice | None:
        """The message of this case that already stands at this destination."""
        for other in self.store.notices(self.account, case=notice.case, states=[NoticeState.SENT]):
            to = other.destination
            there = (to.sink, to.kind, to.address) == (way.to.sink, way.to.kind, way.to.address)
            if "digest" in other.receipt:
                continue  # a line among others: nothing to edit, no thread of its own
            if there and other.purpose not in BOUND and other.key != notice.key:
                return other
        return None

    def _render(self, notice: Notice, case: Case, rule: Rule, found: Found, way: Route) -> Message:
        allowed = self.clearance.get(way.to.sink, way.sink.spec.clearance)
        if out := withheld(rule, way.to, allowed):
            ops, now = self.directory.ops, self.time.now()
            told = left_out(self.account, rule, way.to, out, ops, now)
            self.ways.words.setdefault(told.key, told)
        return render(
            rule,
            replace(notice, destination=way.to),
            case,
            found,
            self.directory,
            now=self.time.now(),
            clearance=allowed,
        )

    def _arrived(
        self, notice: Notice, way: Route, thread: Receipt | None, taken_over: bool
    ) -> Receipt | None:
        """What an earlier try left at the destination, where there was one."""
        return self._find(notice, way, thread) if taken_over or notice.attempts else None

    def _find(self, notice: Notice, way: Route, thread: Receipt | None) -> Receipt | None:
        if not way.sink.spec.looks_up:
            return None
        return asked(way.to, lambda: way.sink.find(way.to, notice.key, thread=thread))

    def _send(
        self, notice: Notice, way: Route, message: Message, thread: Receipt | None
    ) -> Receipt:
        """Sent, or found there after a try of which nobody could tell.

        That it sets off is stored first: killed in between, only this one is looked up. A note
        is remembered before it is written: killed in between, it is still known as ours.
        """
        self.store.depart(notice.key)
        if way.to.kind == "ats":
            self._remember(notice, way, Receipt({}, self.time.now()))
        try:
            return asked(way.to, lambda: way.sink.send(way.to, message, thread=thread))
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
        if receipt.aside:
            told = odd(notice, way.to, receipt.aside, self.directory.ops, now)
            self.ways.words.setdefault(told.key, told)
        if way.to.kind == "ats":
            self._remember(notice, way, receipt)
            putting = notice.purpose is not Purpose.RESOLVE and marks.of(way.to)
            if putting and not isinstance(way.sink, Redirected):
                receipt = marks.put_on(self.store, way.to, receipt, receipt.at or now)
        return replace(
            notice,
            destination=way.to,
            state=NoticeState.SENT,
            reason="",
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
        self.store.remember_write(record.account, record, notice.key, at)


def dropped(notice: Notice, reason: str) -> Notice:
    """The notice, never to be sent."""
    return replace(notice, state=NoticeState.DROPPED, reason=reason)
