"""What people type back about a brief or a calibration is understood, or said not to be."""

from __future__ import annotations

import pytest

from atsbridge.model.requisitions import SECTIONS
from atsbridge.replies.parse_pair import (
    AgreementReply,
    parse_agreement,
    parse_answers,
    parse_profile_ratings,
)

YES, NO = AgreementReply.YES, AgreementReply.NO


@pytest.mark.parametrize(
    ("text", "emoji", "found"),
    [
        ("agree", "", YES),
        ("Agreed!", "", YES),
        ("  I agree. Thanks", "", YES),
        ("Looks good to me", "", YES),
        ("yes, agree", "", YES),
        ("No", "", NO),
        ("i disagree", "", NO),
        ("why?", "", AgreementReply.WHY),
        ("", "+1::skin-tone-3", YES),
        ("", "white_check_mark", YES),
        ("", "-1", NO),
        ("", "tada", None),
        ("yes but we need Python, too", "", None),
        ("I do not know whether I agree", "", None),
        ("", "", None),
        ("да", "", None),
    ],
)
def test_an_agreement_is_a_short_yes(text: str, emoji: str, found: AgreementReply | None) -> None:
    """A longer sentence is none: it may say the opposite further on."""
    assert parse_agreement(text, emoji) is found


@pytest.mark.parametrize(
    ("text", "asked", "found"),
    [
        ("must haves: SQL; works with auditors", SECTIONS,
         {"must_haves": ["SQL", "works with auditors"]}),
        ("Must-have: SQL, Python", SECTIONS, {"must_haves": ["SQL", "Python"]}),
        ("must_haves = five years with data, that has to be right for the auditors", SECTIONS,
         {"must_haves": ["five years with data, that has to be right for the auditors"]}),
        ("*Priorities*: first the migration\nteam culture - quiet mornings", SECTIONS,
         {"team_culture": "quiet mornings"}),
        ("1. Priorities: first the migration\n2. Team culture: quiet mornings\nand one more",
         SECTIONS,
         {"priorities": "first the migration", "team_culture": "quiet mornings\nand one more"}),
        ("must haves:\n• SQL\n• R &amp; D", SECTIONS, {"must_haves": ["SQL", "R & D"]}),
        ("just quiet mornings", ("team_culture",), {"team_culture": "just quiet mornings"}),
        ("ok, later", SECTIONS, {}),
        ("note: I am away", SECTIONS, {}),
        ("must haves:", SECTIONS, {}),
        ("", ("team_culture",), {}),
    ],
)  # fmt: skip
def test_answers_belong_to_the_section_that_is_named(
    text: str, asked: tuple[str, ...], found: dict[str, object]
) -> None:
    """By its name as people write it; without one, to the only section that was asked for."""
    assert parse_answers(text, SECTIONS, asked) == found


@pytest.mark.parametrize(
    ("text", "profiles", "values", "wrong"),
    [
        ("1: 4 strong SQL\n2: 2, no finance", 2, {1: (4, "strong SQL"), 2: (2, "no finance")}, ()),
        ("1) yes\n2) strong no - arrogant", 2, {1: (4, ""), 2: (1, "arrogant")}, ()),
        ("#1: maybe; #2: Definitely!", 2, {1: (3, ""), 2: (5, "!")}, ()),
        ("profile 1: 5/5", 3, {1: (5, "")}, ()),
        ("4, 2, 5", 3, {1: (4, ""), 2: (2, ""), 3: (5, "")}, ()),
        ("4 2", 2, {1: (4, ""), 2: (2, "")}, ()),
        ("1: 7", 2, {}, (1,)),
        ("1: 3.5\n2: 4", 2, {2: (4, "")}, (1,)),
        ("1: 8/10", 2, {}, (1,)),
        ("1: great person", 2, {}, (1,)),
        ("3: 4", 2, {}, (3,)),
        ("1: 99999999999999999999", 2, {}, (1,)),
        ("1: not enough SQL", 2, {}, (1,)),
        ("1: notable", 2, {}, (1,)),
        ("1: none of the must haves", 2, {}, (1,)),
    ],
)
def test_ratings_are_numbers_or_plain_words(
    text: str, profiles: int, values: dict[int, tuple[int, str]], wrong: tuple[int, ...]
) -> None:
    """What is not from 1 to 5 is named by its place and stores nothing."""
    found = parse_profile_ratings(text, profiles)
    assert found is not None
    cleaned = {at: (value, said.strip("!")) for at, (value, said) in found.values.items()}
    expected = {at: (value, said.strip("!")) for at, (value, said) in values.items()}
    assert (cleaned, found.wrong) == (expected, wrong)


@pytest.mark.parametrize(
    "text", ["", "thanks", "I liked the second one", "4, 2", "10:30 tomorrow?"]
)
def test_a_reply_without_a_rating_is_none(text: str) -> None:
    """Three profiles were shown."""
    found = parse_profile_ratings(text, 3)
    assert found is None or (not found.values and found.wrong)


def test_a_rating_is_in_no_repr() -> None:
    """Nothing that is logged by its repr shows one."""
    assert "strong" not in repr(parse_profile_ratings("1: 4 strong SQL", 2))
