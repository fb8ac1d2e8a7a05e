"""The questions of an intake meeting, by section of the brief.

They ask for examples and limits instead of adjectives, because criteria that were agreed in
examples can be recognized in an interview.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

QUESTIONS: Mapping[str, tuple[str, ...]] = {
    "responsibilities": (
        "What should this person have done after 90 days, and after a year?",
        "What stays undone while the role is empty?",
    ),
    "team_culture": (
        "How does the team decide, disagree and ask for help? Give an example of last month.",
        "Who has done well in this team, and who has not? What was the difference?",
    ),
    "soft_skills": (
        "Which two or three behaviors matter most, and in which situation would we see them?",
    ),
    "personality_fit": (
        "What kind of work day gives this person energy, and what would wear them out?",
    ),
    "must_haves": (
        "What can the person not learn in the first six months? Name five things at most.",
        "Whom did we hire in the past without one of these, and how did it go?",
    ),
    "nice_to_haves": ("What would make a good candidate better, but decides nothing alone?",),
    "priorities": (
        "If only one thing can be found, which one? What gives first: time, pay, or experience?",
    ),
    "interview_plan": (
        "Which stages are there, who interviews in each, and which criteria does each one test?",
    ),
    "scoring": ("What does a clear yes look like for each criterion, and what a clear no?",),
    "market_expectations": (
        "Is the pay range set, and is it what the market pays for this profile?",
        "By when should the person start, and how long did the last search like this take?",
    ),
    "open_questions": ("What do we not know yet, and who finds out by when?",),
    "assumptions": ("What do we take for granted, such as budget, place or remote work?",),
}


def ask_missing(title: str, missing: Collection[str], names: Mapping[str, str]) -> str:
    """The questions of the missing sections as one text, to send or to take into a meeting.

    `names`: role -> name of the recruiter and the hiring manager; "" where nobody is known.
    """
    if not missing:
        return f"The brief for {title} has every usual section."
    who = " and ".join(name for name in names.values() if name)
    first = f"{who}, please" if who else "Please"
    lines = [f"{first} answer these questions about {title} together:"]
    for section in (one for one in QUESTIONS if one in missing):
        lines += ["", f"{section.replace('_', ' ').capitalize()}"]
        lines += [f"  - {question}" for question in QUESTIONS[section]]
    return "\n".join(lines)
