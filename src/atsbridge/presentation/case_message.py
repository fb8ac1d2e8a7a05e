"""Write the message of one case: what to do and by when, who has to act, and why it is sent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from atsbridge.model import Case, Found, Message, Notice, clean
from atsbridge.presentation import message_data as paths
from atsbridge.presentation import reader_notes
from atsbridge.presentation.case_text import CaseText
from atsbridge.presentation.formatting import upper_first
from atsbridge.presentation.message_context import MessageContext
from atsbridge.presentation.next_reader import describe_reminder
from atsbridge.presentation.recipient_text import describe_recipient
from atsbridge.presentation.reply_buttons import offer_buttons
from atsbridge.rules import Rule

_AGREED = "requisition.criteria_agreed_at"


def render(
    rule: Rule, notice: Notice, case: Case, found: Found, context: MessageContext
) -> Message:
    """Write the message from present facts, in the reader's zone.

    "(see the ATS)" replaces a fact that is more sensitive than the clearance. A candidate has a
    name in a message to a person, initials in a note, and is "a candidate" elsewhere. In a
    channel, a confidential requisition has no title, code or people. Text from the ATS is cleaned
    and cut, but not yet escaped.
    """
    text = CaseText(rule, notice, case, found, context)
    closed, agreement = text.is_over or rule.news, _asks_agreement(rule)
    return Message(
        key=notice.key,
        headline=text.headline(),
        body=_body(text),
        facts=tuple(_facts(text)),
        why=_why(text),
        link=None if text.is_confidential else paths.link(found),
        link_text=f"Open in {context.directory.ats}",
        tone=text.tone,
        hint="" if closed else reader_notes.hint(text.to, context, asks_agreement=agreement),
        intro=reader_notes.intro(text.to, context),
        buttons=() if closed else offer_buttons(text.to, context, asks_agreement=agreement),
    )


def _body(text: CaseText) -> str:
    """The rule's text while the case is open, then how it ended."""
    if text.tone == "done":
        return f"{text.happened()} {text.left()}"
    if text.is_confidential:
        return "Its hiring team knows which one."
    return "\n".join(part for part in (text.text(), describe_reminder(text)) if part)


def _facts(text: CaseText) -> Iterator[tuple[str, str]]:
    """The lines under the text, without what the headline and the text already say."""
    if text.is_over or text.rule.news or text.is_confidential:
        return
    if waiting := _waiting(text):
        yield "Waiting on", waiting
    due, started = text.case.due_at, text.case.started_at
    shown = text.names("clock.due") or text.rule.clock is None
    if due is not None and not (shown or text.reader.names_due_in_full(due, started)):
        yield "Due", text.reader.due(due, started)
    stage = clean(str(text.facts.get(paths.STAGE) or ""))
    if stage and not any(map(text.names, (paths.STAGE, f"application.{paths.STAGE}"))):
        yield "Stage", stage


def _waiting(text: CaseText) -> str:
    """ "you since Friday"; "" if nobody can be named."""
    facts: Any = text.facts
    owes, start = text.case.owed_by, text.case.started_at
    if owes is None:
        owes, start = facts.get(paths.ASSIGNEE), facts.get(paths.ASSIGNEE_SINCE)
    if owes is None:
        return "the candidate" if facts.get(paths.ASSIGNEE_ROLE) == "candidate" else ""
    if owes == facts.get(paths.ASSIGNEE):
        start = facts.get(paths.ASSIGNEE_SINCE) or start
    who = "you" if owes == text.to.person else text.name(owes)
    if start is None or start > text.context.now:
        return who
    return f"{who} since {text.reader.since(start)}"


def _why(text: CaseText) -> str:
    """Why the promise exists and why this reader gets the message; "" once the case is over.

    A reader gets this once per rule. A stand-in reads in every message why they get it.
    """
    to, history = text.to, text.context.history
    if text.is_over:
        return ""
    parts = [] if history.knows_why else [clean(text.rule.why, 300)]
    if not text.is_confidential:  # the reason may name somebody who works on it
        if to.fallback:
            comes = "You get this" if to.kind == "person" else "It comes here"
            parts.append(f"{comes} because {clean(describe_recipient(to))}.")
        elif to.kind == "person" and to.why and not history.knows_why:
            parts.append(f"You get this as {clean(describe_recipient(to))}.")
    return upper_first(" ".join(part for part in parts if part))


def _asks_agreement(rule: Rule) -> bool:
    """Whether the rule waits for an agreement, which is then one of the answers."""
    return rule.clock is not None and rule.clock.stop == _AGREED
