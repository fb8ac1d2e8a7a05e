"""A new brief file is valid, asks good questions, and says nothing yet."""

from __future__ import annotations

from datetime import date

import pytest

from atsbridge.intake.brief_files import parse_brief
from atsbridge.intake.brief_template import BriefFacts, format_brief, name_brief_file
from atsbridge.model import SECTIONS
from atsbridge.presentation import QUESTIONS


def test_every_usual_section_has_questions() -> None:
    """And each of them ends as a question does."""
    assert set(SECTIONS) <= set(QUESTIONS)
    assert all("?" in text for texts in QUESTIONS.values() for text in texts)


def test_the_file_is_valid_and_empty() -> None:
    """So that writing it changes nothing until somebody fills it in."""
    text = format_brief(BriefFacts("REQ-104", "Data Engineer", account="acme"))
    brief = parse_brief("briefs/REQ-104.yaml", text)
    assert brief.errors == ()
    assert (brief.requisition, brief.account) == ("REQ-104", "acme")
    assert not any(brief.sections.values())


def test_what_is_known_is_in_the_comments() -> None:
    """Pay and market are comments only: a section may be shown in a message."""
    facts = BriefFacts(
        "REQ-104",
        "Data Engineer",
        recruiter="Ravi Lind",
        hiring_manager="Ines Frey",
        opened_on=date(2026, 3, 2),
        pay="60,000 to 70,000 EUR a year",
        market="55 days to fill (survey, 2026-01-31)",
    )
    text = format_brief(facts)
    for known in ("Ravi Lind", "Ines Frey", "2026-03-02", "60,000 to 70,000 EUR", "55 days"):
        assert any(line.startswith("#") and known in line for line in text.splitlines())
    assert "60,000" not in str(parse_brief("x.yaml", text).sections)


def test_sections_of_another_source_are_kept() -> None:
    """Texts and lists, with any character."""
    sections = {"must_haves": ['SQL: "real"', "# five years"], "team_culture": "Quiet\nmornings"}
    brief = parse_brief("x.yaml", format_brief(BriefFacts("R-1", "X", sections=sections)))
    assert brief.errors == ()
    assert {k: v for k, v in brief.sections.items() if v} == sections


@pytest.mark.parametrize(
    "name", ["REQ-104", "104", "1e5", "no", "a: b", "# x", "'q", "R&D/7", "東京", "x\ny", "[", "-"]
)
def test_any_code_and_title_can_stand_in_it(name: str) -> None:
    """What a customer types there is read back as it was."""
    brief = parse_brief("x.yaml", format_brief(BriefFacts(name, f"Role {name}\n- x: y")))
    assert brief.errors == ()
    assert brief.requisition == name


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("REQ-104", "REQ-104.yaml"),
        ("R&D/7", "R-D-7.yaml"),
        ("../../etc/passwd", "etc-passwd.yaml"),
        ("..", "brief.yaml"),
        ("東京", "brief.yaml"),
    ],
)
def test_the_name_of_the_file_is_safe(code: str, name: str) -> None:
    """No code leads out of the folder."""
    assert name_brief_file(code) == name
