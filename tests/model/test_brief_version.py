"""What changed between two versions, and which version both sides agreed to."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from atsbridge.model.brief_version import (
    AgreementSource,
    BriefAgreement,
    BriefPart,
    BriefSnapshot,
    BriefVersion,
    PayRange,
    compare_versions,
    find_agreed,
    find_dropped,
)
from atsbridge.model.record import Key

NOW = datetime(2026, 3, 9, 12, tzinfo=UTC)
KEY = Key("acme", "requisition", "r1")
FIRST = BriefSnapshot(
    sections={"must_haves": ["SQL", "Tact"], "priorities": "Speed"},
    criteria=("SQL", "Writing"),
    pay=PayRange(60000, 70000, "EUR", "year"),
    priority="High",
    headcount=2,
)


def version(number: int) -> BriefVersion:
    return BriefVersion(requisition=KEY, number=number, made_at=NOW, snapshot=FIRST)


def agreed(number: int, side: str) -> BriefAgreement:
    return BriefAgreement(number, side, side, NOW, AgreementSource.REPLY)


def test_every_part_is_compared() -> None:
    """One change each, with old and new value."""
    second = BriefSnapshot(
        sections={"must_haves": ["Tact", "Python"], "team_culture": "Quiet"},
        criteria=("Writing",),
        pay=PayRange(60000, 65000, "EUR", "year"),
        priority="Low",
        headcount=1,
    )
    found = compare_versions(FIRST, second)
    assert [(one.part, one.section) for one in found] == [
        (BriefPart.SECTION, "must_haves"),
        (BriefPart.SECTION, "priorities"),
        (BriefPart.SECTION, "team_culture"),
        (BriefPart.CRITERIA, ""),
        (BriefPart.PAY_RANGE, ""),
        (BriefPart.PRIORITY, ""),
        (BriefPart.HEADCOUNT, ""),
    ]
    assert (found[-1].old, found[-1].new) == (2, 1)
    assert compare_versions(FIRST, FIRST) == []


def test_a_part_that_could_not_be_read_is_no_change() -> None:
    """An empty list of criteria while the list cannot be read says nothing about them."""
    blind = replace(FIRST, criteria=(), unread=frozenset({BriefPart.CRITERIA}))
    assert compare_versions(FIRST, blind) == []
    assert find_dropped(FIRST, blind) == ()


def test_dropped_criteria_are_those_of_scorecards_and_listed_must_haves() -> None:
    """Each once; text that is no list has no single criteria."""
    second = replace(FIRST, sections={"must_haves": "Tact"}, criteria=("Writing",))
    assert find_dropped(FIRST, second) == ("SQL", "Tact")


def test_a_version_is_agreed_once_both_sides_have() -> None:
    """Two people of one side are not both sides; one person who has both sides is."""
    versions = [version(1), version(2), version(3)]
    both = [agreed(1, "recruiter"), agreed(1, "hiring_manager")]
    assert find_agreed(versions, both) == versions[0]
    assert find_agreed(versions, [*both, agreed(2, "recruiter")]) == versions[0]
    more = [*both, agreed(3, "recruiter"), agreed(3, "hiring_manager")]
    assert find_agreed(versions, more) == versions[2]
    assert find_agreed(versions, []) is None
