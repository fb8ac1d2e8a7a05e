"""Kind `sla`: the stop must follow the start within the target."""

from __future__ import annotations

from datetime import timedelta

from pydantic import BaseModel, model_validator

from atsbridge.model import All, Condition, Operator
from atsbridge.ports import RuleSource
from atsbridge.rules.compile import clock_rule
from atsbridge.rules.kinds.timed_keys import Before, TimedKeys
from atsbridge.rules.language import STRICT, Event, Events, Intervals, Mistake, Person, wrong
from atsbridge.rules.rule import ClockSpec, Rule, When
from atsbridge.worktime import Duration


class SlaClock(BaseModel):
    """Start and stop of the clock, and what pauses, resets or cancels it."""

    model_config = STRICT

    start: Event
    stop: Event | None = None
    pause: Intervals = ()
    reset: Events = ()
    cancel: Events = ()
    owed_by: Person | None = None


class SlaKeys(TimedKeys):
    """A promise: its clock and its target."""

    clock: SlaClock

    @model_validator(mode="after")
    def _must_end(self) -> SlaKeys:
        if self.clock.stop is None and not self.clock.cancel:
            what = "this clock never ends: it has neither a stop nor a cancel"
            mend = "Write: stop: seat.scorecard.submitted_at"
            raise wrong([Mistake(what, mend, ("clock",))])
        return self

    @model_validator(mode="after")
    def _no_step_before_the_start(self) -> SlaKeys:
        if isinstance(self.target, Before):
            return self
        early = []
        for index, step in enumerate(self.steps):
            value = step.at.value
            if not isinstance(value, Duration) or value.span >= timedelta():
                continue
            targets = (self.length, *self.segments.values())
            ours = [one for one in targets if one.unit is value.unit and -value.span >= one.span]
            if ours:
                what = f'"{step.at.label}" comes before the clock starts: the target is {ours[0]}'
                early.append(Mistake(what, 'Write: at: "80%"', ("steps", index, "at")))
        if early:
            raise wrong(early)
        return self

    @model_validator(mode="after")
    def _before_a_date(self) -> SlaKeys:
        if not isinstance(self.target, Before):
            return self
        path = self.target.path
        found = [
            Mistake(
                f'"{step.at.label}" is a share of a target, and this one counts back from an event',
                "Write: at: -1bd",
                ("steps", index, "at"),
            )
            for index, step in enumerate(self.steps)
            if step.at.kind is When.PERCENT
        ]
        if self.clock.reset:
            what = f"the target is counted from {path}, which nothing starts again"
            found.append(Mistake(what, "Leave reset out", ("clock", "reset")))
        if found:
            raise wrong(found)
        return self


class SlaKind:
    """The kind `sla`."""

    name = "sla"
    question = "Did the stop follow the start within the target?"
    schema = SlaKeys

    def compile(self, keys: SlaKeys, source: RuleSource) -> Rule:
        """Compile the rule. Its stop settles it; without a stop, a later start."""
        clock, start = keys.clock, keys.clock.start
        if isinstance(
            keys.target, Before
        ):  # it is evaluated from its start on, and due at the date
            begun, start = Condition(start, Operator.SET), keys.target.path
            keys = keys.model_copy(update={"where": All((keys.where, begun))})
        spec = ClockSpec(
            start=start,
            stop=clock.stop,
            pause=clock.pause,
            reset=clock.reset,
            cancel=clock.cancel,
            owed_by=clock.owed_by,
            target=keys.length,
            calendar=keys.calendar,
            targets=keys.targets(source.subject),
        )
        return clock_rule(keys, source, spec, settled_by=clock.stop or clock.start)
