"""How commands print: tables for people, JSON for machines.

Styles and widths only; what is printed is each command's.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from rich.console import Console

    from atsbridge.sync import Progress

_ROOM = 48  # letters of a line that go to names, which are not broken over two lines


def emit_json(value: Any) -> None:
    """One JSON document on stdout; instants as ISO 8601, ids as text.

    What a terminal would obey is written as an escape, as is all that its encoding lacks.
    """
    import json

    utf8 = (getattr(sys.stdout, "encoding", None) or "utf-8").lower().replace("-", "") == "utf8"
    text = json.dumps(value, indent=2, default=str, ensure_ascii=not utf8)
    if not text.replace("\n", "").isprintable():
        text = "".join(c if c == "\n" or c.isprintable() else json.dumps(c)[1:-1] for c in text)
    click.echo(text)


def one_line(text: str) -> str:
    """Text with others' in it, on one line; its columns stay."""
    from atsbridge.model import printable

    return " ".join(printable(text).splitlines())


def console(*, stderr: bool = False) -> Console:
    """A terminal that wraps to its width; plain text where there is none."""
    from rich.console import Console
    from rich.segment import Segment

    from atsbridge.model import printable

    class Clean(Console):
        """What is printed by it may be text of others; only its own styles reach the terminal."""

        def render(self, renderable: Any, options: Any = None) -> Iterator[Segment]:
            for one in super().render(renderable, options):
                shown = one.control or one.text.isprintable()
                yield one if shown else Segment(printable(one.text), one.style)

    stream = sys.stderr if stderr else sys.stdout
    file = getattr(stream, "unfiltered", stream)
    return Clean(file=file, highlight=False, width=None if stream.isatty() else 100)


def count(number: int, word: str) -> str:
    """ "1 rule", "2,000 rules", "3 people": a number and what there are so many of."""
    return f"{number:,} {plural(number, word)}"


def plural(number: int, word: str) -> str:
    """The word as it stands beside that number."""
    return word if number == 1 else {"person": "people"}.get(word, f"{word}s")


def table(heads: Sequence[str], rows: Iterable[Sequence[str]], *, empty: str) -> None:
    """A table with these heads, or the sentence `empty` where there are no rows.

    Cells are text of others: nothing in them is markup or moves the cursor. Names stay whole, so
    that they can be copied; sentences take the narrow place.
    """
    from rich import box
    from rich.table import Table
    from rich.text import Text

    from atsbridge.model import clean

    lines = list(rows)
    if not lines:
        click.echo(empty)
        return
    made = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold")
    room = _ROOM
    for at, head in enumerate(heads):
        cells = [head, *(line[at] for line in lines)]
        width = max(map(len, cells))
        name = width <= room and not any(" " in cell for cell in cells)
        room -= width if name else 0
        made.add_column(head, overflow="fold", no_wrap=name)
    for line in lines:
        made.add_row(*(Text(clean(cell, len(cell))) for cell in line))
    console().print(made)


@contextmanager
def sync_progress(*, wanted: bool = True) -> Iterator[Callable[[str, Progress], None] | None]:
    """A line per account that moves while it is read; None where nobody watches a terminal."""
    if not wanted or not sys.stderr.isatty():
        yield None
        return
    from rich.progress import Progress as Bars
    from rich.progress import SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Bars(*columns, console=console(stderr=True), transient=True) as bars:
        lines: dict[str, Any] = {}

        def show(account: str, step: Progress) -> None:
            if account not in lines:
                lines[account] = bars.add_task(account, total=None)
            bars.update(lines[account], description=progress_line(account, step))

        yield show


def progress_line(account: str, step: Progress) -> str:
    """Where an account's sync stands, in a line."""
    left = "" if step.left is None else f", {step.left:,} still to ask for"
    return f"{account}: {step.stream}, {step.records:,} records, {step.requests} requests{left}"
