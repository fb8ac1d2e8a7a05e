"""The one table: what each job takes with each tool, as Markdown."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

NONE = "–"
HEADER = (
    "tool",
    "time (again), atsbridge = 1",
    "memory, MB",
    "your lines",
    "old values, deletions",
    "what you have then",
)


@dataclass(frozen=True, slots=True)
class Row:
    """One tool at one job. Times are texts: a ratio to atsbridge, which itself is 1."""

    job: str
    tool: str
    time: str = NONE
    again: str = NONE
    memory: str = NONE
    history: str = NONE
    deletions: str = NONE
    lines: str = NONE
    result: str = ""

    def cells(self) -> tuple[str, ...]:
        """In the order of HEADER."""
        time = self.time if self.again == NONE else f"{self.time} ({self.again})"
        noticed = NONE if self.history == NONE else f"{self.history}, {self.deletions}"
        return (self.tool, time, self.memory, self.lines, noticed, self.result)


def markdown(rows: Iterable[Row]) -> str:
    """The table; each job is a line of its own above its tools."""
    lines = [HEADER, tuple("---" for _ in HEADER)]
    before = ""
    for row in rows:
        if row.job != before:
            lines.append((f"**{row.job}**", *("" for _ in HEADER[1:])))
        lines.append(row.cells())
        before = row.job
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


def ratio(value: float) -> str:
    """Two significant digits: 0.42, 3.1, 57."""
    rounded = float(f"{value:.2g}")
    if rounded >= 10:
        return f"{rounded:,.0f}"
    return f"{rounded:.1f}" if rounded >= 1 else f"{rounded:g}"
