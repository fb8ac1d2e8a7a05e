"""Versions of briefs and agreements on both databases; what a change means for candidates."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from atsbridge.model.brief_version import (
    AgreementSource,
    BriefAgreement,
    BriefPart,
    BriefSnapshot,
    BriefVersion,
    Impact,
    PayRange,
)
from atsbridge.model.record import Key

from ..conftest import NOON

KEY, OTHER = Key("acme", "requisition", "r1"), Key("globex", "requisition", "r1")
SNAPSHOT = BriefSnapshot(
    sections={"must_haves": ["SQL", "„Tact“"], "priorities": "Speed\nthen polish"},
    criteria=("SQL",),
    pay=PayRange(60000.5, None, "EUR", ""),
    priority="High",
    headcount=None,
    unread=frozenset({BriefPart.HEADCOUNT}),
)


def version(number: int, **more: Any) -> BriefVersion:
    plain = BriefVersion(requisition=KEY, number=number, made_at=NOON, snapshot=SNAPSHOT)
    return replace(plain, **more)


def agreement(number: int, side: str, user: str = "") -> BriefAgreement:
    return BriefAgreement(number, side, user or side, NOON, AgreementSource.WRITTEN)


def test_a_version_is_read_as_it_was_stored(store: Any) -> None:
    """Every part, also what could not be read; the same id in another account is another's."""
    whole = version(2, made_by="Ines", sent_at=NOON, impact=Impact(7, {"SQL": 2, "Tact": None}))
    store.briefs.save_version(version(1))
    store.briefs.save_version(whole)
    store.briefs.save_version(version(1, requisition=OTHER, made_by="somebody else"))
    assert store.briefs.read_versions(KEY) == [version(1), whole]
    assert store.briefs.find_current("acme", ["r1", "r9"]) == {"r1": whole}
    assert store.briefs.find_current("acme", None) == {"r1": whole}
    assert store.briefs.find_current("acme", []) == {}


def test_a_draft_is_replaced_and_may_go(store: Any) -> None:
    """The first instant at which it was sent stays."""
    store.briefs.save_version(version(1))
    store.briefs.save_version(version(1, made_by="Ravi"))
    assert [one.made_by for one in store.briefs.read_versions(KEY)] == ["Ravi"]
    store.briefs.mark_sent(KEY, 1, NOON)
    store.briefs.mark_sent(KEY, 1, NOON + timedelta(hours=1))
    assert store.briefs.read_versions(KEY)[0].sent_at == NOON
    store.briefs.delete_version(KEY, 1)
    assert store.briefs.read_versions(KEY) == []


def test_an_agreement_counts_once_per_version_and_side(store: Any) -> None:
    """A reply that is read twice changes nothing; one person may have both sides."""
    assert store.briefs.add_agreement(KEY, agreement(1, "recruiter"))
    assert not store.briefs.add_agreement(
        KEY, replace(agreement(1, "recruiter"), at=NOON + timedelta(days=1))
    )
    assert store.briefs.add_agreement(KEY, agreement(1, "hiring_manager", "recruiter"))
    assert store.briefs.add_agreement(KEY, agreement(2, "recruiter"))
    found = store.briefs.read_agreements(KEY)
    assert sorted((one.version, one.side) for one in found) == [
        (1, "hiring_manager"),
        (1, "recruiter"),
        (2, "recruiter"),
    ]
    assert {one.at for one in found} == {NOON}
    assert store.briefs.read_agreements(OTHER) == []


def test_a_change_is_told_after_an_agreement_of_both_sides(store: Any) -> None:
    """Not before, not of a version that was sent, and not once both agreed to it."""
    briefs = store.briefs
    for number in (1, 2):
        briefs.save_version(version(number))
    briefs.add_agreement(KEY, agreement(1, "recruiter"))
    briefs.add_agreement(KEY, agreement(1, "recruiter", "another recruiter"))
    assert briefs.find_untold("acme") == []
    briefs.add_agreement(KEY, agreement(1, "hiring_manager"))
    assert briefs.find_untold("acme") == [KEY]
    assert briefs.find_untold("globex") == []
    briefs.add_agreement(KEY, agreement(2, "recruiter"))
    assert briefs.find_untold("acme") == [KEY]
    briefs.mark_sent(KEY, 2, NOON)
    assert briefs.find_untold("acme") == []
    briefs.save_version(version(3))
    assert briefs.find_untold("acme") == [KEY]
    for side in ("recruiter", "hiring_manager"):
        briefs.add_agreement(KEY, agreement(3, side))
    assert briefs.find_untold("acme") == []


def test_the_impact_counts_candidates_and_not_scorecards(store: Any, feed: Any) -> None:
    """Feedback between the two versions; reasons whose name has the criterion as whole words."""
    earlier, later, day = NOON - timedelta(days=9), NOON + timedelta(days=1), timedelta(days=1)
    feed.page(
        "reason",
        {"id": "x1", "name": "Not enough SQL", "kind": "ours"},
        {"id": "x2", "name": "Too little sql experience", "kind": "ours"},
        {"id": "x3", "name": "MySQLite only", "kind": "ours"},
        {"id": "x4", "name": "SQL test declined", "kind": "theirs"},
    )
    feed.page(
        "application",
        *(
            {"id": f"a{n}", "candidate": f"c{n}", "requisition": of, "status": "rejected",
             "reason": why, "rejected_at": at, "applied_at": earlier}
            for n, (of, why, at) in enumerate(
                [("r1", "x1", NOON - timedelta(days=1)), ("r1", "x2", NOON - timedelta(days=2)),
                 ("r1", "x3", NOON - timedelta(days=2)), ("r1", "x1", later),
                 ("r2", "x1", NOON - timedelta(days=1)), ("r1", "x4", NOON - timedelta(days=1))]
            )
        ),
    )  # fmt: skip
    feed.page(
        "scorecard",
        *(
            {"id": f"s{n}", "application": of, "submitted_at": at}
            for n, (of, at) in enumerate(
                [("a0", earlier), ("a0", NOON - day), ("a1", NOON - day), ("a2", None),
                 ("a3", later), ("a4", NOON - day)]
            )
        ),
    )  # fmt: skip
    store.subjects.derive("acme", later)
    found = store.briefs.measure_impact(KEY, None, NOON, ("SQL", "Tact"))
    assert found == Impact(2, {"SQL": 2, "Tact": None})
    since = NOON - timedelta(days=2)
    assert store.briefs.measure_impact(KEY, since, NOON, ()).assessed == 2
    assert store.briefs.measure_impact(KEY, NOON, later + timedelta(days=1), ()).assessed == 1
