"""What a delivery is asked to do, and what its stages work with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial

from atsbridge.cases import Attention, Directory
from atsbridge.delivery import reader_history
from atsbridge.delivery.confirmation import ConfirmFacts
from atsbridge.delivery.delivery_report import DeliveryFailure, make_failure
from atsbridge.delivery.failover import Failover
from atsbridge.delivery.redirect import redirected
from atsbridge.delivery.routing import Route
from atsbridge.delivery.sink_guard import Guarded
from atsbridge.errors import AtsbridgeError
from atsbridge.model import (
    APART,
    BOUND,
    PAIR,
    Case,
    Destination,
    Key,
    Message,
    Notice,
    NoticeState,
    Purpose,
    Sensitivity,
)
from atsbridge.ports import Sink, Store
from atsbridge.presentation import NO_FACTS, MessageContext, SearchFacts
from atsbridge.rules import Rule
from atsbridge.timesource import TimeSource

_APART = (*APART, *PAIR, Purpose.DIGEST)  # messages about no case that people answer
_ANSWERED = timedelta(days=30)  # how old such a message may be
Suppress = Callable[[Case, Rule], str]  # why a case is suppressed now; "" if it is not


@dataclass(frozen=True, slots=True)
class DeliveryRequest:
    """One account's delivery. The caller holds the account's lock.

    `sinks`: those the account names. `clearance`: a sink's name -> the most sensitive class it may
    carry, where that is not what its kind declares. `declared`: who may read single custom fields
    and brief sections. `watch` is called with every message that was
    sent. `attention` says who may be disturbed; without it everything goes. `redirect_to`: one
    address that gets every message. `confirm` reads stale facts again before a person is notified;
    without it the stored facts count. `suppress`: why a case is suppressed now.
    `is_stopped`: whether a rule has an error, so that its notices wait. `look_first`: look each
    message up before it is sent, because the store may be older than what was sent. `sharers`: the
    e-mail addresses of those who agreed to figures of their pairs. `find_search`: what good news
    tells of the search of a subject.
    """

    account: str
    store: Store
    sinks: Mapping[str, Sink]
    rules: Mapping[str, Rule]
    directory: Directory
    time: TimeSource
    clearance: Mapping[str, Sensitivity] = field(default_factory=dict)
    declared: Mapping[str, Sensitivity] = field(default_factory=dict)
    watch: Callable[[Notice, Message], None] | None = None
    attention: Attention | None = None
    redirect_to: str = ""
    confirm: ConfirmFacts | None = None
    suppress: Suppress = field(default=lambda _case, _rule: "")
    is_stopped: Callable[[str], bool] = field(default=lambda _rule: False)
    look_first: bool = False
    sharers: frozenset[str] = frozenset()
    find_search: Callable[[Key], SearchFacts] = field(default=lambda _subject: NO_FACTS)


@dataclass(slots=True)
class DeliveryEnv:
    """What the stages of one delivery share.

    `guarded`: the sinks by name; `sinks`: the same, behind the redirect if there is one.
    `ops_notices`: key -> message to the operators, queued once everything is sent. `failures`: what
    did not go where it was to go. `sent_texts`: what was sent in this run, and where.
    """

    request: DeliveryRequest
    guarded: Mapping[str, Guarded]
    sinks: Mapping[str, Sink]
    failover: Failover
    ops_notices: dict[str, Notice]
    failures: list[DeliveryFailure] = field(default_factory=list)
    sent_texts: set[tuple[object, ...]] = field(default_factory=set)

    @property
    def account(self) -> str:
        """The account whose notices are delivered."""
        return self.request.account

    @property
    def store(self) -> Store:
        """Its store."""
        return self.request.store

    @property
    def directory(self) -> Directory:
        """Who is who in the account."""
        return self.request.directory

    @property
    def time(self) -> TimeSource:
        """The clock."""
        return self.request.time

    def find_rule(self, notice: Notice) -> Rule | None:
        """The rule of a notice, if it is still in a pack."""
        return self.request.rules.get(notice.rule)

    def find_clearance(self, route: Route) -> Sensitivity:
        """The most sensitive class that a message on this route may carry."""
        return self.request.clearance.get(route.to.sink, route.sink.spec.clearance)

    def find_sent_message(self, notice: Notice, to: Destination) -> Notice | None:
        """The message of the notice's case that was sent to this destination first.

        Of an answer to a message about no case, that message.
        """
        if notice.answers:
            since = self.time.now() - _ANSWERED
            recent = self.store.outbox.read_sent_apart(self.account, _APART, since)
            return next((one for one in recent if one.key == notice.answers), None)
        sent = [NoticeState.SENT]
        for other in self.store.outbox.read_notices(self.account, case=notice.case, states=sent):
            if other.digest:
                continue  # one line of several: nothing to edit, no thread of its own
            same_place = other.destination.place == to.place
            if same_place and other.purpose not in BOUND and other.key != notice.key:
                return other
        return None

    def make_context(self, notice: Notice, route: Route) -> MessageContext:
        """What a message on this route is made with."""
        return MessageContext(
            self.directory,
            self.time.now(),
            self.find_clearance(route),
            reader_history.read(self.store, notice, route.to),
            takes_replies=route.sink.spec.replies,
            has_buttons=route.sink.spec.buttons,
            find_search=self.request.find_search,
            declared=self.request.declared,
        )

    def tell_ops(self, notice: Notice) -> None:
        """Queue a message to the operators once everything is sent; once per key."""
        self.ops_notices.setdefault(notice.key, notice)

    def report(self, notice: Notice, error: AtsbridgeError) -> None:
        """Note what happened to a notice among the failures."""
        self.failures.append(make_failure(self.account, notice, error))


def make_env(request: DeliveryRequest) -> DeliveryEnv:
    """The environment of a delivery. FatalError where nobody is reached at `redirect_to`."""
    require_lock = partial(request.store.require_lock, request.account)
    guarded = {name: Guarded(name, sink, require_lock) for name, sink in request.sinks.items()}
    sinks: dict[str, Sink] = {**guarded}
    if request.redirect_to:
        sinks = redirected(sinks, request.directory.sinks, request.redirect_to)
    ops_notices: dict[str, Notice] = {}
    failover = Failover(request.account, request.directory.ops, request.time, ops_notices)
    return DeliveryEnv(request, guarded, sinks, failover, ops_notices)
