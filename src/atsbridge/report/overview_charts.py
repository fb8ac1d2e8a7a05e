"""Overview charts from Altair, drawn as SVG by vl-convert: no script, no request.

Both come with the extra `report`; without it the page has its tables and small pictures alone.
Colors are those below; the page's style sheet replaces them, so that they fit light and dark.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from markupsafe import Markup

from atsbridge.queries import Figure, FigureWindow

INK, LINE = "#111111", "#dddddd"
SIDE_COLORS = {"recruiter": "#1f5fbf", "manager": "#b45309", "": "#6d28d9"}
_SHAPES = {"recruiter": "circle", "manager": "square", "": "diamond"}
_DASHES = {"recruiter": [1, 0], "manager": [6, 3], "": [2, 2]}
_FONT = "system-ui, sans-serif"
_ARIA = re.compile(r' (?:role|aria-[a-z]+)="[^"]*"')
_SIZE = re.compile(r'<svg ([^>]*?) width="\d+" height="\d+"')


def is_available() -> bool:
    """Whether the extra `report` is installed."""
    from importlib.util import find_spec

    return find_spec("altair") is not None and find_spec("vl_convert") is not None


def on_time_chart(
    trend: Mapping[str, Sequence[Figure]], window: FigureWindow, titles: Mapping[str, str]
) -> Markup:
    """The share kept on time by week and side; a week with too few promises has no point."""
    rows = [
        {"week": _week(monday), "side": titles[side], "share": one.rate}
        for side, weeks in trend.items()
        for monday, one in zip(window.mondays, weeks, strict=True)
        if one.rate is not None
    ]
    sides = [side for side in trend if any(row["side"] == titles[side] for row in rows)]
    if not rows:
        return Markup()
    import altair as alt

    labels = alt.Axis(labelAngle=0, labelOverlap="greedy", grid=False)
    order = [_week(monday) for monday in window.mondays]
    week = alt.X("week:O", title=None, scale=alt.Scale(domain=order), axis=labels)
    share = alt.Y(
        "share:Q",
        title=None,
        scale=alt.Scale(domain=[0, 1]),
        axis=alt.Axis(format="%", tickCount=5),
    )
    domain = [titles[side] for side in sides]
    scale = alt.Scale(domain=domain, range=[SIDE_COLORS[side] for side in sides])
    shapes = alt.Scale(domain=domain, range=[_SHAPES[side] for side in sides])
    dashes = alt.Scale(domain=domain, range=[_DASHES[side] for side in sides])
    chart = (
        alt.Chart(alt.InlineData(values=rows))
        .mark_line(point=alt.OverlayMarkDef(size=55), strokeWidth=2)
        .encode(
            x=week,
            y=share,
            color=alt.Color("side:N", scale=scale, legend=None),
            strokeDash=alt.StrokeDash("side:N", scale=dashes, legend=None),
            shape=alt.Shape("side:N", scale=shapes, legend=None),
        )
        .properties(width=330, height=170)
    )
    return _draw(chart)


def funnel_chart(steps: Sequence[tuple[str, int]]) -> Markup:
    """How many applications came into each kind of stage."""
    if not any(number for _, number in steps):
        return Markup()
    import altair as alt

    rows = [{"stage": name, "applications": number} for name, number in steps]
    order = [name for name, _ in steps]
    # The room for names is fixed: fonts differ between here and the reader.
    stage = alt.Y("stage:N", title=None, sort=order, axis=alt.Axis(minExtent=135, ticks=False))
    bars = (
        alt.Chart(alt.InlineData(values=rows))
        .mark_bar(color=SIDE_COLORS["recruiter"], cornerRadiusEnd=2)
        .encode(x=alt.X("applications:Q", axis=None), y=stage)
    )
    labels = (
        alt.Chart(alt.InlineData(values=rows))
        .mark_text(align="left", dx=5, color=INK, fontSize=13)
        .encode(x="applications:Q", y=stage, text="applications:Q")
    )
    return _draw((bars + labels).properties(width=220, height=30 * len(steps)))


def _week(monday: datetime) -> str:
    return f"{monday.day} {monday:%b}"


def _draw(chart: Any) -> Markup:
    """The chart as SVG that scales with the page. Its description is the page's to write."""
    import vl_convert

    axis = {
        "labelColor": INK,
        "gridColor": LINE,
        "domainColor": LINE,
        "tickColor": LINE,
        "labelFontSize": 14,
        "labelFont": _FONT,
        "labelLimit": 200,
    }
    config = {"axis": axis, "view": {"stroke": None}, "background": "transparent"}
    spec = {**chart.to_dict(), "config": config}
    drawn = _ARIA.sub("", vl_convert.vegalite_to_svg(spec))
    return Markup(_SIZE.sub(r"<svg \1", drawn, count=1))  # noqa: S704  made of our own words only
