"""Notices to ops: data that newly cannot be read, and errors in packs; each is sent once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from atsbridge.cases import make_ops_notice
from atsbridge.context import AccountContext, Memory, Services
from atsbridge.model import Destination, Hold, Notice, ReasonCode, Verdict, clean, resolve
from atsbridge.ports import BreakerTrip, Stream, StreamState, StreamStatus
from atsbridge.presentation import (
    Reader,
    delivery_alerts,
    describe_waiting,
    outage_message,
    run_alerts,
)
from atsbridge.rules import Rule, decisive, required
from atsbridge.sync import doubt, find_failing, find_supplied

_OUTAGE = "outage@"  # before the instant, in the key of an outage that ops were notified of
_FAILED = (StreamStatus.FAILED, StreamStatus.DENIED, StreamStatus.LOST)
_ROOM = 300  # characters of the cause of an outage


@dataclass(frozen=True, slots=True)
class DoubtedList:
    """A list that was read and is not believed: why, what to do, and the fields it supplies.

    `key`: "stream@instant", the same as long as the doubt lasts.
    """

    key: str
    reason: str
    remedy: str
    fields: frozenset[str]


@dataclass(frozen=True, slots=True)
class DataLossAlert:
    """Alerts about lost data. `memory`: of the last run. `rules`: the live and shadow rules."""

    account: str
    ops: Destination
    memory: Memory
    rules: Sequence[Rule]
    now: datetime

    def report(self, context: AccountContext) -> tuple[tuple[Notice, ...], tuple[str, ...]]:
        """The notices, and the keys of the outage and the doubted lists that ops know of then."""
        account_map = context.account_map
        states = apart_from_strangers(
            context.spec.streams, context.store.records.read_states(self.account)
        )
        failed = find_failing(states, context.spec, account_map)
        reader = Reader(context.directory, self.ops, self.now)
        outage = _find_outage(context, states, reader)
        lost = tuple(self.report_lost(context.unknown_fields, failed, outage))
        is_out = any(one.status is StreamStatus.FAILED for one in states.values())
        ended, known = self.report_recovery(context.spec.title, reader, is_out=is_out)
        if lost and is_out and not known:
            known = (f"{_OUTAGE}{_last_read(states, self.now).isoformat()}",)
        notices, keys = self.report_doubted(list(_doubted_lists(context, self.now)))
        return (*lost, *ended, *notices), (*known, *keys)

    def report_lost(
        self,
        unknown: frozenset[str],
        failing: frozenset[str] = frozenset(),
        outage: outage_message.Outage | None = None,
    ) -> Iterator[Notice]:
        """A notice if rules that were evaluated in the last run cannot be evaluated now.

        `failing`: the fields of lists whose last try failed; a first run reports nothing else: what
        an ATS never supplies is in `doctor`. `outage`: which lists failed, since when and why.
        """
        memory, account = self.memory, self.account
        before = frozenset(memory.unreadable)
        lost = unknown - before if memory.at is not None else unknown & failing
        if not lost:
            return
        needed = {rule.id: decisive(rule) | required(rule) for rule in self.rules}
        silent = sorted(rule for rule, its in needed.items() if its & lost and not its & before)
        if not silent:
            return
        if outage is not None:
            text = outage_message.outage_text(outage, silent)
        else:
            fields = sorted(lost & frozenset().union(*(needed[rule] for rule in silent)))
            text = outage_message.missing_text("ATS", account, fields, silent)
        topic = f"blind/{self.now.isoformat()}"
        yield make_ops_notice(account, self.ops, topic, text, self.now)

    def report_recovery(
        self, title: str, reader: Reader, *, is_out: bool
    ) -> tuple[tuple[Notice, ...], tuple[str, ...]]:
        """A notice if an outage that ops know of is over; otherwise the key to remember."""
        known = tuple(key for key in self.memory.doubted if key.startswith(_OUTAGE))
        if not known or is_out:
            return (), known
        since = datetime.fromisoformat(known[0].removeprefix(_OUTAGE))
        text = outage_message.recovery_text(
            title, self.account, reader.moment(since), reader.moment(self.now)
        )
        topic = f"recovered/{known[0]}"
        return (make_ops_notice(self.account, self.ops, topic, text, self.now),), ()

    def report_doubted(
        self, lists: Sequence[DoubtedList]
    ) -> tuple[tuple[Notice, ...], tuple[str, ...]]:
        """One notice for the lists that some watched rule needs and ops do not know of yet.

        Also the keys to remember, of all that ops know of and that are still doubted.
        """
        needed = {rule.id: required(rule) for rule in self.rules}
        silent = {
            one.key: sorted(rule for rule, its in needed.items() if its & one.fields)
            for one in lists
        }
        reported = [one.key for one in lists if one.key in self.memory.doubted]
        news = [one for one in lists if one.key not in reported and silent[one.key]]
        keys = tuple(sorted((*reported, *(one.key for one in news))))
        if not news:
            return (), keys
        waiting = [
            run_alerts.WaitingRules(
                one.key.partition("@")[0], one.reason, one.remedy, silent[one.key]
            )
            for one in news
        ]
        text = run_alerts.describe_doubt(self.account, waiting)
        topic = f"doubted/{' '.join(one.key for one in news)}"
        return (make_ops_notice(self.account, self.ops, topic, text, self.now),), keys


def apart_from_strangers(
    streams: Sequence[Stream], states: Mapping[str, StreamState]
) -> Mapping[str, StreamState]:
    """The states without those of children whose parents may be another account's.

    The vendor does not know such parents here: the doubt about their list says so already.
    """
    strange = {name for name, one in states.items() if one.doubt is not None and one.doubt.rows}
    below = {s.name for s in streams if s.parent is not None and s.parent.stream in strange}
    return {name: one for name, one in states.items() if name not in below}


def _find_outage(
    context: AccountContext, states: Mapping[str, StreamState], reader: Reader
) -> outage_message.Outage | None:
    """The lists whose last read failed; None if there is none."""
    tried = {name: one for name, one in states.items() if one.status is not StreamStatus.NEVER}
    failed = {name: one for name, one in tried.items() if one.status in _FAILED}
    if not failed:
        return None
    return outage_message.Outage(
        title=context.spec.title,
        account=context.account,
        lists=sorted(failed),
        is_whole=len(failed) == len(tried),
        since=reader.moment(_last_read(failed, reader.now)),
        cause=clean(next((one.detail for one in failed.values() if one.detail), ""), _ROOM),
    )


def _last_read(states: Mapping[str, StreamState], now: datetime) -> datetime:
    """When the first of the failed lists was last read; now where none ever was."""
    reads = (one.read_at for one in states.values() if one.status in _FAILED)
    return min((at for at in reads if at is not None), default=now)


def _doubted_lists(context: AccountContext, now: datetime) -> Iterator[DoubtedList]:
    """The lists whose doubt has lasted long enough to be reported."""
    states, spec = context.store.records.read_states(context.account), context.spec
    for stream in spec.streams:
        state = states.get(stream.name)
        if state and state.doubt and doubt.is_reported(stream, state, now):
            yield DoubtedList(
                f"{stream.name}@{state.doubt.since.isoformat()}",
                doubt.describe(stream, state.doubt),
                doubt.suggest_remedy(stream, state.doubt, context.account),
                find_supplied((stream.name,), spec, context.account_map),
            )


def alert_absent(
    context: AccountContext, notices: Iterable[Notice], now: datetime
) -> Iterator[Notice]:
    """A notice to ops, once a day, about new reminders that wait until somebody is back."""
    returns = [one.not_before for one in notices if one.hold is Hold.AWAY and one.not_before]
    if returns:
        reader = Reader(context.directory, context.ops, now)
        text = describe_waiting(len(returns), min(returns), reader)
        topic = f"away/{now.date().isoformat()}"
        yield make_ops_notice(context.account, context.ops, topic, text, now)


def alert_unknown_terms(
    context: AccountContext, verdicts: Iterable[Verdict], now: datetime
) -> Iterator[Notice]:
    """A notice to ops, once a month, for each term of the ATS that leaves verdicts unknown."""
    silent: dict[tuple[str, str], set[str]] = {}
    for one in verdicts:
        if one.reason is None or one.reason.code is not ReasonCode.UNKNOWN_TERM:
            continue
        given = one.reason.as_dict()
        for path, term in zip(given["paths"], given["terms"], strict=True):
            field = resolve(one.subject.kind, path).field.path
            silent.setdefault((field, term), set()).add(one.rule)
    for (field, term), rules in sorted(silent.items()):
        text = run_alerts.describe_unknown_term(context.account, field, term, sorted(rules))
        topic = f"term/{field}={term}/{now:%Y-%m}"
        yield make_ops_notice(context.account, context.ops, topic, text, now)


def alert_trips(
    context: AccountContext, trips: Iterable[BreakerTrip], now: datetime
) -> Iterator[Notice]:
    """A notice to ops for each rule whose notices the circuit breaker began to hold."""
    for trip in trips:
        rule = context.rules[trip.rule]
        text = delivery_alerts.describe_trip(context.account, rule, trip.cases, trip.people)
        topic = f"breaker/{rule.id}/{now.isoformat()}"
        yield make_ops_notice(context.account, context.ops, topic, text, now)


def pack_errors(services: Services) -> tuple[str, ...]:
    """Every error in the packs, in order of file and line."""
    return tuple(str(error) for error in services.packs.rule_set.mistakes)


def alert_pack_errors(context: AccountContext, memory: Memory, now: datetime) -> Iterator[Notice]:
    """A notice to ops if there are errors that the last run did not know.

    Packs are shared by all accounts: only the first account sends it.
    """
    errors, account = pack_errors(context.services), context.account
    if account != min(context.settings.accounts) or not set(errors) - set(memory.mistakes):
        return
    text = run_alerts.describe_pack_errors(errors)
    yield make_ops_notice(account, context.ops, f"mistakes/{now.isoformat()}", text, now)
