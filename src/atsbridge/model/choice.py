"""What people chose about their own messages: how they come, and whether their pairs have figures.

A person is known by e-mail address, in lower case: a choice holds in every account.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class ChoiceTopic(StrEnum):
    """What a choice is about."""

    DELIVERY = "delivery"
    PAIRS = "pairs"


class ChoiceValue(StrEnum):
    """What was chosen: the first three of delivery, the others of pairs."""

    ALL = "all"  # each message when it is due
    DIGEST = "digest"  # everything in the daily digest
    STOP = "stop"  # only what waits on the person, in the daily digest
    ON = "on"  # figures of their pairs, and the weekly message
    OFF = "off"


@dataclass(frozen=True, slots=True)
class Choice:
    """One choice. `actor`: who made it, such as "Mara Lind in slack" or an operator's name."""

    person: str
    topic: ChoiceTopic
    value: ChoiceValue
    at: datetime
    actor: str


@dataclass(frozen=True, slots=True)
class PersonChoices:
    """The choices of a person that hold now; None where they made none."""

    delivery: Choice | None = None
    pairs: Choice | None = None

    @property
    def stopped(self) -> bool:
        """Whether they want to read of nothing but what waits on them."""
        return self.delivery is not None and self.delivery.value is ChoiceValue.STOP

    @property
    def digest_only(self) -> bool | None:
        """Whether everything waits for the digest; None where they did not say."""
        return None if self.delivery is None else self.delivery.value is not ChoiceValue.ALL

    @property
    def shares(self) -> bool | None:
        """Whether their pairs may have figures; None where they did not say."""
        return None if self.pairs is None else self.pairs.value is ChoiceValue.ON
