"""How the demo is told: days, messages as their readers get them, and how it ended.

What happens in it is `demo`'s.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from rich import box
from rich.console import Console, Group, RenderableType
from rich.panel import Panel
from rich.rule import Rule as Line
from rich.table import Table
from rich.text import Text

from atsbridge.model import ENDS, Message, Notice, Purpose
from atsbridge.sandbox import Person

_TONES = {"ahead": "yellow", "due": "yellow", "late": "red", "done": "green", "glad": "green"}
_WAYS = {"person": "direct message to", "channel": "message to", "ats": "note on"}
IN_FULL = 4  # messages of a tick that are shown whole; of the others, who got what


@dataclass(frozen=True, slots=True)
class Told:
    """A message that went out, and to whom."""

    notice: Notice
    message: Message
    person: Person | None
    packs: Sequence[str] = ()

    @property
    def reader(self) -> str:
        """The person's name, or the channel, or the record."""
        to = self.notice.destination
        if self.person is not None:
            return self.person.name
        return "the candidate's file" if to.kind == "ats" else to.address


class Story:
    """Prints the demo on a terminal, or as plain text where there is none."""

    def __init__(self, out: Console, only: str = "") -> None:
        self.out = out
        self.only = only.lower()
        self._shown: set[tuple[object, ...]] = set()

    def opening(self, lines: Sequence[str]) -> None:
        """What is about to be seen."""
        self.out.print()
        self.out.print(Text("atsbridge demo", style="bold"))
        for line in lines:
            self.out.print(Text(line))

    def day(self, at: datetime, note: str) -> None:
        """A heading for a simulated day."""
        self.out.print()
        self.out.print(Line(Text(f"{at:%A} {at.day} {at:%B}", style="bold"), align="left"))
        if note:
            self.out.print(Text(note, style="dim"))

    def tick(self, at: datetime, told: Sequence[Told]) -> None:
        """What went out in one tick: the first of each sort whole, the rest in a line per sort."""
        if self.only:
            told = [one for one in told if self._wanted(one)]
        shown = told if self.only else self._telling(told)
        for one in shown:
            self.out.print(self._panel(at, one))
        others: dict[str, list[str]] = {}
        for one in told:
            if one not in shown:
                about = _about(one.message)
                who = f"{one.reader} ({about})" if about else one.reader
                others.setdefault(_sort(one), []).append(who)
        for what, readers in others.items():
            line = Text.assemble(("  also  ", "dim"), what, (f"  to {', '.join(readers)}", "dim"))
            self.out.print(line, no_wrap=True, overflow="ellipsis")

    def trouble(self, line: str) -> None:
        """Something that went wrong."""
        self.out.print(Text(f"  {line}", style="red"))

    def ending(self, figures: Iterable[tuple[str, str]], hints: Sequence[str]) -> None:
        """How it stands at the end, and where to go from here."""
        self.out.print()
        self.out.print(Line(Text("How the week went", style="bold"), align="left"))
        grid = Table(box=None, show_header=False, pad_edge=False)
        grid.add_column(justify="right", style="bold")
        grid.add_column()
        for figure, words in figures:
            grid.add_row(figure, words)
        self.out.print(grid)
        self.out.print()
        for hint in hints:
            self.out.print(Text(hint, style="dim"))

    def _wanted(self, one: Told) -> bool:
        return self.only in one.reader.lower() or self.only in one.notice.destination.address

    def _telling(self, told: Sequence[Told]) -> list[Told]:
        """What is of a sort that was not shown yet, so that a reader sees the range."""
        fresh: list[Told] = []
        for one in told:
            purpose = one.notice.purpose
            over = purpose in ENDS  # how a message ends is much the same for all rules
            sorts = one.packs if not one.notice.rule else (one.notice.rule,)
            sort = (purpose, one.notice.destination.kind, () if over else tuple(sorts))
            if sort not in self._shown and len(fresh) < IN_FULL:
                self._shown.add(sort)
                fresh.append(one)
        return fresh

    def _panel(self, at: datetime, one: Told) -> RenderableType:
        to = one.notice.destination
        title = Text.assemble(
            (f" {_clock(at, one.person)}  ", "dim"),
            (f"{_sink(to.sink)} · {_WAYS[to.kind]} ", ""),
            (f"{one.reader} ", "bold"),
        )
        parts: list[RenderableType] = [Text(one.message.headline, style="bold")]
        if one.message.body:
            parts.append(Text(one.message.body))
        if one.message.facts:
            parts.append(Text(_facts(one.message), style="dim"))
        if one.message.why:
            parts.append(Text(one.message.why, style="italic dim"))
        return Panel(
            Group(*parts),
            title=title,
            title_align="left",
            subtitle=_subtitle(one),
            subtitle_align="right",
            border_style=_TONES.get(one.message.tone, ""),
            box=box.ROUNDED,
            width=min(self.out.width, 96),
        )


def _subtitle(one: Told) -> Text | None:
    """Which pack speaks, and what became of an earlier message."""
    words = {
        Purpose.DIGEST: "what can wait, once a day",
        Purpose.RESOLVE: "the first message now says so",
        Purpose.HANDED_OVER: "the first message now says so",
        Purpose.FOLLOW_UP: "said once before",
    }
    parts = [*one.packs, *filter(None, (words.get(one.notice.purpose),))]
    return Text(f" {' · '.join(parts)} ", style="dim") if parts else None


def _sort(one: Told) -> str:
    """A message in a few words, as those of its sort are listed."""
    if one.notice.purpose is Purpose.DIGEST:
        return "The day's digest"
    if one.notice.purpose in ENDS:
        return "Done, or settled"
    what, due, _ = one.message.headline.partition(" is due ")
    return what + due.rstrip()


def _clock(at: datetime, person: Person | None) -> str:
    """The reader's own time of day, and where that is."""
    if person is None:
        return f"{at:%H:%M} UTC"
    return f"{at.astimezone(ZoneInfo(person.place.zone)):%H:%M} {person.place.name}"


def _facts(message: Message) -> str:
    return "  ·  ".join(f"{label} {value}" for label, value in message.facts)


def _about(message: Message) -> str:
    return next((value for label, value in message.facts if label == "Req"), "")


def _sink(name: str) -> str:
    return {"slack": "Slack", "ats": "ATS", "console": "Terminal"}.get(name.split("_")[0], name)
