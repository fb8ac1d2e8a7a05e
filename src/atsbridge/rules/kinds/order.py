"""Kind `order`: one event must come before another.

Due is the later event, which may lie ahead; steps before it are written "-1bd".
"""

from __future__ import annotations

from datetime import timedelta

from pydantic import BaseModel, model_validator

from atsbridge.ports import RuleSource
from atsbridge.rules.compile import clock_rule
from atsbridge.rules.language import (
    STRICT,
    Event,
    Events,
    Intervals,
    Mistake,
    Person,
    RuleKeys,
    wrong,
)
from atsbridge.rules.rule import ClockSpec, Rule, When
from atsbridge.worktime import Duration, Unit


class OrderClock(BaseModel):
    """The event that must come first, by when, and what cancels it."""

    model_config = STRICT

    first: Event | None = None
    then: Event
    pause: Intervals = ()
    cancel: Events = ()
    owed_by: Person | None = None


class OrderKeys(RuleKeys):
    """An order of two events."""

    clock: OrderClock

    @model_validator(mode="after")
    def _must_end(self) -> OrderKeys:
        if self.clock.first is None and not self.clock.cancel:
            what = "this clock never ends: it has neither a first nor a cancel"
            mend = "Write: first: application.decided_at"
            raise wrong([Mistake(what, mend, ("clock",))])
        return self

    @model_validator(mode="after")
    def _no_share_of_nothing(self) -> OrderKeys:
        shares = [
            Mistake(
                f'"{step.at.label}" is a share of a target, and an order has none',
                "Write: at: -1bd",
                ("steps", index, "at"),
            )
            for index, step in enumerate(self.steps)
            if step.at.kind is When.PERCENT
        ]
        if shares:
            raise wrong(shares)
        return self


class OrderKind:
    """The kind `order`."""

    name = "order"
    question = "Did one thing happen before another?"
    schema = OrderKeys

    def compile(self, keys: OrderKeys, source: RuleSource) -> Rule:
        """Compile the rule. The first event settles it, else the later event."""
        clock = keys.clock
        spec = ClockSpec(
            start=clock.then,
            stop=clock.first,
            pause=clock.pause,
            reset=(),
            cancel=clock.cancel,
            owed_by=clock.owed_by,
            target=Duration(timedelta(), Unit.BD),
            calendar=keys.calendar,
        )
        return clock_rule(keys, source, spec, settled_by=clock.first or clock.then)
