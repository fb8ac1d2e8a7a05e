"""Kind `celebrate`: did a good thing happen? Told once, after it has settled, in office hours.

It is news: nobody owes anything, and after `within` it is too late to tell.
"""

from __future__ import annotations

from pydantic import BaseModel

from atsbridge.rules.compile import Parsed, clock_rule
from atsbridge.rules.language import Event, Events, Length, RuleKeys
from atsbridge.rules.rule import ClockSpec, Rule
from atsbridge.worktime import Amount


class CelebrateKeys(RuleKeys):
    """The event, how long it must stand before it is told, and how long it stays news.

    An hour of office time is long enough to take back a slip, and never ends at night.
    """

    event: Event
    cancel: Events = ()
    after: Length = Amount.parse("1bh")
    within: Length = Amount.parse("3bd")


class CelebrateKind:
    """See the module."""

    name = "celebrate"
    judge = "clock"
    schema: type[BaseModel] = CelebrateKeys

    def compile(self, rule: Parsed) -> Rule:
        """The rule; settled by the event."""
        keys: CelebrateKeys = rule.keys
        spec = ClockSpec(
            start=keys.event,
            stop=None,
            pause=(),
            reset=(),
            cancel=keys.cancel,
            owed_by=None,
            target=keys.after,
            calendar=keys.calendar,
            lasts=keys.within,
        )
        return clock_rule(rule, spec, settled_by=keys.event, news=True)
