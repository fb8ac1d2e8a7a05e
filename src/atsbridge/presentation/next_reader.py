"""Who is notified next, and when: the line in a message to whoever has to act.

From the second reminder on it names the next reader. Where a later step goes above the pair, to a
manager's manager or the head of a department, the first message says so already: nobody is
surprised by it.
"""

from __future__ import annotations

from datetime import datetime, time

from atsbridge.cases import next_morning
from atsbridge.presentation.case_text import CaseText
from atsbridge.presentation.formatting import ordinal
from atsbridge.rules import Step, StepVia, When, field_paths, split_recipient
from atsbridge.worktime import Duration, reach

_ELSE = {  # the people of the application take precedence over those of the requisition
    "application.recruiter": "requisition.recruiter",
    "application.coordinator": "requisition.coordinator",
}
_DIGEST_AT = time(9, 30)


def describe_reminder(text: CaseText) -> str:
    """The number of a reminder and who is notified next, for the assignee only; else ""."""
    if not text.is_readers or text.rule.news:
        return ""
    number = text.context.history.reminder
    if number < 2:
        return _describe_next(text, above=True)
    return f"{ordinal(number)} reminder. {_describe_next(text, above=False)}".rstrip()


def _describe_next(text: CaseText, *, above: bool) -> str:
    """ "If it is still open on Thursday, Ravi Sen will be notified."; "" if nobody will be.

    `above`: only a reader above the pair counts.
    """
    for step in text.rule.steps[text.notice.step + 1 :]:
        if above and not _is_above(step):
            continue
        who, user = _find_reader(text, step)
        at = _find_instant(text, step, user)
        if who and at is not None and at > text.context.now:
            return f"If it is still open {text.reader.coming(at)}, {who} will be notified."
    return ""


def _is_above(step: Step) -> bool:
    named = split_recipient(step.to)
    return bool(named.levels) or named.head


def _find_reader(text: CaseText, step: Step) -> tuple[str, str | None]:
    """The reader of a later step as the message names them, and their user id; "" for nobody.

    The present reader and whoever is not known by name are passed over, but for a manager.
    """
    directory, facts = text.context.directory, text.facts
    if not _is_above(step):
        user = facts.get(step.to) or facts.get(_ELSE.get(step.to, ""))
        if user is None and ".custom." in step.to:
            value = field_paths.value_at(text.rule.subject, step.to, facts)
            user = directory.find_user(value)
        if not isinstance(user, str) or user == text.to.person or not directory.name(user):
            return "", None
        return text.name(user), user
    named = split_recipient(step.to)
    if named.head:
        email = directory.superiors.heads.get(str(facts.get(named.path) or ""), "")
        role = "the head of the department"
    else:
        below = directory.users.get(str(facts.get(named.path) or ""))
        email = directory.superiors.above((below.email or "") if below else "", named.levels)
        own = below is not None and below.id == text.to.person
        role = f"{'your' if own else 'the'} manager" + "'s manager" * (named.levels - 1)
        role += "" if own else f" of {text.name(below.id if below else None)}"
    found = directory.by_email(email) if email else None
    if not email or (found is not None and found.id == text.to.person):
        return "", None
    name = text.name(found.id) if found is not None and directory.name(found.id) else ""
    return (f"{name}, {role}," if name else role), found.id if found else None


def _find_instant(text: CaseText, step: Step, user: str | None) -> datetime | None:
    """When the step is due; None for one that is not counted after due."""
    directory, due, amount = text.context.directory, text.case.due_at, step.when.value
    if step.when.kind is not When.AMOUNT or not isinstance(amount, Duration):
        return None
    if due is None or directory.office is None:
        return None
    at = reach(directory.office(text.case.owed_by), amount.unit, due, amount.span)
    if step.via is StepVia.DIGEST:
        at = next_morning(at, directory.office(user), _DIGEST_AT)
    return at
