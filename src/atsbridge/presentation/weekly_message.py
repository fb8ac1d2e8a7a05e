"""The weekly message: the same text to both of a pair, made once from the facts of one instant.

It names roles and colleagues, and no candidate. Days are those of the recruiter's zone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from atsbridge.model import Chart, NoticeText, clean, isolated
from atsbridge.presentation import formatting
from atsbridge.presentation.formatting import count, together

SHOWN = 8  # roles and changes of one message; the others are counted
_TITLE, _VALUE, _NAME = 80, 60, 60  # characters
_HINT = "Reply *weekly off* to end it for both of you."
_HINT_MANY = "Reply *weekly off* to end them for you and for all of these colleagues."
_TREND = 6  # weeks that the text names; the chart has all
_FIELDS = {
    "priority": "priority",
    "headcount": "headcount",
    "target_on": "wanted start",
    "status": "status",
    "hiring_manager": "hiring manager",
    "recruiter": "recruiter",
    "title": "title",
}
CHANGES = tuple(_FIELDS)  # fields of a requisition whose changes are named


@dataclass(frozen=True, slots=True)
class WeeklyRole:
    """An open role. `waiting`: who has to act, "" for nobody; `late`: items past due."""

    title: str
    code: str
    waiting: str = ""
    since: datetime | None = None
    late: int = 0
    active: int | None = None


@dataclass(frozen=True, slots=True)
class WeeklyTask:
    """The one thing to ask for. `who`: a name, "" for both; `what`: a rule's title.

    `at`: when it was due, or since when the role waits for `who` where `waits`.
    """

    who: str
    role: str
    what: str = ""
    at: datetime | None = None
    waits: bool = False


@dataclass(frozen=True, slots=True)
class WeeklyChange:
    """A field of a role took another value; both as texts, "" for none."""

    role: str
    field: str
    old: Any
    new: Any


@dataclass(frozen=True, slots=True)
class WeekCount:
    """Promises of the pair that were decided in one week. `monday`: its first day."""

    monday: datetime
    on_time: int
    due: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WeeklyFacts:
    """Everything the message says. `names`: recruiter, manager. `now`: of the facts, aware UTC.

    `applied`, `interviewed`, `hired`: applications of the last seven days. `weeks`: oldest first,
    the present one last. `streak`: days in which every promise was kept, 0 for too few.
    """

    names: tuple[str, str]
    zone: str
    now: datetime
    roles: Sequence[WeeklyRole] = ()
    task: WeeklyTask | None = None
    changes: Sequence[WeeklyChange] = ()
    applied: int = 0
    interviewed: int = 0
    hired: int = 0
    weeks: Sequence[WeekCount] = ()
    streak: int = 0
    minimum: int = 5


def render_weekly(facts: WeeklyFacts) -> NoticeText:
    """The text of the message, with the trend as a chart where there is one."""
    body = [
        _ask(facts),
        "Open roles:",
        *_roles(facts),
        *_changed(facts),
        f"One win: {_win(facts)}",
        *_trend(facts),
    ]
    day = formatting.day(_local(facts, facts.now), _local(facts, facts.now))
    headline = f"{together(facts.names)}: your week, {day}"
    return NoticeText(headline, "\n".join(body), _HINT, _chart(facts))


def join_weekly(texts: Sequence[NoticeText]) -> NoticeText:
    """The texts of several pairs in one message to the person who is in all of them.

    Each part is what the colleague reads, word for word; its ask is a list of one, so that the
    headline above it is shown as a title. A single text stays as it is.
    """
    if len(texts) == 1:
        return texts[0]
    body = [line for text in texts for line in (text.headline, f"• {text.body}")]
    title = f"Your week with {len(texts)} colleagues"
    return NoticeText(title, "\n".join(body), _HINT_MANY, parts=tuple(texts))


def render_streak(names: tuple[str, str], days: int, kept: int) -> NoticeText:
    """Thanks to a pair that kept every promise for so many days."""
    return NoticeText(
        f"{days} days of promises kept",
        f"{together(names)}: in the last {days} days you kept all {kept} promises to each other on"
        " time. Thank you both.",
        _HINT,
    )


def render_offer(name: str, colleague: str, when: str) -> NoticeText:
    """Asks a person once whether they want the weekly message."""
    return NoticeText(
        "One message a week for you both?",
        f"{name}, shall {colleague} and you get one message a week ({when}), with the same text for"
        " both? It has your open roles, who has to act since when, what changed, and how many"
        " promises were kept on time, for both sides alike.\n"
        "It also makes a page of your pair in the hiring report. It begins only if both agree, and"
        " ends as soon as one does not. Your answer counts for every colleague you share a role"
        " with. You are asked once.",
        "Reply *yes* or *no*; *weekly off* later ends it.",
    )


def role_name(title: object, code: object) -> str:
    """ "Data Engineer (ENG-104)"."""
    shown = isolated(clean(str(title or ""), _TITLE))
    number = clean(str(code or ""), _NAME)
    return f"{shown} ({number})" if shown and number else shown or number or "a role"


def _ask(facts: WeeklyFacts) -> str:
    task = facts.task
    if task is None:
        return "One ask: none this week. Nothing waits on either of you."
    if task.waits:
        since = f" since {_since(facts, task.at)}" if task.at else ""
        return f"One ask: {task.who}, please act on {task.role}; it has waited for you{since}."
    what = formatting.lower_first(clean(task.what, _TITLE))
    due = f"; it was due {_since(facts, task.at)}" if task.at else ""
    if not task.who:
        return f"One ask: please settle together: {what}, {task.role}."
    return f"One ask: {task.who}, please see to {what} for {task.role}{due}."


def _roles(facts: WeeklyFacts) -> Iterator[str]:
    if not facts.roles:
        yield "• none"
    for one in facts.roles[:SHOWN]:
        parts = []
        if one.waiting:
            since = f" since {_since(facts, one.since)}" if one.since else ""
            parts.append(f"waiting on {one.waiting}{since}")
        else:
            parts.append("waiting on nobody")
        if one.late:
            parts.append(f"{one.late} late")
        if one.active is not None:
            parts.append(count(one.active, "active candidate") if one.active else "no candidates")
        yield f"• {role_name(one.title, one.code)}: {', '.join(parts)}"
    more = len(facts.roles) - SHOWN
    if more > 0:
        yield f"• and {count(more, 'role')} more"


def _changed(facts: WeeklyFacts) -> Iterator[str]:
    lines = [
        f"• {one.role}: {_FIELDS[one.field]} is now {_value(one.new)}, was {_value(one.old)}"
        for one in facts.changes[:SHOWN]
    ]
    if len(facts.changes) > SHOWN:
        lines.append(f"• and {count(len(facts.changes) - SHOWN, 'change')} more")
    moved = [
        f"{count(facts.applied, 'candidate')} applied" if facts.applied else "",
        f"{facts.interviewed:,} came into interviews" if facts.interviewed else "",
    ]
    if any(moved):
        lines.append(f"• {', '.join(one for one in moved if one)}")
    if lines:
        yield "What changed in seven days:"
        yield from lines
    else:
        yield "Nothing changed in seven days."


def _value(value: Any) -> str:
    if value is None or value == "":
        return "not set"
    return isolated(clean(str(value).replace("_", " "), _VALUE))


def _win(facts: WeeklyFacts) -> str:
    """The best true thing of the week."""
    if facts.hired:
        return f"{count(facts.hired, 'hire')}. Thank you both."
    if facts.streak:
        return f"{facts.streak} days in which you kept every promise on time. Thank you both."
    week = _last_whole(facts)
    if week is not None and week.due and week.on_time == week.due:
        kept = f"all {week.due} promises" if week.due > 1 else "the one promise"
        return f"{kept} of last week {'were' if week.due > 1 else 'was'} kept on time."
    if week is not None and week.on_time:
        return f"{week.on_time} of {week.due} promises of last week were kept on time."
    if facts.interviewed:
        came = "candidate came" if facts.interviewed == 1 else "candidates came"
        return f"{facts.interviewed:,} {came} into interviews."
    return "you both agreed to look at this together. Thank you."


def _last_whole(facts: WeeklyFacts) -> WeekCount | None:
    """The last week that is over."""
    return facts.weeks[-2] if len(facts.weeks) > 1 else None


def _trend(facts: WeeklyFacts) -> Iterator[str]:
    """ "Kept on time, both sides together: 4 of 5 (week of 23 Feb), 6 of 6 (week of 2 Mar)"."""
    if not any(week.due for week in facts.weeks):
        yield "No promise was due between you in these weeks."
        return
    shown = [
        f"{one.on_time} of {one.due} (week of {one.monday.day} {one.monday:%b})"
        for one in facts.weeks[-_TREND:]
        if one.due
    ]
    if shown:
        yield f"Kept on time, both sides together: {', '.join(shown)}"


def _chart(facts: WeeklyFacts) -> Chart | None:
    """Promises by week; None where fewer than the minimum were due in all of them."""
    if sum(week.due for week in facts.weeks) < facts.minimum:
        return None
    late = tuple(float(one.due - one.on_time) for one in facts.weeks)
    return Chart(
        "Promises between you, by week",
        tuple(f"{one.monday.day} {one.monday:%b}" for one in facts.weeks),
        (("On time", tuple(float(one.on_time) for one in facts.weeks)), ("Late", late)),
    )


def _since(facts: WeeklyFacts, at: datetime | None) -> str:
    return formatting.day(_local(facts, at), _local(facts, facts.now)) if at else ""


def _local(facts: WeeklyFacts, at: datetime) -> Any:
    from zoneinfo import ZoneInfo

    return at.astimezone(ZoneInfo(facts.zone)).date()
