"""The options of a sync, its progress, and the report of each stream."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import NamedTuple

from atsbridge.errors import ErrorCode
from atsbridge.ports import PageCounts, StreamStatus

SAMPLES = 5  # bad records shown of each stream
_COUNTED = ("requests", "new", "changed", "unchanged", "deleted", "bad", "seconds")


@dataclass(frozen=True, slots=True)
class SyncOptions:
    """How to sync.

    `full`: read every list whole and the children of every parent again. `accept_deleted`: streams
    whose missing records really are deleted. `accept_empty`: streams that really have no rows.
    `max_bad`: the share of a stream's rows that may be bad. `budget`: the most requests for
    children; None: no limit. The next sync reads what is left.

    `history`: how far back a list with a backfill is read; None: all of it at once. `spare`: the
    most requests for the past in one sync; a slice that has begun is still read to its end.
    `nightly`: also look for deleted records.
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
    """How far a sync is. `left`: parents still queued, for a child stream."""

    stream: str
    records: int
    requests: int
    left: int | None = None


class LostFields(NamedTuple):
    """Fields that could not be read for one reason: their paths, and a sentence about them."""

    paths: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True)
class StreamReport:
    """The result of one stream.

    `samples`: bad records by id, type and field, never with a value. `losses`: the fields
    that came in another shape. `kind`: the code of the error, or the status that an earlier sync
    left; None without an error. `doubt`: why the rows are not believed, and what to do.
    `reread`: why the list was read whole, as a sentence; "" in most syncs.
    """

    stream: str
    status: StreamStatus
    requests: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    deleted: int = 0
    bad: int = 0
    error: str = ""
    remedy: str = ""
    seconds: float = 0.0
    samples: tuple[str, ...] = ()
    losses: tuple[LostFields, ...] = ()
    kind: ErrorCode | StreamStatus | None = None
    doubt: str = ""
    reread: str = ""

    @property
    def good(self) -> bool:
        """Whether there was no error. Children may still be queued for the next sync."""
        return not self.error

    @property
    def lost(self) -> tuple[str, ...]:
        """A sentence for each of the losses."""
        return tuple(loss.text for loss in self.losses)

    def plus(self, past: StreamReport) -> StreamReport:
        """The report with the result of a slice of the past added."""
        return replace(
            self,
            error=self.error or past.error,
            kind=self.kind if self.error else past.kind,
            remedy=self.remedy if self.error else past.remedy,
            samples=(self.samples + past.samples)[:SAMPLES],
            losses=tuple(dict.fromkeys(self.losses + past.losses)),
            **{name: getattr(self, name) + getattr(past, name) for name in _COUNTED},
        )


@dataclass(frozen=True, slots=True)
class SyncReport:
    """The result of one account: a report per stream that was read, in the order of reading."""

    account: str
    streams: tuple[StreamReport, ...]

    @property
    def good(self) -> bool:
        """Whether no stream had an error."""
        return all(report.good for report in self.streams)


@dataclass(slots=True)
class FieldLoss:
    """A field of raw rows that could not be read.

    `dependents`: the "kind.field"s that are unknown without it. `example`: one without its value.
    """

    path: str
    example: str
    dependents: frozenset[str]
    records: int = 0


def describe_losses(losses: Iterable[FieldLoss]) -> tuple[LostFields, ...]:
    """One sentence for all fields with the same dependents, in order of their paths."""
    alike: dict[frozenset[str], list[FieldLoss]] = {}
    for loss in sorted(losses, key=lambda one: one.path):
        alike.setdefault(loss.dependents, []).append(loss)
    return tuple(
        LostFields(tuple(loss.path for loss in some), _describe_loss(some, dependents))
        for dependents, some in alike.items()
    )


def _describe_loss(losses: Sequence[FieldLoss], dependents: frozenset[str]) -> str:
    paths = ", ".join(loss.path for loss in losses)
    records = max(loss.records for loss in losses)
    what = ", ".join(sorted(dependents)) or "nothing that is stored"
    it, they = ("it", "it") if len(losses) == 1 else ("them", "they")
    return (
        f"{paths} came as nobody expects {it} in {records} records ({losses[0].example});"
        f" unknown until {they} can be read: {what}"
    )


@dataclass(slots=True)
class Tally:
    """Counts and losses while a stream is read.

    `losses`: path in the raw row -> loss. `unavailable`: reason -> "kind.field"s that the rows
    cannot tell now. `left_out`: "kind.field" -> an example per record that was stored without it.
    `unshown`: ids that were asked for and neither returned nor found to be deleted. `reread`: why
    the list was read whole although only its changes were asked for.
    """

    rows: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    deleted: int = 0
    bad: int = 0
    samples: list[str] = field(default_factory=list)
    losses: dict[str, FieldLoss] = field(default_factory=dict)
    unavailable: dict[str, frozenset[str]] = field(default_factory=dict)
    left_out: dict[str, list[str]] = field(default_factory=dict)
    unshown: frozenset[str] = frozenset()
    reread: str = ""

    def restart(self) -> None:
        """Forget the rows of a read that starts again; what was written stays counted."""
        self.rows = self.bad = 0
        self.samples.clear()
        self.losses.clear()
        self.unavailable.clear()
        self.left_out.clear()

    def add(self, counts: PageCounts) -> None:
        """Add what a page changed."""
        self.new += counts.new
        self.changed += counts.changed
        self.unchanged += counts.unchanged
        self.deleted += counts.deleted

    def add_bad(self, sample: str) -> None:
        """Count one bad record."""
        self.bad += 1
        if len(self.samples) < SAMPLES:
            self.samples.append(sample)

    def add_loss(
        self, path: str, example: str, dependents: frozenset[str], records: int = 1
    ) -> None:
        """Count records in which the field at `path` could not be read."""
        self.losses.setdefault(path, FieldLoss(path, example, dependents)).records += records

    def add_unavailable(self, why: str, fields: frozenset[str]) -> None:
        """Add "kind.field"s that the rows cannot tell now, and why."""
        self.unavailable[why] = self.unavailable.get(why, frozenset()) | fields

    def add_left_out(self, path: str, example: str) -> None:
        """Count one record that is stored without this field, because its value cannot be."""
        self.left_out.setdefault(path, []).append(example)

    def describe_lost(self) -> tuple[LostFields, ...]:
        """One sentence for each reason why something could not be read."""
        unavailable = (
            LostFields(
                tuple(sorted(fields)), f"{why}; unknown until then: {', '.join(sorted(fields))}"
            )
            for why, fields in sorted(self.unavailable.items())
        )
        left_out = (
            LostFields(
                (path,),
                f"{path} was left out of {len(examples)} records ({examples[0]}): unknown for them",
            )
            for path, examples in sorted(self.left_out.items())
        )
        return (*describe_losses(self.losses.values()), *unavailable, *left_out)
