"""What a run weighs besides the rule itself, as it was in a window of the past. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache

from atsbridge.cases import opens_too_many
from atsbridge.model import Key
from atsbridge.simulation.simulated_case import SimulatedCase

QuietSpan = tuple[datetime, datetime]
USUAL_RUN = timedelta(minutes=15)  # between two runs, where `[run] every` is not set
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class PastAttention:
    """`quiet`: subject -> the spans in which nobody was to be notified: silences, a requisition on
    hold, another rule whose breach came first; merged and in order. `spent`: (address, local day)
    -> messages that the reader got of other rules. `run_every`: from one run to the next.
    `watched`: how many subjects the rule watches; called only where many cases open at once.
    """

    quiet: Callable[[Key], Sequence[QuietSpan]] = field(default=lambda _: ())
    spent: Mapping[tuple[str, date], int] = field(default_factory=dict)
    run_every: timedelta = USUAL_RUN
    watched: Callable[[], int] = field(default=lambda: 0)

    def put_off(self, subject: Key, at: datetime) -> datetime:
        """The first instant from `at` on at which people are notified about the subject."""
        for start, end in self.quiet(subject):
            if start <= at < end:
                return end
        return at

    def find_run(self, at: datetime) -> datetime:
        """The run that finds what happens at an instant: the next one."""
        runs = -(-(at - _EPOCH) // self.run_every)
        return _EPOCH + runs * self.run_every

    def find_trips(self, cases: Iterable[SimulatedCase]) -> Mapping[datetime, int]:
        """Runs in which the circuit breaker would have tripped -> cases that opened in it."""
        opened = Counter(
            self.find_run(case.opened_at)
            for case in cases
            if not (case.baseline or case.backlog) and opens_with_step(case)
        )
        watched = cache(self.watched)
        return {run: many for run, many in sorted(opened.items()) if opens_too_many(many, watched)}


def opens_with_step(case: SimulatedCase) -> bool:
    """Whether somebody is notified when the case opens."""
    return bool(case.reached_steps) and case.reached_steps[0][0] == case.opened_at


def merge_spans(spans: Iterable[QuietSpan]) -> tuple[QuietSpan, ...]:
    """The spans in order, those that touch made one."""
    merged: list[QuietSpan] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        elif start < end:
            merged.append((start, end))
    return tuple(merged)


def subtract_spans(span: QuietSpan, holes: Iterable[QuietSpan]) -> Iterator[QuietSpan]:
    """The parts of a span that lie in none of the holes, in order."""
    start, end = span
    for begins, ends in merge_spans(holes):
        if start < begins < end:
            yield start, begins
        if begins < end:
            start = max(start, ends)
    if start < end:
        yield start, end
