"""Format values for the page: shares, spans, instants, sides, stages, outcomes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from atsbridge.model import Clock, TransitionName
from atsbridge.presentation import count
from atsbridge.queries import MINIMUM, Figure

SIDES = {"recruiter": "Recruiter's side", "manager": "Manager's side", "": "Both together"}
PROMISERS = {"recruiter": "Recruiter", "manager": "Manager", "": "Both"}
STAGES = {
    "lead": "New",
    "review": "Manager's review",
    "screen": "Screen",
    "assessment": "Assessment",
    "interview": "Interview",
    "reference": "Reference",
    "offer": "Offer",
    "hired": "Hired",
}
STATUSES = {
    "draft": "draft",
    "pending_approval": "waiting for approval",
    "open": "open",
    "on_hold": "on hold",
    "filled": "filled",
    "cancelled": "canceled",
    "closed": "closed",
}
CLOCKS = {
    Clock.PENDING: "starts later",
    Clock.RUNNING: "running",
    Clock.PAUSED: "stands still",
    Clock.WARNED: "due soon",
    Clock.BREACHED: "late",
    Clock.UNKNOWN: "unknown",
}
EVENTS = {
    TransitionName.OPENED: "the case opened: a reminder was due",
    TransitionName.WARNED: "the due time lies ahead again",
    TransitionName.BREACHED: "overdue",
    TransitionName.PAUSED: "the clock stood still",
    TransitionName.RESUMED: "the clock ran again",
    TransitionName.HANDED_OVER: "somebody else took over",
    TransitionName.RETARGETED: "the start or the due time changed",
    TransitionName.FOUND: "the check found something else",
    TransitionName.STEP: "a reminder was due",
    TransitionName.BECAME_UNKNOWN: "the data could no longer tell",
    TransitionName.KNOWN_AGAIN: "the data could tell again",
    TransitionName.ACKNOWLEDGED: "seen by whoever has to act",
    TransitionName.SNOOZED: "put off until later",
    TransitionName.HANDLING_ENDED: "the answer no longer holds",
    TransitionName.LEFT_BACKLOG: "somebody acted on it",
    TransitionName.MARKED_DONE: "reported as done",
    TransitionName.FALSE_ALARM: "reported as a false alarm",
    TransitionName.REASSIGNED: "given to somebody else",
    TransitionName.UNDONE: "an answer was taken back",
    TransitionName.FALSE_ALARM_UNDONE: "the false alarm was taken back",
    TransitionName.RESOLVED: "done",
    TransitionName.CANCELLED: "not needed any more",
    TransitionName.RETIRED: "no longer tracked",
}
OLD_TABLE = timedelta(days=400)  # surveys of pay and time to fill come once a year
FEW = f"fewer than {MINIMUM}"


def share(figure: Figure) -> str:
    """ "84%"; "" where there are too few promises for a share."""
    return "" if figure.rate is None else f"{figure.rate:.0%}"


def working(span: timedelta | None) -> str:
    """ "3 h 20 min" of working time; "" where it is not known."""
    if span is None:
        return ""
    minutes = round(span / timedelta(minutes=1))
    if minutes < 60:
        return f"{minutes} min"
    hours, rest = divmod(minutes, 60)
    return f"{hours} h {rest:02} min" if hours < 10 and rest else f"{round(minutes / 60)} h"


def elapsed(span: timedelta | None) -> str:
    """ "5 h", "4.3 days"; "" where it is not known."""
    if span is None:
        return ""
    if span < timedelta(days=1):
        return f"{max(round(span / timedelta(hours=1)), 1)} h"
    days = span / timedelta(days=1)
    return f"{days:.1f} days" if days < 10 else f"{round(days)} days"


def stage_of(kind: str) -> str:
    """The name of a kind of stage."""
    return STAGES.get(kind, "Other" if kind else "Not known")


def consent(agreed: int, pairs: int) -> str:
    """How many colleagues agreed to figures of their pairs, and how many pairs have them."""
    if not agreed:
        return "nobody agreed to figures of pairs; they need both of a pair"
    shown = f"{count(pairs, 'pair')} with figures" if pairs else "no pair of which both agreed"
    return f"{count(agreed, 'colleague')} agreed to figures of their pairs; {shown}"


def market_tables(dates: Sequence[date], now: datetime) -> str:
    """How many rows the market tables have, and how old they are; says so if there is none."""
    if not dates:
        return "none: no role is compared with the market"
    newest, oldest = max(dates), min(dates)
    old = sum(now.date() - one > OLD_TABLE for one in dates)
    text = f"{count(len(dates), 'row')}, of {oldest:%Y-%m-%d}"
    text += f" to {newest:%Y-%m-%d}" if newest != oldest else ""
    return f"{text}; {old} older than a year: ask for a newer survey" if old else text


def summarize(name: str, figure: Figure) -> str:
    """Describe a figure in one sentence, for screen readers."""
    row = figure.row
    rate = f", {share(figure)} on time" if figure.rate is not None else ""
    return (
        f"{name}: {count(figure.due, 'promise')} due{rate}; {row.on_time} on time, {row.late} late,"
        f" {row.cancelled} canceled, {row.unknown} unknown"
    )


@dataclass(frozen=True, slots=True)
class PageTime:
    """Instants in one zone. `now`: when the report was made."""

    zone: str
    now: datetime

    def _local(self, at: datetime) -> datetime:
        return at.astimezone(ZoneInfo(self.zone))

    def day(self, at: datetime | None) -> str:
        """ "Mon 9 Mar", with the year where it is not this one; "" for none."""
        if at is None:
            return ""
        local = self._local(at)
        text = f"{local:%a} {local.day} {local:%b}"
        return text if local.year == self._local(self.now).year else f"{text} {local.year}"

    def date(self, at: date) -> str:
        """ "9 Mar 2026" in UTC, as weeks begin."""
        return f"{at.day} {at:%b %Y}"

    def moment(self, at: datetime | None) -> str:
        """ "Mon 9 Mar, 16:00"; "" for none."""
        return f"{self.day(at)}, {self._local(at):%H:%M}" if at is not None else ""

    def ago(self, at: datetime | None) -> str:
        """ "3 days"; "" for none and for what lies ahead."""
        if at is None or at > self.now:
            return ""
        days = (self._local(self.now).date() - self._local(at).date()).days
        return "today" if not days else count(days, "day")
