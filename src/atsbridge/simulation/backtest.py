"""A rule over a window of the past: what it would have opened, told and closed. Sends nothing.

Rows are read in pieces. What is kept of their past is fetched in `keeping`, one subject is lived
through in `replay`; what it comes to in figures is `figures`'.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from itertools import islice

from atsbridge.cases import Directory, Rung
from atsbridge.model import Found
from atsbridge.ports import Store
from atsbridge.rules import EvaluationContext, Rule, RuleStatus
from atsbridge.simulation.field_history import FieldHistory
from atsbridge.simulation.history_loader import HistoryLoader
from atsbridge.simulation.past_rows import BacktestWindow
from atsbridge.simulation.replay import Replay, SimulatedCase

_PIECE = 500


@dataclass(slots=True)
class BacktestOutcome:
    """What became of all subjects. `unknown`: path -> subjects of which nobody kept it.

    `seen`: when the first of them was first stored; Changes are kept since then.
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
    around: EvaluationContext,
    directory: Directory,
    window: BacktestWindow,
) -> BacktestOutcome:
    """The rule, whatever its status, over the window; subjects in order of id.

    `around`: calendars, and what can never be read; its `now` and its histories are the replay's.
    Who is away today is away in no past.
    """
    keeper = HistoryLoader(account, replace(rule, status=RuleStatus.LIVE), store, window)
    people = replace(directory, away={})
    known: dict[object, Sequence[Rung]] = {}
    outcome = BacktestOutcome(rule, window, tuple(keeper.operands.values()))
    for piece in _pieces(store.subjects.select(account, keeper.query())):
        kept = keeper.keep(piece)
        told = replace(
            around,
            intervals=kept.intervals,
            changes=kept.changes,
            owners=partial(keeper.owners, kept),
        )
        replay = Replay(keeper.rule, window, told, people, partial(keeper.under, kept), known)
        for found in piece:
            course = replay.live(keeper.past(kept, found))
            outcome.subjects += 1
            outcome.seen = _earlier(outcome.seen, found.facts.get(f"{rule.subject}.first_seen_at"))
            outcome.cases += course.cases
            outcome.unknown.update(course.unknown)
            outcome.unsure += bool(course.unknown)
    return outcome


def _earlier(one: datetime | None, two: datetime | None) -> datetime | None:
    return min((at for at in (one, two) if at is not None), default=None)


def _pieces(found: Iterable[Found]) -> Iterator[list[Found]]:
    rows = iter(found)
    while piece := list(islice(rows, _PIECE)):
        yield piece
