"""What a run would have weighed besides a rule in the past: silences, holds, causes, limits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from zoneinfo import ZoneInfo

from atsbridge.context import AccountContext
from atsbridge.model import (
    ENDS,
    All,
    Condition,
    Key,
    NoticeState,
    Operator,
    Purpose,
    Query,
    Silence,
    parents,
    paths,
    roots,
)
from atsbridge.rules import Rule
from atsbridge.simulation import (
    USUAL_RUN,
    BacktestOutcome,
    PastAttention,
    QuietSpan,
    SimulatedCase,
    backtest,
    merge_spans,
    subtract_spans,
)

_STATUS, _HOLD = "requisition.status", "on_hold"


def read_past_attention(context: AccountContext, outcome: BacktestOutcome) -> PastAttention:
    """What of the store matters to the messages of this outcome."""
    rule = outcome.rule
    subjects = sorted({case.subject for case in outcome.cases if case.reached_steps})
    quiet = _QuietSpans(context, outcome).find(subjects) if subjects else {}
    return PastAttention(
        quiet=lambda subject: quiet.get(subject, ()),
        spent=_count_spent(context, outcome),
        run_every=context.settings.run.every or USUAL_RUN,
        watched=lambda: _count_watched(context, rule),
    )


class _QuietSpans:
    """When nobody was to be notified about a subject, because of it or of what it belongs to."""

    def __init__(self, context: AccountContext, outcome: BacktestOutcome) -> None:
        self.context, self.store, self.account = context, context.store, context.account
        self.rule, self.window = outcome.rule, outcome.window
        self.spans: dict[Key, list[QuietSpan]] = {}
        self.holds: dict[Key, Sequence[QuietSpan]] = {}
        self.silences = self._read_silences()

    def find(self, subjects: Sequence[Key]) -> Mapping[Key, Sequence[QuietSpan]]:
        """Subject -> its spans, merged and in order; subjects without one are left out."""
        self._read_causes()
        on_hold = self._find_held()
        if not (self.spans or self.silences or on_hold):
            return {}
        found = {}
        for subject, line in self._lines(self.rule.subject, subjects):
            spans = [span for key in line for span in self.spans.get(key, ())]
            spans += self._find_silenced(self.rule.id, line)
            for key in on_hold & line:
                spans += self._read_holds(key)
            if spans:
                found[subject] = merge_spans(spans)
        return found

    def _read_silences(self) -> Sequence[Silence]:
        """All silences that reach into the window, ended ones too."""
        found = self.store.silences.read_silences(self.account, self.window.end, every=True)
        return [one for one in found if one.end > self.window.start]

    def _find_silenced(self, rule: str, line: frozenset[Key]) -> Iterator[QuietSpan]:
        """When a rule was silenced on a subject, which is given with what it belongs to."""
        for one in self.silences:
            if one.rule in ("", rule) and (one.subject is None or one.subject in line):
                yield one.start, one.end

    def _read_causes(self) -> None:
        """The breaches of the live rules that mute this one.

        A silenced breach mutes nothing while it is silenced, as in a run (`Suppression`).
        """
        context = self.context
        for name in self.rule.muted_by:
            cause = context.rules.get(name)
            if cause is None or cause.status != "live":
                continue
            around = context.evaluation_inputs(self.window.end).evaluation_context()
            outcome = backtest(
                self.account, cause, self.store, around, context.directory, self.window
            )
            late = [one for one in outcome.cases if one.breached_at is not None and not one.backlog]
            self._note_breaches(cause, late)

    def _note_breaches(self, cause: Rule, late: Sequence[SimulatedCase]) -> None:
        lines = dict(self._lines(cause.subject, [case.subject for case in late]))
        for case in late:
            line = lines.get(case.subject, frozenset({case.subject}))
            breach = (case.breached_at or case.opened_at, case.ended_at or self.window.end)
            its = self.spans.setdefault(case.subject, [])
            its.extend(subtract_spans(breach, self._find_silenced(cause.id, line)))

    def _find_held(self) -> frozenset[Key]:
        """Requisitions that can have been on hold: their status has changed, or they still are."""
        reads = _STATUS in paths(self.rule.where)
        if self.rule.news or reads or "requisition" not in roots(self.rule.subject):
            return frozenset()
        changed = self.store.history.find_changed(self.account, "requisition", "status")
        query = Query("requisition", Condition(_STATUS, Operator.EQ, _HOLD), ())
        still = {one.id for one in self.store.subjects.select(self.account, query)}
        return frozenset(Key(self.account, "requisition", one) for one in changed | still)

    def _read_holds(self, key: Key) -> Sequence[QuietSpan]:
        """When the requisition was on hold."""
        if key not in self.holds:
            found = self.store.history.read_intervals(
                self.account, key.kind, key.id, "status", _HOLD
            )
            begun, over = self.window.start, self.window.end
            self.holds[key] = [(start or begun, end or over) for start, end in found]
        return self.holds[key]

    def _lines(self, kind: str, subjects: Sequence[Key]) -> Iterator[tuple[Key, frozenset[Key]]]:
        """Each subject of a kind, and it with what it belongs to."""
        above = parents(kind)
        query = Query(kind, All(), tuple(above.values()))
        ids = [subject.id for subject in subjects]
        select = self.store.subjects.select
        for found in select(self.account, query, ids=ids, filtered=False):
            own = Key(self.account, kind, found.id)
            more = {
                Key(self.account, root, str(one))
                for root, path in above.items()
                if (one := found.facts.get(path))
            }
            yield own, frozenset({own, *more})


def _count_spent(
    context: AccountContext, outcome: BacktestOutcome
) -> Mapping[tuple[str, date], int]:
    """(address, local day) -> messages of other rules that were sent in the window."""
    window, calendar = outcome.window, context.attention.calendar
    spent: Counter[tuple[str, date]] = Counter()
    sent = context.store.outbox.read_notices(context.account, states=[NoticeState.SENT])
    for one in sent:
        counts = one.purpose not in (*ENDS, Purpose.ANSWER) and not one.digest
        at, to = one.sent_at, one.destination
        if not counts or to.kind != "person" or one.rule == outcome.rule.id or at is None:
            continue
        if window.start <= at < window.end:
            day = at.astimezone(ZoneInfo(calendar(to).zone)).date()
            spent[to.address.lower(), day] += 1
    return spent


def _count_watched(context: AccountContext, rule: Rule) -> int:
    query = replace(rule.open, bound=None, columns=())
    return sum(1 for _ in context.store.subjects.select(context.account, query))
