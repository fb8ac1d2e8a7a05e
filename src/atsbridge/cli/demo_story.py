"""Prints the demo: days, messages as their recipients see them, and the figures at the end."""

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
IN_FULL = 4  # messages of a run that are shown in full; the others in a line


@dataclass(frozen=True, slots=True)
class DemoMessage:
    """A sent message and its recipient."""

    notice: Notice
    message: Message
    person: Person | None
    packs: Sequence[str] = ()

    @property
    def reader(self) -> str:
        """The name of the person, the channel or the record."""
        to = self.notice.destination
        if self.person is not None:
            return self.person.name
        return "the candidate's file" if to.kind == "ats" else to.address


class Story:
    """Prints the demo, with styles on a terminal."""

    def __init__(self, out: Console, only: str = "") -> None:
        self.out = out
        self.only = only.lower()
        self._shown: set[tuple[object, ...]] = set()

    def opening(self, lines: Sequence[str]) -> None:
        """Print the introduction."""
        self.out.print()
        self.out.print(Text("atsbridge demo", style="bold"))
        for line in lines:
            self.out.print(Text(line))

    def day(self, at: datetime, note: str) -> None:
        """Print the heading of a simulated day."""
        self.out.print()
        self.out.print(Line(Text(f"{at:%A} {at.day} {at:%B}", style="bold"), align="left"))
        if note:
            self.out.print(Text(note, style="dim"))

    def tick(self, at: datetime, messages: Sequence[DemoMessage]) -> None:
        """Print the messages of one run: the first of each kind in full, the others in one line."""
        if self.only:
            messages = [one for one in messages if self._wanted(one)]
        shown = messages if self.only else self._choose_first(messages)
        for one in shown:
            self.out.print(self._panel(at, one))
        others: dict[str, list[str]] = {}
        for one in messages:
            if one not in shown:
                others.setdefault(_sort(one), []).append(one.reader)
        for what, readers in others.items():
            line = Text.assemble(("  also  ", "dim"), what, (f"  to {', '.join(readers)}", "dim"))
            self.out.print(line, no_wrap=True, overflow="ellipsis")

    def exchange(self, at: datetime, who: str, act: str, answer: str) -> None:
        """Print what a person did in the chat, and what they read then."""
        if self.only and self.only not in who.lower():
            return
        title = Text.assemble(
            (f" {at:%H:%M} UTC  ", "dim"), ("Slack · ", ""), (f"{who} ", "bold"), (f"{act} ", "")
        )
        width = min(self.out.width, 96)
        panel = Panel(Text(answer), title=title, title_align="left", box=box.ROUNDED, width=width)
        self.out.print(panel)

    def remark(self, line: str) -> None:
        """Print a line about the demo itself."""
        self.out.print(Text(f"  {line}", style="dim"))

    def trouble(self, line: str) -> None:
        """Print a failure."""
        self.out.print(Text(f"  {line}", style="red"))

    def ending(self, figures: Iterable[tuple[str, str]], hints: Sequence[str]) -> None:
        """Print the figures and what to try next."""
        self.out.print()
        self.out.print(Line(Text("The week in figures", style="bold"), align="left"))
        grid = Table(box=None, show_header=False, pad_edge=False)
        grid.add_column(justify="right", style="bold")
        grid.add_column()
        for figure, label in figures:
            grid.add_row(figure, label)
        self.out.print(grid)
        self.out.print()
        for hint in hints:
            self.out.print(Text(hint, style="dim"))

    def _wanted(self, one: DemoMessage) -> bool:
        return self.only in one.reader.lower() or self.only in one.notice.destination.address

    def _choose_first(self, messages: Sequence[DemoMessage]) -> list[DemoMessage]:
        """The first message of each kind that was not shown yet."""
        fresh: list[DemoMessage] = []
        for one in messages:
            purpose = one.notice.purpose
            over = purpose in ENDS  # resolutions look alike for all rules
            sorts = one.packs if not one.notice.rule else (one.notice.rule,)
            sort = (purpose, one.notice.destination.kind, () if over else tuple(sorts))
            if sort not in self._shown and len(fresh) < IN_FULL:
                self._shown.add(sort)
                fresh.append(one)
        return fresh

    def _panel(self, at: datetime, one: DemoMessage) -> RenderableType:
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
        hint = one.message.hint.replace("*", "")
        notes = (one.message.why, hint, one.message.intro)
        parts += [Text(note, style="italic dim") for note in notes if note]
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


def _subtitle(one: DemoMessage) -> Text | None:
    """The packs of the message, and whether it replaces an earlier one."""
    labels = {
        Purpose.DIGEST: "the daily summary",
        Purpose.CLEANUP: "the backlog",
        Purpose.RESOLVE: "the first message now says so",
        Purpose.HANDED_OVER: "the first message now says so",
        Purpose.FOLLOW_UP: "a later reminder",
        Purpose.WEEKLY: "the weekly message, the same for both",
        Purpose.OFFER: "asked once",
        Purpose.PULSE: "two questions after a search",
        Purpose.PULSE_RESULT: "both read it, and nobody else",
    }
    parts = [*one.packs, *filter(None, (labels.get(one.notice.purpose),))]
    return Text(f" {' · '.join(parts)} ", style="dim") if parts else None


def _sort(one: DemoMessage) -> str:
    """A message in a few words."""
    if one.notice.purpose is Purpose.DIGEST:
        return "The daily digest"
    return one.message.headline


def _clock(at: datetime, person: Person | None) -> str:
    """The local time and office of the recipient."""
    if person is None:
        return f"{at:%H:%M} UTC"
    return f"{at.astimezone(ZoneInfo(person.place.zone)):%H:%M} {person.place.name}"


def _facts(message: Message) -> str:
    return "  ·  ".join(f"{label} {value}" for label, value in message.facts)


def _sink(name: str) -> str:
    return {"slack": "Slack", "ats": "ATS", "console": "Terminal"}.get(name.split("_")[0], name)
