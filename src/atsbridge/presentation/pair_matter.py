"""What every message to the two sides of a requisition has: the role, both names, a due time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from atsbridge.cases import SideTrouble
from atsbridge.model import SIDES, Destination, Found, Notice, Sensitivity, clean
from atsbridge.presentation import message_data as paths
from atsbridge.presentation.case_text import role_of
from atsbridge.presentation.local_time import Reader
from atsbridge.presentation.message_context import MessageContext
from atsbridge.worktime import Duration, reach

# What the pack `intake` gives a manager to agree to a brief.
ANSWER_WITHIN = Duration.parse("2bd")
_NAME = 60


@dataclass(frozen=True, slots=True)
class PairMatter:
    """A message to one side of a requisition. `found`: the facts of the requisition now."""

    notice: Notice
    found: Found
    to: Destination
    context: MessageContext

    @property
    def role(self) -> str:
        """ "Data Engineer (OPS-106)"."""
        return role_of(self.found.facts) or "this role"

    @property
    def link(self) -> str | None:
        """The page of the requisition in the ATS."""
        return paths.link(self.found)

    @property
    def shows_pay(self) -> bool:
        """Whether the reader's sink may carry pay; a note in the ATS never may."""
        person = self.to.kind == "person"
        return person and self.context.clearance.allows(Sensitivity.COMPENSATION)

    @property
    def reader(self) -> Reader:
        """Whoever reads it."""
        return Reader(self.context.directory, self.to, self.context.now)

    def due(self) -> str:
        """ "Thu 5 Mar, 16:00": two working days of the reader after it was written."""
        office, start = self.context.directory.office, self.notice.created_at or self.context.now
        if office is None:
            return self.reader.moment(start + timedelta(days=2))
        at = reach(office(self.to.person), ANSWER_WITHIN.unit, start, ANSWER_WITHIN.span)
        return self.reader.due(max(at, self.context.now), start)

    def name(self, user: str | None) -> str:
        """A colleague's name."""
        return clean(self.context.directory.name(user), _NAME) or "a colleague"

    def other_side(self) -> str:
        """The name of the other of the two; "" where there is no other."""
        people = (self.found.facts.get(f"requisition.{side}") for side in SIDES)
        others = [self.name(user) for user in people if user and user != self.to.person]
        return others[0] if others else ""

    def day(self, at: datetime) -> str:
        """ "Mon 9 Mar"."""
        return self.reader.day(at)


_SIDE_NAMES = {"recruiter": "recruiter", "hiring_manager": "hiring manager"}
_TROUBLES = {
    SideTrouble.NOT_NAMED: "the role has no {side} in the ATS",
    SideTrouble.UNKNOWN: "the {side} is not in the list of users of the ATS",
    SideTrouble.INACTIVE: "{name}, the {side}, is no longer active in the ATS",
    SideTrouble.NO_ADDRESS: "{name}, the {side}, has no e-mail address in the ATS",
}


def describe_side_trouble(trouble: SideTrouble, side: str, name: str) -> str:
    """Why a side cannot be reached: "Ines Duarte, the recruiter, is no longer active …"."""
    who = clean(name, _NAME) or "the person"
    return _TROUBLES[trouble].format(side=_SIDE_NAMES[side], name=who)
