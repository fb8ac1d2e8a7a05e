"""How interviewers answered their invitations, from the panels of an opportunity.

Answers matter only while the interview is ahead, so panels are read once an hour, for candidates
with an interview in the next seven days.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import msgspec

from atsbridge.api import ChildWatch, Fragment, Parent, SkipRecord, Stream, read_enum
from atsbridge_lever.interviews import seat_of
from atsbridge_lever.wire import Row

AHEAD = timedelta(days=7)
_RESPONSES = {
    "needsAction": "needs_action",
    "declined": "declined",
    "tentative": "tentative",
    "accepted": "accepted",
}


class Invited(msgspec.Struct, rename="camel", frozen=True):
    """One seat and the answer in the calendar."""

    id: str | None = None
    email: str | None = None
    response_status: str | None = None


class Meeting(msgspec.Struct, frozen=True):
    """One interview of a panel."""

    id: str
    interviewers: list[Invited] | None = None


class PanelRow(Row):
    """A row of `/opportunities/{id}/panels`. One that was cancelled may have no interviews."""

    interviews: list[Meeting] | None = None


def normalize(row: PanelRow) -> Iterator[Fragment]:
    """The answer of every seat; None if the calendar has none."""
    if row.interviews is None:
        raise SkipRecord("its interviews were not told", where=f"panel/{row.id}")
    for meeting in row.interviews:
        for one in meeting.interviewers or ():
            if seat := seat_of(meeting.id, one.id, one.email):
                response = read_enum(one.response_status, _RESPONSES)
                yield Fragment("seat", seat, {"response": response})


STREAM = Stream(
    name="panels",
    path="/opportunities/{parent}/panels",
    row=PanelRow,
    normalize=normalize,
    owns={"seat": ("response",)},
    lag=timedelta(hours=1),
    parent=Parent(
        stream="opportunities",
        wanted=lambda _: False,  # read only because of the watch
        watch=ChildWatch(
            kind="interview",
            field="ends_at",
            parent_ref="application",
            every=timedelta(hours=1),
            back=timedelta(0),
            ahead=AHEAD,
            unfinished=("status", "scheduled"),
            unfinished_for=timedelta(0),
        ),
        skip_first_sync=True,
    ),
    scope="Panels: list",
)
