"""The one table: what each job takes with each tool, as Markdown."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

NONE = "–"
HEADER = (
    "job",
    "tool",
    "time, atsbridge = 1",
    "time again",
    "memory, MB",
    "old values kept",
    "deletions found",
    "your lines",
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
        return (
            self.job,
            self.tool,
            self.time,
            self.again,
            self.memory,
            self.history,
            self.deletions,
            self.lines,
            self.result,
        )


def markdown(rows: Iterable[Row]) -> str:
    """The table; the name of a job stands in its first row only."""
    lines = [HEADER, tuple("---" for _ in HEADER)]
    before = ""
    for row in rows:
        cells = row.cells()
        lines.append(cells if row.job != before else ("", *cells[1:]))
        before = row.job
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


def ratio(value: float) -> str:
    """Two significant digits: 0.42, 3.1, 57."""
    rounded = float(f"{value:.2g}")
    if rounded >= 10:
        return f"{rounded:,.0f}"
    return f"{rounded:.1f}" if rounded >= 1 else f"{rounded:g}"
