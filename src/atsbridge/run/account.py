"""One account's part of a tick: sync, judge, decide, deliver, in this order, under its lock.

How each of them works is in the package of its name; the other accounts are `tick`'s.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from atsbridge.cases.decide import Options as DecideOptions
from atsbridge.cases.decide import decide
from atsbridge.errors import AtsbridgeError
from atsbridge.model.case import TransitionName
from atsbridge.model.notice import Message, Notice
from atsbridge.model.organisation import User
from atsbridge.ports import Decision
from atsbridge.rules.rule import Rule
from atsbridge.run.calendars import Calendars
from atsbridge.run.judging import Judged, counts, disagreements, expected, judge_account
from atsbridge.run.memory import Memory, digest, fingerprints, recall, remember
from atsbridge.run.people import directory, offices_of, users_of
from atsbridge.run.summary import AccountSummary, Failure, would
from atsbridge.run.surroundings import Around
from atsbridge.run.wiring import Wiring

if TYPE_CHECKING:
    from atsbridge.run.tick import Options
    from atsbridge.sync.mapping import AccountMap

_WATCHED = ("live", "shadow")


class AccountTick:
    """One account in one tick. What happens is written into `done`."""

    def __init__(
        self,
        app: Wiring,
        account: str,
        done: AccountSummary,
        progress: Callable[[str, Any], None] | None,
        watch: Callable[[Notice, Message], None] | None,
    ) -> None:
        self.app = app
        self.account = account
        self.done = done
        self.progress = progress
        self.watch = watch

    def run(self, options: Options, rules: Mapping[str, Rule] | None) -> None:
        """The whole of it; `rules` None: read only. Raises what ends the account's tick."""
        self.app.spec(self.account)  # without its connector nothing can be done
        if options.sync:
            self._sync(options)
        if rules is not None:
            self._judge(rules, dry_run=options.dry_run)
            if not options.dry_run:
                self._deliver(rules)
            self.done.open = len(self.app.store.open_cases(self.account))

    def _sync(self, options: Options) -> None:
        from atsbridge.sync.engine import Options as SyncOptions
        from atsbridge.sync.engine import sync

        try:
            connector = self.app.connector(self.account)
        except AtsbridgeError as error:
            self._failed("", error)
            return
        report = sync(
            self.account,
            connector,
            self.app.store,
            self._map(),
            self.app.time,
            SyncOptions(
                full=options.full,
                accept_gone=options.accept_gone,
                max_bad=self.app.settings.run.max_bad_records,
            ),
            None if self.progress is None else self._progress,
        )
        for stream in report.streams:
            self.done.requests += stream.requests
            self.done.streams.append(
                {
                    "stream": stream.stream,
                    "status": stream.status,
                    "requests": stream.requests,
                    "new": stream.new,
                    "changed": stream.changed,
                    "gone": stream.gone,
                    "bad": stream.bad,
                    "error": stream.error,
                }
            )
            if stream.error:
                where = f"{self.account}/{stream.stream}" if stream.stream else self.account
                self.done.failures.append(Failure(where, stream.error, stream.remedy))

    def _map(self) -> AccountMap:
        from atsbridge.sync.mapping import parse

        section = self.app.account(self.account)
        return parse(section.map, self.account, self.app.spec(self.account).streams)

    def _progress(self, step: Any) -> None:
        if self.progress is not None:
            self.progress(self.account, step)

    def _judge(self, rules: Mapping[str, Rule], *, dry_run: bool) -> None:
        store, now = self.app.store, self.app.time.now()
        users = users_of(self.app, self.account)
        calendars = self._calendars(users, now)
        store.derive(self.account, now)
        watched = {rule.id: rule for rule in rules.values() if rule.status in _WATCHED}
        around = self._around(calendars, now)
        memory = recall(store, self.account)
        keys = digest(repr((self.app.settings.calendars, sorted(calendars.locales.items()))))
        why = memory.full_pass_due(now, self.app.settings.run.nightly_at, rules, keys)
        if not why and set(memory.unreadable) != around.unreadable:
            why = "what can be read changed"
        cases = store.open_cases(self.account)
        on_agenda = (
            expected(self.account, store, watched.values(), cases, now) if why == "nightly" else {}
        )
        judged = judge_account(
            self.account, store, watched.values(), around, cases, now=now, everything=bool(why)
        )
        decision = decide(
            self.account,
            now,
            judged.verdicts,
            cases,
            rules,
            directory(self.app, self.account, users, calendars, now),
            DecideOptions(
                calendars=calendars.of,
                baseline=memory.baseline(watched, now),
                told=lambda case: store.notices(self.account, case=case),
            ),
        )
        self._count(judged, decision, why)
        if why == "nightly":
            self._compare(on_agenda, decision)
        if dry_run:
            self._would(decision)
            return
        store.decide(replace(decision, judged=judged.ids, looks=judged.looks, unjudged_done=True))
        full_at = now if why else memory.full_at
        unreadable = tuple(sorted(around.unreadable))
        remember(
            store,
            self.account,
            Memory(now, full_at, fingerprints(rules.values()), keys, unreadable),
        )

    def _calendars(self, users: Mapping[str, User], now: datetime) -> Calendars:
        calendars = Calendars(
            self.app.settings,
            self.app.store,
            (now.year - 1, now.year, now.year + 1),
            self.app.plugins.holidays,
        )
        keys = calendars.settle(users.values(), offices_of(self.app, self.account))
        self.app.store.set_calendars(self.account, keys)
        return calendars

    def _around(self, calendars: Calendars, now: datetime) -> Around:
        from atsbridge.sync.freshness import unreadable

        spec, store = self.app.spec(self.account), self.app.store
        max_age = self.app.account(self.account).max_age
        doubtful = unreadable(store.states(self.account), spec, now, max_age, self._map())
        return Around(self.account, store, spec, calendars, now, doubtful)

    def _count(self, judged: Judged, decision: Decision, why: str) -> None:
        self.done.judged = counts(judged.verdicts)
        self.done.full_pass = bool(why)
        names = [row.name for _, _, row in decision.transitions]
        self.done.opened = names.count(TransitionName.OPENED)
        self.done.resolved = names.count(TransitionName.RESOLVED)
        self.done.cancelled = names.count(TransitionName.CANCELLED)

    def _compare(self, on_agenda: Mapping[str, frozenset[str] | None], decision: Decision) -> None:
        """The nightly pass over everything must find what the agenda would have found."""
        moved = [(rule, key.kind, key.id) for key, rule, _ in decision.transitions]
        for missed in disagreements(on_agenda, moved):
            self.done.failures.append(
                Failure(
                    f"{self.account}/agenda",
                    f"the nightly pass moved {missed}, which the agenda had not named",
                    "Nothing is lost; please report it",
                )
            )

    def _would(self, decision: Decision) -> None:
        of = {(case.rule, case.subject): case for case in decision.cases}
        for subject, rule, row in decision.transitions:
            case = of.get((rule, subject))
            self.done.would.append(would(case, None, row.name, row.reason))
        for notice in decision.notices:
            case = of.get((notice.rule, notice.subject))
            reason = f"{notice.state}: {notice.reason}" if notice.reason else str(notice.state)
            self.done.would.append(would(case, notice, notice.purpose, reason))

    def _deliver(self, rules: Mapping[str, Rule]) -> None:
        from atsbridge.delivery.deliver import deliver

        now = self.app.time.now()
        users = users_of(self.app, self.account)
        report = deliver(
            self.account,
            self.app.store,
            self.app.sinks(self.account),
            rules,
            directory(self.app, self.account, users, self._calendars(users, now), now),
            self.app.time,
            watch=self.watch,
        )
        self.done.notices = {str(state): count for state, count in report.counts.items()}
        for failure in report.failures:
            where = failure.where.removeprefix(f"{self.account}/")
            self.done.failures.append(
                Failure(f"{self.account}/{where}", failure.what, failure.remedy)
            )

    def _failed(self, stream: str, error: AtsbridgeError) -> None:
        where = f"{self.account}/{stream}" if stream else self.account
        self.done.failures.append(Failure(error.where or where, error.what, error.remedy))
