"""What a stage is taken for by its name: by whole words, or not at all."""

from __future__ import annotations

import pytest

from atsbridge.model.requisitions import STAGE_KINDS
from atsbridge.model.stage_names import guess_stage_kind

_NAMES = {
    "lead": (
        "Lead, Leads, New lead, Lead review, Application Review, Applied, New, New applicants,"
        " Reached out, Responded, Sourced, Talent Pool, Initial review, Latest applicants"
    ),
    "review": (
        "Hiring Manager Review, HM review, Resume review, Résumé Review, CV review, Team review,"
        " Submitted to manager, Profile review, Shortlisted"
    ),
    "screen": (
        "Recruiter Screen, Preliminary Phone Screen, Phone interview, Recruiter interview,"
        " Pre-screen, Prescreening, Screening interview, Resume screen, Intro call"
    ),
    "assessment": (
        "Take Home Test, Take-home task, Coding Challenge, Assessment Center, Case study, Case,"
        " Code review, Pre-interview assessment, Technical test with team lead"
    ),
    "interview": (
        "Team Lead Interview, Tech Lead Interview, Lead Interview, Technical Interview, Onsite,"
        " On-site, Performance panel, Performance review panel, Face to Face, Meet the team,"
        " Coding interview, Test Engineer Interview, Offerings Team Interview, Latest interview,"
        " New Manager Interview, Applied Science Interview, Final, Final round"
    ),
    "reference": "Reference Check, References, Background check",
    "offer": "Offer, Job offer, Offer - manager review, Pre-offer",
    "hired": "Hired, Onboarding",
    "other": (
        "Team Lead, Team Lead chat, Tech Lead talk, Leadership chat, Misleading, Latest news,"
        " Contest entry, Attestation, Offerings team chat, Rehired, Re-hired, Not hired, Hireview,"
        " No interview needed, Casein lab, Case manager chat, Phonetics lab, Finalist, Newton,"
        " Screenwriter talk, Interviewer training, Reviewer, Panelist, Outsourcing chat, Zenith,"
        " Reapplied, Unscreened, New grad, Applied Science chat, Final review, Gespräch, 42, -"
    ),
}


@pytest.mark.parametrize(
    ("name", "kind"),
    [(name.strip(), kind) for kind, names in _NAMES.items() for name in names.split(",")],
)
def test_whole_words_tell_what_is_done_in_a_stage(name: str, kind: str) -> None:
    """A word inside another says nothing, and a lead who interviews is no candidate."""
    for written in (name, name.upper(), f"  {name.lower()} "):
        assert guess_stage_kind(written).kind == kind


def test_a_guess_names_the_words_that_told_it() -> None:
    """So that a person sees why, and every kind but "other" has some."""
    assert guess_stage_kind("Team Lead Interview") == ("interview", "interview")
    assert guess_stage_kind("Hiring Manager Review") == ("review", "manager … review")
    assert guess_stage_kind("Zen garden") == ("other", "")
    for kind in STAGE_KINDS:
        name = _NAMES[kind].split(",")[0]
        assert guess_stage_kind(name).evidence
