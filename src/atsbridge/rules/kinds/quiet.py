"""Kind `quiet`: an event has not happened for too long.

The clock starts with the subject and again with every `event`; nothing stops it.
"""

from __future__ import annotations

from pydantic import BaseModel, model_validator

from atsbridge.ports import RuleSource
from atsbridge.rules.compile import clock_rule
from atsbridge.rules.kinds.timed_keys import Before, TimedKeys
from atsbridge.rules.language import (
    STRICT,
    Event,
    Events,
    Intervals,
    Mistake,
    Person,
    example,
    wrong,
)
from atsbridge.rules.rule import ClockSpec, Rule


class QuietClock(BaseModel):
    """When counting starts, and what pauses or cancels it."""

    model_config = STRICT

    start: Event
    pause: Intervals = ()
    cancel: Events = ()
    owed_by: Person | None = None


class QuietKeys(TimedKeys):
    """The event that should happen regularly, and the longest time without it."""

    clock: QuietClock
    event: Event

    @model_validator(mode="after")
    def _from_the_event(self) -> QuietKeys:
        if isinstance(self.target, Before):
            what = "silence is counted from the last event, not back from another"
            raise wrong([Mistake(what, f"Write: {example('target')}", ("target",))])
        return self


class QuietKind:
    """The kind `quiet`."""

    name = "quiet"
    question = "Has an event not happened for too long?"
    schema = QuietKeys

    def compile(self, keys: QuietKeys, source: RuleSource) -> Rule:
        """Compile the rule. Each event settles it."""
        spec = ClockSpec(
            start=keys.clock.start,
            stop=None,
            pause=keys.clock.pause,
            reset=(keys.event,),
            cancel=keys.clock.cancel,
            owed_by=keys.clock.owed_by,
            target=keys.length,
            calendar=keys.calendar,
            targets=keys.targets(source.subject),
        )
        return clock_rule(keys, source, spec, settled_by=keys.event)
