"""Pauses of interviewers as days off.

An interviewer is paused when they are away, or when they have had enough interviews for a while.
Ashby does not tell which: a pause without an end, or a very long one, is no absence.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, timedelta

import msgspec

from atsbridge.api import HttpSession, Instant

LONGEST = timedelta(days=60)
_MOMENT = timedelta(microseconds=1)


class Pause(msgspec.Struct, rename="camel"):
    """A row of `user.listInterviewerPauses`. The comment is not read."""

    starts_at: Instant = None
    ends_at: Instant = None


class _Pauses(msgspec.Struct):
    results: list[msgspec.Raw]


def read_pauses(session: HttpSession, user: str) -> list[tuple[date, date]]:
    """First and last day (UTC) of each pause of a user that is active or planned."""
    answer = session.read("POST", "/user.listInterviewerPauses", {"userId": user})
    rows = msgspec.json.decode(answer.body, type=_Pauses).results
    return sorted(set(_days(rows)))


def _days(rows: list[msgspec.Raw]) -> Iterator[tuple[date, date]]:
    for raw in rows:
        try:
            row = msgspec.json.decode(raw, type=Pause)
        except msgspec.DecodeError:
            continue
        if row.starts_at and row.ends_at and row.starts_at < row.ends_at <= row.starts_at + LONGEST:
            last = (row.ends_at - _MOMENT).astimezone(UTC)  # one until midnight ends the day before
            yield row.starts_at.astimezone(UTC).date(), last.date()
