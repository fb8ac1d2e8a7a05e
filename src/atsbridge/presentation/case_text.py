"""Write the parts of a message about one case: headline, names, and texts with their values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from atsbridge.model import (
    Case,
    Destination,
    FieldType,
    Found,
    Notice,
    Purpose,
    Sensitivity,
    clean,
    cut,
    isolated,
    resolve,
)
from atsbridge.presentation import message_data as paths
from atsbridge.presentation import resolution_text
from atsbridge.presentation.clearance import find_sensitivity, may_read, secret
from atsbridge.presentation.formatting import count, together, upper_first
from atsbridge.presentation.local_time import Reader
from atsbridge.presentation.message_context import MessageContext
from atsbridge.rules import (
    FOUND,
    Rule,
    Timing,
    When,
    field_paths,
    fill,
    lasting,
    message_template,
)

CANDIDATE, COLLEAGUE = "a candidate", "a colleague"
CONFIDENTIAL = "a confidential role"
_WITHHELD = "(see the ATS)"
_TITLE, _ROLE, _NAME, _TEXT = 120, 80, 60, 1500  # characters
_SIDES = {"recruiter": "recruiter's side", "manager": "manager's side"}
_OWES, _NO_STEP = "clock.owed_by", -1
_TIMINGS = {"ahead": Timing.AHEAD, "late": Timing.LATE}


@dataclass(frozen=True, slots=True)
class CaseText:
    """The texts about a case for the reader of a notice."""

    rule: Rule
    notice: Notice
    case: Case
    found: Found
    context: MessageContext

    # --- how it stands ------------------------------------------------------------------------

    @property
    def to(self) -> Destination:
        """The destination of the notice."""
        return self.notice.destination

    @property
    def facts(self) -> Mapping[str, Any]:
        """The facts of the case's subject, by path."""
        return self.found.facts

    @property
    def reader(self) -> Reader:
        """The reader. Readers in several zones get the times of the person who has to act."""
        return Reader(self.context.directory, self.to, self.context.now, self.case.owed_by)

    @property
    def is_confidential(self) -> bool:
        """Whether the requisition and the people who work on it must not be named here."""
        return secret(self.to, self.facts)

    @property
    def has_candidate(self) -> bool:
        """Whether it is about a candidate; an approval is about an offer or about a requisition."""
        if paths.INITIALS not in self.facts:
            return False
        link = paths.path_to(self.found.kind, "candidate")
        named = self.facts[paths.INITIALS] or self.facts.get(paths.DISPLAY_NAME)
        return bool(named) or self.facts.get(link or "", "") is not None

    @property
    def is_over(self) -> bool:
        """Whether nothing is left to do for the reader."""
        return self.case.end is not None or self.notice.purpose is Purpose.HANDED_OVER

    @property
    def is_readers(self) -> bool:
        """Whether the reader is the person who has to act."""
        return self.case.owed_by is not None and self.case.owed_by == self.to.person

    @property
    def tone(self) -> str:
        """ "ahead" before it is due, then "due", then "late"; "done" at the end for this reader.

        A celebration is "glad"; other news is "due".
        """
        if self.rule.news:
            return "due" if self.rule.check else "glad"
        if self.is_over:
            return "done"
        due, step = self.case.due_at, self.notice.step
        if due is not None and self.context.now < due:
            return "ahead"
        at_due = 0 <= step < len(self.rule.steps) and (
            self.rule.steps[step].when.kind is not When.AMOUNT
        )
        return "due" if at_due else "late"

    # --- headline -----------------------------------------------------------------------------

    def headline(self) -> str:
        """ "Feedback due today 13:30: TH, Lead Logistics Planner (OPS-106)"."""
        lead = f"{clean(self.rule.title, _TITLE)} {self.status()}".rstrip()
        return lead if self.rule.personal else f"{lead}: {self.about()}"

    def status(self) -> str:
        """ "due today 13:30", "was due Friday", "done"; "" if it has no time."""
        if self.rule.news:
            return ""
        if self.is_over:
            handed = self.case.end is None
            return "handed over" if handed else self._ending.status
        due = self.case.due_at
        if due is None or self.rule.clock is None:  # a check found something: nothing is due
            return ""
        return self.reader.due_status(due, self.case.started_at, is_late=self.tone == "late")

    def about(self) -> str:
        """The candidate and the role: "TH, Lead Logistics Planner (OPS-106)"."""
        if self.is_confidential:
            return CONFIDENTIAL
        role = role_of(self.facts)
        if not self.has_candidate:
            return role or f"this {self.found.kind}".replace("_", " ")
        return ", ".join(part for part in (self.who(), role) if part)

    def who(self) -> str:
        """The candidate, by the name that the reader may see."""
        return self.candidate(paths.DISPLAY_NAME) or CANDIDATE

    def candidate(self, path: str) -> str:
        """The candidate's name or initials, as `path` asks; "" if unknown or not allowed here.

        A message to a person may have the name, a note in the ATS the initials, a channel neither.
        """
        if self.to.kind == "channel" or self.context.clearance < Sensitivity.PERSONAL:
            return ""
        named = path == paths.DISPLAY_NAME and self.to.kind == "person"
        name = self.facts.get(paths.DISPLAY_NAME) if named else None
        return isolated(clean(str(name or self.facts.get(paths.INITIALS) or ""), _NAME))

    # --- texts --------------------------------------------------------------------------------

    def template(self) -> str:
        """The rule's text for this step at this time."""
        timing = _TIMINGS.get(self.tone, Timing.DUE)
        return self.step_template() or self.rule.message_for(_NO_STEP, timing)

    def step_template(self) -> str:
        """The step's own text; "" if the reader gets the rule's.

        A text that names the person who has to act is for others: that person gets the rule's.
        """
        own = self.rule.own_message(self.notice.step)
        return "" if self.is_readers and _OWES in message_template.placeholders(own) else own

    def text(self) -> str:
        """The rule's text, filled in."""
        return cut(upper_first(fill(self.template(), self._fill).strip()), _TEXT)

    def names(self, placeholder: str) -> bool:
        """Whether the rule's text has this placeholder."""
        return placeholder in message_template.placeholders(self.template())

    def name(self, user: str | None) -> str:
        """A colleague's name."""
        if self.context.clearance < Sensitivity.PERSONAL or self.is_confidential:
            return COLLEAGUE
        return clean(self.context.directory.name(user), _NAME) or COLLEAGUE

    def happened(self) -> str:
        """How the case ended, in one sentence, for everyone who was messaged about it."""
        if self.case.end is not None:
            return resolution_text.happened(self._ending)
        known = self.case.owed_by is not None and not self.is_confidential
        owes = self.name(self.case.owed_by) if known else "Somebody else"
        return f"{upper_first(owes)} has it now."

    def left(self) -> str:
        """What is left to do after the end of the case."""
        if self.case.end is None:
            return "Nothing is left for you to do."
        return resolution_text.left(self._ending)

    @property
    def _ending(self) -> resolution_text.Ending:
        clock = self.rule.clock
        return resolution_text.Ending(
            self.case,
            self.facts,
            clock.start if clock else None,
            clock.stop if clock else None,
            self.reader,
            who=CANDIDATE if self.is_confidential else self.who(),
            owes="You" if self.is_readers else upper_first(self.name(self.case.owed_by)),
        )

    def _fill(self, path: str) -> str:
        if path == FOUND:
            return clean(self.case.finding) or "something"
        if path in message_template.PLACEHOLDERS:
            return self._derived(path)
        subject = self.rule.subject
        try:
            field, level = find_sensitivity(subject, path, self.context.declared)
        except KeyError:
            return _WITHHELD
        if field.path in (paths.INITIALS, paths.DISPLAY_NAME):
            return self.candidate(field.path) or CANDIDATE
        if not may_read(self.to, self.context.clearance, field, level):
            return _WITHHELD
        column, key = field_paths.part(subject, path)
        if key:
            return _describe_key(field_paths.inside(self.facts.get(column), key))
        return self._value(path, self.facts.get(path))

    def _value(self, path: str, value: Any) -> str:
        if value is None:
            return self._absent(path)
        if isinstance(value, datetime):
            return self._moment(value)
        if isinstance(value, date):
            return self.reader.date(value)
        if isinstance(value, bool):
            return "yes" if value else "no"
        if isinstance(value, float):
            return f"{value:,.12g}"
        if paths.is_person_path(self.rule.subject, path):
            return self.name(value)
        if isinstance(value, tuple):
            return clean(", ".join(map(str, value)))
        return isolated(clean(str(value)))

    def _absent(self, path: str) -> str:
        """The text for an absent value: "the hiring manager", or "not yet" for an instant."""
        if paths.is_person_path(self.rule.subject, path):
            return f"the {path.rpartition('.')[2]}".replace("_", " ")
        kind = resolve(self.rule.subject, path).field.type
        return "not yet" if kind is FieldType.INSTANT else "not set"

    def _derived(self, placeholder: str) -> str:
        """The value of a placeholder that is no field: the clock, the pair, the days it took."""
        case, clock = self.case, self.rule.clock
        if placeholder == "clock.due" and case.due_at is not None:
            return self._due(case.due_at)
        if placeholder == "clock.started" and case.started_at is not None:
            return self._moment(case.started_at)
        if placeholder == "clock.owed_by":
            return self.name(case.owed_by)
        if placeholder == "clock.target" and clock is not None:
            return lasting(clock.target_of(self.facts))
        if placeholder == message_template.PAIR:
            pair = (self.facts.get(path) for path in (paths.MANAGER, paths.RECRUITER))
            names = dict.fromkeys(self.name(user) for user in pair if user)
            return together(list(names)) or "everybody involved"
        if placeholder == message_template.OPEN_FOR:
            return self._open_for()
        return self._of_search(placeholder)

    def _of_search(self, placeholder: str) -> str:
        """What is known of the whole search; "" for what is not."""
        facts = self.context.find_search(self.notice.subject)
        if placeholder == message_template.PANEL:
            pair = {self.facts.get(paths.MANAGER), self.facts.get(paths.RECRUITER)}
            panel = [self.name(user) for user in facts.panel if user not in pair]
            return f", and {together(panel)} on the panel" if panel else ""
        if placeholder == message_template.MARKET_DAYS:
            days = facts.market_days
            return f"; the market takes {count(round(days), 'day')}" if days else ""
        if placeholder == message_template.KEPT and facts.kept:
            sides = [f"{_SIDES[one.side]} {one.on_time} of {one.due}" for one in facts.kept]
            return f" Kept on time: {', '.join(sides)}."
        return "" if placeholder == message_template.KEPT else "not yet known"

    def _open_for(self) -> str:
        """ ", 129 days after opening"; "" if the opening date is unknown."""
        opened = self.facts.get(paths.OPENED)
        event = self.facts.get(self.rule.clock.start) if self.rule.clock else None
        if not isinstance(opened, datetime):
            return ""
        end = event if isinstance(event, datetime) else self.context.now
        days = (self.reader.local_date(end) - self.reader.local_date(opened)).days
        if days < 0:
            return ""
        return f", {count(days, 'day')} after opening" if days else ", on the day it opened"

    def _moment(self, at: datetime) -> str:
        """An instant; for good news only the day."""
        return self.reader.day(at) if self.rule.news else self.reader.moment(at)

    def _due(self, at: datetime) -> str:
        """The due instant; for good news only the day."""
        if self.rule.news:
            return self.reader.day(at)
        return self.reader.due(at, self.case.started_at)


def role_of(facts: Mapping[str, Any]) -> str:
    """The requisition: "Data Engineer (REQ-104)"; "" if there is none."""
    title = isolated(clean(str(facts.get(paths.TITLE) or ""), _ROLE))
    code = clean(str(facts.get(paths.CODE) or ""), _NAME)
    return f"{title} ({code})" if title and code else title or code


def _describe_key(value: Any) -> str:
    """What a custom field or a section of a brief holds; a block in it is left to the ATS."""
    if value is None or value in ("", (), []):
        return "not set"
    if isinstance(value, Mapping):
        return _WITHHELD
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:,.12g}"
    if isinstance(value, list | tuple):
        return isolated(clean(", ".join(map(str, value))))
    return isolated(clean(str(value)))
