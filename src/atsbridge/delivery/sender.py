"""One notice on its way: route, words, look-up, send or edit, receipt.

What follows when that fails, and which notices go, is `deliver`'s.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from atsbridge.delivery import batch_messages, writeback
from atsbridge.delivery.delivery_report import failure
from atsbridge.delivery.failover import call_sink
from atsbridge.delivery.redirect import Redirected
from atsbridge.delivery.routing import Route
from atsbridge.delivery.stages import Steps, moved_on
from atsbridge.errors import AtsbridgeError, DeniedError, FatalError
from atsbridge.model import (
    ENDS,
    Case,
    DropCode,
    Found,
    Hold,
    Message,
    Notice,
    NoticeState,
    Purpose,
    Receipt,
    drop_notice,
    hold_notice,
    queue_notice,
)
from atsbridge.presentation import kept_back, message_data, removed_rule, secret
from atsbridge.rules import Rule

_AGAIN = timedelta(minutes=1)  # what nobody is to hear of now is looked at by the next tick
_CONFIDENTIAL = AtsbridgeError(
    "a confidential requisition never reaches a channel",
    remedy="Name a person who can be reached, or their delegate",
)
_PERSONAL = AtsbridgeError(
    "what is found of a person is told to that person alone",
    remedy="Give the person an address in the ATS, or retire the rule",
)

_UNSURE = (NoticeState.SENDING, NoticeState.RETRY)
_SOON = timedelta(minutes=5)


class Sending(Steps):
    """What one account's notices are sent with."""

    __slots__ = ()

    def deliver(self, notice: Notice, taken_over: bool) -> Notice:
        """The notice as it stands then. Closed where its way turns out to be."""
        if notice.purpose in batch_messages.PURPOSES:
            return self._bulletin(notice, taken_over)
        if notice.purpose is Purpose.RESOLVE and writeback.find_mark(notice.destination):
            return self._take_off(notice)
        if notice.purpose is Purpose.ANSWER:
            return self._answer(notice, taken_over)
        case, rule = self.store.cases.read_case(notice.case), self.rules.get(notice.rule)
        if case is not None and self.stopped(notice.rule):
            until = self.time.now() + _AGAIN
            return hold_notice(notice, Hold.STOPPED, until)
        if rule is None and notice.purpose in ENDS:
            rule = removed_rule(notice)
        if case is None or rule is None:
            return drop_notice(notice, DropCode.CASE_ENDED)
        obsolete = notice.purpose not in ENDS and batch_messages.is_obsolete(case)
        if obsolete and not (taken_over or notice.attempts):
            return batch_messages.drop_obsolete(notice, case)
        fresh = notice.purpose not in ENDS and not (taken_over or notice.attempts)
        if fresh and rule.status == "shadow":
            return hold_notice(notice, Hold.SHADOW)
        if fresh and not obsolete and self.find_suppression(case, rule):
            until = self.time.now() + _AGAIN
            return hold_notice(notice, Hold.SUPPRESSED, until)
        found = message_data.read(self.store.subjects, rule, notice.subject)
        if notice.purpose in ENDS:
            return self._end(notice, case, rule, found, taken_over)
        way = self._route(notice, rule, found)
        if self._somebody_else(notice, way) and not (taken_over or notice.attempts):
            return queue_notice(replace(notice, destination=way.to), notice.not_before)
        first = self._first(notice, way.to)
        thread = Receipt(first.receipt) if first and way.sink.spec.threads else None
        if there := self._arrived(notice, way, thread, taken_over):
            done = self._sent(notice, way, there)  # an earlier try arrived after all
            self._refresh(first or done, case, rule, found, way)
            return done
        if obsolete:
            return batch_messages.drop_obsolete(notice, case)
        if rule.personal and way.to.person != notice.subject.id:
            self.refused.append(failure(self.account, notice, _PERSONAL))
            return drop_notice(notice, DropCode.PERSONAL)
        if secret(way.to, found.facts):
            self.refused.append(failure(self.account, notice, _CONFIDENTIAL))
            ops_notice = kept_back(notice, self.directory.ops, self.time.now())
            self.ways.ops_notices.setdefault(ops_notice.key, ops_notice)
            return drop_notice(notice, DropCode.CONFIDENTIAL_CHANNEL)
        if writeback.public(way.to) and found.facts.get(message_data.CONFIDENTIAL):
            return drop_notice(notice, DropCode.CONFIDENTIAL_TAG)
        message = self._render(notice, case, rule, found, way)
        if self._repeats(way.to, message):
            return drop_notice(notice, DropCode.REPEATED)
        done = self._sent(notice, way, self._send(notice, way, message, thread))
        if self.watch:
            self.watch(done, message)
        if first is not None:
            self._refresh(first, case, rule, found, way)
        return done

    def _end(
        self, notice: Notice, case: Case, rule: Rule, found: Found, taken_over: bool
    ) -> Notice:
        """The last news of a case: the first message edited; else its thread, or a new message.

        Where the message refuses the edit it is queued anew, to take any way that is open; whoever
        may be disturbed is asked again then.
        """
        first = self._first(notice, notice.destination)
        if first is None:
            return drop_notice(notice, DropCode.NOTHING_SENT)
        sink = self.sinks.get(first.destination.sink)
        if sink is not None and sink.spec.edits and not notice.sent_anew:
            way = Route(sink, first.destination)
            message = self._render(notice, case, rule, found, way)
            edited = replace(message, key=first.key)
            try:
                there = sink.edit(way.to, Receipt(first.receipt), edited)
            except (DeniedError, FatalError):
                return moved_on(notice)
            return self._mark_sent(notice, way, there, message)
        way = self._route(notice, rule, found)
        if secret(way.to, found.facts):
            return drop_notice(notice, DropCode.CONFIDENTIAL_CHANNEL)
        if way.to.place != notice.destination.place and self._first(notice, way.to):
            return drop_notice(notice, DropCode.ANOTHER_MESSAGE)
        message = self._render(notice, case, rule, found, way)
        threads = way.sink.spec.threads and way.to.place == first.destination.place
        thread = Receipt(first.receipt) if threads and not notice.sent_anew else None
        there_already = self._arrived(notice, way, thread, taken_over)
        if there_already is None and self._repeats(way.to, message):
            return drop_notice(notice, DropCode.REPEATED)
        there = there_already or self._send(notice, way, message, thread)
        return self._mark_sent(notice, way, there, message)

    def _mark_sent(self, notice: Notice, way: Route, there: Receipt, message: Message) -> Notice:
        done = self._sent(notice, way, there)
        if self.watch:
            self.watch(done, message)
        return done

    def _take_off(self, notice: Notice) -> Notice:
        """A mark is gone with its case, whatever has become of the rule; what is not ours stays."""
        rule, now = self.rules.get(notice.rule), self.time.now()
        way = self._route(
            notice, rule, message_data.read(self.store.subjects, rule, notice.subject)
        )
        first = self._first(notice, way.to)
        if first is None:
            its = self.store.outbox.read_notices(self.account, case=notice.case, states=_UNSURE)
            if any(
                one.step >= 0
                and writeback.find_mark(one.destination) == writeback.find_mark(way.to)
                for one in its
            ):
                return replace(notice, state=NoticeState.RETRY, not_before=now + _SOON)
            return drop_notice(notice, DropCode.NOTHING_SENT)
        if why := writeback.find_keep_reason(self.store, first):
            return drop_notice(notice, why)
        sent = Receipt(first.receipt)
        message = Message(
            notice.key, f"{writeback.find_mark(way.to)} is taken off again", "", tone="done"
        )
        if isinstance(way.sink, Redirected):
            return self._sent(notice, way, self._send(notice, way, message, None))
        self._remember(notice, way, Receipt({}, now))
        receipt = call_sink(way.to, lambda: way.sink.edit(way.to, sent, message))
        writeback.taken_off(self.store, way.to, sent, receipt.at or now)
        return self._sent(notice, way, receipt)

    def _answer(self, notice: Notice, taken_over: bool) -> Notice:
        """A word back to who answered, in the thread of the message they answered."""
        way = self._route(notice, None, None)
        first = self._first(notice, way.to)
        if first is None or not way.sink.spec.threads:
            return drop_notice(notice, DropCode.MESSAGE_DELETED)
        thread = Receipt(first.receipt)
        message = Message(notice.key, "", notice.text.body if notice.text else "", tone="done")
        there = self._arrived(notice, way, thread, taken_over)
        return self._sent(notice, way, there or self._send(notice, way, message, thread))

    def _bulletin(self, notice: Notice, taken_over: bool) -> Notice:
        """A message on many cases; its lines are settled with it."""
        way = self._route(notice, None, None)
        there = self._arrived(notice, way, None, taken_over)
        context = self._context(notice, way)
        made = batch_messages.make(
            notice, way.to, self.store, self.rules, context, self.find_suppression, self.stopped
        )
        if there is None and made.message is None:
            self.along += made.dropped
            return drop_notice(notice, DropCode.CASE_ENDED)
        if there is None and made.message is not None:
            if self._repeats(way.to, made.message):
                self.along += made.dropped
                return drop_notice(notice, DropCode.REPEATED)
            there = self._send(notice, way, made.message, None)
            done = self._sent(notice, way, there)
            if self.watch:
                self.watch(done, made.message)
        else:
            done = self._sent(notice, way, there or Receipt({}))
        self.along += made.along(done)
        return done
