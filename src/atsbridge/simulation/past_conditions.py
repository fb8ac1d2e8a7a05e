"""The conditions of a rule over time, told from the values of their fields alone.

While one of the conditions that must all hold is false, nothing opens. Such spans are skipped, and
so are subjects that never meet the conditions.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, TypeAlias

from atsbridge.model import RELATIVE, Condition, Found, conjuncts
from atsbridge.rules import EvaluationContext, Rule, RuleSubject
from atsbridge.simulation.field_timeline import UNKNOWN, FieldTimeline
from atsbridge.simulation.past_rows import PastRow

Doubts: TypeAlias = tuple[str, ...]  # the paths of conditions that are unknown; (): they may hold
FAILED: Final = None  # a condition is false
MAY_HOLD: Final[Doubts] = ()


class ConditionTimeline:
    """The conditions on one subject over time, from the timelines of each of them."""

    def __init__(self, tracks: Sequence[FieldTimeline]) -> None:
        self._tracks = tracks

    def at(self, now: datetime) -> Doubts | None:
        """The state at an instant: FAILED if one is false, else every path that is unknown."""
        doubts = MAY_HOLD
        for starts, states in self._tracks:
            state: Doubts | None = states[bisect_right(starts, now)]
            if state is FAILED:
                return FAILED
            if state:
                doubts = tuple(dict.fromkeys((*doubts, *state)))
        return doubts

    def next(self, now: datetime) -> datetime | None:
        """The next instant at which no condition is false."""
        coming = sorted({at for starts, _ in self._tracks for at in starts if at > now})
        return next((at for at in coming if self.at(at) is not FAILED), None)


class PastConditions:
    """The conditions of one rule that must all hold and that read one plain field each.

    `whole`: it has no others, so that a state without FAILED or unknown paths means: they hold.
    The answer for a value is that of an evaluation, and is kept for the next subject.
    """

    def __init__(self, rule: Rule, context: EvaluationContext) -> None:
        self._rule, self._context = rule, context
        every = conjuncts(rule.where)
        plain = [one for one in every if isinstance(one, Condition)]
        self._conditions = [one for one in plain if _is_plain(one)]
        self.whole = len(self._conditions) == len(every)
        self._answers: dict[tuple[int, Any], Doubts | None] = {}

    def timeline(self, past: PastRow) -> ConditionTimeline | None:
        """The conditions on a subject over time; None where one of them is always false."""
        tracks = []
        for place, condition in enumerate(self._conditions):
            starts, values = past.track(condition.path)
            states = [self._answer(place, value, past) for value in values]
            if set(states) == {FAILED}:
                return None
            if starts or states[0]:
                tracks.append(FieldTimeline(starts, states))
        return ConditionTimeline(tracks)

    def _answer(self, place: int, value: Any, past: PastRow) -> Doubts | None:
        try:
            return self._answers[place, value]
        except KeyError:
            answer = self._answers[place, value] = self._ask(place, value, past)
            return answer
        except TypeError:  # a list or a block of keys
            return self._ask(place, value, past)

    def _ask(self, place: int, value: Any, past: PastRow) -> Doubts | None:
        """What an evaluation says of the condition where its field has this value."""
        condition, of = self._conditions[place], past.row.found
        path, lost = condition.path, value is UNKNOWN
        facts = {path: None if lost else value}
        found = Found(of.account, of.kind, of.id, facts, missing=(path,) if lost else ())
        holds, unknown = RuleSubject.create(self._rule, found, self._context).evaluate(condition)
        return FAILED if holds is False else unknown


def _is_plain(condition: Condition) -> bool:
    return not condition.key and condition.operator not in RELATIVE
