"""Draw the clock of an explanation as a small SVG: counted time, gaps, due instant, steps."""

from __future__ import annotations

import hashlib
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from html import escape
from zoneinfo import ZoneInfo

from atsbridge.model import Span, SpanKind
from atsbridge.presentation import describe
from atsbridge.queries.explanation import Explanation

_WIDTH, _MARGIN = 440, 14  # in units of the picture; a phone shows one as 0.85 pixels
_BAR, _LINE, _WRAP = 24, 19, 54
_INSIDE = _WIDTH - 2 * _MARGIN
# Counted, paused and other time differ in pattern, not in color alone; dark pages get light ink.
_STYLE = """\
.page{fill:#fff}.ink{fill:#1b1f24}.dim{fill:#57606a}.ran{fill:#0969da}.gap{fill:#d8dee4}
.held{fill:#d4a72c}.line{stroke:#1b1f24}.late{fill:#cf222e}.due{stroke:#cf222e}.hatch{stroke:#8c959f}
text{font:14px system-ui,sans-serif}.small{font-size:12px}.bold{font-weight:600}
@media (prefers-color-scheme:dark){.page{fill:#0d1117}.ink{fill:#e6edf3}.dim{fill:#9198a1}
.ran{fill:#4493f8}.gap{fill:#30363d}.held{fill:#d29922}.line{stroke:#e6edf3}.late{fill:#ff7b72}
.due{stroke:#ff7b72}.hatch{stroke:#6e7681}}"""
_PATTERNS = """\
<pattern id="gap" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
<rect class="gap" width="6" height="6"/><path class="hatch" d="M0 0V6" stroke-width="2"/></pattern>
<pattern id="held" width="6" height="6" patternUnits="userSpaceOnUse">
<rect class="held" width="6" height="6"/><circle class="ink" cx="3" cy="3" r="1.2"/></pattern>"""


@dataclass(slots=True)
class _Paper:
    """The elements drawn so far, and the height they use."""

    parts: list[str] = field(default_factory=list)
    y: float = 30

    def text(self, text: str, kind: str = "ink", x: float = _MARGIN, anchor: str = "") -> None:
        end = f' text-anchor="{anchor}"' if anchor else ""
        self.parts.append(
            f'<text class="{kind}" x="{x:g}" y="{self.y:g}"{end}>{escape(text)}</text>'
        )

    def lines(self, text: str, kind: str = "ink", x: float = _MARGIN) -> None:
        """Write text in as many lines as it needs."""
        width = _WRAP - int((x - _MARGIN) / 7) + (6 if "small" in kind else 0)
        for line in textwrap.wrap(text, width) or [""]:
            self.text(line, kind, x)
            self.y += _LINE


def svg(one: Explanation) -> str:
    """The picture as a file of its own: no fonts, no script, light and dark.

    Its text is there for screen readers too.

    Times are in the zone of who owes. Where no clock runs there is no bar, only text.
    """
    paper = _Paper()
    paper.lines(one.rule.title, "ink bold")
    paper.lines(f"{one.about}: {_state(one)}", "dim small")
    if one.verdict.spans:
        _bar(paper, one)
        _reasons(paper, one)
    _steps(paper, one)
    height = paper.y + 6
    # Ids of their own, so that one page can hold many pictures.
    own = hashlib.sha256(f"{one.rule.id} {one.verdict.subject}".encode()).hexdigest()[:8]
    title, desc = f"title-{own}", f"desc-{own}"
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height:g}" role="img"'
        f' aria-labelledby="{title} {desc}" style="width:100%;max-width:620px;height:auto">'
    )
    texts = (
        f'<title id="{title}">{escape(_title(one))}</title>'
        f'<desc id="{desc}">{escape(describe_clock(one))}</desc>'
    )
    page = f'<rect class="page" width="{_WIDTH}" height="{height:g}" rx="8"/>'
    look = f"<style>{_STYLE}</style><defs>{_PATTERNS}</defs>"
    return "\n".join([head, texts, look, page, *paper.parts, "</svg>"]) + "\n"


def describe_clock(one: Explanation) -> str:
    """Describe the picture in sentences, for screen readers."""
    return " ".join(_sentences(one))


def _state(one: Explanation) -> str:
    verdict = one.verdict
    return f"{verdict.state}, {describe(verdict.reason)}" if verdict.reason else str(verdict.state)


def _title(one: Explanation) -> str:
    return f"{one.rule.title}: {one.about}"


def _sentences(one: Explanation) -> Iterator[str]:
    """The picture in sentences."""
    verdict = one.verdict
    yield f"The rule {one.rule.id} is {_state(one)}."
    if verdict.spans and one.rule.clock is not None:
        counted = _hours(sum((span.counted for span in verdict.spans), timedelta()))
        began = _stamp(verdict.spans[0].start, one.zone)
        target = one.rule.clock.target_of(verdict.evidence)
        yield f"The clock began {began} and has counted {counted} of {target}."
        for reason, spans in _grouped(verdict.spans):
            if spans[0].kind is not SpanKind.RAN:
                yield f"Not counted: {reason}, {_hours(_length(spans))}."
    if verdict.due is not None:
        yield f"Due {_stamp(verdict.due.at, one.zone)}."
    for step in one.steps:
        at = f" on {_stamp(step.at, one.zone)}" if step.at else ""
        yield f"Step {step.label}{at} to {step.to}: {step.became}."


@dataclass(frozen=True, slots=True)
class _Scale:
    """Instants on the width of the bar. `top`: where the bar begins."""

    start: datetime
    end: datetime
    top: float

    def x(self, at: datetime) -> float:
        whole = max((self.end - self.start).total_seconds(), 1.0)
        inside = min(max((at - self.start).total_seconds() / whole, 0.0), 1.0)
        return round(_MARGIN + inside * _INSIDE, 1)


