"""The pulse: two questions to each of a pair after a search, and what both answered."""

from __future__ import annotations

from collections.abc import Sequence

from atsbridge.model import HIGHEST, LOWEST, NoticeText
from atsbridge.presentation.formatting import together

QUESTIONS_ASKED = (
    "Were the expectations clear?",
    "Were answers quick?",
)
_SCALE = f"{LOWEST} (not at all) to {HIGHEST} (fully)"


def render_pulse(name: str, colleague: str, role: str, *, hired: bool) -> NoticeText:
    """The two questions. `name`: the reader's; `hired`: somebody was hired."""
    happened = f"{role} has a hire" if hired else f"The search for {role} is over"
    first, second = QUESTIONS_ASKED
    return NoticeText(
        f"Two questions about {role}",
        f"{name}, how was it to work with {colleague}? {happened}.\n"
        f"1. {first}\n2. {second}\n"
        f"Reply with two numbers from {_SCALE}, such as 4 5.\n"
        f"{colleague} gets the same questions. You both read both answers once you have both"
        " replied, and nobody else ever does. Without a reply nothing happens.",
        "Reply *4 5*. You can change it until both have replied.",
    )


def render_result(role: str, people: Sequence[tuple[str, Sequence[int]]]) -> NoticeText:
    """What both answered, to both. `people`: name and answers of each, in a fixed order."""
    lines = [
        f"{question} {', '.join(f'{name} {answers[number]}' for name, answers in people)}."
        for number, question in enumerate(QUESTIONS_ASKED)
    ]
    low = any(value <= LOWEST + 1 for _, answers in people for value in answers)
    names = together([name for name, _ in people])
    close = (
        "Ten minutes together may help the next search."
        if low
        else f"Thank you, {names}: good to know for the next search."
    )
    return NoticeText(
        f"Your answers about {role}",
        "\n".join((*lines, close, "The numbers are erased from our store now.")),
    )


def answer_pulse(name: str, missing: Sequence[int], *, waits: bool) -> str:
    """The answer in the thread. `missing`: numbers of questions, from 0; `waits`: for the other."""
    if missing:
        return f"Thank you, {name}. And one more: {QUESTIONS_ASKED[missing[0]]} {_SCALE}."
    if waits:
        return f"Thank you, {name}. You read both answers once your colleague has replied too."
    return f"Thank you, {name}. Both have replied: the answers come to both of you."


def answer_unclear(name: str) -> str:
    """The answer to a reply that is no number."""
    return (
        f"Thank you for writing, {name}. I only understand whole numbers from {LOWEST} to {HIGHEST}"
        " here, such as 4 5. Words are better said to your colleague directly. Nothing is stored."
    )


def answer_closed(name: str) -> str:
    """The answer to a reply that comes after both answers were shown."""
    return f"Thank you, {name}. These answers were shown to you both already and are erased."
