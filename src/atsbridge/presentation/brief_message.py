"""Messages about a brief: its open questions, and a version that both sides are to agree to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from atsbridge.model import BriefVersion, Message, clean, compare_versions, cut
from atsbridge.presentation import reader_notes
from atsbridge.presentation.brief_changes import (
    describe_change,
    describe_impact,
    name_section,
    show_pay,
)
from atsbridge.presentation.brief_questions import QUESTIONS
from atsbridge.presentation.formatting import count, upper_first
from atsbridge.presentation.pair_matter import PairMatter
from atsbridge.presentation.pay_mentions import MAY_NAME_PAY, mentions_pay

_ENTRY = 500  # characters of an entry of a section
_ENTRIES = 12  # of a section; the rest is counted
_WHY = "Both of you get this text, so that you look for the same person."


def render_questions(matter: PairMatter, missing: Sequence[str]) -> Message:
    """The questions of the sections that are missing, of which there is at least one."""
    body: list[str] = []
    for section in missing:
        body.append(upper_first(name_section(section)))
        body += [f"• {question}" for question in QUESTIONS.get(section, ("What belongs here?",))]
    sections = count(len(missing), "section")
    other = matter.other_side()
    together = f" Do it together with {other}, if you can." if other else ""
    hint = (
        "Reply with the section and your answer, such as *must haves: SQL; works with auditors*."
        " Several sections fit into one reply, each on a line of its own."
    )
    return Message(
        key=matter.notice.key,
        headline=f"Please answer by {matter.due()}: {sections} of the brief for {matter.role}",
        body="\n".join(body),
        why=f"A line each is enough.{together} {_WHY}",
        link=matter.link,
        link_text=f"Open in {matter.context.directory.ats}",
        hint=hint if matter.context.takes_replies else "",
        intro=reader_notes.intro(matter.to, matter.context),
    )


def render_version(
    matter: PairMatter, version: BriefVersion, before: BriefVersion | None
) -> Message:
    """A version to agree to. `before`: the one that both agreed to last, if any."""
    changes = before is not None and compare_versions(before.snapshot, version.snapshot)
    about = "the changed brief" if changes else "the brief"
    parts = _changes(matter, version, before) if before and changes else _whole(matter, version)
    lines = list(parts)
    if not matter.context.takes_replies and (other := matter.other_side()):
        lines.append(f"Please tell {other} whether you agree.")
    other = matter.other_side()
    hint = "Reply *agree*, or react with ✅."
    hint += f" If something is wrong, tell {other} what should change." if other else ""
    return Message(
        key=matter.notice.key,
        headline=f"Please agree by {matter.due()}: {about} for {matter.role}",
        body="\n".join(lines),
        why=_WHY,
        link=matter.link,
        link_text=f"Open in {matter.context.directory.ats}",
        hint=hint if matter.context.takes_replies else "",
        intro=reader_notes.intro(matter.to, matter.context),
    )


def render_note(matter: PairMatter, version: BriefVersion, agreed: Mapping[str, str]) -> Message:
    """A version as a note in the ATS. `agreed`: name -> day, of those who agreed to it."""
    lines = [*_whole(matter, version)]
    yes = [f"{clean(name)} on {day}" for name, day in agreed.items()]
    lines.append(f"Agreed by {', '.join(yes)}." if yes else "Nobody has agreed to it yet.")
    if version.number > 1:
        lines.append(f"It replaces version {version.number - 1}.")
    return Message(
        key=matter.notice.key,
        headline=f"Intake brief for {matter.role}, version {version.number}",
        body="\n".join(lines),
        tone="done",
    )


def _changes(matter: PairMatter, version: BriefVersion, before: BriefVersion) -> Iterator[str]:
    """What changed, since when and by whom; then what it means."""
    by = f" by {clean(version.made_by)}" if version.made_by else ""
    yield f"Changed on {matter.day(version.made_at)}{by}"
    for change in compare_versions(before.snapshot, version.snapshot):
        yield f"• {describe_change(change, shows_pay=matter.shows_pay)}"
    yield " ".join(describe_impact(version.impact, matter.context.directory.ats))


def _whole(matter: PairMatter, version: BriefVersion) -> Iterator[str]:
    """Every section, then criteria and terms."""
    snapshot = version.snapshot
    ordered = [one for one in QUESTIONS if one in snapshot.sections]
    for name in dict.fromkeys((*ordered, *snapshot.sections)):
        yield upper_first(name_section(name))
        yield from _section(matter, name, snapshot.sections[name])
    if snapshot.criteria:
        yield "Scorecard criteria"
        yield from (f"• {clean(one, _ENTRY)}" for one in snapshot.criteria[:_ENTRIES])
    terms = [
        ("Priority", clean(snapshot.priority)),
        ("Headcount", "" if snapshot.headcount is None else str(snapshot.headcount)),
        ("Pay range", show_pay(snapshot.pay) if matter.shows_pay else ""),
    ]
    shown = [f"• {label}: {value}" for label, value in terms if value]
    if shown:
        yield "Terms"
        yield from shown


def _section(matter: PairMatter, name: str, value: Any) -> Iterator[str]:
    if not matter.shows_pay and mentions_pay(name, value):
        yield f"• {MAY_NAME_PAY}"
        return
    entries = value if isinstance(value, list | tuple) else str(value).splitlines()
    texts = [text for one in entries if (text := clean(str(one), len(str(one))))]
    yield from (f"• {cut(text, _ENTRY)}" for text in texts[:_ENTRIES])
    if len(texts) > _ENTRIES:
        yield f"• … and {len(texts) - _ENTRIES} more"
