"""Write the text of a new brief file: each section's questions, and what the ATS knows."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from atsbridge.presentation import QUESTIONS

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
_UNSAFE_NAME = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True, slots=True)
class BriefFacts:
    """What is known of a requisition before anybody has written a brief.

    `account`: "" where there is only one. `pay` and `market`: in words, "" where unknown. They
    become comments: pay is never part of a brief. `sections`: what another source has already.
    """

    requisition: str
    title: str
    account: str = ""
    recruiter: str = ""
    hiring_manager: str = ""
    opened_on: date | None = None
    pay: str = ""
    market: str = ""
    sections: Mapping[str, Any] = field(default_factory=dict)


def format_brief(facts: BriefFacts) -> str:
    """The file. It is valid as it is; a section counts once it has text."""
    return "\n".join([*_head(facts), "sections:", *_sections(facts), ""])


def name_brief_file(requisition: str) -> str:
    """The name of the file for a requisition: its code, with other characters replaced."""
    return f"{_UNSAFE_NAME.sub('-', requisition).strip('.-') or 'brief'}.yaml"


def _head(facts: BriefFacts) -> Iterator[str]:
    yield f"# The brief for {_one_line(facts.title)}. Fill it in together, in about 45 minutes."
    for label, name in (
        ("Recruiter", facts.recruiter),
        ("Hiring manager", facts.hiring_manager),
        ("Pay range in the ATS", facts.pay),
        ("Market", facts.market),
    ):
        if name:
            yield f"# {label}: {_one_line(name)}"
    if facts.opened_on is not None:
        yield f"# Open since {facts.opened_on}"
    yield "# A section is text, or a list in brackets: [one thing, another]."
    yield "# Then agree: atsbridge intake agree " + _one_line(facts.requisition)
    yield f"requisition: {_quoted(facts.requisition)}"
    if facts.account:
        yield f"account: {_quoted(facts.account)}"


def _sections(facts: BriefFacts) -> Iterator[str]:
    for section, questions in QUESTIONS.items():
        yield ""
        yield from (f"  # {question}" for question in questions)
        value = facts.sections.get(section)
        yield f"  {section}: {json.dumps(value, ensure_ascii=False)}" if value else f"  {section}:"


def _one_line(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _quoted(text: str) -> str:
    return text if _PLAIN.fullmatch(text) else json.dumps(text, ensure_ascii=False)
