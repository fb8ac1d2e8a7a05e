"""A calibration round: both sides rate the same profiles before the search goes on.

Ratings stay between the two. A repr shows none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from atsbridge.model.record import Key

LEAST_PROFILES, MOST_PROFILES = 2, 5  # one shows no difference; more take longer than a meeting
UNDECIDED = 3  # between the lowest and the highest answer


@dataclass(frozen=True, slots=True)
class CalibrationRound:
    """`number` counts from 1 on a requisition. `profiles`: application ids in the order shown.

    `people`: side -> user id of who rates. `compared_at`: when both got the comparison.
    """

    requisition: Key
    number: int
    begun_at: datetime
    profiles: tuple[str, ...]
    people: Mapping[str, str]
    compared_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ProfileRating:
    """What one person thinks of a profile. `value`: 1 (no) to 5 (yes); `remark`: their words."""

    application: str
    user: str
    value: int = field(repr=False)
    remark: str = field(default="", repr=False)


def find_unrated(
    profiles: Sequence[str], user: str, ratings: Sequence[ProfileRating]
) -> tuple[str, ...]:
    """The profiles that a person has not rated yet."""
    rated = {one.application for one in ratings if one.user == user}
    return tuple(one for one in profiles if one not in rated)


def differ(one: ProfileRating, other: ProfileRating) -> bool:
    """Whether two ratings need to be discussed: one says yes and one no, or they are far apart."""
    sides = {(value > UNDECIDED) - (value < UNDECIDED) for value in (one.value, other.value)}
    return sides == {-1, 1} or abs(one.value - other.value) > 1
