"""Draw small pictures: bars by week, a bar of shares, and the clock of a case."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import replace
from html import escape

from markupsafe import Markup

from atsbridge.queries import Explanation, Figure, describe_clock, svg

_STEP, _BAR, _HEIGHT = 14, 10, 36
_PARTS = (  # the parts of a bar of shares, in order: class, name
    ("good", "on time"),
    ("late", "late"),
    ("off", "canceled"),
    ("dim", "unknown"),
)


def week_bars(weeks: Sequence[Figure], label: str) -> Markup:
    """Draw a bar for each week: promises kept on time, and above them late ones.

    Numbers of promises, not shares: a week with few of them looks small.
    """
    most = max((one.due for one in weeks), default=0) or 1
    parts: list[str] = []
    for number, one in enumerate(weeks):
        x, kept = number * _STEP, one.row.on_time / most * _HEIGHT
        late = one.row.late / most * _HEIGHT
        if kept:
            parts.append(_rect("good", x, _HEIGHT - kept, kept))
        if late:
            parts.append(_rect("late", x, _HEIGHT - kept - late, late))
    width = len(weeks) * _STEP
    base = f'<path class="base" d="M0 {_HEIGHT}.5H{width}"/>'
    return Markup(  # noqa: S704  numbers, and an escaped label
        f'<svg class="weeks" viewBox="0 0 {width} {_HEIGHT + 1}" preserveAspectRatio="xMinYMax"'
        f' role="img"'
        f' aria-label="{escape(label)}">{"".join(parts)}{base}</svg>'
    )


def _rect(kind: str, x: float, y: float, height: float) -> str:
    return (
        f'<rect class="{kind}" x="{x:g}" y="{y:.1f}" width="{_BAR}" height="{height:.1f}" rx="1"/>'
    )


def share_bar(figure: Figure, label: str) -> Markup:
    """One bar: on time, late, canceled and unknown in their proportions."""
    row = figure.row
    numbers = (row.on_time, row.late, row.cancelled, row.unknown)
    total, x, parts = sum(numbers) or 1, 0.0, []
    for (kind, _), number in zip(_PARTS, numbers, strict=True):
        width = number / total * 200
        if number:
            parts.append(f'<rect class="{kind}" x="{x:.1f}" y="0" width="{width:.1f}" height="8"/>')
        x += width
    return Markup(  # noqa: S704  numbers, and an escaped label
        f'<svg class="shares" viewBox="0 0 200 8" preserveAspectRatio="none" role="img"'
        f' aria-label="{escape(label)}">{"".join(parts)}</svg>'
    )


def draw_clock(one: Explanation, about: str) -> tuple[str, str]:
    """The clock as an image in a data address, and its description in sentences.

    An image of its own cannot run anything, and its styles touch nothing else on the page. Steps
    are left out: they hold addresses of people.
    """
    shown = replace(one, about=about, steps=())
    drawn = base64.b64encode(svg(shown).encode()).decode()
    return f"data:image/svg+xml;base64,{drawn}", describe_clock(shown)
