"""What people get back when they reply to a message about a brief or a calibration round."""

from __future__ import annotations

from collections.abc import Sequence

from atsbridge.presentation.brief_changes import name_section
from atsbridge.presentation.formatting import together

AGREE_HELP = (
    "I understand “agree” here, or ✅ as a reaction. Nothing is stored yet. If the brief should"
    " change, please tell {other}."
)
QUESTIONS_HELP = (
    "I could not tell which section that is for. Please begin with its name, such as"
    " “must haves: SQL; works with auditors”. Nothing is stored yet."
)
RATING_HELP = (
    "I could not read a rating there. Please write a line for each profile, such as"
    " “1: 4 strong SQL”, with a number from 1 (no) to 5 (yes). Nothing is stored yet."
)
COMPARISON_HELP = "I only bring you both answers. Please talk about them with {other} directly."
STRANGER = (
    "Thank you, {name}. This message is for the recruiter and the hiring manager of the role, so I"
    " have stored nothing. If you are one of them, you are missing on the hiring team in {ats}."
)
UNREADABLE = (
    "Thank you, {name}. The brief cannot be read at the moment, so I have stored nothing. Please"
    " reply again tomorrow; whoever runs atsbridge has been told."
)
OUTDATED = "Thank you, {name}. The brief has changed since. Please reply to the newest message."
NO = (
    "Thank you, {name}. I have stored no agreement. Please tell {other} what should change. Once"
    " the brief is changed, I ask both of you again."
)
WHY = (
    "You get this because you are the recruiter or the hiring manager of {role}. Both of you get"
    " the same text. {purpose}"
)
WHY_AGREE = "A brief that both agreed to keeps later surprises small."
WHY_QUESTIONS = (
    "These sections of the brief are empty, and each side would fill the gap differently."
)
WHY_RATE = "Profiles that both rate show where you look for different people."
CLOSED = "Thank you, {name}. Both of you have the comparison already, so nothing has changed."


def thank_for_agreement(name: str, waiting: Sequence[str]) -> str:
    """`waiting`: names of those who have not agreed; "" for a side without a person."""
    if not waiting:
        return f"Thank you, {name}. Now both of you agree to the brief."
    missing = together([one or "a side that has nobody in the ATS" for one in waiting])
    return f"Thank you, {name}. Your agreement is stored. I am waiting for {missing}."


def thank_for_answers(
    name: str,
    stored: Sequence[str],
    missing: Sequence[str],
    refused: Sequence[tuple[str, str]],
) -> str:
    """`refused`: (section, why it was not stored)."""
    parts = [f"Thank you, {name}."]
    if stored:
        parts.append(f"I wrote down: {_names(stored)}.")
    parts += [f"Not stored: {name_section(section)}, because {why}." for section, why in refused]
    if missing:
        parts.append(f"Still open: {_names(missing)}.")
    elif stored:
        parts.append("The brief is complete. I ask both of you to agree to it now.")
    return " ".join(parts)


def thank_for_ratings(
    name: str, unread: Sequence[int], left: Sequence[int], *, compared: bool
) -> str:
    """Repeats no rating. `unread`: places whose rating was not understood; `left`: still open."""
    parts = [f"Thank you, {name}."]
    if unread:
        places = together([str(one) for one in sorted(unread)])
        parts.append(f"I could not read a rating from 1 to 5 for {places}.")
    if compared:
        parts.append("Both of you have rated. You both get the comparison now.")
    elif left:
        parts.append(f"Still open: {together([str(one) for one in left])}.")
    else:
        parts.append("That is all from you. The comparison comes once both of you have rated.")
    return " ".join(parts)


REFUSALS = {
    "empty": "there was no text",
    "too_long": "it is too long for a message",
    "in_file": "it is in the file {file}, which takes precedence",
    "no_section": "a section is named like must_haves",
    "changed": "somebody changed it meanwhile",
}


def _names(sections: Sequence[str]) -> str:
    return ", ".join(name_section(one) for one in sections)
