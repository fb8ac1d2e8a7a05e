"""How commands print: tables for people, JSON for machines.

Styles and widths only; what is printed is each command's.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from rich.console import Console


def emit_json(value: Any) -> None:
    """One JSON document on stdout; instants as ISO 8601, ids as text."""
    import json

    click.echo(json.dumps(value, indent=2, default=str, ensure_ascii=False))


def console(*, stderr: bool = False) -> Console:
    """A terminal that wraps to its width; plain text where there is none."""
    from rich.console import Console

    stream = sys.stderr if stderr else sys.stdout
    return Console(stderr=stderr, highlight=False, width=None if stream.isatty() else 100)


def table(heads: Sequence[str], rows: Iterable[Sequence[str]], *, empty: str) -> None:
    """A table with these heads, or the sentence `empty` where there are no rows."""
    from rich import box
    from rich.table import Table

    lines = list(rows)
    if not lines:
        click.echo(empty)
        return
    made = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold")
    for head in heads:
        made.add_column(head, overflow="fold")
    for line in lines:
        made.add_row(*line)
    console().print(made)
