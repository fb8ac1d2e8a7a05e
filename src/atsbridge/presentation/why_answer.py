"""The answer to "why": why the promise exists, why it is theirs, and how its time was counted."""

from __future__ import annotations

from atsbridge.model import Case, Found, Notice, clean
from atsbridge.presentation.case_text import CaseText
from atsbridge.presentation.message_context import MessageContext
from atsbridge.presentation.recipient_text import describe_recipient
from atsbridge.rules import Rule, lasting


def answer_why(
    rule: Rule, notice: Notice, case: Case, found: Found, context: MessageContext
) -> str:
    """A few sentences for the thread of a message; no candidate is named in them."""
    text = CaseText(rule, notice, case, found, context)
    parts = [clean(rule.why, 300)]
    if not text.is_confidential:
        parts += [_role(text), _time(text)]
    parts.append(f"Ask whoever runs atsbridge about case {case.number} for every hour of it.")
    return " ".join(part for part in parts if part)


def _role(text: CaseText) -> str:
    """Why it comes to the reader."""
    why = clean(describe_recipient(text.to))
    if not why or text.to.kind != "person":
        return ""
    return f"You get this because {why}." if text.to.fallback else f"You get this as {why}."


def _time(text: CaseText) -> str:
    """How its time was counted; what was found, where there is no clock."""
    case, clock = text.case, text.rule.clock
    if clock is None:
        found = clean(case.finding)
        return f"Found: {found}." if found else ""
    if case.due_at is None or case.started_at is None:
        return ""
    due = text.reader.due(case.due_at, case.started_at)
    verb = "is" if text.context.now < case.due_at else "was"
    if case.started_at >= case.due_at:  # counted back from an event
        return f"It {verb} due {due}."
    target = lasting(clock.target_of(text.facts))
    return f"It started {text.reader.moment(case.started_at)} and {verb} due after {target}: {due}."
