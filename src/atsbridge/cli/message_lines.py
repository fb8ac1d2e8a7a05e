"""Messages as lines of the terminal: whom each would reach and when, then its text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from atsbridge.cli.output import count, one_line
from atsbridge.model import Hold, Purpose
from atsbridge.presentation import describe_recipient

if TYPE_CHECKING:
    from atsbridge.model import Notice
    from atsbridge.queries import RehearsedNotice
    from atsbridge.rules import Rule

_EDGE = "  | "
_WAYS = {"person": "direct message", "channel": "message", "ats": "note"}
_FORMS = {"slack": "Slack", "email": "mail", "console": "terminal", "ats": "the ATS"}
_HELD = {
    Hold.SHADOW: "held: the rule is shadow",
    Hold.BREAKER: "held by the circuit breaker",
    Hold.QUIET_HOURS: "held: quiet hours",
    Hold.AWAY: "held: everybody it concerns is away",
    Hold.SUPPRESSED: "held: nobody is to be notified now",
    Hold.UNCONFIRMED: "held: the ATS could not confirm it",
    Hold.STOPPED: "held: its rule has an error",
}


def describe_message(
    one: RehearsedNotice, rules: Mapping[str, Rule], zone: str = "UTC", outcome: str = ""
) -> Iterator[str]:
    """The lines of one message in each form it has; `outcome`: what became of its step."""
    yield f"{_heading(one, rules, zone)}{f'. {outcome}' if outcome else ''}"
    if not one.rendered:
        yield f"{_EDGE}Nothing is sent: {one_line(one.reason)}."
        return
    if one.mark:
        yield f"{_EDGE}Sets {one_line(one.mark)} on the application. No text is written."
        return
    for rendered in one.rendered:
        if len(one.rendered) > 1:
            yield f"  as {_FORMS.get(rendered.kind, rendered.kind)}"
        for line in rendered.text.splitlines():
            yield f"{_EDGE}{one_line(line)}".rstrip()


def _heading(one: RehearsedNotice, rules: Mapping[str, Rule], zone: str) -> str:
    """ "feedback-late, 75%, Fri 06 Mar 09:00: direct message to x in Slack (interviewer)"."""
    first = one.notices[0]
    at = f"{one.at.astimezone(ZoneInfo(zone)):%a %d %b %H:%M}"
    what = ", ".join(part for part in (*_names(one, rules), at) if part)
    form = _FORMS.get(one.rendered[0].kind, one.to.sink) if one.rendered else one.to.sink
    way = "daily summary" if one.digest else _WAYS.get(one.to.kind, "message")
    why = f" ({one_line(describe_recipient(one.to))})" if one.to.why else ""
    held = f", {_HELD[first.hold]}" if first.hold in _HELD else ""
    to = "" if one.to.kind == "ats" else f" to {one_line(one.to.address)}"
    return f"{what}: {way}{to} in {form}{why}{held}"


def _names(one: RehearsedNotice, rules: Mapping[str, Rule]) -> Iterator[str]:
    """The rule and the step; of several notices how many they are."""
    first = one.notices[0]
    if first.purpose is Purpose.SUMMARY:
        yield "first summary"
    elif first.purpose is Purpose.OPS:
        yield "message to ops"
    elif len(one.notices) > 1:
        yield count(len(one.notices), "line")
    else:
        yield from (first.rule, _step(first, rules))


def _step(notice: Notice, rules: Mapping[str, Rule]) -> str:
    rule = rules.get(notice.rule)
    if rule is None or not 0 <= notice.step < len(rule.steps):
        return "" if notice.purpose in (Purpose.SEND, Purpose.FOLLOW_UP) else str(notice.purpose)
    return rule.steps[notice.step].when.label
