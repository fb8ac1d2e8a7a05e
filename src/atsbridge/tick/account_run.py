"""One account's part of a run, under its lock: sync, evaluate, decide, deliver, erase."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from atsbridge.context import (
    AccountContext,
    AccountSummary,
    RunStage,
    Services,
    failure,
    last_nightly,
    refresh_ats_absences,
)
from atsbridge.tick.run_instant import is_behind, unconfirmed_jump
from atsbridge.tick.sync_stage import sync_account
from atsbridge.timesource import FixedNow, TimeSource

if TYPE_CHECKING:
    from atsbridge.model import Message, Notice
    from atsbridge.tick.run_options import RunOptions

_BATCHES = 100  # erased in one run; a later run continues
# The time of the last run is stored at least so often while nothing happens.
_FRESHEN = timedelta(hours=1)


class AccountRun:
    """One account in one run. The results are written into `done`."""

    def __init__(
        self,
        services: Services,
        done: AccountSummary,
        options: RunOptions,
        progress: Callable[[str, Any], None] | None = None,
        watch: Callable[[Notice, Message], None] | None = None,
    ) -> None:
        self.done, self.options = done, options
        self.progress, self.watch = progress, watch
        self.context = AccountContext(
            services, done.account, fetch_time=_fetch_time(services, options.dry_run)
        )
        self.account = done.account

    def run(self) -> None:
        """Run every stage that the options ask for. Raises errors that end the account's run."""
        _ = self.context.spec  # raises if the connector is missing
        if self.options.sync and not self._sync():
            return
        if not self.options.dry_run:
            if not self._refresh_hinted():
                return
            self.context.run_state.note_run(self.context.time.now())
            self._report_clock()
        if self.options.evaluate and not self._is_idle():
            self._evaluate_and_deliver()

    def _sync(self) -> bool:
        """Read the lists and import briefs. False if the clock jumped and nothing was read."""
        context = self.context
        self.done.stage = RunStage.SYNC
        nightly_at = context.settings.run.nightly_at
        night = context.run_state.read_due_night(context.fetch_time.now(), nightly_at)
        read = sync_account(context, self.done, self.options, night, self.progress)
        if not read and (failure := unconfirmed_jump(context)):
            self.done.failures.append(failure)
            return False
        from atsbridge.tick.brief_import import BriefImport  # what only a sync needs

        BriefImport(context, self.done).run(nightly=bool(night))
        if not self.options.dry_run:
            self._refresh_absences()
        self._finish(RunStage.SYNC)
        return True

    def _refresh_absences(self) -> None:
        """Ask the ATS who is away, if it knows. A failure leaves what is known."""
        place = f"{self.account}/absences"
        context, now = self.context, self.context.fetch_time.now()
        error = refresh_ats_absences(
            context.connector, lambda: context.users, context.run_state, now
        )
        if error is None:
            self.done.worked.add(place)
        else:
            self.done.failures.append(failure(place, error, place))

    def _refresh_hinted(self) -> bool:
        """Read again what webhooks named and nobody has read since.

        False if the clock jumped, and neither a list nor what was named could be read.
        """
        if self.context.spec.webhooks is None:
            return True
        from atsbridge.tick.hint_refresh import HintRefresh, note_polled_changes

        read = HintRefresh(self.context, self.done).run()
        if not (self.options.sync or read) and (jump := unconfirmed_jump(self.context)):
            self.done.failures.append(jump)
            return False
        note_polled_changes(self.context, self.done.streams)
        return True

    def _evaluate_and_deliver(self) -> None:
        # A run with nothing to do loads none of it.
        from atsbridge.tick.decision_stage import DecisionStage

        self.done.stage = RunStage.EVALUATE
        stage = DecisionStage(self.context, self.done)
        stage.evaluate(dry_run=self.options.dry_run, texts=self.options.texts)
        self._finish(RunStage.EVALUATE)
        self.done.worked.add(f"{self.account}/rules")
        if not self.options.dry_run:
            self._queue_pair_messages()
            self.done.stage = RunStage.DELIVER
            stage.deliver(self.watch)
            self._finish(RunStage.DELIVER)
            self._expire()
            self.context.run_state.note_run(self.context.time.now())
        cases = self.context.store.cases.read_open_cases(self.account)
        self.done.backlog = sum(case.in_backlog for case in cases)
        self.done.open = len(cases) - self.done.backlog

    def _is_idle(self) -> bool:
        """Whether nothing changed, is due or is open, so that no rule needs to be read.

        Rules, calendars and unknown fields are those of the last run, by their digests.
        """
        context = self.context
        now, run_state = context.time.now(), context.run_state
        if self._has_pair_messages() and (run_state.read_pair_look() or now) <= now:
            return False
        memory = run_state.read_memory()
        self.done.rule_error = "\n".join(memory.mistakes)
        nightly_at, packs = context.settings.run.nightly_at, context.services.packs.digest
        if not memory.is_unchanged(now, nightly_at, packs, context.unknown_fields):
            return False
        if not context.store.subjects.is_idle(self.account, now):
            return False
        if memory.at is not None and now - memory.at > _FRESHEN:
            run_state.write_memory(replace(memory, at=now))
        return True

    def _has_pair_messages(self) -> bool:
        """Whether pairs may get messages of their own: the settings, or somebody's choice."""
        settings = self.context.settings
        notify = settings.notify
        return notify.weekly is not None or notify.pulse or bool(settings.report.pairs)

    def _queue_pair_messages(self) -> None:
        """Queue what pairs get besides their cases, where it is time to look."""
        if not self._has_pair_messages():
            return
        now = self.context.time.now()
        if (self.context.run_state.read_pair_look() or now) > now:
            return
        from atsbridge.tick.pair_messages import PairMessages

        PairMessages(self.context, now).queue()
        if self.context.settings.notify.pulse:
            from atsbridge.tick.pulse_messages import PulseMessages

            PulseMessages(self.context, now).queue()

    def _report_clock(self) -> None:
        """Tell ops about a clock that is behind, once for each instant at which it has to wait."""
        if not is_behind(self.done):
            return
        from atsbridge.cases import make_ops_notice
        from atsbridge.presentation import run_alerts

        now = self.context.time.now()
        text = run_alerts.describe_clock(self.account, self.done.behind)
        topic = f"clock/{now.date().isoformat()}"
        notice = make_ops_notice(self.account, self.context.ops, topic, text, now)
        self.context.store.outbox.queue([notice])

    def _expire(self) -> None:
        """Erase once a night what ended before `keep_ended`."""
        context, settings = self.context, self.context.settings.run
        now = context.time.now()
        night = last_nightly(now, settings.nightly_at).isoformat()
        if context.run_state.is_expired(night):
            return
        for _ in range(_BATCHES):
            erased = context.store.privacy.expire(self.account, now - settings.keep_ended)
            if not erased:
                context.run_state.note_expired(night)
                return
            for kind, rows in erased.items():
                self.done.erased[kind] = self.done.erased.get(kind, 0) + rows

    def _finish(self, stage: RunStage) -> None:
        """Note that the stage succeeded: its earlier failures have recovered."""
        self.done.worked.add(f"{self.account}/run/{stage}")


def _fetch_time(services: Services, dry_run: bool) -> TimeSource:
    """The clock for reading.

    A dry run may evaluate at another instant, but it reads now: a bookmark in the future would hide
    all changes until then.
    """
    time = services.time
    return time.beneath if dry_run and isinstance(time, FixedNow) else time
