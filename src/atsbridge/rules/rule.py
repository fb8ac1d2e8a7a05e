"""A compiled rule: frozen values, without YAML."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol

from atsbridge.model import Ahead, Found, Mark, Origin, Query, Verdict, Where
from atsbridge.ports import FilePosition
from atsbridge.rules.evaluate import Check, EvaluationContext, MarketRow
from atsbridge.rules.language import field_paths
from atsbridge.worktime import Absence, Calendar, Duration

__all__ = ["FilePosition"]


class RuleStatus(StrEnum):
    """The status of a rule. A retired rule is neither evaluated nor tested."""

    DRAFT = "draft"
    SHADOW = "shadow"
    LIVE = "live"
    RETIRED = "retired"


class StepVia(StrEnum):
    """How a step reaches a person: at once, or with the digest of the next morning."""

    DM = "dm"
    DIGEST = "digest"


class When(StrEnum):
    """How the instant of a step is written."""

    DUE = "due"
    AMOUNT = "amount"
    PERCENT = "percent"


@dataclass(frozen=True, slots=True)
class StepWhen:
    """`value` is a Duration after due (before it, where negative), or a percentage of the target.

    `label` is the text as written: "80%", "due", "+1bd".
    """

    kind: When
    value: Duration | int | None
    label: str


class Timing(StrEnum):
    """The time of a message relative to the due instant of its case."""

    AHEAD = "ahead"
    DUE = "due"
    LATE = "late"


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the escalation. `to`: a path to a user, "channel:#name" or "ats".

    `mark`: what it puts on the application in the ATS, in place of a note.
    `max` is how often one case may take this step, None: each time.
    `message`: its own text; "": the rule's.
    """

    when: StepWhen
    to: str
    via: StepVia
    max: int | None
    place: FilePosition
    mark: Mark | None = None
    message: str = ""


@dataclass(frozen=True, slots=True)
class Targets:
    """Targets by segment: the values of a field that change the target. Others leave it.

    `path`: the column; `key`: the key inside it, where it is a block of keys.
    """

    path: str
    key: str
    by: Mapping[Any, Duration]

    def target_of(self, facts: Mapping[str, Any], otherwise: Duration) -> Duration:
        """The target of a subject with these facts."""
        value = field_paths.inside(facts.get(self.path), self.key)
        return self.by.get(value, otherwise) if isinstance(value, str | int) else otherwise


@dataclass(frozen=True, slots=True)
class ClockSpec:
    """How a clock is measured: paths to instants or dates, and to intervals in `pause`.

    `owed_by` is a path to a user; None: nobody's own calendar counts, only `calendar` does.
    `lasts`: how long after due a message may still be sent; then the clock is kept.
    """

    start: str
    stop: str | None
    pause: tuple[str, ...]
    reset: tuple[str, ...]
    cancel: tuple[str, ...]
    owed_by: str | None
    target: Duration
    calendar: str
    lasts: Duration | None = None
    targets: Targets | None = None  # by segment, in the place of `target`

    def target_of(self, facts: Mapping[str, Any]) -> Duration:
        """How long a subject with these facts may take."""
        return self.targets.target_of(facts, self.target) if self.targets else self.target

    @property
    def amounts(self) -> tuple[Duration, ...]:
        """Every target, the common one first."""
        return (self.target, *(self.targets.by.values() if self.targets else ()))


@dataclass(frozen=True, slots=True)
class Exemption:
    """Subjects for which `where` holds are not evaluated until an instant; `why`: the reason."""

    where: Where
    until: datetime
    why: str
    place: FilePosition


@dataclass(frozen=True, slots=True)
class Expectation:
    """What one line of a test expects at an instant; a key that is absent is not asked."""

    at: datetime
    asks: Mapping[str, Any]  # clock, handling, end, due, sent
    place: FilePosition


@dataclass(frozen=True, slots=True)
class PackTestPerson:
    """Somebody in a test: an IANA zone, a country's holidays and days of their own, leave."""

    timezone: str = ""
    country: str = ""
    name: str = ""
    holidays: Mapping[date, str] = field(default_factory=dict)
    away: tuple[Absence, ...] = ()


