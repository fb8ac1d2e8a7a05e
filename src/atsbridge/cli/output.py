"""How commands print: tables for people, JSON for programs.

On a terminal a table fits the width, or `COLUMNS` where it is set, and no word is cut. In a pipe
or a file every record is one line, and no line is wrapped.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from rich.console import Console

    from atsbridge.sync import Progress


@dataclass(slots=True)
class PrintedDocuments:
    """Whether the present command has printed its JSON document."""

    any: bool = False


PRINTED = PrintedDocuments()
_UNWRAPPED = 100_000  # columns of a console that never wraps
_GAP = 2  # spaces between two columns


def emit_json(document: Mapping[str, Any]) -> None:
    """Print one JSON document on stdout, with its version first; instants become ISO 8601.

    Control characters are escaped, as are letters that the encoding of stdout does not have.
    """
    from atsbridge.cli.documents import VERSION

    emit_plain_json({"version": VERSION, **document})


def format_json(document: Mapping[str, Any]) -> str:
    """One JSON document as text for a file, with its version first; ASCII only."""
    import json

    from atsbridge.cli.documents import VERSION

    return json.dumps({"version": VERSION, **document}, indent=2) + "\n"


def emit_plain_json(value: Any) -> None:
    """Print a JSON value whose format is defined elsewhere, such as a JSON Schema."""
    import json

    utf8 = (getattr(sys.stdout, "encoding", None) or "utf-8").lower().replace("-", "") == "utf8"
    text = json.dumps(value, indent=2, default=str, ensure_ascii=not utf8)
    if not text.replace("\n", "").isprintable():
        text = "".join(c if c == "\n" or c.isprintable() else json.dumps(c)[1:-1] for c in text)
    PRINTED.any = True
    click.echo(text)


def one_line(text: str) -> str:
    """Text from outside as one line without control characters; spaces are kept."""
    from atsbridge.model import printable

    return " ".join(printable(text).splitlines())


def is_piped() -> bool:
    """Whether stdout is not a terminal."""
    return not sys.stdout.isatty()


def console(*, stderr: bool = False, width: int = _UNWRAPPED) -> Console:
    """A rich console. A terminal has its own width; `width` counts for pipes and files."""
    from rich.console import Console
    from rich.segment import Segment

    from atsbridge.model import printable

    class CleanConsole(Console):
        """Removes control characters from text; only its own styles reach the terminal."""

        def render(self, renderable: Any, options: Any = None) -> Iterator[Segment]:
            for one in super().render(renderable, options):
                shown = one.control or one.text.isprintable()
                yield one if shown else Segment(printable(one.text), one.style)

    stream = sys.stderr if stderr else sys.stdout
    file = getattr(stream, "unfiltered", stream)
    return CleanConsole(file=file, highlight=False, width=None if stream.isatty() else width)


_PLURALS = {"person": "people", "summary": "summaries", "is": "are", "was": "were"}


def count(number: int, noun: str) -> str:
    """ "1 rule", "2,000 rules", "3 people": a number and its noun."""
    return f"{number:,} {plural(number, noun)}"


def plural(number: int, noun: str) -> str:
    """The noun, or the verb, as it stands beside that number."""
    return noun if number == 1 else _PLURALS.get(noun, f"{noun}s")


def table(heads: Sequence[str], rows: Iterable[Sequence[str]], *, empty: str) -> None:
    """Print a table, or the sentence `empty` without rows. Cells are text from outside.

    On a terminal that is narrower than the longest words, each record becomes a block of lines.
    """
    from atsbridge.model import clean

    lines = [[clean(cell, len(cell)) for cell in row] for row in rows]
    if not lines:
        click.echo(empty)
        return
    if is_piped():
        _print_lines(heads, lines)
        return
    minimums = [
        max(len(part) for row in (heads, *lines) for part in (row[at].split() or [""]))
        for at in range(len(heads))
    ]
    out = console()
    if sum(minimums) + _GAP * (len(heads) - 1) <= out.width:
        _print_table(out, heads, lines, minimums)
    else:
        _print_blocks(heads, lines, out.width)


def _print_lines(heads: Sequence[str], lines: Sequence[Sequence[str]]) -> None:
    """One line per record, columns aligned by spaces."""
    widths = [max(len(row[at]) for row in (heads, *lines)) for at in range(len(heads))]
    for row in (heads, *lines):
        cells = (cell.ljust(width + _GAP) for cell, width in zip(row, widths, strict=True))
        click.echo("".join(cells).rstrip())


def _print_table(
    out: Console, heads: Sequence[str], lines: Sequence[Sequence[str]], minimums: Sequence[int]
) -> None:
    """A table whose columns are at least as wide as their longest word."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    made = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold")
    for head, width in zip(heads, minimums, strict=True):
        made.add_column(head, overflow="fold", min_width=width)
    for line in lines:
        made.add_row(*(Text(cell) for cell in line))
    out.print(made)


def _print_blocks(heads: Sequence[str], lines: Sequence[Sequence[str]], width: int) -> None:
    """A block per record: "head: value", wrapped between minimums."""
    import textwrap

    for line in lines:
        for head, cell in zip(heads, line, strict=True):
            text = f"{head}: {cell}" if head else cell
            click.echo(
                textwrap.fill(
                    text,
                    max(width, 20),
                    subsequent_indent="  ",
                    break_long_words=False,
                    break_on_hyphens=False,
                )
            )
        click.echo()


@contextmanager
def sync_progress(*, wanted: bool = True) -> Iterator[Callable[[str, Progress], None] | None]:
    """Show one progress line per account; yields None without a terminal or if not `wanted`."""
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
    """The progress of an account's sync in one line."""
    left = "" if step.left is None else f", {step.left:,} still to read"
    return f"{account}: {step.stream}, {step.records:,} records, {step.requests} requests{left}"
