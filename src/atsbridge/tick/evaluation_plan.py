"""What one evaluation works on: rules, open cases, and whether everything has to be evaluated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from atsbridge import __version__
from atsbridge.cases import Edits
from atsbridge.context import (
    AccountContext,
    EvaluationInputs,
    FullReason,
    Memory,
    RuleWatch,
    digest,
    follow,
    part_digests,
)
from atsbridge.model import Case
from atsbridge.rules import Rule, required
from atsbridge.tick.evaluation import Evaluated, find_subjects
from atsbridge.tick.ops_alerts import pack_errors

_WATCHED = ("live", "shadow")


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationPlan:
    """One evaluation of one account at `now`.

    `watched`: the live and shadow rules by id. `cases`: the open ones. `full_reason`: why
    everything is evaluated, None for an incremental evaluation. `calendars`: digest of everything
    that time is counted with. `map_digest`: of the account's map. `watch`: since when the version
    of each watched rule is evaluated.
    """

    context: AccountContext
    now: datetime
    memory: Memory
    watched: Mapping[str, Rule]
    cases: Sequence[Case]
    inputs: EvaluationInputs
    full_reason: FullReason | None
    calendars: str
    map_digest: str
    watch: Mapping[str, RuleWatch]

    @property
    def baseline(self) -> frozenset[str]:
        """Rules that run for the first time: their overdue subjects become one summary."""
        return self.memory.baseline(self.watched, self.now)

    @property
    def edits(self) -> Edits:
        """What was edited since the last run: of the rules and of the account's map."""
        return self.memory.edits(self.watched, self.map_digest, self.context.mapped_fields)

    def agenda(self) -> Mapping[str, frozenset[str] | None]:
        """At night: what an incremental evaluation would look at, kind -> ids; else empty."""
        if self.full_reason is not FullReason.NIGHTLY:
            return {}
        return find_subjects(self.inputs, self.watched.values(), self.cases)

    def next_memory(self, evaluated: Evaluated, doubted: tuple[str, ...]) -> Memory:
        """What the next run has to know. `doubted`: the doubted lists that ops were notified of.

        A rule that failed is kept as if it were stopped.
        """
        context, unknown, failed = self.context, self.inputs.unreadable, evaluated.failed
        is_stopped = context.is_stopped
        rules = {name: one for name, one in context.rules.items() if name not in failed}
        stopped_parts = {name: one for name, one in self.memory.parts.items() if is_stopped(name)}
        sightless = (one for one in self.baseline if required(self.watched[one]) & unknown)
        return Memory(
            at=self.now,
            full_at=self.now if self.full_reason else self.memory.full_at,
            rules=self.memory.entries(
                rules, lambda name: is_stopped(name) or name in failed, self.now
            ),
            calendars=self.calendars,
            unreadable=tuple(sorted(unknown)),
            sightless=tuple(sorted(sightless)),
            doubted=doubted,
            packs=context.services.packs.digest,
            parts={
                **stopped_parts,
                **{name: part_digests(rule) for name, rule in self.watched.items()},
            },
            mapped=tuple(sorted(context.mapped_fields)),
            map=self.map_digest,
            mistakes=pack_errors(context.services),
        )


def plan_evaluation(context: AccountContext) -> EvaluationPlan:
    """Read the input of the evaluation, and store which calendar counts for each person."""
    account, store, now = context.account, context.store, context.time.now()
    locales = context.calendars.locales.items()
    store.subjects.save_calendars(account, {user: locale.key for user, locale in locales})
    store.subjects.derive(account, now)
    memory, rules = context.run_state.read_memory(), context.rules
    calendars = _calendars_digest(context)
    watched = {rule.id: rule for rule in rules.values() if rule.status in _WATCHED}
    cases = store.cases.read_open_cases(account)
    return EvaluationPlan(
        context=context,
        now=now,
        memory=memory,
        watched=watched,
        cases=cases,
        inputs=context.evaluation_inputs(now, cases),
        full_reason=_full_reason(context, memory, now, calendars),
        calendars=calendars,
        map_digest=digest(repr(context.section.map)),
        watch=follow(context.run_state.read_watch(), watched, context.is_stopped, now),
    )


def _full_reason(
    context: AccountContext, memory: Memory, now: datetime, calendars: str
) -> FullReason | None:
    entries = memory.entries(context.rules, context.is_stopped, now)
    nightly_at = context.settings.run.nightly_at
    reason = memory.full_evaluation_reason(now, nightly_at, entries, calendars)
    incremental = reason in (None, FullReason.NIGHTLY)
    if incremental and set(memory.unreadable) != context.unknown_fields:
        return FullReason.UNKNOWN_FIELDS  # at night too: the agenda cannot contain these
    return reason


def _calendars_digest(context: AccountContext) -> str:
    """A text that changes whenever time may be counted, or data may be read, in another way."""
    services = context.services
    versions = [(one.name, one.version) for one in services.plugins.installed]
    parts = (context.calendars.digest(), services.market.digest, __version__, versions)
    return digest(repr(parts))
