"""Messages of a calibration round: profiles to rate, and both sides' ratings beside each other.

The comparison goes to the two who rated, once both have, and to nobody else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from atsbridge.model import (
    SIDES,
    CalibrationRound,
    Found,
    Message,
    ProfileRating,
    Sensitivity,
    clean,
    differ,
    isolated,
)
from atsbridge.presentation import message_data as paths
from atsbridge.presentation import reader_notes
from atsbridge.presentation.formatting import count
from atsbridge.presentation.pair_matter import PairMatter

_NAME = 60
_REMARK = 200
_UNNAMED = "a candidate"


@dataclass(frozen=True, slots=True)
class CalibrationMatter:
    """A round and its profiles. `profiles`: application id -> its facts."""

    pair: PairMatter
    of: CalibrationRound
    profiles: Mapping[str, Found]

    def name(self, place: int, application: str) -> str:
        """ "1. Kim Osei"."""
        found = self.profiles.get(application)
        facts = found.facts if found else {}
        allowed = self.pair.context.clearance.allows(Sensitivity.PERSONAL)
        name = (facts.get(paths.DISPLAY_NAME) or facts.get(paths.INITIALS)) if allowed else ""
        return f"{place}. {isolated(clean(str(name or ''), _NAME)) or _UNNAMED}"

    def link(self, application: str) -> str:
        """The page of a profile; "" if there is none."""
        found = self.profiles.get(application)
        return (paths.link(found) or "") if found else ""


def render_calibration(matter: CalibrationMatter) -> Message:
    """The profiles, to be rated by one side."""
    pair, profiles = matter.pair, matter.of.profiles
    body = [f"• {matter.name(place, one)}" for place, one in enumerate(profiles, 1)]
    other = pair.other_side() or "The other side"
    body.append(
        "Give each a number from 1 (no) to 5 (yes), and a few words why."
        f" {other} rates the same profiles. You see both answers once both of you have rated."
    )
    return Message(
        key=pair.notice.key,
        headline=f"Please rate by {pair.due()}: {count(len(profiles), 'profile')} for {pair.role}",
        body="\n".join(body),
        why="Nobody but the two of you sees the ratings. Differences are easier to settle now than"
        " after the interviews.",
        link_text=f"Open in {pair.context.directory.ats}",
        links=tuple(matter.link(one) for one in profiles),
        hint="Reply with a line for each, such as *1: 4 strong SQL*. *yes* and *no* work, too."
        if pair.context.takes_replies
        else "",
        intro=reader_notes.intro(pair.to, pair.context),
    )


def render_comparison(matter: CalibrationMatter, ratings: Sequence[ProfileRating]) -> Message:
    """Both sides' ratings: what differs first."""
    pair = matter.pair
    apart: list[tuple[str, str]] = []
    close: list[tuple[str, str]] = []
    for place, application in enumerate(matter.of.profiles, 1):
        its = [
            one
            for side in SIDES
            for one in ratings
            if one.application == application and one.user == matter.of.people.get(side)
        ]
        if len(its) == len(SIDES):
            line = f"• {matter.name(place, application)}: {' – '.join(_ratings(pair, its))}"
            (apart if differ(*its) else close).append((line, matter.link(application)))
    body: list[str] = []
    if apart:
        body += ["To discuss", *(line for line, _ in apart)]
    if close:
        body += ["You agree on", *(line for line, _ in close)]
    body.append(
        "Fifteen minutes together are enough: what would the brief have to say, so that both of"
        " you give the same answer?"
        if apart
        else "You look for the same person. The brief can stay as it is."
    )
    about = count(len(apart), "profile") if apart else "your ratings"
    act = "Please talk about" if apart else "You agree on all profiles:"
    return Message(
        key=pair.notice.key,
        headline=f"{act} {about} for {pair.role}",
        body="\n".join(body),
        why="Only the two of you get this. It is in no report and in no note.",
        tone="due" if apart else "glad",
        link_text=f"Open in {pair.context.directory.ats}",
        links=tuple(link for _, link in (*apart, *close)),
    )


def _ratings(pair: PairMatter, ratings: Sequence[ProfileRating]) -> Iterator[str]:
    """ "Ines Duarte 4 (strong SQL)"."""
    for one in ratings:
        remark = clean(one.remark, _REMARK)
        yield f"{pair.name(one.user)} {one.value}" + (f" ({remark})" if remark else "")
