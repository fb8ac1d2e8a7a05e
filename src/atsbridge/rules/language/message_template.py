"""Message texts: placeholders such as `{path}` and `{clock.due}` are filled in, nothing else."""

from __future__ import annotations

import re
from collections.abc import Callable

from atsbridge.model import Field, Sensitivity, resolve
from atsbridge.rules.language import field_paths
from atsbridge.rules.language.pack_errors import Mistake, nearest, remedy
from atsbridge.rules.language.recipient_names import ATS, is_public

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")

FOUND = "check.found"
PAIR = "requisition.pair"
OPEN_FOR = "requisition.open_for"
PANEL = "requisition.panel"
MARKET_DAYS = "requisition.market_days"
KEPT = "requisition.kept"
PLACEHOLDERS = {
    "clock.due": "when it is or was due, in the reader's time zone",
    "clock.started": "when the clock started",
    "clock.owed_by": "the name of the person who has to act",
    "clock.target": "how long it may take, such as 2 working days",
    FOUND: "what the check found",
    PAIR: "the names of hiring manager and recruiter",
    OPEN_FOR: '", 129 days after opening", up to the start of the clock; empty if unknown',
    PANEL: '", and Ana and Ben on the panel", the interviewers; empty if unknown',
    MARKET_DAYS: '"; the market takes 45 days", from a market table; empty if no row fits',
    KEPT: '" Kept on time: …", the promises of both sides in this search; empty if there are few',
}


def placeholders(text: str) -> tuple[str, ...]:
    """The placeholders, each once, in order."""
    return field_paths.unique(_PLACEHOLDER.findall(text))


def fill(text: str, value: Callable[[str], str]) -> str:
    """Replace every placeholder in the text by its value."""
    return _PLACEHOLDER.sub(lambda match: value(match[1]), text)


def field_of(subject: str, placeholder: str) -> Field:
    """The field at the end of a path in a text, or the block that it leads into."""
    return resolve(subject, field_paths.part(subject, placeholder)[0]).field


def mistakes(text: str, subject: str) -> list[Mistake]:
    """Find the errors in a text for subjects of this kind."""
    found: list[Mistake] = []
    if re.search(r"[{}]", _PLACEHOLDER.sub("", text)):
        found.append(
            Mistake("a brace in this message has no partner", "Write: {candidate.initials}")
        )
    for placeholder in placeholders(text):
        if placeholder in PLACEHOLDERS:
            continue
        if placeholder.startswith(("clock.", "check.")):
            near = nearest(placeholder, PLACEHOLDERS)
            mend = remedy(near, f"{{{near or 'clock.due'}}}")
            teller = placeholder.partition(".")[0]
            found.append(Mistake(f'"{{{placeholder}}}" is nothing a {teller} can tell', mend))
            continue
        known = field_paths.check_part(subject, placeholder, "fact", field_paths.IN_TEXT)
        if known is not None:
            found.append(known)
        elif field_of(subject, placeholder).sensitivity is Sensitivity.EVALUATION:
            what = f'"{{{placeholder}}}" is a rating, and ratings never leave the ATS'
            found.append(Mistake(what, "Take it out: the message links to the ATS"))
    return found


def too_public(text: str, subject: str, to: str) -> Mistake | None:
    """Why a text must not be sent to `to`, a step's recipient: it has pay, and many read it."""
    in_ats = to == ATS
    if not in_ats and not is_public(to):
        return None
    many = "what is written there is read by all" if in_ats else f"{to} is read by many"
    for placeholder in placeholders(text):
        if placeholder in PLACEHOLDERS:
            continue
        if field_of(subject, placeholder).sensitivity is Sensitivity.COMPENSATION:
            mend = (
                f"Take {{{placeholder}}} out of the message, or write: to: {_responsible(subject)}"
            )
            return Mistake(f'"{{{placeholder}}}" is compensation, and {many}', mend)
    return None


def _responsible(subject: str) -> str:
    """The people who may read pay, for this subject."""
    known = field_paths.check(subject, "requisition.recruiter", "person", "to")
    return "seat.user" if isinstance(known, Mistake) else "requisition.recruiter"