@dataclass(frozen=True, slots=True)
class PackTestChange:
    """In a test: a field of the subject, or of a parent, got a new value."""

    at: datetime
    path: str
    old: Any
    new: Any
    origin: Origin


@dataclass(frozen=True, slots=True)
class PackTestAnswer:
    """In a test: a reply about the open case: "ack", "snooze", "done" or "false-alarm"."""

    at: datetime
    says: str
    until: datetime | None


@dataclass(frozen=True, slots=True)
class PackTest:
    """A test in the pack. `people`: path to a user -> who; `records`: kind -> their facts."""

    name: str
    facts: Mapping[str, Any]
    people: Mapping[str, PackTestPerson]
    intervals: Mapping[str, tuple[tuple[datetime, datetime | None], ...]]
    records: Mapping[str, tuple[Mapping[str, Any], ...]]
    changes: tuple[PackTestChange, ...]
    answers: tuple[PackTestAnswer, ...]
    market: tuple[MarketRow, ...]
    expects: tuple[Expectation, ...]
    place: FilePosition


class Evaluator(Protocol):
    """How rules of a kind are evaluated. Pure: it reads only what it is given."""

    def evaluate(self, rule: Rule, found: Found, context: EvaluationContext) -> Verdict:
        """The verdict on a subject that meets `rule.where`, at `context.now`."""
        ...

    def prefilter(self, rule: Rule, now: datetime, calendars: Mapping[str, Calendar]) -> Query:
        """`rule.open`, narrowed to subjects whose verdict can be open at `now`.

        It may find more, never fewer. `calendars`: key, as users carry it -> the rule's calendar
        as it counts there.
        """
        ...

    def next_evaluation(
        self, rule: Rule, now: datetime, calendars: Mapping[str, Calendar]
    ) -> Ahead | None:
        """When subjects that the prefilter leaves out may have to be evaluated; None: at once."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One promise or check. `subject` is a kind of the catalog, `each` the path as written.

    `evaluator` is what its kind brings; None where the rule is in no pack any more.
    `open.columns` holds every path that evaluation, steps and messages read. `settled`
    finds what was answered; `settled_by` is the path whose instant a window narrows. A rule on
    time has a `clock`, any other built-in one a `check`; steps of a check are counted on
    `calendar`. `news` reports what happened: nobody owes anything, and nobody is messaged when
    it is over. `message_ahead` and `message_late`: other texts before due and for steps after
    due; "": `message`. `settle`: how long what decides must have stood before a case opens.
    `periodic`: one notice to each reader in each period, which begins at the case's start.
    """

    id: str
    kind: str
    status: RuleStatus
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
    place: FilePosition
    message_ahead: str = ""
    message_late: str = ""
    evaluator: Evaluator | None = None
    check: Check | None = None
    calendar: str = "office"
    news: bool = False
    muted_by: tuple[str, ...] = ()
    exemptions: tuple[Exemption, ...] = ()
    tests: tuple[PackTest, ...] = ()
    pilot: Where | None = None  # the conditions that a pilot adds to `where`
    settle: timedelta | None = None
    periodic: bool = False

    @property
    def personal(self) -> bool:
        """Whether it is about a person: only this person may see what it finds."""
        return self.subject == field_paths.PERSON

    def message_for(self, step: int, timing: Timing) -> str:
        """The text of a message of the step with this index.

        The step's own text comes first, then the rule's text for that time, then `message`.
        """
        by_time = {Timing.AHEAD: self.message_ahead, Timing.LATE: self.message_late}
        return self.own_message(step) or by_time.get(timing, "") or self.message

    def own_message(self, step: int) -> str:
        """The text of the step with this index alone; "" if it has the rule's."""
        return self.steps[step].message if 0 <= step < len(self.steps) else ""

    @property
    def messages(self) -> tuple[str, ...]:
        """Every text of the rule and its steps, each once, the common one first."""
        texts = (self.message, self.message_ahead, self.message_late)
        return tuple(dict.fromkeys(t for t in (*texts, *(s.message for s in self.steps)) if t))

    def messages_of(self, step: Step) -> tuple[str, ...]:
        """Every text that a message of this step may have."""
        if step.message:
            return (step.message,)
        texts = (self.message, self.message_ahead, self.message_late)
        return tuple(dict.fromkeys(text for text in texts if text))
