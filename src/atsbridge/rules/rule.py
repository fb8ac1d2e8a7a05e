"""A rule as compiled: frozen values that know nothing of YAML.

How a pack is read is `pack`; how a rule is judged is `judge`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple

from atsbridge.model import Mark, Origin, Query, Where
from atsbridge.rules.evaluate import MarketRow
from atsbridge.rules.targets import Targets
from atsbridge.worktime import Absence, Amount

if TYPE_CHECKING:
    from atsbridge.rules.evaluate import Check


class Place(NamedTuple):
    """Where something stands in a file; lines and columns count from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


class When(StrEnum):
    """How the instant of a step is told."""

    DUE = "due"
    AMOUNT = "amount"
    PERCENT = "percent"


@dataclass(frozen=True, slots=True)
class StepWhen:
    """`value` is an Amount after due (before it, where negative), or a percentage of the target.

    `label` is the text as written: "80%", "due", "+1bd".
    """

    kind: When
    value: Amount | int | None
    label: str


class Timing(StrEnum):
    """Where the time a message is read stands to the due instant of its case."""

    AHEAD = "ahead"
    DUE = "due"
    LATE = "late"


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the escalation. `to`: a path to a user, "channel:#name" or "ats".

    `mark`: what it puts on the application in the ATS, in place of a note.
    `via` is "dm" or "digest"; `max` is how often one case may take this step, None: each time.
    `message`: its own text; "": the rule's.
    """

    when: StepWhen
    to: str
    via: str
    max: int | None
    place: Place
    mark: Mark | None = None
    message: str = ""


@dataclass(frozen=True, slots=True)
class ClockSpec:
    """How a clock is measured: paths to instants or dates, and words of intervals in `pause`.

    `owed_by` is a path to a user; None: nobody's own calendar counts, only `calendar` does.
    `lasts`: how long after due there is still something to say; then all is well.
    """

    start: str
    stop: str | None
    pause: tuple[str, ...]
    reset: tuple[str, ...]
    cancel: tuple[str, ...]
    owed_by: str | None
    target: Amount
    calendar: str
    lasts: Amount | None = None
    targets: Targets | None = None  # by segment, in the place of `target`

    def target_of(self, facts: Mapping[str, Any]) -> Amount:
        """How long a subject with these facts may take."""
        return self.targets.of(facts, self.target) if self.targets else self.target

    @property
    def amounts(self) -> tuple[Amount, ...]:
        """Every target there is, the common one first."""
        return (self.target, *(self.targets.by.values() if self.targets else ()))


@dataclass(frozen=True, slots=True)
class Exemption:
    """Subjects for which `where` holds are left alone until an instant, and why."""

    where: Where
    until: datetime
    why: str
    place: Place


@dataclass(frozen=True, slots=True)
class Expected:
    """What one line of a test expects at an instant; a key that is absent is not asked."""

    at: datetime
    asks: Mapping[str, Any]  # clock, handling, end, due, sent
    place: Place


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in a test: an IANA zone, a country's holidays and days of their own, leave."""

    timezone: str = ""
    country: str = ""
    name: str = ""
    holidays: Mapping[date, str] = field(default_factory=dict)
    away: tuple[Absence, ...] = ()


@dataclass(frozen=True, slots=True)
class Happening:
    """In a test, a field of the subject, or of what it belongs to, took a new value."""

    at: datetime
    path: str
    old: Any
    new: Any
    origin: Origin


@dataclass(frozen=True, slots=True)
class Answer:
    """In a test, somebody said of the open case: "ack", "snooze", "done" or "false-alarm"."""

    at: datetime
    says: str
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Example:
    """A test in the pack. `people`: path to a user -> who; `records`: kind -> their facts."""

    name: str
    facts: Mapping[str, Any]
    people: Mapping[str, Person]
    intervals: Mapping[str, tuple[tuple[datetime, datetime | None], ...]]
    records: Mapping[str, tuple[Mapping[str, Any], ...]]
    changes: tuple[Happening, ...]
    answers: tuple[Answer, ...]
    market: tuple[MarketRow, ...]
    expects: tuple[Expected, ...]
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One promise or check. `subject` is a kind of the catalogue, `each` the words written.

    `open.columns` holds every path that judging, the ladder and the message read. `settled`
    finds what was answered; `settled_by` is the path whose instant a window narrows. A check
    has a `check` and no clock; its steps are counted on `calendar`. `news` tells of what
    happened: nobody owes anything, and its end is told to nobody. `message_ahead` and
    `message_late`: other texts before due and for steps after due; "": `message`.
    """

    id: str
    kind: str
    judge: str  # "clock" or "check"
    status: str  # "draft", "shadow", "live" or "retired"
    title: str
    why: str
    side: str  # "manager", "recruiter" or ""
    each: str
    subject: str
    owner: str  # a team of the settings
    where: Where
    clock: ClockSpec | None
    steps: tuple[Step, ...]
    message: str
    open: Query
    settled: Query
    settled_by: str
    place: Place
    message_ahead: str = ""
    message_late: str = ""
    check: Check | None = None
    calendar: str = "office"
    news: bool = False
    muted_by: tuple[str, ...] = ()
    exemptions: tuple[Exemption, ...] = ()
    tests: tuple[Example, ...] = ()
    pilot: Where | None = None  # what a pilot adds to `where`
    options: Mapping[str, Any] = field(
        default_factory=dict
    )  # what a plugin's kind keeps of its own

    def message_for(self, step: int, timing: Timing) -> str:
        """The text of a message of the step with this index.

        The step's own text comes first, then the rule's text for that time, then `message`.
        """
        own = self.steps[step].message if 0 <= step < len(self.steps) else ""
        by_time = {Timing.AHEAD: self.message_ahead, Timing.LATE: self.message_late}
        return own or by_time.get(timing, "") or self.message

    @property
    def messages(self) -> tuple[str, ...]:
        """Every text of the rule and its steps, each once, the common one first."""
        texts = (self.message, self.message_ahead, self.message_late)
        return tuple(dict.fromkeys(t for t in (*texts, *(s.message for s in self.steps)) if t))

    def messages_of(self, step: Step) -> tuple[str, ...]:
        """Every text that a message of this step can have."""
        if step.message:
            return (step.message,)
        texts = (self.message, self.message_ahead, self.message_late)
        return tuple(dict.fromkeys(text for text in texts if text))
