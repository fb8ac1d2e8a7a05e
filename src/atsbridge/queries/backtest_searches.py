"""Where the cases of a backtest would have opened: the requisitions, and whom they are about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from atsbridge.context import AccountContext, find_places
from atsbridge.model import All, Key, Query
from atsbridge.presentation import about, described
from atsbridge.simulation import BacktestOutcome, SimulatedCase

_SHOWN = 10  # requisitions; the rest is counted
_EXAMPLES = 5  # subjects named of each
_COLUMNS = ("requisition.code", "requisition.title")


@dataclass(frozen=True, slots=True)
class BacktestSearch:
    """The cases that would have opened on one requisition. `code` and `title`: "" where unknown.

    `examples`: the first of them in words, with the candidate as `cases list` shows them; none
    where the settings let no candidate be shown.
    """

    code: str
    title: str
    cases: int
    examples: tuple[str, ...]


def find_searches(context: AccountContext, outcome: BacktestOutcome) -> tuple[BacktestSearch, ...]:
    """The requisitions with most cases, ten at most. Cases that were late at the start are left
    out."""
    fresh = [case for case in outcome.cases if not case.baseline]
    subjects = sorted({case.subject for case in fresh})
    places = find_places(context.store.subjects, context.account, subjects)
    by_search: dict[str, list[SimulatedCase]] = {}
    for case in fresh:
        place = places.get(case.subject)
        if place is not None and place.requisition is not None:
            by_search.setdefault(place.requisition, []).append(case)
    shown = sorted(by_search.items(), key=lambda one: (-len(one[1]), one[0]))[:_SHOWN]
    query = Query("requisition", All(), _COLUMNS)
    ids = sorted(one for one, _ in shown)
    select = context.store.subjects.select
    rows = select(context.account, query, ids=ids, filtered=False) if ids else ()
    facts = {row.id: row.facts for row in rows}
    return tuple(
        BacktestSearch(
            str(facts.get(one, {}).get(_COLUMNS[0]) or ""),
            str(facts.get(one, {}).get(_COLUMNS[1]) or ""),
            len(cases),
            _describe(context, [case.subject for case in cases[:_EXAMPLES]]),
        )
        for one, cases in shown
    )


def _describe(context: AccountContext, subjects: Sequence[Key]) -> tuple[str, ...]:
    """The subjects in words, each once; () where nobody may see candidates."""
    if context.settings.report.clearance == "open":
        return ()
    wanted = [(one.kind, one.id) for one in dict.fromkeys(subjects)]
    known = described(context.store.subjects, context.account, wanted, ())
    return tuple(about(known[one]) for one in wanted if one in known)
