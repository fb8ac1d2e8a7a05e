"""Versions of a brief: what both sides agreed to, who agreed, and what changed between two."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from atsbridge.model.record import Key

SIDES = ("recruiter", "hiring_manager")


class BriefPart(StrEnum):
    """A part of a version."""

    SECTION = "section"  # one section of the brief; `section` names it
    CRITERIA = "criteria"
    PAY_RANGE = "pay_range"
    PRIORITY = "priority"
    HEADCOUNT = "headcount"


class AgreementSource(StrEnum):
    """Where somebody agreed."""

    REPLY = "reply"  # to a message
    COMMAND = "command"  # `atsbridge intake agree`
    WRITTEN = "written"  # in the brief file, or in a field of the ATS


@dataclass(frozen=True, slots=True)
class PayRange:
    """The approved pay range. `period`: the time that the amounts are for."""

    least: float | None = None
    most: float | None = None
    currency: str = ""
    period: str = ""


@dataclass(frozen=True, slots=True)
class BriefSnapshot:
    """What a version consists of. `unread`: the parts that could not be read when it was made."""

    sections: Mapping[str, Any] = field(default_factory=dict)
    criteria: tuple[str, ...] = ()
    pay: PayRange = PayRange()
    priority: str = ""
    headcount: int | None = None
    unread: frozenset[BriefPart] = frozenset()


@dataclass(frozen=True, slots=True)
class Impact:
    """What a change means for candidates who were there before it.

    `assessed`: applications with feedback that was submitted by the earlier version; None: not
    known. `rejected`: dropped criterion -> applications rejected for it, None where no reason for
    rejection in the ATS names it.
    """

    assessed: int | None = None
    rejected: Mapping[str, int | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class BriefVersion:
    """A version. `number` counts from 1. `made_at`: when it became the present one.

    `made_by`: who changed it, "" where nobody knows. `sent_at`: when both were asked to agree to
    it. A version that nobody agreed to and that was not sent is a draft: the next change goes into
    it. `impact`: of the change from the version before.
    """

    requisition: Key
    number: int
    made_at: datetime
    snapshot: BriefSnapshot
    made_by: str = ""
    sent_at: datetime | None = None
    impact: Impact = field(default_factory=Impact)


@dataclass(frozen=True, slots=True)
class BriefAgreement:
    """One person agreed to a version. `side`: one of SIDES. `user`: id in the ATS."""

    version: int
    side: str
    user: str
    at: datetime
    source: AgreementSource


@dataclass(frozen=True, slots=True)
class VersionChange:
    """One part that differs between two versions. `section`: its name, of a section."""

    part: BriefPart
    old: Any
    new: Any
    section: str = ""


def compare_versions(old: BriefSnapshot, new: BriefSnapshot) -> list[VersionChange]:
    """What changed, in the order in which it is shown, without parts that either could not read."""
    unread = old.unread | new.unread
    found = [*_sections(old, new)] if BriefPart.SECTION not in unread else []
    pairs = (
        (BriefPart.CRITERIA, old.criteria, new.criteria),
        (BriefPart.PAY_RANGE, old.pay, new.pay),
        (BriefPart.PRIORITY, old.priority, new.priority),
        (BriefPart.HEADCOUNT, old.headcount, new.headcount),
    )
    found += [
        VersionChange(part, before, after)
        for part, before, after in pairs
        if part not in unread and before != after
    ]
    return found


def find_agreed(
    versions: Sequence[BriefVersion], agreements: Sequence[BriefAgreement]
) -> BriefVersion | None:
    """The newest version that both sides agreed to."""
    sides: dict[int, set[str]] = {}
    for one in agreements:
        sides.setdefault(one.version, set()).add(one.side)
    both = [one for one in versions if sides.get(one.number, set()) >= {*SIDES}]
    return both[-1] if both else None


def find_dropped(old: BriefSnapshot, new: BriefSnapshot) -> tuple[str, ...]:
    """The criteria that are asked for no more: of the scorecards, and of a list of must-haves."""
    unread = old.unread | new.unread
    dropped: dict[str, None] = {}
    if BriefPart.CRITERIA not in unread:
        dropped |= dict.fromkeys(one for one in old.criteria if one not in new.criteria)
    if BriefPart.SECTION not in unread:
        before, after = (_entries(one.sections.get("must_haves")) for one in (old, new))
        dropped |= dict.fromkeys(one for one in before if one not in after)
    return tuple(dropped)


def _sections(old: BriefSnapshot, new: BriefSnapshot) -> Iterator[VersionChange]:
    for name in dict.fromkeys((*old.sections, *new.sections)):
        before, after = old.sections.get(name), new.sections.get(name)
        if before != after:
            yield VersionChange(BriefPart.SECTION, before, after, name)


def _entries(value: Any) -> Sequence[str]:
    """The entries of a list; text is one criterion only as a whole, so it has none."""
    return [str(one) for one in value] if isinstance(value, list | tuple) else []
