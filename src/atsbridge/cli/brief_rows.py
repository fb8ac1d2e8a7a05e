"""A brief, its versions and agreements: as lines for people and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from atsbridge.model import to_iso

if TYPE_CHECKING:
    from atsbridge.cli.documents import BriefDocument, VersionDocument
    from atsbridge.queries import VersionView
    from atsbridge.replies import BriefView


def brief_lines(found: BriefView, versions: Sequence[VersionView]) -> Iterator[str]:
    """The sections, what is missing, and who agreed to the present version."""
    from atsbridge.replies import SectionState

    if found.trouble:
        yield "Its file cannot be read now; this is its previous content."
    if not found.source:
        yield "There is no brief yet."
    states = found.completeness
    for name, value in found.sections.items():
        text = "; ".join(value) if isinstance(value, list) else str(value)
        thin = " (a word or two: say more)" if states[name] is SectionState.THIN else ""
        yield f"  {_label(name)}: {text}{thin}"
    if found.missing:
        yield f"missing: {', '.join(map(_label, found.missing))}"
    written = sum(state is not SectionState.MISSING for state in states.values())
    yield f"complete: {written} of {len(states)} sections"
    for role, (name, at) in found.agreed.items():
        when = f"agreed {_stamp(at)}" if at else "has not agreed yet"
        yield f"{_label(role)}: {name or 'nobody'}, {when}"
    if versions:
        yield from _version_state(versions[-1])
    if found.source:
        yield f"written in {found.source}"


def history_lines(versions: Sequence[VersionView], ats: str) -> Iterator[str]:
    """Every version: when and by whom, what changed, what it meant, who agreed."""
    from atsbridge.presentation import describe_change, describe_impact

    if not versions:
        yield "There is no version yet: the next run records the first."
    for one in versions:
        by = f", by {one.version.made_by}" if one.version.made_by else ""
        yield f"version {one.version.number}, {_stamp(one.version.made_at)}{by}"
        for change in one.changes:
            yield f"  {describe_change(change, shows_pay=True)}"
        if one.changes:
            yield from (f"  {sentence}" for sentence in describe_impact(one.impact, ats))
        for agreed in one.agreed:
            who = f"{agreed.name or 'somebody'} ({_label(agreed.side)})"
            yield f"  agreed: {who}, {_stamp(agreed.at)}"
        for side, name in one.waiting.items():
            yield f"  waiting for: {name or 'nobody'} ({_label(side)})"


def convert_brief(found: BriefView, versions: Sequence[VersionView], market: str) -> BriefDocument:
    """The brief as JSON; instants as ISO 8601 in UTC. `market`: of the market tables, in words."""
    return {
        "requisition": str(found.key),
        "title": found.title,
        "source": found.source,
        "sections": dict(found.sections),
        "completeness": {name: str(state) for name, state in found.completeness.items()},
        "missing": list(found.missing),
        "agreed": {
            role: {"name": name, "at": to_iso(at)} for role, (name, at) in found.agreed.items()
        },
        "agreed_at": to_iso(found.agreed_at),
        "readable": not found.trouble,
        "versions": [_convert_version(one) for one in versions],
        "market": market,
    }


def _convert_version(one: VersionView) -> VersionDocument:
    from atsbridge.presentation import describe_change

    version = one.version
    return {
        "number": version.number,
        "made_at": version.made_at.isoformat(),
        "made_by": version.made_by,
        "sent_at": to_iso(version.sent_at),
        "changes": [
            {
                "part": str(change.part),
                "section": change.section,
                "text": describe_change(change, shows_pay=True),
            }
            for change in one.changes
        ],
        "assessed": one.impact.assessed,
        "rejected": dict(one.impact.rejected),
        "agreed": [
            {
                "side": each.side,
                "name": each.name,
                "at": each.at.isoformat(),
                "source": str(each.source),
            }
            for each in one.agreed
        ],
        "waiting": dict(one.waiting),
    }


def _version_state(newest: VersionView) -> Iterator[str]:
    number = newest.version.number
    if number == 1:
        return
    waiting: Mapping[str, Any] = newest.waiting
    names = ", ".join(name or f"no {_label(side)}" for side, name in waiting.items())
    yield f"version {number}: waiting for {names}" if names else f"version {number}: agreed by both"


def _label(name: str) -> str:
    return name.replace("_", " ")


def _stamp(at: datetime) -> str:
    return f"{at:%a %d %b %Y %H:%M} UTC"
