"""Kind `celebrate`: one message about a good event, after it has stood for a while.

It is news: nobody owes anything. After `within` no message is sent any more.
"""

from __future__ import annotations

from atsbridge.ports import RuleSource
from atsbridge.rules.compile import clock_rule
from atsbridge.rules.language import Event, Events, Length, RuleKeys
from atsbridge.rules.rule import ClockSpec, Rule
from atsbridge.worktime import Duration


class CelebrateKeys(RuleKeys):
    """The event, how long it must last before the message is sent, and how long it stays news.

    An hour of office time is long enough to take back a slip, and never ends at night.
    """

    event: Event
    cancel: Events = ()
    after: Length = Duration.parse("1bh")
    within: Length = Duration.parse("3bd")


class CelebrateKind:
    """The kind `celebrate`."""

    name = "celebrate"
    question = "Did a good thing happen? Sent once, after it has settled, in office hours."
    schema = CelebrateKeys

    def compile(self, keys: CelebrateKeys, source: RuleSource) -> Rule:
        """Compile the rule. The event settles it."""
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
        return clock_rule(keys, source, spec, settled_by=keys.event, news=True)
