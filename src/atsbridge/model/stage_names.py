"""What happens in a stage, guessed from its name, for an ATS that has no type of stage.

Whole words count, never parts of them: "Latest news" is no test, "Offerings" no offer. A name
that says nothing sure is "other". English names: other ones are mapped by the account
(`[accounts.X.map.stage_kind]`), and a mapped name is never guessed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

_TOKEN = re.compile(r"[^\W_]+")


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


_NOT = frozenset({"no", "not", "non", "never", "without"})
_Phrases = Mapping[tuple[str, ...], str]  # words in a row -> kind


class StageGuess(NamedTuple):
    """A kind of STAGE_KINDS or "other". `evidence`: the words of the name that decided."""

    kind: str
    evidence: str = ""


def _phrases(**kinds: str) -> _Phrases:
    """Phrases by kind, separated by commas."""
    return {
        tuple(phrase.split()): kind
        for kind, phrases in kinds.items()
        for phrase in phrases.split(", ")
    }


# Of these the one that stands last in the name counts ("Coding interview" is an interview,
# "Interview test" a test), of two that end with the same word the longer one.
_TELLING = _phrases(
    reference=(
        "reference, references, referee, referees, ref check, ref checks, background check,"
        " background checks, background screening, background verification"
    ),
    offer="offer, offers, offered",
    hired="hired, onboarding, onboard",
    assessment=(
        "assessment, assessments, take home, takehome, test, tests, coding, challenge, challenges,"
        " assignment, assignments, homework, work sample, case study, case studies, business case,"
        " case presentation, code review, portfolio review"
    ),
    screen=(
        "screen, screens, screening, screened, prescreen, prescreening, prescreened, phone,"
        " preliminary, screening interview, screen interview, phone interview, recruiter interview,"
        " recruiter call, intro call, introductory call, intro interview"
    ),
    interview=(
        "interview, interviews, interviewing, onsite, on site, panel, panels, face to face,"
        " superday"
    ),
)
_REVIEWED = ("review", "reviews", "reviewed", "reviewing")
# Somebody's look at a profile; "Performance review" is none.
_WHOSE = _set("manager managers hm profile profiles resume resumes cv cvs team client")
_REVIEW = _phrases(review="submitted, submission, submissions, shortlist, shortlisted")
_MEETING = _phrases(interview="meet, meeting, debrief, loop, final round, final rounds, finals")
_EARLY = _phrases(
    lead=(
        "leads, prospect, prospects, sourced, sourcing, outreach, reached out, talent pool,"
        " applicant, applicants, responded, contacted"
    )
)
# These say something only where nothing else stands in the name: "Team Lead chat" is no lead.
_ALONE = {
    "lead": _set("lead application applications applied new inbox review inbound incoming"),
    "assessment": _set("case"),
    "interview": _set("final"),
}
_BESIDE = _set(
    "stage just recently received to be for the of and or candidate candidates initial first hot"
    " warm cold qualified unqualified recruiter"
)


@lru_cache(maxsize=4096)  # every job of an account has the same few names
def guess_stage_kind(name: str) -> StageGuess:
    """The kind of a stage of that name.

    "Application Review", where every Greenhouse plan begins, is a lead: the recruiter sifts there,
    and "review" is kept for the manager's look at a profile.
    """
    tokens = _tokens(name)
    return (
        _last(tokens, _TELLING)
        or _reviewed(tokens)
        or _last(tokens, _REVIEW)
        or _last(tokens, _MEETING)
        or _last(tokens, _EARLY)
        or _alone(tokens)
        or StageGuess("other")
    )


def _tokens(name: str) -> Sequence[str]:
    """Its words without case and accents; a hyphen parts two words."""
    plain = unicodedata.normalize("NFKD", name)
    return _TOKEN.findall("".join(c for c in plain if not unicodedata.combining(c)).casefold())


def _last(tokens: Sequence[str], phrases: _Phrases) -> StageGuess | None:
    for end in range(len(tokens), 0, -1):
        for start in range(max(0, end - 3), end):  # the longest phrase has three words
            phrase = tuple(tokens[start:end])
            if phrase in phrases and not _denied(tokens, start, phrases[phrase]):
                return StageGuess(phrases[phrase], " ".join(phrase))
    return None


def _denied(tokens: Sequence[str], start: int, kind: str) -> bool:
    """ "Not hired", "No interview"; and "Re-hired", which is somebody's past."""
    before = tokens[start - 1] if start else ""
    return before in _NOT or (kind == "hired" and before == "re")


def _reviewed(tokens: Sequence[str]) -> StageGuess | None:
    for start, token in enumerate(tokens):
        after = next((one for one in tokens[start + 1 :] if one in _REVIEWED), None)
        if token in _WHOSE and after:
            return StageGuess("review", f"{token} … {after}")
    return None


def _alone(tokens: Sequence[str]) -> StageGuess | None:
    for kind, telling in _ALONE.items():
        matching = [token for token in tokens if token in telling]
        if matching and set(tokens) <= telling | _BESIDE:
            return StageGuess(kind, " ".join(matching))
    return None
