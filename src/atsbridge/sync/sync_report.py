"""What a sync was asked to do, how far it is, and what came of it.

The work is `engine`'s; turning a report into words or exit codes is the command line's.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from atsbridge.ports import PageCounts, StreamStatus

SAMPLES = 5  # bad records shown of each stream
_COUNTED = ("requests", "new", "changed", "unchanged", "gone", "bad", "seconds")


@dataclass(frozen=True, slots=True)
class SyncOptions:
    """How to sync. `full` reads every list whole and every parent's children again.

    `accept_deleted` names streams whose missing records are truly deleted, `accept_empty` those
    that truly hold nothing. `max_bad` is the share of a stream's rows that may be bad. `budget` is
    the most requests spent on children, None for as many as there is work; what is left is drained
    by the next sync.

    `history`: how far back a list with two legs is read; None: all of it at once. `spare` is the
    most requests spent on the past in one sync, but for the slice it ends in. `nightly`: also
    find what vanished.
    """

    full: bool = False
    accept_deleted: frozenset[str] = frozenset()
    accept_empty: frozenset[str] = frozenset()
    max_bad: float = 0.05
    budget: int | None = None
    history: timedelta | None = None
    spare: int = 300
    nightly: bool = False


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a sync stands. `left`: parents still waiting, for a stream read by parent."""

    stream: str
    records: int
    requests: int
    left: int | None = None


@dataclass(frozen=True, slots=True)
class StreamReport:
    """What became of one stream. `samples` name bad records by id, type and field: no values."""

    stream: str
    status: StreamStatus
    requests: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    gone: int = 0
    bad: int = 0
    error: str = ""
    remedy: str = ""
    seconds: float = 0.0
    samples: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()  # a sentence for each field that came in another shape
    kind: str = ""  # of the error: its class, or the status it had left the stream in
    doubt: str = ""  # why the stream is not believed though it was read, and what to do

    @property
    def good(self) -> bool:
        """Whether nothing went wrong; children may still be waiting for the next sync."""
        return not self.error

    def plus(self, past: StreamReport) -> StreamReport:
        """The same with what came of reading more of the stream's past in the same sync."""
        return replace(
            self,
            error=self.error or past.error,
            kind=self.kind if self.error else past.kind,
            remedy=self.remedy if self.error else past.remedy,
            samples=(self.samples + past.samples)[:SAMPLES],
            lost=tuple(dict.fromkeys(self.lost + past.lost)),
            **{name: getattr(self, name) + getattr(past, name) for name in _COUNTED},
        )


@dataclass(frozen=True, slots=True)
class SyncReport:
    """What became of one account: a report per stream that was tried, in the order of reading."""

    account: str
    streams: tuple[StreamReport, ...]

    @property
    def good(self) -> bool:
        """Whether nothing went wrong with any stream."""
        return all(report.good for report in self.streams)


@dataclass(slots=True)
class Loss:
    """A field that could not be read: in how many records, an example, and what hangs on it."""

    path: str
    example: str
    hangs: frozenset[str]
    records: int = 0


def losses_in_words(losses: Iterable[Loss]) -> tuple[str, ...]:
    """A sentence for all fields on which the same hangs, in order of their paths."""
    alike: dict[frozenset[str], list[Loss]] = {}
    for loss in sorted(losses, key=lambda one: one.path):
        alike.setdefault(loss.hangs, []).append(loss)
    return tuple(_in_words(some, hangs) for hangs, some in alike.items())


def _in_words(losses: Sequence[Loss], hangs: frozenset[str]) -> str:
    paths = ", ".join(loss.path for loss in losses)
    records = max(loss.records for loss in losses)
    what = ", ".join(sorted(hangs)) or "nothing that is stored"
    it, they = ("it", "it") if len(losses) == 1 else ("them", "they")
    return (
        f"{paths} came as nobody expects {it} in {records} records ({losses[0].example});"
        f" unknown until {they} can be read: {what}"
    )


@dataclass(slots=True)
class Tally:
    """Counts while a stream is read."""

    rows: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    gone: int = 0
    bad: int = 0
    samples: list[str] = field(default_factory=list)
    retyped: dict[str, Loss] = field(default_factory=dict)  # by its path in the raw row
    untold: dict[str, frozenset[str]] = field(default_factory=dict)  # why -> "kind.field"s
    left_out: dict[str, list[str]] = field(default_factory=dict)  # "kind.field" -> an example each

    def add(self, counts: PageCounts) -> None:
        self.new += counts.new
        self.changed += counts.changed
        self.unchanged += counts.unchanged
        self.gone += counts.gone

    def flaw(self, sample: str) -> None:
        """One more bad record."""
        self.bad += 1
        if len(self.samples) < SAMPLES:
            self.samples.append(sample)

    def lose(self, path: str, example: str, hangs: frozenset[str], records: int = 1) -> None:
        """More records in which this field could not be read."""
        self.retyped.setdefault(path, Loss(path, example, hangs)).records += records

    def miss(self, why: str, fields: frozenset[str]) -> None:
        """Fields that cannot be told this time, for a reason that is no odd field."""
        self.untold[why] = self.untold.get(why, frozenset()) | fields

    def leave_out(self, path: str, example: str) -> None:
        """One more record that is taken without this field: its value cannot be stored."""
        self.left_out.setdefault(path, []).append(example)

    def lost(self) -> tuple[str, ...]:
        """A sentence for all that could not be read for one reason."""
        untold = (
            f"{why}; unknown until then: {', '.join(sorted(fields))}"
            for why, fields in sorted(self.untold.items())
        )
        left_out = (
            f"{path} was left out of {len(examples)} records ({examples[0]}): unknown for them"
            for path, examples in sorted(self.left_out.items())
        )
        return (*losses_in_words(self.retyped.values()), *untold, *left_out)
