"""One account's part of a tick: sync, judge, decide, deliver, in this order, under its lock.

How each of them works is in the package of its name; the other accounts are `tick`'s.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from atsbridge.context import (
    AccountSummary,
    Failure,
    Services,
    failure,
    last_nightly,
    recall,
    remember,
)
from atsbridge.errors import AtsbridgeError
from atsbridge.presentation import count
from atsbridge.tick.run_instant import behind, note, unsure
from atsbridge.timesource import FixedNow

if TYPE_CHECKING:
    from atsbridge.model import Message, Notice
    from atsbridge.sync import AccountMap
    from atsbridge.tick.runner import Options

_BATCHES = 100  # of what is erased in one tick; a later one goes on
_FRESHEN = timedelta(hours=1)  # how old the note of the last tick may get while nothing happens


def night(app: Services, account: str) -> str:
    """The night whose search for vanished rows is still due, "" if none is."""
    last = last_nightly(app.time.now(), app.settings.run.nightly_at).isoformat()
    kept = app.store.run_state.get(f"night/{account}")
    return "" if kept is not None and kept.decode() >= last else last


class AccountTick:
    """One account in one tick. What happens is written into `done`."""

    def __init__(
        self,
        app: Services,
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
        self.dry_run = False

    def run(self, options: Options) -> None:
        """The whole of it. Raises what ends the account's tick."""
        self.app.spec(self.account)  # without its connector nothing can be done
        self.dry_run = options.dry_run
        if options.sync:
            self.done.stage = "sync"
            nightly = bool(night(self._fetching, self.account))
            read = self._sync(options)
            if not read and (trouble := unsure(self._fetching, self.account)):
                self.done.failures.append(trouble)
                return
            self._take_in(nightly=nightly)
            self._done("sync")
        if not options.dry_run:
            note(self.app.store, self.account, self.app.time.now())
            self._say_clock()
        if options.judge and not self._idle():
            from atsbridge.tick.pack_errors_alert import mistakes_of
            from atsbridge.tick.pipeline import Judgement

            self.done.stage = "judge"
            judgement = Judgement(self.app, self.account, self.done, self.unreadable())
            self.done.rule_error = "\n".join(mistakes_of(self.app))
            judgement.judge(dry_run=options.dry_run)
            self._done("judge")
            if not options.dry_run:
                self.done.stage = "deliver"
                judgement.deliver(self.watch)
                self._done("deliver")
                self._expire()
                note(self.app.store, self.account, self.app.time.now())
            self.done.open = len(self.app.store.cases.read_open_cases(self.account))

    @property
    def _fetching(self) -> Services:
        """The application with the clock that reading goes by.

        A dry run may judge at another instant; what it reads is read now, else a bookmark would
        stand in the future, and what changes until then would never be asked for.
        """
        time = self.app.time
        if self.dry_run and isinstance(time, FixedNow):
            return self.app.on_clock(time.beneath)
        return self.app

    def _say_clock(self) -> None:
        """Ops hear of a clock that is behind, once for each instant at which it has to wait."""
        if not behind(self.done):
            return
        from atsbridge.cases import word

        now = self.app.time.now()
        ops = self.app.teams(self.account)[self.app.settings.notify.ops]
        headline = f"{self.account}: a clock is {count(self.done.behind // 60, 'minute')} behind"
        body = (
            "A run found the clock of its machine behind the last run's. It judged at the later"
            " instant, so nothing ends, opens or repeats; time stands still there until the clock"
            " has caught up. Set the clocks of all machines that run atsbridge (NTP)."
        )
        topic = f"clock/{now.date().isoformat()}"
        self.app.store.outbox.queue([word(self.account, ops, topic, headline, body, now)])

    def _take_in(self, *, nightly: bool) -> None:
        """What people write beside the ATS."""
        from atsbridge.context import Intake

        intake = Intake(self.app, self.account, self.done)
        intake.take(self._map(), self.unreadable, nightly=nightly)

    def _expire(self) -> None:
        """Once a night: what ended before `keep_ended` is erased."""
        run, now = self.app.settings.run, self.app.time.now()
        key = f"expired/{self.account}"
        last = last_nightly(now, run.nightly_at).isoformat().encode()
        if self.app.store.run_state.get(key) == last:
            return
        for _ in range(_BATCHES):
            if not (erased := self.app.store.privacy.expire(self.account, now - run.keep_ended)):
                self.app.store.run_state.put(key, last)
                return
            for what, rows in erased.items():
                self.done.erased[what] = self.done.erased.get(what, 0) + rows

    def unreadable(self) -> frozenset[str]:
        """The "kind.field"s that cannot be believed now."""
        from atsbridge.sync import unreadable

        states, spec = self.app.store.records.read_states(self.account), self.app.spec(self.account)
        max_age = self.app.account(self.account).max_age
        return unreadable(states, spec, self._fetching.time.now(), max_age, self._map())

    def _idle(self) -> bool:
        """Nothing changed, nothing is due, nothing is open: the rules need not even be read.

        Rules, calendars and what can be read are those of the tick before, by their digests.
        """
        store, now = self.app.store, self.app.time.now()
        memory = recall(store.run_state, self.account)
        self.done.rule_error = "\n".join(memory.mistakes)
        if not memory.still(
            now, self.app.settings.run.nightly_at, self.app.packs.digest, self.unreadable()
        ) or not store.subjects.is_idle(self.account, now):
            return False
        if memory.at is not None and now - memory.at > _FRESHEN:
            remember(store.run_state, self.account, replace(memory, at=now))
        return True

    def _sync(self, options: Options) -> bool:
        """Read the lists; whether any could be read."""
        from atsbridge.sync import Options as SyncOptions
        from atsbridge.sync import sync

        try:
            connector = self.app.open_connector(self.account)
        except AtsbridgeError as error:
            self._failed("", error)
            return False
        due = night(self._fetching, self.account)
        report = sync(
            self.account,
            connector,
            self.app.store.records,
            self._map(),
            self._fetching.time,
            SyncOptions(
                full=options.full,
                accept_gone=options.accept_gone,
                accept_empty=options.accept_empty,
                max_bad=self.app.settings.run.max_bad_records,
                history=self.app.account(self.account).history,
                nightly=bool(due),
            ),
            None if self.progress is None else self._progress,
        )
        read = any(stream.good and stream.requests for stream in report.streams)
        if due and read:
            self.app.store.run_state.put(f"night/{self.account}", due.encode())
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
                    "samples": list(stream.samples),
                    "error": stream.error,
                    "lost": list(stream.lost),
                    "doubt": stream.doubt,
                }
            )
            place = f"{self.account}/{stream.stream}" if stream.stream else self.account
            lost = stream.lost or self._still_lost(stream.stream)
            if stream.good and stream.requests:
                self.done.worked |= {self.account, place}
                self.done.worked |= set() if lost else {f"{place}/fields"}
            for told in lost:
                remedy = (
                    "Rules that need it stay silent. See `atsbridge doctor`, or if there is a"
                    " newer connector"
                )
                where = f"{self.account}/{stream.stream}"
                self.done.failures.append(Failure(where, told, remedy, f"{place}/fields"))
            if stream.error:
                failed = Failure(place, stream.error, stream.remedy, code=stream.kind)
                self.done.failures.append(failed)
        return read

    def _still_lost(self, stream: str) -> list[str]:
        """What an earlier read could not understand, and no row has shown to be well since.

        What can be read again and waits for one more reading of all rows is no news.
        """
        from atsbridge.sync import LOST

        prints = self.app.store.records.read_state(self.account, stream).fingerprints
        fields = sorted(field for field, print_ in prints.items() if print_ == LOST)
        return [f"still cannot be read, and is unknown: {', '.join(fields)}"] if fields else []

    def _map(self) -> AccountMap:
        from atsbridge.sync import parse

        section = self.app.account(self.account)
        return parse(section.map, self.account, self.app.spec(self.account).streams)

    def _progress(self, step: Any) -> None:
        if self.progress is not None:
            self.progress(self.account, step)

    def _failed(self, stream: str, error: AtsbridgeError) -> None:
        where = f"{self.account}/{stream}" if stream else self.account
        self.done.failures.append(failure(where, error))

    def _done(self, stage: str) -> None:
        """A stage was gone through: what had failed in it has recovered."""
        self.done.worked.add(f"{self.account}/run/{stage}")
        if stage == "judge":
            self.done.worked.add(f"{self.account}/rules")