def _bar(paper: _Paper, one: Explanation) -> None:
    """Draw each span to scale, with the due instant above, start and now below."""
    spans, due, now = one.verdict.spans, one.verdict.due, one.verdict.at
    ahead = [at for at in (due.at if due else None, *(s.at for s in one.steps)) if at]
    scale = _Scale(spans[0].start, max([spans[-1].end, now, *ahead]), paper.y + _LINE)
    top, draw = scale.top, paper.parts.append
    frame = f'x="{_MARGIN}" y="{top:g}" width="{_INSIDE}" height="{_BAR}" rx="3"'
    draw(f'<rect class="line" {frame} fill="none" stroke-opacity="0.35"/>')
    _draw_spans(paper, one, scale)
    if due is not None and due.at >= scale.start:
        _draw_due(paper, one, scale, due.at)
    at = scale.x(now)
    if now < scale.end:
        draw(f'<path class="line" d="M{at:g} {top - 2:g}V{top + _BAR + 14:g}" stroke-width="1.5"/>')
    paper.y = top + _BAR + 26
    paper.text(f"since {_stamp(scale.start, one.zone)}", "dim small")
    paper.text(f"now {_stamp(now, one.zone)}", "ink small", _WIDTH - _MARGIN, "end")
    paper.y += _LINE + 6


def _draw_spans(paper: _Paper, one: Explanation, scale: _Scale) -> None:
    """Draw the spans in their patterns, and a dot for each step."""
    top, draw = scale.top, paper.parts.append
    for span in one.verdict.spans:
        left = scale.x(span.start)
        width = max(scale.x(span.end) - left, 0.8)
        place = f'x="{left:g}" y="{top:g}" width="{width:g}" height="{_BAR}"'
        label = f"{_stamp(span.start, one.zone)} to {_stamp(span.end, one.zone)}: {span.reason}"
        draw(f"<rect {_fill(span.kind)} {place}><title>{escape(label)}</title></rect>")
    for step in one.steps:
        if step.at is not None and step.at >= scale.start:
            label = f"{step.label}: {_stamp(step.at, one.zone)}"
            spot = f'cx="{scale.x(step.at):g}" cy="{top + _BAR + 6:g}" r="3.5"'
            draw(f'<circle class="ink" {spot}><title>{escape(label)}</title></circle>')


def _draw_due(paper: _Paper, one: Explanation, scale: _Scale, due: datetime) -> None:
    """Draw a line and a label at the due instant; underline a stop that came too late."""
    at, end, top = scale.x(due), one.verdict.spans[-1].end, scale.top
    if due < end:
        late = max(scale.x(end) - at, 0.8)
        place = f'x="{at:g}" y="{top + _BAR - 5:g}" width="{late:g}" height="5"'
        paper.parts.append(f'<rect class="late" {place}/>')
    line = f"M{at:g} {top - 5:g}V{top + _BAR + 2:g}"
    paper.parts.append(f'<path class="due" d="{line}" stroke-width="2.5"/>')
    paper.y = top - 9
    paper.text(f"due {_stamp(due, one.zone)}", "late small", *_anchored(at))


def _anchored(at: float) -> tuple[float, str]:
    """Place a label over a mark so that it stays within the picture."""
    if at < _WIDTH * 0.3:
        return max(at - 2, _MARGIN), ""
    return (min(at + 2, _WIDTH - _MARGIN), "end") if at > _WIDTH * 0.7 else (at, "middle")


def _fill(kind: SpanKind) -> str:
    if kind is SpanKind.RAN:
        return 'class="ran"'
    return f'fill="url(#{"held" if kind is SpanKind.PAUSED else "gap"})"'


def _reasons(paper: _Paper, one: Explanation) -> None:
    """Write the legend: each pattern's meaning, its length, and how much of it counted."""
    for reason, spans in _grouped(one.verdict.spans):
        kind = spans[0].kind
        swatch = f'x="{_MARGIN}" y="{paper.y - 11:g}" width="14" height="14" rx="2"'
        paper.parts.append(f"<rect {_fill(kind)} {swatch}/>")
        if kind is SpanKind.RAN:
            counted = sum((span.counted for span in spans), timedelta())
            clock, facts = one.rule.clock, one.verdict.evidence
            of = f" of {_hours(clock.target_of(facts).span)}" if clock else ""
            paper.lines(f"counted {_hours(counted)}{of}", "ink small", _MARGIN + 22)
            continue
        times = f", {len(spans)} times" if len(spans) > 1 else ""
        text = f"{reason}: {_hours(_length(spans))} not counted{times}"
        paper.lines(text, "ink small", _MARGIN + 22)
    paper.y += 4


def _steps(paper: _Paper, one: Explanation) -> None:
    for step in one.steps:
        at = f", {_stamp(step.at, one.zone)}" if step.at else ""
        paper.lines(f"{step.label}{at}: {step.to}", "ink small")
        paper.lines(step.became, "dim small", _MARGIN + 22)


def _grouped(spans: Sequence[Span]) -> list[tuple[str, list[Span]]]:
    """Group spans by reason, in the order in which the reasons first occur."""
    found: dict[str, list[Span]] = {}
    for span in spans:
        found.setdefault(span.reason, []).append(span)
    return list(found.items())


def _length(spans: Sequence[Span]) -> timedelta:
    return sum((span.end - span.start for span in spans), timedelta())


def _hours(span: timedelta) -> str:
    minutes = round(span.total_seconds() / 60)
    return f"{minutes // 60} h {minutes % 60:02} m"


def _stamp(at: datetime, zone: str) -> str:
    return f"{at.astimezone(ZoneInfo(zone)):%a %d %b %H:%M}"
