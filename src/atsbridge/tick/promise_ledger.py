"""Record the promises of one account: the evaluated ones, and those that ended since the last run.

If records keep how the promises of a rule end (a stop), its promises are read from the past too,
also from before the first run. A rule without a stop is watched from its first evaluation on,
because nothing shows later how its promises ended.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import replace
from datetime import datetime, timedelta

from atsbridge.context import AccountContext, EvaluationInputs, SubjectPlace, find_places
from atsbridge.model import (
    All,
    Found,
    Key,
    Promise,
    PromiseOutcome,
    Query,
    ReasonCode,
    State,
    Verdict,
)
from atsbridge.rules import Rule, evaluate_rule
from atsbridge.simulation import SettledPromises, can_settle, decide_outcome, measure
from atsbridge.tick.evaluation import Evaluated, select_unfiltered

HISTORY = timedelta(weeks=13)  # how far back promises are read, where records reach
_INSTANT = timedelta(milliseconds=1)
_SLICE = timedelta(weeks=1)  # of the past at a time, at first
_LONGER = 13  # times the slice before it: all that is left
_BUDGET = 4000  # promises of the past read in one run; the next run reads on
_UNKNOWN = 2000  # unknown promises of a rule that a full evaluation reads again
_RUNS = (State.PENDING, State.RUNNING, State.PAUSED, State.WARNED, State.BREACHED)
# A condition on these fails because the subject is over, not because somebody did something.
_FIRST = ""  # the key of the first run among the instants of the rules
_OVER = ("application.status", "requisition.status")
_MOVED = ("assignee_since", "stage_entered_at")  # when the next one took over


class PromiseLedger:
    """The promises of one account in one run. Writes them at once, before the decision is saved."""

    def __init__(
        self,
        context: AccountContext,
        inputs: EvaluationInputs,
        rules: Sequence[Rule],
        now: datetime,
        backlog: Set[tuple[str, Key]] = frozenset(),
    ) -> None:
        """`backlog`: (rule, subject) of what was long overdue when its rule first ran."""
        self.context, self.inputs, self.now = context, inputs, now
        self.account, self.store = context.account, context.store
        self.rules = {rule.id: rule for rule in rules if rule.clock is not None and not rule.news}
        self.backlog = backlog
        self.evaluation = inputs.evaluation_context()
        self.first = now  # when promises were first recorded
        self.single = frozenset(name for name, rule in self.rules.items() if can_settle(rule))

    def record(self, evaluated: Evaluated) -> None:
        """Store the state of the promises of the subjects that this run evaluated."""
        since = self.context.run_state.read_promises_since()
        known = {rule: datetime.fromisoformat(at) for rule, at in since.items()}
        for name in (_FIRST, *self.rules):
            # Up to and with now: `_read_past` reads what a rule has never read.
            known.setdefault(name, self.now + _INSTANT if name in self.single else self.now)
        self.first = known[_FIRST]
        put: list[Promise] = []
        dropped: list[tuple[str, Key]] = []
        for kind in {rule.subject for rule in self.rules.values()}:
            its = [rule for rule in self.rules.values() if rule.subject == kind]
            self._follow(kind, its, evaluated, known, put, dropped)
        settled = [self._leave_out(one) for one in self._settled(evaluated, known)]
        self._save(put, dropped)
        self._save(settled)
        self._read_past(known)
        kept = {rule: at.isoformat() for rule, at in sorted(known.items())}
        if kept != since:
            self.context.run_state.write_promises_since(kept)

    # --- evaluated promises ----------------------------------------------------------------

    def _follow(
        self,
        kind: str,
        rules: Sequence[Rule],
        evaluated: Evaluated,
        since: Mapping[str, datetime],
        put: list[Promise],
        dropped: list[tuple[str, Key]],
    ) -> None:
        """Add the changes that the verdicts on one kind of subject make to its open promises."""
        ids = evaluated.ids.get(kind)
        open_ = {
            (one.rule, one.subject): one
            for one in self.store.promises.read_open_promises(self.account, kind, ids)
        }
        names = {rule.id for rule in rules}
        verdicts = {(one.rule, one.subject): one for one in evaluated.verdicts if one.rule in names}
        for verdict in self._unseen(rules, open_, verdicts):
            verdicts[verdict.rule, verdict.subject] = verdict
        for (name, subject), verdict in verdicts.items():
            rule, watched = self.rules[name], open_.get((name, subject))
            done = list(self._meet(rule, verdict, watched, since[name]))
            put += done
            if watched is not None and not any(
                one.started_at == watched.started_at for one in done
            ):
                dropped.append((name, subject))

    def _unseen(
        self,
        rules: Sequence[Rule],
        open_: Mapping[tuple[str, Key], Promise],
        verdicts: Mapping[tuple[str, Key], Verdict],
    ) -> Iterator[Verdict]:
        """Verdicts on subjects of open promises that no longer meet the rule's filter."""
        for rule in rules:
            missing = [
                subject.id
                for name, subject in open_
                if name == rule.id and (name, subject) not in verdicts
            ]
            for found in select_unfiltered(self.inputs, rule, sorted(missing)) if missing else ():
                yield evaluate_rule(rule, found, self.evaluation)

    def _meet(
        self, rule: Rule, verdict: Verdict, watched: Promise | None, since: datetime
    ) -> Iterator[Promise]:
        """The change that a verdict makes to the open promise of its rule and subject, if there is
        one.
        """
        start = verdict.started_at
        if verdict.state in _RUNS and start is not None:
            moved = watched is not None and watched.started_at < start
            if watched is not None and moved and rule.id not in self.single:
                yield self._end(rule, watched, verdict, start, kept=True)
            if self._is_watched(rule, verdict, start, watched, since):
                yield self._running(rule, verdict, start)
        elif watched is None:
            return
        elif verdict.state is State.UNKNOWN and watched.outcome is PromiseOutcome.BACKLOG:
            yield watched
        elif verdict.state is State.UNKNOWN:
            why = verdict.unknown[0] if verdict.unknown else ""
            counted_at = watched.counted_at or watched.due_at
            yield replace(watched, outcome=PromiseOutcome.UNKNOWN, counted_at=counted_at, why=why)
        elif verdict.state in (State.KEPT, State.CANCELLED):
            end = verdict.ended_at or self.now
            yield self._end(rule, watched, verdict, end, kept=verdict.state is State.KEPT)
        elif verdict.ending is not None and verdict.ending.code is ReasonCode.CONDITION:
            over = verdict.ending["path"] in _OVER or rule.id in self.single
            end = self.now if over else self._moved_on(watched, verdict)
            yield self._end(rule, watched, verdict, end, kept=not over)

    def _is_watched(
        self,
        rule: Rule,
        verdict: Verdict,
        start: datetime,
        watched: Promise | None,
        since: datetime,
    ) -> bool:
        """Whether a promise is recorded from its verdict.

        Overdue promises are; of a rule without a stop, all that began after its first evaluation.
        Earlier promises of such a rule are not counted, because those that were kept left no trace.
        """
        if rule.id in self.single:
            return verdict.state is State.BREACHED
        return start >= since or (watched is not None and watched.started_at == start)

    def _running(self, rule: Rule, verdict: Verdict, start: datetime) -> Promise:
        due = verdict.due.at if verdict.due else None
        late = verdict.state is State.BREACHED
        outcome = PromiseOutcome.LATE if late else PromiseOutcome.RUNNING
        if late and (rule.id, verdict.subject) in self.backlog:
            outcome, late = PromiseOutcome.BACKLOG, False
        return Promise(
            rule=rule.id,
            side=rule.side,
            subject=verdict.subject,
            started_at=start,
            due_at=due,
            counted_at=due if late else None,
            outcome=outcome,
            owed_by=verdict.owed_by,
        )

    def _end(
        self, rule: Rule, watched: Promise, verdict: Verdict, end: datetime, *, kept: bool
    ) -> Promise:
        """The watched promise as it ended."""
        outcome, counted_at = self._outcome(rule, watched, end, kept=kept)
        subject = watched.subject
        facts = dict(verdict.evidence)
        if rule.clock is not None and rule.clock.owed_by:
            facts[rule.clock.owed_by] = watched.owed_by
        found = Found(subject.account, subject.kind, subject.id, facts)
        start = watched.started_at
        time = measure(rule, found, start, end, self.evaluation) if end >= start else None
        return replace(
            watched,
            outcome=outcome,
            ended_at=end,
            counted_at=counted_at,
            worked=time.worked if time and kept else None,
            paused=time.paused if time else timedelta(),
            holidays=time.holidays if time else timedelta(),
            why="" if kept or verdict.ending is None else verdict.ending["path"],
        )

    def _outcome(
        self, rule: Rule, watched: Promise, end: datetime, *, kept: bool
    ) -> tuple[PromiseOutcome, datetime | None]:
        """How the watched promise ended, and when that was decided; None: it is in no figure."""
        if (rule.id, watched.subject) in self.backlog:
            return PromiseOutcome.BACKLOG, None
        return decide_outcome(watched.due_at, end, kept=kept)

    def _moved_on(self, watched: Promise, verdict: Verdict) -> datetime:
        """When the next promise began, if a fact says so; else now."""
        found = [
            value
            for path, value in verdict.evidence.items()
            if path.rpartition(".")[2] in _MOVED
            and isinstance(value, datetime)
            and watched.started_at < value <= self.now
        ]
        return max(found, default=self.now)

    # --- promises in the records --------------------------------------------------------------

    def _settled(self, evaluated: Evaluated, since: dict[str, datetime]) -> Iterator[Promise]:
        """Promises of the evaluated subjects that ended, as far back as the records go."""
        for name in sorted(self.single):
            rule = self.rules[name]
            if since[name] > self.now:
                continue
            ids = evaluated.ids.get(rule.subject)
            # A full evaluation looks back a week: what changed before was dirty then.
            start = since[name] if ids is not None else max(since[name], self.now - _SLICE)
            window = (start, self.now + _INSTANT)
            if ids is None or ids:
                yield from self._reader(rule, window).read(ids)
            if ids is None:  # facts that could not be read may be readable again
                unknown = self.store.promises.find_unknown_promises(self.account, name, _UNKNOWN)
                whole = (since[name], window[1])
                yield from self._reader(rule, whole).read(unknown) if unknown else ()

    def _leave_out(self, promise: Promise) -> Promise:
        """The promise, in no figure if it ended while it was in the backlog."""
        if (promise.rule, promise.subject) not in self.backlog:
            return promise
        return replace(promise, outcome=PromiseOutcome.BACKLOG, counted_at=None)

    def _read_past(self, since: dict[str, datetime]) -> None:
        """Read promises from before the first run, from now backward, within the budget.

        Each slice is a scan of the subjects: while few promises are found the next is longer.
        """
        oldest = self.now - min(HISTORY, self.context.section.history)
        left = _BUDGET
        for name in sorted(self.single):
            length = _SLICE
            while since[name] > oldest and left > 0:
                start = max(since[name] - length, oldest)
                found = list(self._reader(self.rules[name], (start, since[name])).read())
                self._save(found)
                left -= len(found)
                since[name] = start
                if len(found) * _LONGER < left:
                    length *= _LONGER

    def _reader(self, rule: Rule, window: tuple[datetime, datetime]) -> SettledPromises:
        reader = SettledPromises(self.account, rule, self.store, self.evaluation, window)
        reader.first_sight = self.first
        return reader

    # --- store ------------------------------------------------------------------------------

    def _save(self, promises: Iterable[Promise], dropped: Sequence[tuple[str, Key]] = ()) -> None:
        promises = list(promises)
        if not promises and not dropped:
            return
        placed = self._place(promises)
        self.store.promises.save_promises(self.account, placed, dropped, single=self.single)

    def _place(self, promises: Sequence[Promise]) -> Sequence[Promise]:
        """The promises with the requisition, stage and pair they belong to."""
        subjects = (one.subject for one in promises)
        places = find_places(self.store.subjects, self.account, subjects)
        pairs = _Pairs(
            self.context,
            {one.requisition for one in places.values() if one.requisition is not None},
        )
        return [
            replace(
                one,
                requisition=(place := places.get(one.subject, SubjectPlace())).requisition,
                stage=place.stage,
                recruiter=pairs.at("recruiter", place.requisition, one.counted_at or self.now),
                manager=pairs.at("hiring_manager", place.requisition, one.counted_at or self.now),
            )
            for one in promises
        ]


class _Pairs:
    """Who was recruiter and manager of a requisition at an instant."""

    def __init__(self, context: AccountContext, requisitions: set[str]) -> None:
        account, store = context.account, context.store
        names = ("recruiter", "hiring_manager")
        query = Query("requisition", All(), tuple(f"requisition.{name}" for name in names))
        ids = sorted(requisitions)
        self._now = {
            (found.id, name): found.facts.get(f"requisition.{name}")
            for found in store.subjects.select(account, query, ids=ids, filtered=False)
            for name in names
        }
        self._changes = store.history.read_many_changes(account, "requisition", ids, names)

    def at(self, role: str, requisition: str | None, when: datetime) -> str | None:
        """The user id. Before the first known change: the former person that this change names."""
        if requisition is None:
            return None
        changes = [one for one in self._changes.get(requisition, ()) if one.field == role]
        for one in changes:
            if (one.occurred_at or one.observed_at) > when:
                return one.old if isinstance(one.old, str) else None
        return self._now.get((requisition, role))
