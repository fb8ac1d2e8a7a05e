"""Backtest a rule: the cases and messages that it would have produced in a window of the past.

Nothing is sent. Rows are read in pieces.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from itertools import islice

from atsbridge.cases import Directory
from atsbridge.model import Found
from atsbridge.ports import Store
from atsbridge.rules import EvaluationContext, Rule, RuleStatus
from atsbridge.simulation.field_history import FieldHistory
from atsbridge.simulation.history_loader import HistoryLoader
from atsbridge.simulation.past_rows import BacktestWindow
from atsbridge.simulation.replay import Replay
from atsbridge.simulation.simulated_case import SimulatedCase

_PIECE = 500


@dataclass(slots=True)
class BacktestOutcome:
    """The outcome for all subjects.

    `unknown`: path -> number of subjects whose past value is not known. `seen`: when the first of
    them was first stored; changes are known since then.
    """

    rule: Rule
    window: BacktestWindow
    operands: tuple[FieldHistory, ...]
    subjects: int = 0
    cases: list[SimulatedCase] = field(default_factory=list)
    unknown: Counter[str] = field(default_factory=Counter)
    unsure: int = 0  # subjects of which something was not known at some time
    seen: datetime | None = None


def backtest(
    account: str,
    rule: Rule,
    store: Store,
    base_context: EvaluationContext,
    directory: Directory,
    window: BacktestWindow,
) -> BacktestOutcome:
    """Backtest the rule, whatever its status, over the window; subjects in order of id.

    `base_context`: calendars, and fields that can never be read; the replay sets its own `now` and
    histories. Present absences are not applied to the past.
    """
    loader = HistoryLoader(account, replace(rule, status=RuleStatus.LIVE), store, window)
    people = replace(directory, away={})
    replay = Replay(loader.rule, window, base_context, people)
    seen = f"{rule.subject}.first_seen_at"
    outcome = BacktestOutcome(rule, window, tuple(loader.operands.values()))
    for piece in _pieces(store.subjects.select(account, loader.query())):
        kept = loader.keep(piece)
        context = replace(
            base_context,
            intervals=kept.intervals,
            changes=kept.changes,
            owners=partial(loader.owners, kept),
        )
        replay.take(context, partial(loader.under, kept))
        for found in piece:
            course = replay.live(loader.past(kept, found))
            outcome.subjects += 1
            first = found.facts.get(seen)
            if first is not None and (outcome.seen is None or first < outcome.seen):
                outcome.seen = first
            outcome.cases += course.cases
            if course.unknown:
                outcome.unsure += 1
                for path in course.unknown:
                    outcome.unknown[path] += 1
    return outcome


def _pieces(found: Iterable[Found]) -> Iterator[list[Found]]:
    rows = iter(found)
    while piece := list(islice(rows, _PIECE)):
        yield piece
