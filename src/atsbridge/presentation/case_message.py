"""A notice in words: the rule's sentence filled with facts, who is waited for, and why it comes.

Which facts is `facts`' to read; the form of a chat message is its sink's.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from atsbridge.cases import Directory
from atsbridge.model import (
    Case,
    Found,
    Message,
    Notice,
    Purpose,
    ReasonCode,
    Sensitivity,
    clean,
    cut,
    isolated,
    resolve,
)
from atsbridge.presentation import message_data as paths
from atsbridge.presentation import resolution_text
from atsbridge.presentation.clearance import may_read, secret
from atsbridge.presentation.formatting import is_or_are, lower_first, without_late
from atsbridge.presentation.local_time import Reader
from atsbridge.presentation.message_context import MessageContext
from atsbridge.rules import FOUND, Rule, Timing, When, fill, inside, lasting, part

_BODY = 1500  # characters
_BY = re.compile(r"\bby (?=\{clock\.due\})", re.IGNORECASE)
_SOMEBODY = "a candidate"
_NAMES = (paths.INITIALS, "candidate.display_name")
_WITHHELD = "(see the ATS)"
_TIMINGS = {"ahead": Timing.AHEAD, "late": Timing.LATE}
_CONFIDENTIAL = "A confidential requisition"


def render(
    rule: Rule, notice: Notice, case: Case, found: Found, context: MessageContext
) -> Message:
    """The message as it stands now, in the reader's zone.

    A fact more sensitive than the clearance is replaced by a pointer to the ATS, a candidate
    without initials, or named to a channel, by "a candidate". A channel learns of a
    confidential requisition nothing but that there is one. Text of the ATS is cleaned and cut,
    not yet escaped.
    """
    directory = context.directory
    pen = _Pen(rule, notice, case, found, directory, context.now, context.clearance)
    tone = pen.tone()
    headline, body = pen.headline(tone), pen.body(tone)
    return Message(
        key=notice.key,
        headline=headline,
        body=body,
        facts=tuple(pen.facts(f"{headline}\n{body}")),
        why=pen.why(),
        link=None if pen.confidential else paths.link(found),
        link_text=f"Open in {directory.ats}",
        tone=tone,
    )


@dataclass(slots=True)
class _Pen:
    """One message while it is written."""

    rule: Rule
    notice: Notice
    case: Case
    found: Found
    directory: Directory
    now: datetime
    clearance: Sensitivity

    @property
    def confidential(self) -> bool:
        """Whether the reader must learn neither which requisition it is nor who works on it."""
        return secret(self.notice.destination, self.found.facts)

    @property
    def over(self) -> bool:
        """Whether nothing is left to do for the reader."""
        return self.case.end is not None or self.notice.purpose is Purpose.HANDED_OVER

    def tone(self) -> str:
        """ "done" once it is over for the reader, "ahead" before due, then "due" and "late".

        A celebration is "glad"; other news is no more than "due".
        """
        if self.rule.news:
            return "due" if self.rule.check else "glad"
        if self.over:
            return "done"
        due, step = self.case.due_at, self.notice.step
        if due is not None and self.now < due:
            return "ahead"
        at_due = 0 <= step < len(self.rule.steps) and (
            self.rule.steps[step].when.kind is not When.AMOUNT
        )
        return "due" if at_due else "late"

    def headline(self, tone: str) -> str:
        title = clean(self.rule.title, 120)
        thing = without_late(title)
        if tone == "done":
            ended = self._ended()
            if (
                thing == title and ended == resolution_text.DONE
            ):  # "Done: a candidate waits" is not true
                ended = resolution_text.NO_LONGER_SO
            return f"{ended}: {lower_first(thing)}"
        if tone == "ahead" and self.case.due_at is not None and thing != title:
            return f"{thing} {is_or_are(title)} due {self._due(self.case.due_at)}"
        return title

    def body(self, tone: str) -> str:
        """The rule's sentence; once it is over, whom it was about and how it ended."""
        if tone == "done":
            return cut(f"{self._about()}: {self._outcome()}", _BODY)
        if self.confidential:
            return f"{_CONFIDENTIAL}: its hiring team knows which one."
        template = self.rule.message_for(self.notice.step, _TIMINGS.get(tone, Timing.DUE))
        if tone == "ahead":  # the sentence is written for the day it is late
            template = template.replace("was due {clock.due}", "is due {clock.due}")
        if self.case.owed_by and self.case.owed_by != self.notice.destination.person:
            template = template.replace("Could you ", "Could {clock.owed_by} ")  # not the reader
        template = _BY.sub("", template)  # a due instant may bring its own "by"
        text = fill(template, self._fill).strip()
        return cut(text[:1].upper() + text[1:], _BODY)

    def facts(self, said: str) -> list[tuple[str, str]]:
        """What stands under headline and sentence, without what they say already."""
        lines = []
        wanted = [("Role", paths.TITLE), ("Req", paths.CODE)]
        if not self.over and not self.rule.news:
            wanted.append(("Stage", paths.STAGE))  # once it is over, the stage is another
            if not self.confidential:
                lines.append(("Waiting on", self._waiting()))
            if self.case.due_at is not None and self.rule.clock is not None:  # else: found then
                lines.append(("Due", self._due(self.case.due_at)))
        for label, path in () if self.confidential else wanted:
            lines.append((label, clean(str(self.found.facts.get(path) or ""))))
        return [(label, value) for label, value in lines if value and value not in said]

    def why(self) -> str:
        """Why the promise exists, and why it comes to this reader; nothing once it is over."""
        if self.over:
            return ""
        to = self.notice.destination
        parts = [clean(self.rule.why, 300)]
        if self.confidential:  # how the reader was found may name who works on it
            return parts[0]
        if to.why.startswith("the "):  # what happened, and no role
            comes = "You get this" if to.kind == "person" else "It comes here"
            parts.append(f"{comes} because {clean(to.why)}.")
        elif to.kind == "person" and to.why:
            parts.append(f"You get this as {clean(to.why)}.")
        return " ".join(part for part in parts if part)

    # --- parts --------------------------------------------------------------------------------

    def _waiting(self) -> str:
        """ "you since Friday"; "" where nobody can be named."""
        facts = self.found.facts
        owes, start = self.case.owed_by, self.case.started_at
        if owes is None:
            owes, start = facts.get(paths.ASSIGNEE), facts.get(paths.ASSIGNEE_SINCE)
        if owes is None:
            role = facts.get(paths.ASSIGNEE_ROLE)
            return "the candidate" if role == "candidate" else ""
        if owes == facts.get(paths.ASSIGNEE):
            start = facts.get(paths.ASSIGNEE_SINCE) or start
        who = "you" if owes == self.notice.destination.person else self._name(owes)
        return f"{who} since {self.reader.since(start)}" if start and start <= self.now else who

    def _about(self) -> str:
        """Whom or what it was about: "B.K. (Data Engineer)"."""
        if self.confidential:
            return _CONFIDENTIAL
        title = isolated(clean(str(self.found.facts.get(paths.TITLE) or "")))
        if paths.INITIALS not in self.found.facts:
            return title or f"This {self.found.kind}".replace("_", " ")
        who = self._fill(paths.INITIALS)
        who = who[:1].upper() + who[1:]
        return f"{who} ({title})" if title else who

    def _ended(self) -> str:
        return (
            "Handed over" if self.case.end is None else resolution_text.head(self.case.end_reason)
        )

    def _outcome(self) -> str:
        """How it ended, for whoever was messaged about it."""
        if self.case.end is None:
            known = self.case.owed_by is not None and not self.confidential
            who = self._name(self.case.owed_by) if known else "somebody else"
            return f"{who} has it now, so nothing is left for you to do."
        reason = self.case.end_reason
        happened = resolution_text.sentence(reason)
        if (
            resolution_text.head(reason) == resolution_text.NOT_TRACKED
        ):  # it may still be open in the ATS
            return f"{happened}, so atsbridge sends no more reminders about this."
        if resolution_text.head(reason) == resolution_text.NOT_DUE:
            return f"{happened}, so nothing is due now."
        if reason is None or reason.code is not ReasonCode.STOPPED:
            return f"{happened}, so nothing is left to do."
        stop = self.rule.clock.stop if self.rule.clock else None
        at = self.found.facts.get(stop or "")
        when = f" {self._moment(at)}" if isinstance(at, datetime) else ""
        if self.case.owed_by and self.case.owed_by == self.notice.destination.person:
            return f"it was done{when}. Thank you!"
        return f"it was done{when}, so nothing is left to do."

    def _fill(self, path: str) -> str:
        if path == FOUND:
            return clean(self.case.finding) or "something"
        if path.startswith("clock."):
            return self._clock(path.removeprefix("clock."))
        column, key = part(self.rule.subject, path)
        value = inside(self.found.facts.get(column), key)
        try:
            field = resolve(self.rule.subject, column).field
        except KeyError:
            return _WITHHELD
        allowed = may_read(self.notice.destination, self.clearance, field)
        if field.path in _NAMES and (value is None or not allowed):
            return _SOMEBODY
        return self._say(column, value) if allowed else _WITHHELD

    def _say(self, path: str, value: Any) -> str:
        if value is None:
            return "not set"
        if isinstance(value, datetime):
            return self._moment(value)
        if isinstance(value, date):
            return self.reader.date(value)
        if isinstance(value, bool):
            return "yes" if value else "no"
        if isinstance(value, float):
            return f"{value:,.12g}"
        if paths.person_of(self.rule.subject, path):
            return self._name(value)
        if isinstance(value, tuple | list):
            return clean(", ".join(map(str, value)))
        return isolated(clean(str(value)))

    def _clock(self, word: str) -> str:
        if word == "due" and self.case.due_at is not None:
            return self._due(self.case.due_at)
        if word == "started" and self.case.started_at is not None:
            return self._moment(self.case.started_at)
        if word == "owed_by":
            return self._name(self.case.owed_by)
        if word == "target" and self.rule.clock is not None:
            return lasting(self.rule.clock.target_of(self.found.facts))
        return "not yet known"

    def _name(self, user: str | None) -> str:
        if self.clearance < Sensitivity.PERSONAL or self.confidential:
            return "a colleague"
        return clean(self.directory.name(user)) or "a colleague"

    @property
    def reader(self) -> Reader:
        """Whoever reads it; for readers in several zones the times are those of who owes."""
        return Reader(self.directory, self.notice.destination, self.now, self.case.owed_by)

    def _moment(self, at: datetime) -> str:
        """An instant; of good news the day is enough."""
        return self.reader.day(at) if self.rule.news else self.reader.moment(at)

    def _due(self, at: datetime) -> str:
        """When it is or was due; of good news the day is enough."""
        if self.rule.news:
            return self.reader.day(at)
        return self.reader.due(at, self.case.started_at)
