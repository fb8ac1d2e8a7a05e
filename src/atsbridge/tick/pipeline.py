"""Judging, deciding and delivering for one account; imported only when there is something to do.

Which subjects are judged is `judging`'s; whether there is anything at all is `account`'s.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from atsbridge import __version__
from atsbridge.cases import Directory, decide, word
from atsbridge.cases import Options as DecideOptions
from atsbridge.context import (
    FALLBACK_ZONE,
    AccountSummary,
    Around,
    Calendars,
    Failure,
    Memory,
    Muting,
    Services,
    Told,
    attention,
    calendars_of,
    digest,
    directory,
    held_by_breaker,
    hushed,
    kept,
    learn_zones,
    listed,
    mapped,
    part_digests,
    recall,
    rules_of,
    stopped,
    unplaced,
    users_of,
)
from atsbridge.delivery import candidate_names as names
from atsbridge.delivery import deliver
from atsbridge.errors import PluginError, SourceError
from atsbridge.model import Message, Notice, NoticeState, TransitionName, User
from atsbridge.ports import Decision
from atsbridge.presentation import count
from atsbridge.rules import Rule, required
from atsbridge.tick import data_loss_alert
from atsbridge.tick.evaluation import (
    Judged,
    counts,
    disagreements,
    expected,
    judge_account,
    pending,
)
from atsbridge.tick.pack_errors_alert import message as stopped_message
from atsbridge.tick.pack_errors_alert import mistakes_of
from atsbridge.tick.planned_actions import planned
from atsbridge.tick.recheck import Confirming
from atsbridge.tick.reports import fault

# After so long without a run the store may be a backup that was put back: what it has still to send
# may have gone out since. Then each message is looked up first, where its sink can.
_GAP = timedelta(hours=3)
_WATCHED = ("live", "shadow")
_WAITING = (NoticeState.QUEUED, NoticeState.RETRY, NoticeState.HELD)


class Judgement:
    """One account's judging in one tick. What happens is written into `done`."""

    def __init__(
        self, app: Services, account: str, done: AccountSummary, unreadable: frozenset[str]
    ) -> None:
        self.app = app
        self.account = account
        self.done = done
        self.unreadable = unreadable
        self.after_gap = False  # whether the store may be older than what was sent
        self._asked = False  # whether the chat was asked for zones

    def judge(self, *, dry_run: bool) -> None:
        """Judge and decide; a dry run writes what it would have done into the summary."""
        rules = rules_of(self.app, self.account)
        store, now = self.app.store, self.app.time.now()
        users = users_of(self.app, self.account)
        calendars = self._calendars(users, now)
        store.subjects.derive(self.account, now)
        watched = {rule.id: rule for rule in rules.values() if rule.status in _WATCHED}
        spec = self.app.spec(self.account)
        around = Around(
            self.account, store, spec, calendars, now, self.unreadable, market=self.app.market.data
        )
        memory = recall(store.run_state, self.account)
        halted = stopped(self.app, rules)
        entries = memory.entries(rules, halted, now)
        self.after_gap = memory.at is None or now - memory.at > _GAP
        versions = [(one.name, one.version) for one in self.app.plugins.installed]
        keys = digest(repr((calendars.digest(), self.app.market.digest, __version__, versions)))
        why = memory.full_pass_due(now, self.app.settings.run.nightly_at, entries, keys)
        if why in ("", "nightly") and set(memory.unreadable) != around.unreadable:
            why = "what can be read changed"  # also at night: no agenda could have named that
        cases = store.cases.read_open_cases(self.account)
        known = mapped(self.app, self.account)
        map_digest = digest(repr(self.app.account(self.account).map))
        on_agenda = (
            expected(self.account, store, watched.values(), cases, now) if why == "nightly" else {}
        )
        judged = judge_account(
            self.account, store, watched.values(), around, cases, now=now, everything=bool(why)
        )
        owing = {verdict.owed_by for verdict in judged.verdicts if verdict.open}
        if not dry_run and self._learn(calendars, owing, now):
            self.judge(dry_run=dry_run)  # by the zones that were found
            return
        people = directory(self.app, self.account, users, calendars, now)
        self._place(people, calendars, owing, now, dry_run=dry_run)
        baseline = memory.baseline(watched, now)
        decision = decide(
            self.account,
            now,
            judged.verdicts,
            cases,
            rules,
            people,
            DecideOptions(
                calendars=calendars.of,
                baseline=baseline,
                told=Told(store, self.account).of,
                digest_at=self.app.settings.notify.digest_at,
                live=self._live,
                muted=Muting(store, self.account, now).why,
                tripped=held_by_breaker(store, self.account),
                edits=memory.edits(watched, map_digest, known),
                stopped=halted,
            ),
        )
        self._count(judged, decision, why)
        self.done.failures += [
            fault(f"{self.account}/rules/{name}", error, "")
            for name, error in judged.failed.items()
        ]
        if why == "nightly":
            self._compare(on_agenda, decision)
        if dry_run:
            self._would(decision, rules, calendars)
            return
        dark = around.unreadable
        unread, doubted = data_loss_alert.unread(
            self.app, self.account, people.ops, memory, dark, [*watched.values()], now
        )
        note = Memory(
            at=now,
            full_at=now if why else memory.full_at,
            rules=memory.entries(
                {name: one for name, one in rules.items() if name not in judged.failed},
                lambda name: halted(name) or name in judged.failed,
                now,
            ),
            calendars=keys,
            unreadable=tuple(sorted(dark)),
            blind=tuple(sorted(one for one in baseline if required(watched[one]) & dark)),
            doubted=doubted,
            packs=self.app.packs.digest,
            parts={
                **{name: one for name, one in memory.parts.items() if halted(name)},
                **{name: part_digests(rule) for name, rule in watched.items()},
            },
            mapped=tuple(sorted(known)),
            map=map_digest,
            mistakes=mistakes_of(self.app),
        )
        halts = stopped_message(self.app, self.account, people.ops, memory, now)
        store.cases.save_decision(
            replace(
                decision,
                notices=(*decision.notices, *unread, *halts),
                judged=judged.ids,
                looks=[*judged.looks, *pending(judged.verdicts, (*cases, *decision.cases), now)],
                ahead=judged.ahead,
                unreadable=around.unreadable,
                unjudged_done=True,
                cached=kept(self.account, note),
            )
        )

    def _learn(self, calendars: Calendars, people: Iterable[str | None], now: datetime) -> bool:
        """Whether the chat knew a zone of one of those people; asked once in a run."""
        if self._asked:
            return False
        self._asked = True
        return learn_zones(self.app, self.account, calendars, people, now)

    def _place(
        self,
        people: Directory,
        calendars: Calendars,
        owing: Iterable[str | None],
        now: datetime,
        *,
        dry_run: bool,
    ) -> None:
        """Say who owes something and has no zone or country: in the summary, and to ops monthly."""
        found = unplaced(self.app, self.account, calendars, [one for one in owing if one])
        self.done.without_zone, self.done.without_country = found.zone, found.country
        if not found.zone or dry_run:
            return
        body = (
            f"Nobody knows the time zone of {listed(found.zone)}. Their time is counted in"
            f" {FALLBACK_ZONE}, and they are left alone outside the office hours of where most"
            " people are. Name their offices in [offices], or them in [people]; `atsbridge doctor`"
            " lists all."
        )
        headline = (
            f"{self.account}: {count(len(found.zone), 'person', 'people')} without a time zone"
        )
        topic = f"zones/{now:%Y-%m}"
        note = word(self.account, people.ops, topic, headline, body, now)
        self.app.store.outbox.queue([note])

    def _live(self, rule: Rule) -> int:
        """How many subjects the rule watches."""
        query = replace(rule.open, bound=None, columns=())
        return sum(1 for _ in self.app.store.subjects.select(self.account, query))

    def _calendars(self, users: Mapping[str, User], now: datetime) -> Calendars:
        years = (now.year - 1, now.year, now.year + 1)
        calendars = calendars_of(self.app, self.account, years, users)
        keys = {user: locale.key for user, locale in calendars.locales.items()}
        self.app.store.subjects.save_calendars(self.account, keys)
        return calendars

    def _count(self, judged: Judged, decision: Decision, why: str) -> None:
        self.done.judged = counts(judged.verdicts)
        self.done.full_pass = bool(why)
        names = [row.name for _, _, row in decision.transitions]
        self.done.opened = names.count(TransitionName.OPENED)
        self.done.resolved = names.count(TransitionName.RESOLVED)
        self.done.cancelled = names.count(TransitionName.CANCELLED)

    def _compare(self, on_agenda: Mapping[str, frozenset[str] | None], decision: Decision) -> None:
        """The nightly pass over everything must find what the agenda would have found."""
        self.done.worked.add(f"{self.account}/agenda")
        moved = [(rule, key.kind, key.id) for key, rule, _ in decision.transitions]
        for missed in disagreements(on_agenda, moved):
            self.done.failures.append(
                Failure(
                    f"{self.account}/agenda",
                    f"the nightly pass moved {missed}, which the agenda had not named",
                    "Nothing is lost; please report it",
                )
            )

    def _fetch_names(self, now: datetime) -> None:
        """The names of candidates that messages are about to use; a fault costs only the names."""
        ids = names.wanted(self.account, self.app.store, self.app.packs.rule_set.rules, now)
        if not ids:
            return
        from atsbridge.sync import parse, refresh

        section, store = self.app.account(self.account), self.app.store
        try:
            connector = self.app.open_connector(self.account)
            account_map = parse(section.map, self.account, connector.spec.streams)
            before = connector.requests
            refresh(
                self.account, connector, store.records, account_map, self.app.time, "candidate", ids
            )
            self.done.requests += connector.requests - before
        except (SourceError, PluginError):
            return  # what the messages are about is known: they say "a candidate"

    def _would(self, decision: Decision, rules: Mapping[str, Rule], calendars: Calendars) -> None:
        waiting = self.app.store.outbox.read_notices(self.account, states=_WAITING)
        sections = self.app.settings.sinks  # a plan opens none: their kinds say what they can
        specs = {name: self.app.plugins.sink(one.kind) for name, one in sections.items()}
        edits = frozenset(name for name, spec in specs.items() if spec and spec.edits)
        habits = replace(attention(self.app, calendars), edits=edits)
        self.done.would = planned(decision, waiting, rules, habits, self.app.time.now())

    def _listen(self, people: Directory) -> None:
        """What people answered counts before anything is sent; no message out, nothing to hear."""
        from atsbridge.replies import Listening

        Listening(self.app, self.done, people).hear()

    def deliver(self, watch: Callable[[Notice, Message], None] | None) -> None:
        """Send what is due; `watch` hears of every message that went out."""
        now = self.app.time.now()
        users = users_of(self.app, self.account)
        self._fetch_names(now)
        calendars = self._calendars(users, now)
        waiting = self.app.store.outbox.read_notices(self.account, states=_WAITING)
        if learn_zones(
            self.app, self.account, calendars, {one.destination.person for one in waiting}, now
        ):
            calendars = self._calendars(users, now)
        rules = rules_of(self.app, self.account)
        people = directory(self.app, self.account, users, calendars, now)
        self._listen(people)
        report = deliver(
            self.account,
            self.app.store,
            self.app.sinks(self.account),
            rules,
            people,
            self.app.time,
            clearance={
                name: self.app.clearance(name) for name in self.app.sink_names(self.account)
            },
            watch=watch,
            attention=attention(self.app, calendars),
            redirect_to=self.app.settings.notify.redirect_to,
            look=Confirming(self.app, self.done, rules, people, calendars, self.unreadable),
            hushed=hushed(self.app.store, self.account, now, rules, stopped(self.app, rules)),
            stopped=stopped(self.app, rules),
            look_first=self.after_gap,
        )
        self.done.breaker = sorted(held_by_breaker(self.app.store, self.account))
        self.done.notices = {str(state): count for state, count in report.counts.items()}
        self.done.worked |= report.worked
        for failure in report.failures:
            where = failure.where.removeprefix(f"{self.account}/")
            self.done.failures.append(
                Failure(
                    f"{self.account}/{where}",
                    failure.what,
                    failure.remedy,
                    failure.place,
                    failure.code,
                )
            )
